"""The client with adapters that do not keep to the protocol: bounded time, the right error, no process left."""

from __future__ import annotations

import resource
import time
from contextlib import contextmanager, suppress

import msgspec
import pytest

from hsm_specs import errors
from hsm_specs.adapter import Adapter, Limits, Timeouts
from hsm_specs.language.operations import NewRegistry, Program

PROGRAM: Program = (NewRegistry(), NewRegistry(registry=1))
PROGRAMS = msgspec.json.encode([PROGRAM])
TIMEOUT = 0.6

pytestmark = pytest.mark.usefixtures("no_process_left")


@contextmanager
def bounded(error):
    """Expect the error within the time-out and a second, and return it."""
    started = time.monotonic()
    with pytest.raises(error) as caught:
        yield caught
    assert time.monotonic() - started < TIMEOUT + 1
    assert type(caught.value) is error


def converse(command, requests=3, limits=None, start=5.0):
    """Do the handshake, send requests, receive their observations and end the adapter."""
    with Adapter.start(command, Timeouts(start=start, answer=TIMEOUT, end=TIMEOUT), limits) as adapter:
        for _ in range(requests):
            adapter.submit(PROGRAMS)
        for _ in range(requests):
            adapter.decode(adapter.receive(), [PROGRAM])
        adapter.finish()


def test_hanging_at_the_start(hostile):
    with bounded(errors.TimedOut) as caught:
        converse(hostile("hangs_at_start"), start=TIMEOUT)
    assert "gave no answer within 0.6 s in the handshake." in str(caught.value)


def test_hanging_in_the_middle(hostile):
    with bounded(errors.TimedOut) as caught:
        converse(hostile("hangs_mid_batch"))
    assert "gave no answer within 0.6 s while the answer to request 2 was awaited." in str(caught.value)
    assert caught.value.stderr == ("thinking about it",)


@pytest.mark.parametrize("name", ["drips", "half_line_and_waits"])
def test_bytes_that_make_no_line_gain_no_time(hostile, name):
    with bounded(errors.TimedOut) as caught:
        converse(hostile(name))
    assert "only half a line" in str(caught.value)


def test_reading_nothing(hostile):
    with bounded(errors.TimedOut) as caught, Adapter.start(hostile("never_reads"), Timeouts.of(TIMEOUT)) as adapter:
        adapter.submit(msgspec.json.encode([PROGRAM] * 100000))
        adapter.receive()
    assert "did not even read the whole request" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "words"), [(0, "exited with status 0"), (1, "exited with status 1"), (-9, "was ended by SIGKILL")]
)
@pytest.mark.parametrize("moment", ["start", "greeted", "mid-batch"])
def test_ending(hostile, moment, status, words):
    with bounded(errors.Ended) as caught:
        converse(hostile("ends", moment, str(status)))
    assert words in str(caught.value)
    assert caught.value.stderr == ("some words", "the last words")


def test_ending_in_half_a_line(hostile):
    with bounded(errors.HalfLine) as caught:
        converse(hostile("half_line"))
    assert "exited with status 0 in the middle of an answer ({" in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        "",
        "{",
        "[]",
        "null",
        "{}{}",
        '{"seq":%d}',
        '{"seq":%d,"observations":null}',
        '{"seq":%d,"observations":[[{"ok":null},{"ok":null}]],"more":1}',
        '{"seq":%d,"observations":[[{"ok":null},{"ok":null,"error":"x"}]]}',
        '{"seq":%d,"observations":[[{"ok":null},{"ok":null,"ok":1}]]}',
        '{"seq":%d,"observations":[[{"ok":null},{"ok":{"a":1,"b":2,"a":3}}]]}',
        '{"seq":%d,"observations":[[{"ok":null},{}]]}',
        '{"seq":%d,"observations":[[{"ok":null},{"unbound":false}]]}',
        '{"seq":%d,"observations":[[{"ok":null},{"error":7}]]}',
        '{"seq":%d,"observations":[[{"ok":null},{"okay":null}]]}',
        '{"seq":%d,"observations":[[{"ok":null},{"ok":NaN}]]}',
        '{"seq":%d,"observations":[[{"ok":null},{"ok":"\\ud800"}]]}',
        '{"seq":%d,"observations":[[{"ok":null},{"ok":"\udcff"}]]}',
        '{"seq":%d,"observations":[[{"ok":null},{"ok":null,"inner":[{"ok":null}]}]]}',
        '{"seq":%d,"hello":{}}',
    ],
)
def test_garbage(hostile, line):
    with bounded(errors.Garbage) as caught:
        converse(hostile("raw", line))
    assert "logs go to stderr" in str(caught.value)


@pytest.mark.parametrize("line", ["[", '{"seq":%d,"observations":[[{"ok":null},{"ok":' + "[" * 5000])
def test_deep_garbage(hostile, line):
    with bounded(errors.Garbage):
        converse(hostile("raw", line, "100000" if line == "[" else "1"))


