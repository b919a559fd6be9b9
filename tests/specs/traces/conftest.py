"""Traces as files, and what comes of judging them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations
from hsm_specs.traces import Judging, JudgingOptions, JudgingResult
from hsm_specs.traces.judging.result import Problem, TraceJudgement
from hsm_specs.traces.recorder import Recording

from . import recorded


class Judged(NamedTuple):
    """Everything that judging reported."""

    result: JudgingResult
    traces: list[TraceJudgement]
    problems: list[Problem]

    @property
    def code(self) -> int:
        """The exit code."""
        return self.result.exit_code

    @property
    def said(self) -> list[str]:
        """The problems as sentences."""
        return [problem.message for problem in self.problems]


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Judged]:
    """Judge contents of files, which are named a, b and so on."""
    monkeypatch.chdir(tmp_path)

    def call(*contents: bytes | Iterable[bytes], deviations: Deviations = NONE_KNOWN, **more: Any) -> Judged:
        return judged(tmp_path, *contents, deviations=deviations, **more)

    return call


def judged(folder: Path, *contents: bytes | Iterable[bytes], **more: Any) -> Judged:
    """Return a function that judges contents of files in a folder, which is the current one."""
    names = [chr(ord("a") + number) for number in range(len(contents))]
    for name, content in zip(names, contents, strict=True):
        (folder / name).write_bytes(content if isinstance(content, bytes) else b"".join(content))
    traces: list[TraceJudgement] = []
    problems: list[Problem] = []
    result = Judging(JudgingOptions(names, **more), traces.append, problems.append).run()
    return Judged(result, traces, problems)


@pytest.fixture
def record(tmp_path):
    """Record what a function does with a recorder, and judge it. What it raises is left alone."""

    def call(run, package=None, *, raises=None, **more) -> recorded.Judged:
        file = io.BytesIO()
        with Recording(file, package, implementation="mine", version="7") as recording:
            hsm = recording.trace("t")
            with pytest.raises(raises) if raises else nullcontext(), hsm:
                run(hsm, **more)
        assert hsm.trouble is None
        return recorded.Judged(file.getvalue(), tmp_path)

    return call
