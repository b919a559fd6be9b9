"""The recorder in threads: no call is lost, and a trace that cannot be whole says why."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from hsm_model.machines import callbacks
from hsm_model.machines.callbacks import Callback
from hsm_model.state import Key
from hsm_model.tasks import TransitionOutput
from hsm_specs.traces.recorder import Recording
from hsm_specs.traces.recorder.session import OVERLAPPING, UNDER_WAY

from .recorded import CALLBACK, URL, Judged, Workflow, applied, life_of_a_callback, tree
from .shop import Shop

RUNS = 100


def in_parallel(run: Callable[[int], None]) -> None:
    """Run a function in as many threads, which begin at the same time."""
    barrier = Barrier(RUNS)

    def begun(number: int) -> None:
        barrier.wait()
        run(number)

    with ThreadPoolExecutor(RUNS) as pool:
        list(pool.map(begun, range(RUNS)))


def counted(content: bytes) -> Counter[str]:
    """Return how often each operation is in a recording, those in functions included."""

    def each(operation: dict[str, Any]) -> list[str]:
        inside = operation.get("script", {}).get("ops", [])
        return [operation["op"], *(name for one in inside for name in each(one))]

    lines = map(json.loads, content.splitlines()[1:])
    return Counter(name for line in lines if "op" in line for name in each(line["op"]))


def alone(run: Callable[[Any], None]) -> Counter[str]:
    file = io.BytesIO()
    with Recording(file) as recording, recording.trace("alone") as hsm:
        run(hsm)
    return counted(file.getvalue())


def times(found: Counter[str], number: int) -> Counter[str]:
    return Counter({name: count * number for name, count in found.items()})


@pytest.mark.parametrize("run", [life_of_a_callback, Shop().try_out], ids=["callback", "shop"])
def test_no_call_of_parallel_runs_is_lost(tmp_path, run) -> None:
    file = io.BytesIO()
    with Recording(file) as recording:

        def recorded(number: int) -> None:
            with recording.trace(f"run {number}") as hsm:
                run(hsm)

        in_parallel(recorded)
    assert times(alone(run), RUNS) == counted(file.getvalue())
    judged = Judged(file.getvalue(), tmp_path)
    assert {f"run {number}" for number in range(RUNS)} <= {trace.trace for trace in judged.traces}
    assert [] == [trace for trace in judged.traces if trace.departure or trace.silence or trace.unfinished]


@pytest.mark.parametrize("run", [life_of_a_callback, Shop().try_out], ids=["callback", "shop"])
def test_trees_of_one_trace_may_be_used_by_threads_of_their_own(tmp_path, run) -> None:
    file = io.BytesIO()
    with Recording(file) as recording, recording.trace("t") as hsm:
        in_parallel(lambda _: run(hsm))
    assert times(alone(run), RUNS) == counted(file.getvalue())
    judged = Judged(file.getvalue(), tmp_path)
    assert [] == [trace for trace in judged.traces if trace.departure or trace.silence or trace.unfinished]


def test_a_tree_that_two_threads_use_at_once_ends_its_trace_with_the_reason(tmp_path) -> None:
    file = io.BytesIO()
    with Recording(file) as recording, recording.trace("t") as hsm:
        root = tree(hsm)

        def function(data):
            other = Thread(target=root.dirty)
            other.start()
            other.join()
            return TransitionOutput()

        with pytest.warns(RuntimeWarning, match=OVERLAPPING):
            hsm.machine_transition(root, Workflow, function)
    judged = Judged(file.getvalue(), tmp_path)
    assert OVERLAPPING == judged.traces[0].unfinished.because
    assert "" == judged.requirement


def test_a_call_that_is_under_way_at_the_end_is_told(tmp_path) -> None:
    begun, ended = Event(), Event()

    def function(data):
        begun.set()
        ended.wait()
        return TransitionOutput()

    file = io.BytesIO()
    with Recording(file) as recording:
        hsm = recording.trace("t")
        root = tree(hsm)
        thread = Thread(target=lambda: hsm.machine_transition(root, Workflow, function))
        thread.start()
        begun.wait()
        with pytest.warns(RuntimeWarning, match=UNDER_WAY):
            hsm.end()
        ended.set()
        thread.join()
    judged = Judged(file.getvalue(), tmp_path)
    assert UNDER_WAY == judged.traces[0].unfinished.because
    assert 1 == root.transition_count()


def test_remarks_of_parallel_runs_belong_to_their_own_traces() -> None:
    """Every other run swallows a failure."""
    file = io.BytesIO()

    def run(hsm: Any, swallows: bool) -> None:
        root = tree(hsm)
        child = root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))

        def function(data):
            with suppress(ZeroDivisionError):
                hsm.machine_transition(child, Callback, lambda _: 1 // 0)
            return TransitionOutput()

        if swallows:
            hsm.machine_transition(root, Workflow, function)
        else:
            hsm.machine_transition(child, Callback, applied(hsm, callbacks.TRANSITION_SCHEDULED, None))

    with Recording(file) as recording:

        def recorded(number: int) -> None:
            with recording.trace(str(number)) as hsm:
                run(hsm, number % 2 == 0)

        in_parallel(recorded)
    remarks = [line for line in map(json.loads, file.getvalue().splitlines()) if "machine" in line]
    assert {str(number) for number in range(0, RUNS, 2)} == {line["trace"] for line in remarks}
    assert RUNS // 2 == len(remarks)
