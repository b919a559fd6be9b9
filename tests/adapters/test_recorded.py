"""Recordings that tests of Temporal's own machines made with hsmtrace: judged, damaged and judged again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from hsm_specs.oracle.deviations import deviations_in
from hsm_specs.traces import EXIT_ALLOWED, Judging, JudgingOptions, JudgingResult
from hsm_specs.traces.judging.result import TraceJudgement

ROOT = Path(__file__).parents[2]
MAIN = "v1.25.1"
NEWEST = "v1.32.2"
BUILT = {
    folder.name.removeprefix("temporal-recorded-") for folder in (ROOT / "build").glob("temporal-recorded-v*.*[0-9]")
}
RELEASES = sorted({MAIN, NEWEST} | BUILT)
"""The releases that CI records, and others that were recorded here."""
WRONG = (
    "DIRTY-TREE-1", "MACH-STATE-1", "MT-COMMIT-2", "MT-ROLLBACK-1", "MT-ROLLBACK-2", "OUT-LIST-1", "REG-EXEC-1",
    "REG-EXEC-2",
)  # fmt: skip


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    return needed(request.param)


def needed(release: str) -> str:
    """Return the release, of which something must have been recorded."""
    if not folder(release).exists():
        pytest.skip(f"nothing is recorded (make build/temporal-recorded-{release}, needs Go)")
    return release


def folder(release: str) -> Path:
    return ROOT / "build" / f"temporal-recorded-{release}"


def judged(files: Iterable[Path], release: str = MAIN) -> tuple[JudgingResult, list[TraceJudgement]]:
    found: list[TraceJudgement] = []
    deviations = ROOT / "adapters" / "temporal" / release / "deviations.toml"
    options = JudgingOptions([str(file) for file in files], deviations_in(deviations))
    return Judging(options, found.append).run(), found


def forbidden(file: Path, release: str = MAIN) -> list[str]:
    """Return the requirements that the traces of a file break."""
    return [each.departure.requirement for each in judged([file], release)[1] if each.departure is not None]


def recorded(test: str) -> Path:
    """Return the file of a test of the main release."""
    (found,) = folder(needed(MAIN)).glob(f"{test}-*.jsonl")
    return found


def of_hsmtrace(release: str) -> list[Path]:
    """Return the files of the tests of hsmtrace itself."""
    return sorted((folder(release) / "own").glob("*.jsonl"))


def of_real_machines(release: str) -> list[Path]:
    """Return the files of the tests of Temporal's own machines, each of which has a number."""
    return [file for file in sorted(folder(release).glob("*.jsonl")) if re.search(r"-\d+\.jsonl", file.name)]


def test_what_the_real_machines_did_is_allowed(release: str) -> None:
    result, traces = judged([*sorted(folder(release).glob("*.jsonl")), *of_hsmtrace(release)], release)
    assert EXIT_ALLOWED == result.exit_code
    assert 11 <= len(of_real_machines(release))
    assert {release} == {recording.version for file in result.files for recording in file.recordings}
    assert {"TRANS-APPLY-5", "DIRTY-TREE-3"} == {each.known.requirement for each in traces if each.known is not None}


def test_the_traces_of_real_machines_are_judged_to_their_ends(release: str) -> None:
    files = of_real_machines(release)
    _, traces = judged(files, release)
    assert [] == [each for each in traces if each.silence is not None]
    lines = [line for file in files for line in file.read_text().splitlines()]
    assert sum('"op":{' in line for line in lines) == sum(each.operations for each in traces)


def test_each_call_has_its_place_in_the_tests(release: str) -> None:
    """Changes that the components make by themselves have no place."""
    (file,) = folder(release).glob("TestACallbackIsRetried-*.jsonl")
    calls = [line for line in file.read_text().splitlines() if '"op":{"op":"machine_' in line]
    assert 9 <= len(calls)
    assert [] == [line for line in calls if not re.search(r'"at":\{"file":"callbacks_test\.go","line":\d+[,}]', line)]


def test_nothing_is_remarked_about_the_real_machines(release: str) -> None:
    lines = [line for file in of_real_machines(release) for line in file.read_text().splitlines()]
    assert [] == [line for line in lines if ',"machine":{"rule"' in line]


