"""Shares: however many there are, and whoever judges them, what comes of it is the same."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hsm_specs.language import operations as ops
from hsm_specs.parallel.processes import local
from hsm_specs.parallel.worker_pool import Inline
from hsm_specs.traces import Judging, JudgingOptions
from hsm_specs.traces.judging import shards
from hsm_specs.traces.judging.result import Problem, TraceJudgement

from ..engine.soaks import Here
from .test_fuzz import CONTENT, EXAMPLES, LINES
from .test_judging import ADDED, DIRTIES, YES, line, recorded


def judged(content: bytes, of: int, **more: Any) -> tuple[Any, ...]:
    """Return the whole result for a file, judged in so many shards; 0 means without any."""
    traces: list[TraceJudgement] = []
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "a", Path(folder) / "b"
        path.write_bytes(content)
        options = JudgingOptions([str(path)], json_file=out, reproduce=True, **more)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(shards, "DIVIDED", 0)
            judging = Judging(options, traces.append, problems.append)
            judging.run(Here(Inline(), of) if of else None)
        written = json.loads(out.read_bytes().replace(folder.encode(), b""))
    del written["seconds"]
    return written, [trace.line for trace in traces], [problem.message.replace(folder, "") for problem in problems]


@settings(max_examples=EXAMPLES)
@given(CONTENT, st.integers(1, 5))
def test_any_content_comes_to_the_same_in_any_number_of_shares(content: bytes, of: int) -> None:
    assert judged(content, 0) == judged(content, of)


def test_a_trace_that_ends_with_the_last_line_is_told_before_those_that_have_no_end() -> None:
    content = b"".join([*recorded(ADDED, "a"), *recorded(ADDED), b'{"end":true}'])
    assert judged(content, 0) == judged(content, 2)


@settings(max_examples=EXAMPLES // 3)
@given(st.randoms(use_true_random=False), st.integers(2, 4), st.booleans())
def test_interleaved_traces_come_to_the_same_in_any_number_of_shares(random: Any, of: int, known: bool) -> None:
    names = ["", "a", "\u2603", "b\\c", 'd"e', "\ud7ff", "x" * 50]
    traces = [recorded(ADDED, name, random.choice([None, YES])) for name in names for _ in range(2)]
    lines = []
    while traces:
        trace = random.choice(traces)
        lines.append(trace.pop(0))
        if not trace:
            traces.remove(trace)
        if random.random() < 0.1:
            lines.append(
                random.choice([*LINES, b"?", b'{"trace":"a",?', b'{"hsmspec":1}', b'{"trace":"a","end":true}'])
            )
    content = b"\n".join(line.rstrip(b"\n") for line in lines)
    more = {"deviations": DIRTIES} if known else {}
    assert judged(content, 0, **more) == judged(content, of, **more)


@pytest.mark.parametrize("name", ['"', "\\", 'a"b', "a\\", "a\\\\", '","op":{"op":"new_registry"},"saw":{"ok":null}}'])
def test_names_with_escapes_are_other_names(judge, name) -> None:
    plain = [*recorded(ADDED, "a"), *recorded(ADDED, "b")]
    content = [*plain, *recorded(ADDED, name, YES), *recorded(ADDED, "c")]
    assert {"conforms": 3, "deviates": 1} == judge(content).result.verdicts
    assert judged(b"".join(content), 0) == judged(b"".join(content), 3)


def test_only_large_files_are_divided(tmp_path, monkeypatch) -> None:
    (tmp_path / "a").write_bytes(b" " * 100)
    monkeypatch.setattr(shards, "DIVIDED", 100)

    def divided(files, workers):
        jobs = (shards.ShardJob(file, 0, 1, DIRTIES, reproduce=False, every=False) for file in files)
        found = (shards.shards_of(job, len(files), workers, remote=False) for job in jobs)
        return [[(job.index, job.of) for job in wanted] for wanted in found]

    large = str(tmp_path / "a")
    assert [[(0, 2), (1, 2)], [], []] == divided([large, "none", "-"], 2)
    assert [[(0, 1)]] * 4 == divided([large] * 4, 2)


def test_processes_tell_the_same(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        program = (*ADDED[:-1], ops.Child(0, ((1, f"{number}"),)))
        content = [*recorded(program, "a"), *recorded(ADDED, "b", YES), b"?\n", line(ops.Machine(1), YES, "b")]
        Path(f"{number}").write_bytes(b"".join(content))
    options = JudgingOptions(["0", "1", "none", "2"], reproduce=True)
    with local(2) as pool:
        told: list[str] = []
        found = Judging(options, on_problem=lambda problem: told.append(problem.message)).run(pool)
    here: list[str] = []
    alone = Judging(options, on_problem=lambda problem: here.append(problem.message)).run()
    assert here == told
    for result in (found, alone):
        assert (2, 4, {"conforms": 3, "deviates": 3}) == (result.exit_code, result.problem_count, result.verdicts)
    assert alone.requirements == found.requirements
    assert alone.files == found.files
    assert [found.line for found in alone.reproductions] == [found.line for found in found.reproductions]
