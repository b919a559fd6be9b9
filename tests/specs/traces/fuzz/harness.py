"""Judging of arbitrary bytes. Used by the fuzzer and by the test that replays its corpus."""

from __future__ import annotations

import json
import tempfile
import unicodedata
from pathlib import Path

from hsm_specs.report.traces import result_lines, summary_of_traces, trace_lines
from hsm_specs.traces import Judging, JudgingOptions
from hsm_specs.traces.judging.result import Problem, TraceJudgement

FOLDER = Path("/dev/shm" if Path("/dev/shm").is_dir() else tempfile.gettempdir())  # noqa: S108  # a folder in memory


def check(content: bytes) -> None:
    """Judge a file with that content. Whatever it is, there is a result, and nothing is lost without a sentence."""
    traces: list[TraceJudgement] = []
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        path, out = Path(folder) / "a", Path(folder) / "b"
        path.write_bytes(content)
        options = JudgingOptions([str(path)], json_file=out, reproduce=True)
        result = Judging(options, traces.append, problems.append).run()
        written = json.loads(out.read_bytes())
    assert result.exit_code in {0, 1, 2}
    assert result.operations == sum(trace.operations for trace in traces)
    assert sum(result.verdicts.values()) == len(traces) == len(written["traces"])
    assert result.problem_count == len(problems)
    assert (2 == result.exit_code) == bool(problems or not result.operations)
    for problem in problems:
        assert _is_printed(problem.message)
        assert len(problem.message) < 1000
    for trace in traces:
        assert all(_is_printed(line.text) for line in trace_lines(trace))
    assert list(result_lines(result, 0, 0))
    summary_of_traces(result)


def _is_printed(text: str) -> bool:
    """Return whether a terminal only prints a text. Spaces of all kinds are printed."""
    return all(character.isprintable() or unicodedata.category(character) == "Zs" for character in text)
