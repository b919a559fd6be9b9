"""The client with adapters that keep to the protocol, and with commands that are none."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from hsm_specs import errors
from hsm_specs.adapter import Adapter, Timeouts
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import NewRegistry, Program

PROGRAM: Program = (NewRegistry(), NewRegistry(registry=1))
ANSWER = b'[[{"ok":null},{"ok":null}]]'


def encoded(programs: int) -> bytes:
    return msgspec.json.encode([PROGRAM] * programs)


def test_the_handshake_introduces_the_implementation(hostile):
    with Adapter.start(hostile("_speak")) as adapter:
        assert adapter.greeting.name == "hostile"
        assert adapter.greeting.capabilities == ()


def test_programs_come_back_as_observations(hostile):
    with Adapter.start(hostile("_speak")) as adapter:
        assert ((Observation(ok=None),) * 2,) * 3 == adapter.run([PROGRAM] * 3)


def test_a_canonical_answer_is_handed_over_as_the_bytes_that_came(hostile):
    with Adapter.start(hostile("raw", '{"seq":%d,"observations":[[ garbage ]]}')) as adapter:
        adapter.submit(encoded(1))
        assert adapter.receive() == b"[[ garbage ]]"


def test_an_answer_that_is_not_canonical_is_made_canonical(hostile):
    with Adapter.start(hostile("raw", '{ "observations": %s, "seq": %d }')) as adapter:
        adapter.submit(encoded(1))
        assert adapter.receive() == ANSWER


def test_several_requests_are_in_flight_at_once(hostile):
    with Adapter.start(hostile("_speak")) as adapter:
        for _ in range(5):
            adapter.submit(encoded(1))
        assert adapter.in_flight == 5
        assert [adapter.receive() for _ in range(5)] == [ANSWER] * 5


@pytest.mark.parametrize(
    ("name", "programs", "size"), [("_speak", 20000, 500_000), ("writes_before_reading", 4, 2_000_000)]
)
def test_full_pipes_on_both_sides_are_no_deadlock(hostile, name, programs, size):
    with Adapter.start(hostile(name)) as adapter:
        for _ in range(5):
            adapter.submit(encoded(programs))
        for _ in range(5):
            assert len(adapter.receive()) > size


def test_talk_on_stderr_disturbs_nothing(hostile):
    with Adapter.start(hostile("floods_stderr")) as adapter:
        assert ((Observation(ok=None),) * 2,) == adapter.run([PROGRAM])


@pytest.mark.usefixtures("no_process_left")
def test_an_orderly_end_answers_the_exit_status(hostile):
    adapter = Adapter.start(hostile("_speak"))
    adapter.run([PROGRAM])
    assert adapter.finish() == 0


@pytest.mark.usefixtures("no_process_left")
def test_a_bad_end_answers_the_exit_status_too(hostile):
    adapter = Adapter.start(hostile("ends", "never", "3"))
    adapter.run([PROGRAM])
    assert adapter.finish() == 3


@pytest.mark.usefixtures("no_process_left")
def test_an_adapter_that_does_not_end_by_itself_is_ended(hostile):
    started = time.monotonic()
    adapter = Adapter.start(hostile("never_reads"), Timeouts(end=0.3))
    assert adapter.finish() != 0
    assert time.monotonic() - started < 2


def test_the_time_for_an_answer_counts_from_when_it_is_awaited(hostile):
    with Adapter.start(hostile("_speak"), Timeouts(answer=0.5)) as adapter:
        adapter.submit(encoded(1))
        time.sleep(0.7)
        assert adapter.receive() == ANSWER


@pytest.mark.parametrize("command", [[], [""], ["/nowhere/at/all"], [str(Path(__file__).parent)], [__file__], ["a\0b"]])
def test_a_command_that_cannot_be_started_is_named(command):
    with pytest.raises(errors.CannotStart, match="Check that the command") as caught:
        Adapter.start(command)
    assert tuple(command) == caught.value.command
    assert all(word in str(caught.value) for word in command)
