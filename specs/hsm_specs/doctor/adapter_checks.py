"""The checks of an adapter: each in a process of its own, so that what fails in one does not show in the next."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median
from typing import Final

import msgspec

from hsm_specs.adapter import Timeouts, answers
from hsm_specs.doctor.canonical import deviation
from hsm_specs.doctor.check import Check, fault, ok, warning
from hsm_specs.doctor.conversation import Conversation, Silence, request
from hsm_specs.doctor.smoke import DIALECT, SMOKE, Smoke
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.language.messages import PROTOCOL_VERSION, BatchAnswer, Greeting
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import SPECIFICATIONS, NewRegistry, Program
from hsm_specs.language.shapes import Message
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict

PROBE: Final[Program] = (NewRegistry(),)
BATCH: Final = 1500
"""About how many operations a request of a run has."""
ROUNDS: Final = 20
SLOW: Final = 5_000
"""Operations a second below which a run takes minutes."""
SLOW_ROUND: Final = 0.01
"""Seconds from a small request to its answer above which something keeps answers back."""
MUCH_OF_A_TIMEOUT: Final = 0.25
_ENCODER = msgspec.json.Encoder()
_Body = Callable[[Conversation, Greeting], Check]


def adapter_checks(command: Sequence[str], timeouts: Timeouts) -> Iterator[Check]:
    """The checks of the adapter behind a command.

    If it does not introduce itself, nothing else is looked at; nor is after an answer that does not come in time, for
    the next ones would not either.
    """
    greeting = None
    for check, found in _handshake(command, timeouts):
        yield check
        greeting = found
    if greeting is None:
        return
    for name, body, mend in (*_programs(greeting), *_CONVERSATION):
        with Conversation(command, timeouts) as conversation:
            try:
                conversation.greet()
                yield body(conversation, greeting)
            except answers.Malformed as problem:
                yield fault(name, f"the adapter {problem}", mend)
            except Silence as problem:
                yield fault(name, f"the adapter {problem}", mend)
                if problem.late:
                    return


# --- the handshake ----------------------------------------------------------------------------------------------------


def _handshake(command: Sequence[str], timeouts: Timeouts) -> Iterator[tuple[Check, Greeting | None]]:
    mend = "Answer the first line with `hello`: protocol, name, version, language and capabilities; then flush."
    try:
        conversation = Conversation(command, timeouts)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        yield fault("handshake", f"the command cannot be started ({reason})", "Try the command in a shell."), None
        return
    with conversation:
        started = time.monotonic()
        try:
            greeting = answers.greeting(conversation.greet())
        except (Silence, answers.Malformed) as problem:
            said = "".join(f"; stderr: {line}" for line in conversation.noise()[-1:])
            if isinstance(problem, Silence) and problem.ended:
                shown = shlex.join(command)
                mend = f"Run `{shown}` in a shell to see why it ends: it is to wait for lines and answer them."
            yield fault("handshake", f"the adapter {problem}{said}", mend), None
            return
        seconds = time.monotonic() - started
    if greeting.protocol != PROTOCOL_VERSION:
        text = f"it speaks version {greeting.protocol} of the protocol, and hsmspec version {PROTOCOL_VERSION}"
        yield fault("handshake", text, "Use an adapter and an hsmspec of the same protocol version."), None
        return
    if "wire" in greeting.capabilities and greeting.dialect is None:
        mend = "Name the dialect of the wire form in the greeting, or leave the capability out."
        yield fault("handshake", "it claims `wire` without naming its dialect", mend), None
        return
    offers = ", ".join(greeting.capabilities) or "the core alone"
    yield ok("handshake", f"{greeting.name} {greeting.version} ({greeting.language}) offers {offers}"), greeting
    if seconds > timeouts.start * MUCH_OF_A_TIMEOUT:
        mend = f"Start faster, or give more time with `--timeout {_suggested(seconds)}`."
        yield warning("start", f"it took {seconds:.1f} s of the {timeouts.start:g} s that it has", mend), greeting


def _suggested(seconds: float) -> int:
    """A time-out with plenty of room."""
    return max(1, round(seconds * 10))


# --- programs ---------------------------------------------------------------------------------------------------------


def _programs(greeting: Greeting) -> Iterator[tuple[str, _Body, str]]:
    """A small program of the core and of each capability that is claimed."""
    offered = frozenset(greeting.capabilities)
    for smoke in SMOKE:
        if capabilities_of(smoke.program) <= offered:
            yield f"program: {smoke.title}", partial(_program, smoke), smoke.advice


def _program(smoke: Smoke, conversation: Conversation, greeting: Greeting) -> Check:
    name = f"program: {smoke.title}"
    expected = predict(smoke.program, dialect=greeting.dialect or DIALECT)
    line = conversation.run(1, [smoke.program])
    observed = answers.decode_observations(answers.payload(line, 1), [smoke.program])[0]
    difference = first_difference(smoke.program, expected, observed)
    if difference is not None:
        wanted, found = _shown(difference.expected), _shown(difference.observed)
        place = f"operation {difference.where[0] + 1}" + (", inside its function" if difference.where[1:] else "")
        return fault(name, f"{place}: expected {wanted}, observed {found}", smoke.advice)
    if any(SPECIFICATIONS[type(operation)].value == Message for operation in smoke.program):
        return ok(name, "answered as expected")
    otherwise = deviation(_ENCODER.encode(BatchAnswer(1, (expected,))), line)
    if otherwise:
        mend = (
            "Write answers in the canonical form (PROTOCOL.md, section 14): other ones are right, and compared slowly."
        )
        return warning(name, f"answered as expected, but {otherwise}", mend)
    return ok(name, "answered as expected, byte for byte")


def _shown(observation: Observation) -> str:
    return f"`{answers.shown(_ENCODER.encode(observation))}`"


# --- the conversation -------------------------------------------------------------------------------------------------


def _answers_probe(conversation: Conversation, seq: int) -> None:
    """Asks for a program that any adapter can answer. Raises `Silence` or `Malformed`."""
    _expect_probe(conversation.run(seq, [PROBE]), seq)


def _expect_probe(line: bytes, seq: int) -> None:
    """What the probe is answered with does not matter here, as long as it is an answer."""
    answers.decode_observations(answers.payload(line, seq), [PROBE])


def _batches(conversation: Conversation, greeting: Greeting) -> Check:
    """Many programs in one request: each begins in a fresh world."""
    offered = frozenset(greeting.capabilities)
    programs = [smoke.program for smoke in SMOKE if capabilities_of(smoke.program) <= offered] * 2
    alone = [_observations(conversation, seq, [program])[0] for seq, program in enumerate(programs, 1)]
    together = _observations(conversation, len(programs) + 1, programs)
    for program, first, second in zip(programs, alone, together, strict=True):
        if first_difference(program, first, second) is not None:
            mend = "Make the tables of handles anew for each program, and keep nothing else between programs."
            return fault("batches", "a program in a batch is answered otherwise than alone", mend)
    empty = _observations(conversation, len(programs) + 2, [(), PROBE])
    return ok("batches", f"{len(programs) + len(empty)} programs in two requests, each in a fresh world")


def _observations(conversation: Conversation, seq: int, programs: Sequence[Program]) -> answers.Observations:
    return answers.decode_observations(answers.payload(conversation.run(seq, programs), seq), programs)


def _in_flight(conversation: Conversation, greeting: Greeting) -> Check:
    for seq in (1, 2, 3):
        conversation.say(request(seq, [PROBE]))
    for seq in (1, 2, 3):
        _expect_probe(conversation.hear(), seq)
    return ok("requests in flight", "three requests at once are answered in their order")


def _unknown_operation(conversation: Conversation, greeting: Greeting) -> Check:
    return _refuses(conversation, "unknown operation", b'{"seq":1,"programs":[[{"op":"no_such_operation"}]]}')


def _malformed_line(conversation: Conversation, greeting: Greeting) -> Check:
    return _refuses(conversation, "malformed line", b"this is no JSON")


def _other_version(conversation: Conversation, greeting: Greeting) -> Check:
    return _refuses(conversation, "other protocol", b'{"seq":1,"hello":{"protocol":999}}')


def _refuses(conversation: Conversation, name: str, line: bytes) -> Check:
    """Whether a line is answered with a protocol error, and the next one as if nothing had been."""
    answer = conversation.ask(line)
    try:
        said = msgspec.json.decode(answer)
    except (msgspec.MsgspecError, RecursionError):
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("protocol_error"), str):
        text = f"it is answered with {answers.shown(answer)}"
        return fault(name, text, 'Answer it with {"seq":N,"protocol_error":"one sentence"}.')
    _answers_probe(conversation, 2)
    return ok(name, "is answered with a protocol error, and the next line as ever")


def _end(conversation: Conversation, greeting: Greeting) -> Check:
    _answers_probe(conversation, 1)
    status = conversation.end()
    if status:
        mend = "End with status 0 when stdin ends."
        return fault("end of input", f"it exits with status {status}" if status > 0 else "a signal ends it", mend)
    return ok("end of input", "it exits with status 0")


def _stderr(conversation: Conversation, greeting: Greeting) -> Check:
    _answers_probe(conversation, 1)
    noise = conversation.noise()
    if noise:
        mend = "Keep stderr for trouble: its last lines are shown when the adapter fails, and noise hides the cause."
        return warning("stderr", f"it writes there without need, such as: {noise[-1]}", mend)
    return ok("stderr", "it keeps quiet there")


def _speed(conversation: Conversation, greeting: Greeting) -> Check:
    """How many operations a second it answers, in a request like those of a run, and how soon a small one."""
    rounds: list[float] = []
    for seq in range(1, ROUNDS + 1):
        started = time.perf_counter()
        _answers_probe(conversation, seq)
        rounds.append(time.perf_counter() - started)
    programs = [smoke.program for smoke in SMOKE if not capabilities_of(smoke.program)]
    programs *= 1 + BATCH // sum(map(len, programs))
    started = time.perf_counter()
    _observations(conversation, ROUNDS + 1, programs)
    return speed(sum(map(len, programs)), time.perf_counter() - started, median(rounds), conversation.timeouts)


def speed(operations: int, seconds: float, round_trip: float, timeouts: Timeouts) -> Check:
    """What a request of so many operations that took so long says, and a small one's round trip."""
    rate = operations / max(seconds, 1e-9)
    text = f"{rate:,.0f} operations/s, a small request in {round_trip * 1000:.1f} ms"
    if seconds > timeouts.answer * MUCH_OF_A_TIMEOUT:
        mend = f"A request of a run takes much of its {timeouts.answer:g} s: give `--timeout {_suggested(seconds)}`."
        return warning("speed", text, mend)
    if round_trip > SLOW_ROUND:
        return warning("speed", text, "Flush stdout once after each whole answer, and read stdin line by line.")
    if rate < SLOW:
        mend = "Read and write through buffers, flush once an answer, and build the adapter with optimisation."
        return warning("speed", text, mend)
    return ok("speed", text)


_CONVERSATION: Final[tuple[tuple[str, _Body, str], ...]] = (
    ("batches", _batches, "Answer a list of observations for each program, one observation for each operation."),
    ("requests in flight", _in_flight, "Read a line, answer it, read the next: never wait for stdin to be empty."),
    ("unknown operation", _unknown_operation, 'Answer {"seq":N,"protocol_error":"one sentence"} and go on.'),
    ("malformed line", _malformed_line, 'Answer {"protocol_error":"one sentence"} and go on with the next line.'),
    ("other protocol", _other_version, "Answer a protocol version that you do not speak with a protocol error."),
    ("end of input", _end, "End with status 0 when stdin ends."),
    ("stderr", _stderr, "Answer every request with one line."),
    ("speed", _speed, "Answer every request with one line."),
)