REMARKED = {
    "TestARemarkIsMadeOnce": 1,
    "TestMistakesOfMachinesAreRemarked": 10,
    "TestWhatATestShowsOfDataIsInTheRecordingOnce": 1,
    "TestEachCallIsALine": 4,
    "TestTasksAreRecordedAsTheFunctionReturnsThem": 10,
}
"""The tests of hsmtrace whose machines are wrong, as adapters/temporal/README.md explains, and how often."""


def test_all_remarks_about_the_machines_of_hsmtraces_own_tests_are_explained() -> None:
    needed(MAIN)
    remarks = judged(of_hsmtrace(MAIN))[0].remarks
    assert REMARKED == Counter(re.split(r"[-.]", Path(remark.file).name)[0] for remark in remarks)
    readme = (ROOT / "adapters" / "temporal" / "README.md").read_text()
    assert [] == [test for test in REMARKED if f"`{test}`" not in readme]


def test_a_callback_is_scheduled_fails_is_retried_and_succeeds(release: str) -> None:
    (file,) = folder(release).glob("TestACallbackIsRetried-*.jsonl")
    states = re.findall(r'"destination":"(\w+)"', file.read_text())
    assert ["Scheduled", *["BackingOff", "Scheduled"] * 3, "Succeeded"] == states


def test_executions_are_judged(release: str) -> None:
    (file,) = folder(release).glob("TestTheTasksOfACallbackAreExecuted-*.jsonl")
    executions = [line for line in file.read_text().splitlines() if '"op":{"op":"execute"' in line]
    assert 3 == len(executions)
    assert 2 == sum('"inner":[{"ok":[' in line for line in executions)
    assert [] == forbidden(file, release)


@pytest.mark.parametrize("requirement", WRONG)
def test_a_package_that_does_wrong_is_found_out_by_the_requirement_that_it_breaks(
    requirement: str, release: str
) -> None:
    (file,) = (folder(release) / "wrong").glob(f"TestWrong-{requirement}-[0-9]*.jsonl")
    assert [requirement] == forbidden(file, release)


def test_data_that_is_changed_outside_of_a_transition_is_no_fault_of_the_package(release: str) -> None:
    (file,) = (folder(release) / "wrong").glob("TestWrong-changed-outside-[0-9]*.jsonl")
    result, _ = judged([file], release)
    assert EXIT_ALLOWED == result.exit_code
    assert ["changed-outside"] == [rule.rule for rule in result.machine]
    assert "wrong_test.go" == result.remarks[0].at.file


DAMAGES = {
    "MT-COMMIT-2": ("TestACallbackIsRetried", '"op":"transition_count","node":1},"saw":{"ok":3}', '"ok":3', '"ok":4'),
    "OUT-LIST-1": ("TestACallbackIsRetried", '"op":"outputs"', r'"saw":{"ok":\[.*\]}', '"saw":{"ok":[]}'),
    "DIRTY-TREE-1": ("TestACallbackIsRetried", '"op":"dirty"', '"ok":true', '"ok":false'),
    "MT-COMMIT-1": ("TestACallbackIsRetried", '"op":"machine_data"', r'"ok":\["Succeeded"', '"ok":["Failed"'),
    "MT-FAIL-1": ("TestATransitionWhoseFunctionFails", '"error":"user_1"', '{"error":"user_1"', '{"ok":null'),
    "TRANS-APPLY-2": ("TestACallbackWithoutATree", '"error":"invalid', '"saw":{.*}', '"saw":{"ok":[]}}'),
    "COLL-ADD-2": ("TestACollectionOfCallbacks", '"error":"state_machine_already', '"saw":{.*}', '"saw":{"ok":null}}'),
    "EXEC-RUN-1": ("TestTheTasksOfACallback", '"op":"execute"', ',"inner":.*', "}}"),
    "EXEC-RUN-2": ("TestTheTasksOfACallback", '"error":"not_registered"', '"error":"not_registered"', '"ok":null'),
    "EXEC-ARGS-1": ("TestTheTasksOfACallback", '"op":"execute"', '"count":1', '"count":2'),
    "REG-EXEC-2": ("TestTheTasksOfACallback", '"error":"duplicate', '"saw":{.*}', '"saw":{"ok":null}}'),
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
