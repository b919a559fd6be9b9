"""Sharding shares out: what keeps a worker from judging a file is said, and nothing else is lost by it."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from hsm_specs.errors import ToolError, WorkerLost
from hsm_specs.parallel.cancellation import Cancellation
from hsm_specs.parallel.worker_pool import Inline
from hsm_specs.traces import Judging, JudgingOptions, JudgingResult
from hsm_specs.traces.format import lines
from hsm_specs.traces.judging import shards
from hsm_specs.traces.judging.shards import SAMPLE

from ..engine.soaks import Here
from .test_judging import ADDED, YES, recorded

CONTENT = b"".join(line for name in "abcdefgh" for line in recorded(ADDED, name, YES if name > "d" else None))
PATH = "on storage that they share; without --scheduler it is judged here"


class Elsewhere(Inline):
    """Workers that find everything otherwise than here: before each share something happens."""

    def __init__(self, before: Callable[[int], object]) -> None:
        self.before = before
        self.count = 0

    def submit(self, fn: Callable[..., object], /, *args: object, **kwargs: object) -> Future[object]:  # type: ignore[override]  # as Inline
        here = Path.cwd()
        try:
            self.before(self.count)
            return super().submit(fn, *args, **kwargs)
        except Exception as error:
            future = Future[object]()
            future.set_exception(error)
            return future
        finally:
            os.chdir(here)
            self.count += 1


@pytest.fixture
def judged(tmp_path, monkeypatch) -> Callable[..., JudgingResult]:
    """Judge two files, each in two shares, by workers elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shards, "DIVIDED", 0)
    for name in ("one", "two"):
        Path(name).write_bytes(CONTENT)

    def call(
        before: Callable[[int], object],
        *,
        files: Sequence[str] = ("one", "two"),
        remote: bool = True,
        cancellation: Cancellation | None = None,
    ) -> JudgingResult:
        pool = Here(Elsewhere(before), 2)
        pool.remote = remote
        return Judging(JudgingOptions(files), cancellation=cancellation).run(pool)

    return call


def said(result: JudgingResult) -> list[str]:
    assert 2 == result.exit_code
    return [problem.message for problem in result.problems]


def at(count: int, do: Callable[[], object]) -> Callable[[int], object]:
    """Do something before one share."""
    return lambda now: do() if now == count else None


def fail(error: Exception) -> None:
    raise error


def test_workers_that_have_the_files_tell_what_is_told_here(judged) -> None:
    assert (1, 8, 8) == (
        (result := judged(lambda _: None)).exit_code,
        *map(result.verdicts.get, ["conforms", "deviates"]),
    )


def test_a_file_is_found_by_its_whole_path_and_told_by_its_name(judged, tmp_path) -> None:
    (tmp_path / "another").mkdir()
    result = judged(lambda _: os.chdir(tmp_path / "another"))
    assert (1, ["one", "two"]) == (result.exit_code, [file.file for file in result.files])


@pytest.mark.parametrize("share", [0, 1])
def test_a_file_that_a_worker_has_not_is_told_and_all_else_is_judged(judged, tmp_path, share) -> None:
    result = judged(
        lambda count: (
            Path("one").rename("gone") if count == share else Path("gone").exists() and Path("gone").rename("one")
        )
    )
    [message] = said(result)
    where = f"the worker on {platform.node()} cannot read {tmp_path / 'one'} (No such file or directory)"
    assert f"one: not all of it was judged, as {where}; all workers need it at this very path, {PATH}." == message
    assert 8 < sum(result.verdicts.values()) < 16
    assert [0 if name == "neither" else len(CONTENT.splitlines()) for name in ("one", "two")] == [
        file.lines for file in result.files
    ]


def test_a_file_that_no_worker_has_is_told_once(judged) -> None:
    result = judged(lambda count: Path("one").unlink(missing_ok=True))
    assert 1 == len(said(result))
    assert [("one", 0), ("two", 40)] == [(file.file, file.lines) for file in result.files]
    assert 8 == sum(result.verdicts.values())


