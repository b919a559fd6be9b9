"""What tests of Temporal's own machines recorded with hsmtrace, judged; and damaged, and judged again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from hsm_specs.engine.known import deviations_in
from hsm_specs.traces import EXIT_ALLOWED, Judging, Options, Result
from hsm_specs.traces.result import TraceJudgement

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "build" / "temporal-recorded"
DEVIATIONS = ROOT / "adapters" / "temporal" / "v1.25.1" / "deviations.toml"
WRONG = ("DIRTY-TREE-1", "MACH-STATE-1", "MT-COMMIT-2", "MT-ROLLBACK-1", "MT-ROLLBACK-2", "NODE-ADD-1", "OUT-LIST-1")

pytestmark = pytest.mark.skipif(
    not RECORDED.exists(), reason="nothing is recorded (make build/temporal-recorded, needs Go)"
)


def judged(files: Iterable[Path]) -> tuple[Result, list[TraceJudgement]]:
    found: list[TraceJudgement] = []
    options = Options([str(file) for file in files], deviations_in(DEVIATIONS))
    return Judging(options, found.append).run(), found


def forbidden(file: Path) -> list[str]:
    """The requirements that the traces of a file break."""
    return [each.departure.requirement for each in judged([file])[1] if each.departure is not None]


def recorded(test: str) -> Path:
    """The file of a test."""
    (found,) = RECORDED.glob(f"{test}-*.jsonl")
    return found


def test_what_the_real_machines_did_is_allowed() -> None:
    files = sorted(RECORDED.glob("*.jsonl"))
    result, traces = judged(files)
    assert EXIT_ALLOWED == result.exit_code
    assert 9 <= len([file for file in files if re.search(r"-\d+\.jsonl", file.name)])
    assert {"v1.25.1"} == {recording.version for file in result.files for recording in file.recordings}
    assert {"TRANS-APPLY-5", "DIRTY-TREE-3"} == {each.known.requirement for each in traces if each.known is not None}


def test_the_traces_of_real_machines_are_judged_to_their_ends() -> None:
    files = [file for file in sorted(RECORDED.glob("*.jsonl")) if re.search(r"-\d+\.jsonl", file.name)]
    _, traces = judged(files)
    assert [] == [each for each in traces if each.silence is not None]
    lines = [line for file in files for line in file.read_text().splitlines()]
    assert sum('"op":{' in line for line in lines) == sum(each.operations for each in traces)


@pytest.mark.parametrize("requirement", WRONG)
def test_a_package_that_does_wrong_is_found_out_by_the_requirement_that_it_breaks(requirement: str) -> None:
    (file,) = (RECORDED / "wrong").glob(f"TestWrong-{requirement}-[0-9]*.jsonl")
    assert [requirement] == forbidden(file)


DAMAGES = {
    "MT-COMMIT-2": ("TestACallbackIsRetried", '"op":"transition_count","node":1},"saw":{"ok":3}', '"ok":3', '"ok":4'),
    "OUT-LIST-1": ("TestACallbackIsRetried", '"op":"outputs"', r'"saw":{"ok":\[.*\]}', '"saw":{"ok":[]}'),
    "CLEAR-TREE-5": ("TestACallbackIsRetried", '"op":"dirty"', '"ok":true', '"ok":false'),
    "MT-COMMIT-1": ("TestACallbackIsRetried", '"op":"machine_data"', r'"ok":\["Succeeded"', '"ok":["Failed"'),
    "MT-FAIL-1": ("TestATransitionWhoseFunctionFails", '"error":"user_1"', '{"error":"user_1"', '{"ok":null'),
    "TRANS-APPLY-2": ("TestACallbackWithoutATree", '"error":"invalid', '"saw":{.*}', '"saw":{"ok":[]}}'),
    "COLL-ADD-2": ("TestACollectionOfCallbacks", '"error":"state_machine_already', '"saw":{.*}', '"saw":{"ok":null}}'),
    "COLL-LIST-1": ("TestACollectionOfCallbacks", '"op":"collection_list"', r'"ok":\[\[.*?\]\],', '"ok":['),
}


@pytest.mark.parametrize("requirement", DAMAGES)
def test_damage_is_named_by_the_requirement_that_it_breaks(requirement: str, tmp_path: Path) -> None:
    test, place, old, new = DAMAGES[requirement]
    lines = recorded(test + "*").read_text().splitlines(keepends=True)
    at = next(index for index, line in enumerate(lines) if place in line)
    damaged = re.sub(old, new, lines[at], count=1)
    assert damaged != lines[at]
    file = tmp_path / "damaged.jsonl"
    file.write_text("".join([*lines[:at], damaged, *lines[at + 1 :]]))
    assert [requirement] == forbidden(file)
