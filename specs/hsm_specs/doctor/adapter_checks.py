"""The checks of an adapter. Each runs in a process of its own, so that a failure does not affect the next check."""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median
from typing import Final

import msgspec

from hsm_specs.adapter import Timeouts, answers
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
from hsm_specs.results.failures import hint

PROBE: Final[Program] = (NewRegistry(),)
BATCH: Final = 1500
"""Approximate number of operations in a request of a run."""
ROUNDS: Final = 20
SLOW: Final = 5_000
"""Operations per second; below this a run takes minutes."""
SLOW_ROUND: Final = 0.01
"""Seconds from a small request to its answer; above this something buffers answers."""
MUCH_OF_A_TIMEOUT: Final = 0.25
_AROUND: Final = 24
_ENCODER = msgspec.json.Encoder()
_Body = Callable[[Conversation, Greeting], Check]


def adapter_checks(command: Sequence[str], timeouts: Timeouts) -> Iterator[Check]:
    """Yield the checks of the adapter behind a command.

    They end after a failed handshake, and after an answer that does not come in time: later ones would not either.
    """
    greeting = None
    for check, found in _handshake(command, timeouts):
        yield check
        greeting = found
    if greeting is None:
        return
    for name, body, remedy in (*_programs(greeting), *_CONVERSATION):
        with Conversation(command, timeouts) as conversation:
            try:
                conversation.greet()
                yield body(conversation, greeting)
            except answers.Malformed as problem:
                yield fault(name, f"the adapter {problem}", remedy)
            except Silence as problem:
                yield fault(name, f"the adapter {problem}", remedy)
                if problem.late:
                    return


# --- the handshake ----------------------------------------------------------------------------------------------------


def _handshake(command: Sequence[str], timeouts: Timeouts) -> Iterator[tuple[Check, Greeting | None]]:
    remedy = "Answer the first line with `hello`: protocol, name, version, language and capabilities; then flush."
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
                remedy = f"Run `{shown}` in a shell to see why it ends: it has to wait for lines and answer them."
            yield fault("handshake", f"the adapter {problem}{said}", remedy), None
            return
        seconds = time.monotonic() - started
    if greeting.protocol != PROTOCOL_VERSION:
        text = f"it speaks version {greeting.protocol} of the protocol, and hsmspec speaks version {PROTOCOL_VERSION}"
        yield fault("handshake", text, "Use an adapter and an hsmspec with the same protocol version."), None
        return
    if "wire" in greeting.capabilities and greeting.dialect is None:
        remedy = "Name the dialect of the wire form in the handshake, or leave the capability out."
        yield fault("handshake", "it claims `wire` without naming its dialect", remedy), None
        return
    offers = ", ".join(greeting.capabilities) or "the core alone"
    yield ok("handshake", f"{greeting.name} {greeting.version} ({greeting.language}) offers {offers}"), greeting
    if seconds > timeouts.start * MUCH_OF_A_TIMEOUT:
        remedy = f"Start faster, or raise the limit with `--timeout {_suggested(seconds)}`."
        yield warning("start", f"it took {seconds:.1f} s of the {timeouts.start:g} s allowed", remedy), greeting


def _suggested(seconds: float) -> int:
    """Return a generous time limit in seconds."""
    return max(1, round(seconds * 10))


# --- programs ---------------------------------------------------------------------------------------------------------


def _programs(greeting: Greeting) -> Iterator[tuple[str, _Body, str]]:
    """Yield a small program for the core and for each claimed capability."""
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
        return fault(
            name, f"{place}: expected {wanted}, observed {found}", f"{hint(difference)} {smoke.advice}".strip()
        )
    if any(SPECIFICATIONS[type(operation)].value == Message for operation in smoke.program):
        return ok(name, "answered as expected")
    otherwise = deviation(_ENCODER.encode(BatchAnswer(1, (expected,))), line)
    if otherwise:
        remedy = "Write answers in canonical form (PROTOCOL.md, section 14): others are correct, but slow to compare."
        return warning(name, f"answered as expected, but {otherwise}", remedy)
    return ok(name, "answered as expected, byte for byte")