def test_another_file_at_the_path_is_told(judged) -> None:
    [message] = said(judged(at(0, lambda: Path("one").write_bytes(CONTENT + b"\n"))))
    assert f"has another file at {Path('one').absolute()}, of {len(CONTENT) + 1:,} bytes instead of" in message


@pytest.mark.parametrize("place", [0, -1])
def test_another_file_of_the_same_size_is_told(judged, place) -> None:
    content = bytearray(CONTENT * (4 * SAMPLE // len(CONTENT)))
    Path("two").write_bytes(content)
    content[place] ^= 1
    messages = said(judged(at(2, lambda: Path("two").write_bytes(content))))
    assert messages
    assert all("of the same size" in message for message in messages)


def test_another_model_at_a_worker_is_told(judged, monkeypatch) -> None:
    def another() -> None:
        monkeypatch.setattr(shards, "generator", lambda: "another")

    [message] = said(judged(at(1, another)))
    assert "one: not all of it was judged, as a worker has another hsmspec" in message
    assert "the same one belongs on all machines." in message


@pytest.mark.parametrize("share", [0, 1])
def test_what_a_share_alone_could_not_read_is_told(judged, monkeypatch, share) -> None:
    """A first share reports that reading ended early, and so does another one."""

    def broken(self: object, stream: object) -> bytes:
        raise OSError("the disk is gone")

    whole = lines.Lines._block

    def before(count: int) -> None:
        monkeypatch.setattr(lines.Lines, "_block", broken if count == share else whole)

    result = judged(before, remote=False)
    [message] = said(result)
    assert "cannot be read (the disk is gone)" in message
    assert message.startswith("one: ")


def test_a_share_whose_workers_are_lost_is_told_and_all_else_is_judged(judged) -> None:
    result = judged(at(1, lambda: fail(WorkerLost("Its worker ended."))))
    assert ["one: not all of it was judged. Its worker ended. If memory was short, use fewer `--workers`."] == said(
        result
    )
    assert 8 < sum(result.verdicts.values()) < 16


def test_once_the_pool_failed_no_further_share_is_judged_and_what_was_is_told(judged) -> None:
    files = ["one", "two"] * 5
    result = judged(at(1, lambda: fail(ToolError("The cluster is gone."))), files=files)
    first, *others = said(result)
    assert "two: not all of it was judged. The cluster is gone." == first
    assert others
    assert all(other.endswith(": not all of it was judged, as what was to judge it failed.") for other in others)
    assert files == [file.file for file in result.files]
    assert sum(result.verdicts.values()) >= 8


def test_a_share_that_nobody_took_is_told(judged, monkeypatch) -> None:
    """Nothing of it may be missing without a word, though all shares that were taken are done."""

    def refused(executor: Elsewhere, fn: Callable[..., object], /, *args: object) -> Future[object]:
        if executor.count == 1:
            raise ToolError("It takes nothing any more.")
        return taken(executor, fn, *args)

    taken = Elsewhere.submit
    monkeypatch.setattr(Elsewhere, "submit", refused)
    first, second = said(judged(lambda _: None))
    assert "one: not all of it was judged. It takes nothing any more." == first
    assert "two: not all of it was judged" in second


def test_after_an_interrupt_there_is_a_result_of_what_was_judged(judged) -> None:
    cancellation = Cancellation()

    def ask() -> None:
        cancellation.requested = True

    result = judged(at(1, ask), cancellation=cancellation)
    assert ["two: not all of it was judged, as judging was interrupted."] == said(result)
    assert 8 == sum(result.verdicts.values())
    assert [("one", 40), ("two", 0)] == [(file.file, file.lines) for file in result.files]


def test_what_nobody_foresaw_ends_the_workers(judged, monkeypatch) -> None:
    killed: list[Here] = []

    def kill(pool: Here) -> None:
        killed.append(pool)

    monkeypatch.setattr(Here, "kill", kill)
    with pytest.raises(ZeroDivisionError):
        judged(at(1, lambda: fail(ZeroDivisionError())))
    assert killed
