"""An adapter that is started again after a program has ended it or got no answer, so that a run can go on.

Such a program is a finding, if it fails alone in a fresh process in the same way. One that fails only after others
is an error around the implementation, which says nothing about a program.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from hsm_specs import errors
from hsm_specs.adapter.answers import Observations
from hsm_specs.adapter.client import Adapter
from hsm_specs.adapter.in_process import Client
from hsm_specs.language.messages import Greeting
from hsm_specs.language.observations import ENDED, NO_ANSWER, Observation, is_loss
from hsm_specs.language.operations import AnyOperation, Program, Script, tag

RESTARTS = 200
"""Processes that are started at most to find out which programs are lost."""
SECONDS = 120.0
"""Seconds that this may take at most."""
PROBING_SECONDS = 30.0
"""Seconds that it may take to make one such program smaller."""
REPEATED: Final = {ENDED: 3, NO_ANSWER: 1}
"""Programs of a kind that may be lost. Further ones are withheld."""
LINEAR = 32
"""Operations of a program up to which it is tried one operation longer at a time."""
C = TypeVar("C", bound=Client)
_LOST = (errors.Ended, errors.HalfLine, errors.TimedOut)
_DECODER = msgspec.json.Decoder(tuple[Program, ...])
_ENCODER = msgspec.json.Encoder()


class SameImplementation(Generic[C]):
    """Starts clients of one implementation: that which introduced itself as ``first``, or the first one started.

    Raise `OtherImplementation` where a later one introduces itself otherwise.
    """

    def __init__(self, start: Callable[[], C], first: Greeting | None = None) -> None:
        self._start = start
        self._first = first

    def __call__(self) -> C:
        """Start a client."""
        client = self._start()
        found, first = client.greeting, self._first or client.greeting
        if found != first:
            client.close()
            names = [f"{greeting.name} {greeting.version}" for greeting in (found, first)]
            what = f"The adapter says that it is {names[0]}, and it began as {names[1]}."
            if names[0] == names[1]:
                what = f"The adapter, {names[0]}, now introduces itself with another language, capabilities or dialect."
            raise errors.OtherImplementation(what)
        self._first = first
        return client


class OutOfRestarts(errors.ToolError):
    """An implementation was started again too often, or for too long."""

    code = "out-of-restarts"
    remedy = "Fix what ends the implementation, or keeps it from answering, first."


class LossKind(NamedTuple):
    """The look of the operation at which a program was lost: its name, and those inside its function."""

    operation: str
    inside: frozenset[str]


class _Recovered(bytes):
    """Observations that were put together here, in which programs may have fewer of them than operations."""


class _Request(NamedTuple):
    programs: bytes
    withheld: tuple[bool, ...] = ()


class RecoveringAdapter:
    """A client like `Adapter`, whose answers also tell of programs that end the implementation or get no answer.

    The observations of such a program end with one that has the error `ENDED` or `NO_ANSWER`; those of the operations
    behind it are missing. Programs with an operation that has been lost before, `REPEATED` times, are withheld: they
    have no observations. Raise the error of the adapter where no program fails alone, and `OutOfRestarts` after
    `RESTARTS` or `SECONDS`.

    With ``probing`` every program is tried, and it only counts as lost if its last operation is what loses it.
    """

    def __init__(
        self, start: Callable[[], Adapter], withheld: Sequence[LossKind] = (), *, probing: bool = False
    ) -> None:
        self._start = start
        self._withheld = tuple(withheld)
        self._probing = probing
        self._in_flight: deque[_Request | _Recovered] = deque()
        self._lost: Counter[tuple[LossKind, str]] = Counter()
        self._restarts = 0
        self._seconds = 0.0
        self._adapter = start()

    def __enter__(self) -> RecoveringAdapter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def greeting(self) -> Greeting:
        """How the implementation introduced itself."""
        return self._adapter.greeting

    @property
    def withheld(self) -> tuple[LossKind, ...]:
        """The kinds of operations whose programs are withheld. A client may begin with those of another."""
        if self._probing:
            return ()
        lost = (kind for (kind, code), count in self._lost.items() if count >= REPEATED[code])
        return tuple(dict.fromkeys((*self._withheld, *lost)))

    # --- the conversation -------------------------------------------------------------------------------------------

    def submit(self, programs: bytes) -> int:
        """Send a request with a JSON array of programs, without waiting. Return its sequence number."""
        withheld: tuple[bool, ...] = ()
        if known := self.withheld:
            decoded = _DECODER.decode(programs)
            withheld = tuple(any(_has(program, kind) for kind in known) for program in decoded)
            if any(withheld):
                kept = [program for program, left_out in zip(decoded, withheld, strict=True) if not left_out]
                programs = _ENCODER.encode(kept)
            else:
                withheld = ()
        self._in_flight.append(_Request(programs, withheld))
        return self._adapter.submit(programs)

    def receive(self) -> bytes:
        """Return the JSON array of observations of the oldest request in flight, for `decode`."""
        request = self._in_flight[0]
        if not isinstance(request, _Recovered):
            try:
                payload = self._adapter.receive()
            except _LOST as error:
                self._recover(error)
                request = self._in_flight[0]
            else:
                self._in_flight.popleft()
                if not request.withheld:
                    return payload
                observed = self._adapter.decode(payload, _DECODER.decode(request.programs))
                return _recovered(request, observed)
        self._in_flight.popleft()
        assert isinstance(request, _Recovered)  # noqa: S101 (`_recover` leaves nothing else)
        return request

    def decode(self, payload: bytes, programs: Sequence[Program]) -> Observations:
        """Decode what `receive` returned. A program has fewer observations if it was lost, none if withheld."""
        if isinstance(payload, _Recovered):
            return msgspec.json.decode(payload, type=Observations)
        return self._adapter.decode(payload, programs)

    def run(self, programs: Sequence[Program]) -> Observations:
        """Send programs and return their observations, as `decode` does. Nothing else may be in flight."""
        self.submit(_ENCODER.encode(programs))
        return self.decode(self.receive(), programs)

    def finish(self) -> int:
        """Close the adapter's input, wait for its end, and return its exit status."""
        return self._adapter.finish()

    def close(self) -> int:
        """End the implementation. May be called again."""
        return self._adapter.close()

    # --- recovery ---------------------------------------------------------------------------------------------------

    def _recover(self, error: errors.AdapterError) -> None:
        """Answer everything in flight, one program at a time. Raise the error if no program is lost alone."""
        began, found = time.monotonic(), False
        answers: list[_Recovered] = []
        self._restart()
        for request in self._in_flight:
            if isinstance(request, _Recovered):
                answers.append(request)
                continue
            observed: list[tuple[Observation, ...]] = []
            programs = _DECODER.decode(request.programs)
            for program in programs:
                self._check(began)
                if self._probing and len(programs) == len(self._in_flight) == 1:
                    observations = self._probe(program, _code(error), error.what_happened)
                else:
                    observations = self._alone(program, error)
                found = found or len(observations) < len(program) or is_loss(observations[-1])
                observed.append(observations)
            answers.append(_recovered(request, observed))
        self._seconds += time.monotonic() - began
        if not found:
            raise error
        self._in_flight = deque(answers)

    def _alone(self, program: Program, first: errors.AdapterError) -> tuple[Observation, ...]:
        """Return a program's observations, whole or up to the operation at which it is lost."""
        if not self._probing and any(_has(program, kind) for kind in self.withheld):
            return ()
        try:
            return self._adapter.run([program])[0]
        except _LOST as error:
            self._restart()
            code, what = _code(error), error.what_happened
        if self._probing:
            return self._probe(program, code, what)
        try:
            self._adapter.run([program])
        except _LOST as again:
            self._restart()
            if _code(again) != code:
                raise first from None
            what = again.what_happened
        else:
            raise first
        observed = self._up_to_the_loss(program, code, what)
        if not observed:
            raise first
        self._lost[_kind(program[len(observed) - 1]), code] += 1
        return observed

    def _probe(self, program: Program, code: str, what: str) -> tuple[Observation, ...]:
        """Return the observations of a lost program if its last operation is what loses it, else none."""
        try:
            before = self._adapter.run([program[:-1]])[0] if program[:-1] else ()
        except _LOST:
            self._restart()
            return ()
        return (*before, _loss(code, what))

    def _up_to_the_loss(self, program: Program, code: str, what: str) -> tuple[Observation, ...]:
        """Return the observations up to the operation that loses a program; none if it is not lost again."""
        survived, lost = 0, len(program)
        observed: tuple[Observation, ...] = ()
        while lost - survived > 1:
            longer = survived + 1 if lost - survived <= LINEAR else (survived + lost) // 2
            try:
                observed, survived = self._adapter.run([program[:longer]])[0], longer
            except _LOST as error:
                self._restart()
                if _code(error) != code:
                    return ()
                lost = longer
        return (*observed, _loss(code, what))

    def _check(self, began: float) -> None:
        if self._restarts >= RESTARTS:
            raise OutOfRestarts(f"The implementation was started {self._restarts} times after programs had ended it.")
        most = PROBING_SECONDS if self._probing else SECONDS
        if self._seconds + time.monotonic() - began >= most:
            raise OutOfRestarts(f"Trying the programs that end or hang the implementation took more than {most:g} s.")

    def _restart(self) -> None:
        self._adapter.close()
        self._restarts += 1
        self._adapter = self._start()


