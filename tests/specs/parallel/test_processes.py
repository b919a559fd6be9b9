"""Worker processes: lost ones are replaced, and none is left."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from hsm_specs.errors import WorkerLost
from hsm_specs.parallel.processes import LOSSES, Processes, local, stopping

from ..engine.soaks import runs, until


def worker() -> int:
    return os.getpid()


def processors() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def ended_once(folder: str) -> int:
    """End its worker the first time."""
    if not (Path(folder) / "ended").exists():
        (Path(folder) / "ended").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 42


def ended_always(folder: str) -> None:
    """End its worker each time, and note that."""
    with (Path(folder) / "ended").open("a") as file:
        file.write("x")
    os.kill(os.getpid(), signal.SIGKILL)


def until_stopped(folder: str) -> str:
    (Path(folder) / str(os.getpid())).touch()
    while not stopping():
        time.sleep(0.01)
    return "stopped"


def failing() -> None:
    raise ValueError("this is what it raised")


@pytest.fixture(scope="module", autouse=True)
def importable():
    """Worker processes import the functions of this module by its name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[3])
        yield


@pytest.fixture(scope="module")
def processes(importable):
    """Yield two workers."""
    with Processes(2) as pool:
        yield pool


def test_a_call_is_made_in_another_process(processes):
    assert processes.submit(worker).result() != os.getpid()


def test_what_a_call_raises_is_raised(processes):
    with pytest.raises(ValueError, match="this is what it raised"):
        processes.submit(failing).result()


def test_the_call_of_a_lost_worker_is_made_again_and_others_are_not_touched(processes, tmp_path):
    before = processes.lost
    futures = [processes.submit(ended_once, str(tmp_path)), processes.submit(worker)]
    assert futures[0].result() == 42
    assert futures[1].result() > 0
    assert processes.lost == before + 1


def test_a_worker_that_was_lost_between_two_calls_is_replaced(processes):
    for pid in {processes.submit(worker).result() for _ in range(4)}:
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: not runs(pid))
    assert {processes.submit(worker).result() for _ in range(4)}


def test_a_call_that_always_loses_its_worker_is_given_up(processes, tmp_path):
    with pytest.raises(WorkerLost, match=f"ended unexpectedly, {LOSSES} times in a row"):
        processes.submit(ended_always, str(tmp_path)).result()
    assert (tmp_path / "ended").read_text() == "x" * LOSSES
    assert processes.submit(ended_once, str(tmp_path)).result() == 42


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="processes cannot be kept to processors here")
def test_pinned_workers_keep_to_a_processor_each():
    mine = sorted(os.sched_getaffinity(0))
    with Processes(2, pin=True) as pool:
        kept = [pool.submit(processors), pool.submit(processors)]
        assert sorted(future.result() for future in kept) == sorted([[mine[0]], [mine[1 % len(mine)]]])


def test_running_calls_learn_that_nobody_waits_any_more(tmp_path):
    with Processes(1) as pool:
        future = pool.submit(until_stopped, str(tmp_path))
        until(lambda: list(tmp_path.iterdir()))
        assert not future.done()
        pool.stop()
        assert future.result() == "stopped"


def test_killed_workers_are_gone(tmp_path):
    with Processes(1) as pool:
        future = pool.submit(until_stopped, str(tmp_path))
        until(lambda: list(tmp_path.iterdir()))
        os.kill(pid := int(next(tmp_path.iterdir()).name), signal.SIGSTOP)
        pool.kill()
        with pytest.raises(WorkerLost):
            future.result()
    assert not runs(pid)


def interrupted_run(folder):
    with local(2) as pool:
        pool.executor.submit(until_stopped, str(folder))
        until(lambda: list(folder.iterdir()))
        raise KeyboardInterrupt


def test_an_interrupt_of_a_run_ends_its_workers(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        interrupted_run(tmp_path)
    assert not any(runs(int(path.name)) for path in tmp_path.iterdir())