def _shown(observation: Observation) -> str:
    return f"`{answers.shown(_ENCODER.encode(observation))}`"


# --- the conversation -------------------------------------------------------------------------------------------------


def _answers_probe(conversation: Conversation, seq: int) -> None:
    """Run a program that any adapter can answer. Raise `Silence` or `Malformed`."""
    _expect_probe(conversation.run(seq, [PROBE]), seq)


def _expect_probe(line: bytes, seq: int) -> None:
    """Check that a line is an answer to the probe, whatever it says."""
    answers.decode_observations(answers.payload(line, seq), [PROBE])


def _batches(conversation: Conversation, greeting: Greeting) -> Check:
    """Check that each program of a request begins in a fresh world."""
    offered = frozenset(greeting.capabilities)
    programs = [smoke.program for smoke in SMOKE if capabilities_of(smoke.program) <= offered] * 2
    alone = [_observations(conversation, seq, [program])[0] for seq, program in enumerate(programs, 1)]
    together = _observations(conversation, len(programs) + 1, programs)
    for program, first, second in zip(programs, alone, together, strict=True):
        if first_difference(program, first, second) is not None:
            remedy = "Empty the tables of handles before each program, and keep nothing else between programs."
            return fault("batches", "a program in a batch is answered differently than alone", remedy)
    empty = _observations(conversation, len(programs) + 2, [(), PROBE])
    return ok("batches", f"{len(programs) + len(empty)} programs in two requests, each in a fresh world")


def _observations(conversation: Conversation, seq: int, programs: Sequence[Program]) -> answers.Observations:
    return answers.decode_observations(answers.payload(conversation.run(seq, programs), seq), programs)


def _in_flight(conversation: Conversation, greeting: Greeting) -> Check:
    slow = _large_request()
    conversation.say(request(1, slow))
    for seq in (2, 3):
        conversation.say(request(seq, [PROBE]))
    answers.decode_observations(answers.payload(conversation.hear(), 1), slow)
    for seq in (2, 3):
        _expect_probe(conversation.hear(), seq)
    return ok("requests in flight", "a slow request and two fast ones at once are answered in their order")


def _unknown_operation(conversation: Conversation, greeting: Greeting) -> Check:
    return _refuses(conversation, "unknown operation", b'{"seq":1,"programs":[[{"op":"no_such_operation"}]]}')


def _malformed_line(conversation: Conversation, greeting: Greeting) -> Check:
    return _refuses(conversation, "malformed line", b"this is no JSON")


def _other_version(conversation: Conversation, greeting: Greeting) -> Check:
    return _refuses(conversation, "other protocol", b'{"seq":1,"hello":{"protocol":999}}')


def _refuses(conversation: Conversation, name: str, line: bytes) -> Check:
    """Check that a line is answered with a protocol error, and the next line normally."""
    answer = conversation.ask(line)
    try:
        said = msgspec.json.decode(answer)
    except (msgspec.MsgspecError, RecursionError):
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("protocol_error"), str):
        text = f"it is answered with {answers.shown(answer)}"
        return fault(name, text, 'Answer it with {"seq":N,"protocol_error":"one sentence"}.')
    _answers_probe(conversation, 2)
    return ok(name, "is answered with a protocol error, and the next line normally")


def _end(conversation: Conversation, greeting: Greeting) -> Check:
    _answers_probe(conversation, 1)
    status = conversation.end()
    if status:
        remedy = "End with status 0 when stdin ends."
        return fault("end of input", f"it exits with status {status}" if status > 0 else "a signal ends it", remedy)
    return ok("end of input", "it exits with status 0")


def _stderr(conversation: Conversation, greeting: Greeting) -> Check:
    _answers_probe(conversation, 1)
    noise = conversation.noise()
    if noise:
        remedy = "Keep stderr for errors: its last lines are shown when the adapter fails, and noise hides the cause."
        return warning("stderr", f"it writes there without an error, for example: {noise[-1]}", remedy)
    return ok("stderr", "it writes nothing there")