def _recovered(request: _Request, observed: Sequence[Sequence[Observation]]) -> _Recovered:
    """Return the answer to a request as it was before programs were withheld from it."""
    answers = iter(observed)
    whole = [() if left_out else next(answers) for left_out in request.withheld] if request.withheld else observed
    return _Recovered(_ENCODER.encode(whole))


def _code(error: errors.AdapterError) -> str:
    return NO_ANSWER if isinstance(error, errors.TimedOut) else ENDED


def _loss(code: str, what: str) -> Observation:
    return Observation(error=code, message=what.replace("gave no answer", "gives no answer"))


def _kind(operation: AnyOperation) -> LossKind:
    script: Script | None = getattr(operation, "script", None)
    inside = () if script is None else script.ops
    return LossKind(tag(type(operation)), frozenset(tag(type(each)) for each in _all(inside)))


def _all(operations: Sequence[AnyOperation]) -> Iterator[AnyOperation]:
    for operation in operations:
        yield operation
        script: Script | None = getattr(operation, "script", None)
        if script is not None:
            yield from _all(script.ops)


def _has(program: Program, kind: LossKind) -> bool:
    """Return whether a program has an operation of a kind, also inside of functions."""
    for operation in _all(program):
        own = _kind(operation)
        if own.operation == kind.operation and own.inside >= kind.inside:
            return True
    return False