def test_deep_observations(hostile):
    deep = '{"ok":null,"inner":[' * 3000 + '{"ok":null}' + "]}" * 3000
    with bounded(errors.Garbage):
        converse(hostile("raw", '{"seq":%d,"observations":[[{"ok":null},' + deep + "]]}"))


@pytest.mark.parametrize("depth", [250, 600])
def test_deep_values(hostile, depth):
    with bounded(errors.Garbage) as caught:
        converse(hostile("raw", '{"seq":%d,"observations":[[{"ok":null},{"ok":' + "[" * depth + "]" * depth + "}]]}"))
    assert "nested more than 200 levels deep" in str(caught.value) or depth > 500


@pytest.mark.parametrize("value", ["9223372036854775808", "1e999", "-" + "9" * 50, "9" * 5000, "1.5", '"\\u0000"'])
def test_odd_numbers_are_values_like_any_other_or_garbage(hostile, value):
    line = '{"seq":%d,"observations":[[{"ok":null},{"ok":' + value + "}]]}"
    with suppress(errors.Garbage):
        converse(hostile("raw", line))


@pytest.mark.parametrize(
    ("observations", "words"),
    [
        ("[]", "answered 0 programs of 1"),
        ('[[{"ok":null},{"ok":null}],[]]', "answered 2 programs of 1"),
        ('[[{"ok":null}]]', "answered 1 operations of 2"),
        ('[[{"ok":null},{"ok":null},{"ok":null}]]', "answered 3 operations of 2"),
    ],
)
def test_another_number_of_observations(hostile, observations, words):
    with bounded(errors.WrongShape) as caught:
        converse(hostile("raw", '{"seq":%d,"observations":' + observations + "}"))
    assert words in str(caught.value)


@pytest.mark.parametrize("line", ['{"seq":77,"observations":%s}', '{"observations":%s}', '{"seq":"%d"}'])
def test_another_sequence_number(hostile, line):
    with bounded(errors.WrongSequence if "%s" in line else errors.Garbage):
        converse(hostile("raw", line))


@pytest.mark.parametrize(
    ("name", "requests"), [("answers_twice", 1), ("answers_twice_late", 3), ("floods_lines", 3), ("out_of_order", 2)]
)
def test_answers_that_nothing_asked_for_at_that_place(hostile, name, requests):
    with bounded(errors.WrongSequence):
        converse(hostile(name), requests)


@pytest.mark.parametrize("line", ['{"seq":%d,"protocol_error":"what?"}', '{"protocol_error":"what?"}'])
def test_protocol_errors(hostile, line):
    with bounded(errors.ProtocolErrorAnswered) as caught:
        converse(hostile("raw", line))
    assert "“what?”" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("good morning", errors.BadHandshake),
        ('{"seq":0}', errors.BadHandshake),
        ('{"seq":0,"hello":{"protocol":1}}', errors.BadHandshake),
        ('{"seq":5,"hello":{"protocol":1,"name":"n","version":"v","language":"l"}}', errors.BadHandshake),
        (
            '{"seq":0,"hello":{"protocol":1,"name":"n","version":"v","language":"l","capabilities":["flying"]}}',
            errors.BadHandshake,
        ),
        (
            '{"seq":0,"hello":{"protocol":1,"name":"n","version":"v","language":"l","capabilities":["wire"]}}',
            errors.BadHandshake,
        ),
        ('{"seq":0,"hello":{"protocol":2,"name":"n","version":"v","language":"l"}}', errors.WrongProtocol),
        ('{"seq":0,"protocol_error":"version 1 is not spoken here"}', errors.ProtocolErrorAnswered),
    ],
)
def test_bad_handshakes(hostile, line, error):
    with bounded(error) as caught:
        converse(hostile("greets", line))
    assert "in the handshake." in str(caught.value)


def test_a_line_without_end(hostile):
    with bounded(errors.LineTooLong):
        converse(hostile("megabytes"), limits=Limits(line=2**22))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2**20


def test_stderr_without_end(hostile):
    with bounded(errors.TimedOut) as caught:
        converse(hostile("floods_stderr_only"))
    assert len(caught.value.stderr) <= Limits().stderr_lines
    assert sum(map(len, caught.value.stderr)) <= Limits().stderr


@pytest.mark.parametrize(
    ("name", "words"), [("closes_stdout", "closed its output"), ("closes_stdin", "closed its input")]
)
def test_closing_a_stream_and_living_on(hostile, name, words):
    with bounded(errors.ClosedStream) as caught, Adapter.start(hostile(name), Timeouts.of(TIMEOUT)) as adapter:
        time.sleep(0.2)
        adapter.submit(PROGRAMS)
        adapter.receive()
    assert words in str(caught.value)


def test_ignoring_termination(hostile):
    with bounded(errors.TimedOut):
        converse(hostile("ignores_termination"))


@pytest.mark.parametrize("arguments", [[], ["own-session"]])
def test_leaving_a_child_that_keeps_the_pipes(hostile, arguments):
    with bounded(errors.Ended) as caught:
        converse(hostile("leaves_child", *arguments))
    assert "exited with status 0" in str(caught.value)