def _large_request() -> list[Program]:
    """Return programs of the core that take about as long as a request of a run."""
    programs = [smoke.program for smoke in SMOKE if not capabilities_of(smoke.program)]
    return programs * (1 + BATCH // sum(map(len, programs)))


def _speed(conversation: Conversation, greeting: Greeting) -> Check:
    """Measure operations per second in a request like those of a run, and the round trip of a small one."""
    rounds: list[float] = []
    for seq in range(1, ROUNDS + 1):
        started = time.perf_counter()
        _answers_probe(conversation, seq)
        rounds.append(time.perf_counter() - started)
    programs = _large_request()
    started = time.perf_counter()
    _observations(conversation, ROUNDS + 1, programs)
    return speed(sum(map(len, programs)), time.perf_counter() - started, median(rounds), conversation.timeouts)


def speed(operations: int, seconds: float, round_trip: float, timeouts: Timeouts) -> Check:
    """Judge the speed: a request with ``operations`` took ``seconds``, a small one ``round_trip`` seconds."""
    rate = operations / max(seconds, 1e-9)
    text = f"{rate:,.0f} operations/s, a small request in {round_trip * 1000:.1f} ms"
    if seconds > timeouts.answer * MUCH_OF_A_TIMEOUT:
        remedy = f"A request of a run is close to its {timeouts.answer:g} s: use `--timeout {_suggested(seconds)}`."
        return warning("speed", text, remedy)
    if round_trip > SLOW_ROUND and _is_busy():
        remedy = "Other processes use all processors. Measure again on an idle machine."
        return warning("speed", f"{text} on a busy machine", remedy)
    if round_trip > SLOW_ROUND:
        return warning("speed", text, "Flush stdout once after each whole answer, and read stdin line by line.")
    if rate < SLOW:
        remedy = "Read and write through buffers, flush once per answer, and build the adapter with optimization."
        return warning("speed", text, remedy)
    return ok("speed", text)


def _is_busy() -> bool:
    """Return whether more processes want to run than there are processors, so that waiting says little."""
    try:
        return os.getloadavg()[0] > (os.cpu_count() or 1)
    except (AttributeError, OSError):
        return False


_CONVERSATION: Final[tuple[tuple[str, _Body, str], ...]] = (
    ("batches", _batches, "Answer a list of observations for each program, one observation for each operation."),
    ("requests in flight", _in_flight, "Read a line, answer it, read the next: never wait for stdin to be empty."),
    ("unknown operation", _unknown_operation, 'Answer {"seq":N,"protocol_error":"one sentence"} and go on.'),
    ("malformed line", _malformed_line, 'Answer {"protocol_error":"one sentence"} and go on with the next line.'),
    ("other protocol", _other_version, "Answer an unsupported protocol version with a protocol error."),
    ("end of input", _end, "End with status 0 when stdin ends."),
    ("stderr", _stderr, "Answer every request with one line."),
    ("speed", _speed, "Answer every request with one line."),
)


# --- the canonical form -----------------------------------------------------------------------------------------------


def deviation(expected: bytes, answer: bytes) -> str:
    """Return how a correct answer differs from the canonical bytes, and where; empty if it does not."""
    if answer == expected:
        return ""
    place = next((i for i, (a, b) in enumerate(zip(expected, answer, strict=False)) if a != b), len(expected))
    start = max(0, place - _AROUND // 2)
    there = answer[start : start + _AROUND].decode("utf-8", "replace")
    return f"{_cause(expected, answer)} (byte {place}: `{there}`)"


def _cause(expected: bytes, answer: bytes) -> str:
    wanted, found = json.loads(expected), json.loads(answer)
    if _compact(found) == _compact(wanted):
        if json.dumps(found, separators=(",", ":")).encode() == answer:
            return "characters beyond ASCII are escaped"
        return "there are spaces, or escapes that JSON does not require"
    if found == wanted:
        return "members are in another order"
    return "unordered values are not sorted, or there are messages that are never compared"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
