"""Demands of a team's CI on its traces besides that they are allowed, and when findings are reported."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from .judging import begin
from .test_judge_command import BAD, GOOD

BROKEN_OFF = '{"trace":"good","end":true,"because":"a deletion"}\n'


@pytest.fixture(autouse=True)
def files(cli) -> None:
    """Return the files that are judged, in the folder that is the current one."""
    Path("good.jsonl").write_text(GOOD, encoding="utf-8")
    Path("bad.jsonl").write_text(GOOD + BAD, encoding="utf-8")
    Path("cut.jsonl").write_text(GOOD + BROKEN_OFF, encoding="utf-8")


def test_broken_off_traces_are_told_in_the_last_line(cli) -> None:
    said = cli("judge", "cut.jsonl")
    assert 0 == said.code
    assert said.out.endswith("The specification allows this; 1 trace was not recorded to its end.\n")
    said = cli("judge", "cut.jsonl", "bad.jsonl", "cut.jsonl")
    assert 1 == said.code
    assert said.out.endswith("The specification does not allow this; 2 traces were not recorded to their ends.\n")
    Path("odd.jsonl").write_text("?\n", encoding="utf-8")
    said = cli("judge", "cut.jsonl", "odd.jsonl")
    assert said.out.endswith("1 problem, said above; 1 trace was not recorded to its end.\n")


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_complete_demands_that_no_trace_broke_off(cli, workers) -> None:
    assert 0 == cli("judge", "--complete", "good.jsonl", *workers).code
    said = cli("judge", "--complete", "good.jsonl", "cut.jsonl", "--json", "r.json", *workers)
    assert 2 == said.code
    assert "hsmspec: cut.jsonl, line 6: trace 'good' was recorded only up to here (a deletion).\n" == said.err
    assert said.out.endswith(
        "Not everything could be judged: 1 problem, said above; 1 trace was not recorded to its end.\n"
    )
    assert [{"file": "cut.jsonl", "line": 6}] == [
        {"file": problem["file"], "line": problem["line"]}
        for problem in json.loads(Path("r.json").read_text())["problems"]
    ]


def test_so_many_traces_can_be_demanded(cli) -> None:
    assert 0 == cli("judge", "--min-traces", "1", "good.jsonl").code
    assert 0 == cli("judge", "--min-traces", "2", "good.jsonl", "good.jsonl").code
    said = cli("judge", "--min-traces", "2", "good.jsonl")
    assert (2, "hsmspec: 1 trace was judged, and --min-traces demands 2.\n") == (said.code, said.err)


def test_a_trace_of_which_nothing_was_judged_is_no_judged_trace(cli) -> None:
    Path("empty.jsonl").write_text(GOOD + '{"trace":"x","end":true,"because":"y"}\n', encoding="utf-8")
    assert 2 == cli("judge", "--min-traces", "2", "empty.jsonl").code


def test_requirements_can_be_demanded_to_be_exercised(cli) -> None:
    assert 0 == cli("judge", "--require", "NODE-ADD-1,DIRTY-TREE-1", "good.jsonl").code
    said = cli("judge", "--require", "NODE-ADD-1,EXEC-RUN-1", "--require", "OUT-LIST-1", "good.jsonl")
    assert 2 == said.code
    assert (
        "hsmspec: no trace exercises EXEC-RUN-1, which --require demands.\n"
        "hsmspec: no trace exercises OUT-LIST-1, which --require demands.\n"
    ) == said.err
    assert 1 == cli("judge", "--require", "DIRTY-TREE-3", "bad.jsonl").code


def test_a_demand_for_what_is_no_requirement_is_refused(cli) -> None:
    said = cli("judge", "--require", "NODE-ADDD-1", "good.jsonl")
    assert 2 == said.code
    assert "NODE-ADDD-1" in said.err
    assert "trace:" not in said.out


def test_demands_become_annotations(cli) -> None:
    said = cli("judge", "--github", "--min-traces", "9", "good.jsonl")
    assert "::error file=good.jsonl,title=hsmspec::1 trace was judged, and --min-traces demands 9." in said.out


def test_a_departure_appears_while_stdin_still_runs(tmp_path) -> None:
    with begin("-", folder=tmp_path, stdin=subprocess.PIPE) as process:
        process.stdin.write(BAD)
        process.stdin.flush()
        line = process.stdout.readline()
        while "forbidden" not in line:
            line = process.stdout.readline()
            assert line
        process.stdin.write('{"trace":"bad","end":true,"because":"no more"}\n')
        said = process.communicate()[0]
    assert 1 == process.returncode
    assert "forbidden" not in said
    assert 'stdin, line 6, trace "bad": recorded up to here (no more)' in said


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_departures_appear_in_the_order_of_their_lines(cli, workers) -> None:
    lines = zip(BAD.replace("bad", "late").splitlines(), BAD.splitlines(), strict=True)
    Path("two.jsonl").write_text("".join(f"{late}\n{bad}\n" for late, bad in lines), encoding="utf-8")
    said = cli("judge", "two.jsonl", *workers)
    assert said.out.index("line 9") < said.out.index("line 10")
    assert 2 == said.out.count("forbidden")
