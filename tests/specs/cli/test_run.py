"""``hsmspec run``."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from junitparser import JUnitXml

QUICK = ("run", "--workers", "1", "--budget", "quick", "--timeout", "5")
DEVIATIONS = """
implementation = "hsm-model"

[[deviation]]
requirement = "DIRTY-TREE-3"
observed = "Adding a child makes it dirty."
reason = "It has to be written."
amendment = "add-child-dirties"
"""


def test_without_a_command_the_embedded_default_runs_and_says_so(cli):
    said = cli(*QUICK, "--seed", "3")
    assert said.code == 0
    assert said.out.startswith("no command given: running the embedded default, the reference model")
    assert "hsmspec: seed 3, budget quick" in said.out
    assert said.out.endswith("hsm-model 0.1.0 conforms.\n")
    assert said.err == ""


def test_a_wrong_implementation_is_told_its_requirement_and_how_to_see_it_again(cli, amended, tmp_path):
    said = cli(*QUICK, "-k", "DIRTY", "--json", "out/result.json", "--", *amended("add-child-dirties"))
    assert said.code == 1
    assert "DEVIATES" in said.out
    assert "1 documented requirement is violated: DIRTY-TREE-3." in said.out
    (saved,) = (tmp_path / ".hsmspec" / "findings").iterdir()
    assert f"hsmspec replay .hsmspec/findings/{saved.name}" in said.out
    assert json.loads((tmp_path / "out" / "result.json").read_bytes())["exit_code"] == 1


def test_a_run_is_written_for_those_who_show_tests_and_for_workflows(cli, amended, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    said = cli(*QUICK, "-k", "DIRTY", "--junit", "out/result.xml", "--github", "--", *amended("add-child-dirties"))
    assert said.code == 1
    (suite,) = JUnitXml.fromfile("out/result.xml")
    assert {case.name for case in suite if case.is_failure} == {"DIRTY-TREE-3"}
    assert "::error title=DIRTY-TREE-3::DIRTY-TREE-3  Adding a child" in said.out
    assert "does not conform" in (tmp_path / "summary.md").read_text()


def test_known_deviations_are_no_failure(cli, amended, tmp_path):
    (tmp_path / "known.toml").write_text(DEVIATIONS)
    said = cli(*QUICK, "-k", "DIRTY", "--deviations", "known.toml", "--", *amended("add-child-dirties"))
    assert said.code == 0
    assert "deviates (known)" in said.out
    assert said.out.endswith("conforms; its 1 known deviations show as stated.\n")


def test_a_seed_is_printed_and_makes_the_same_run(cli, amended):
    command = ("--", *amended("failed-apply-keeps-destination"))
    first = cli(*QUICK, "-k", "transition", "--json", "1.json", *command)
    seed = first.out.split("seed ")[1].split(",")[0]
    cli(*QUICK, "-k", "transition", "--seed", seed, "--json", "2.json", *command)
    results = [{**json.loads(Path(name).read_bytes()), "seconds": 0, "replayed": []} for name in ("1.json", "2.json")]
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-k", "NODE-AD-2"), "There is no requirement"),
        (("-k", "NODE-AD-2"), "NODE-ADD-2"),
        (("-k", "TYPE-ID-1"), "obligation, so there is nothing to run"),
        (("-k", "OUT-ORDER-1"), "unspecified, so there is nothing to run"),
        (("--budget", "some"), "`some` is no budget"),
        (("--budget", "-3"), "is no budget"),
        (("--deviations", "missing.toml"), "does not exist"),
        (("--workers", "0"), "0 is not in the range"),
        (("--seed", "x"), "not a valid integer"),
        (("--timeout", "0"), "not in the range"),
        (("--frobnicate",), "No such option"),
    ],
)
def test_what_cannot_be_understood_is_said_in_a_sentence(cli, arguments, words):
    said = cli("run", *arguments, "--", "true")
    assert said.code == 2
    assert words.lower() in said.err.lower().replace("matches no requirement", "there is no requirement")
    assert "Traceback" not in said.err


def test_an_adapter_that_fails_is_told_with_its_last_words(cli, hostile):
    said = cli(*QUICK, "--", *hostile("ends", "greeted", "3"))
    assert said.code == 2
    assert "exited with status 3" in said.out
    assert "stderr: the last words" in said.out
    assert "Traceback" not in said.out + said.err


def test_an_adapter_that_is_no_adapter(cli):
    said = cli(*QUICK, "--", "true")
    assert said.code == 2
    assert "The adapter `true` exited with status 0 in the handshake." in said.out


def test_a_result_file_that_cannot_be_written(cli, amended, tmp_path):
    (tmp_path / "file").touch()
    said = cli(*QUICK, "-k", "NODE-KEY", "--json", "file/result.json", "--", *amended())
    assert said.code == 2
    assert "cannot be written" in said.err


@pytest.mark.parametrize(("color", "coloured"), [("always", True), ("never", False), ("auto", False)])
def test_colours(cli, amended, color, coloured):
    said = cli(*QUICK, "-k", "NODE-KEY", "--color", color, "--", *amended())
    assert said.code == 0
    assert ("\x1b[" in said.out) is coloured


def test_findings_are_compared_with_a_reference(cli, amended):
    reference = shlex.join(amended("add-child-dirties"))
    said = cli(*QUICK, "-k", "DIRTY-TREE-3", "--against", reference, "--", *amended("add-child-dirties"))
    assert said.code == 1
    assert "1 finding: implementation and reference agree" in said.out


@pytest.mark.parametrize("command", ["", "'"])
def test_a_reference_that_is_no_command(cli, amended, command):
    said = cli(*QUICK, "-k", "NODE-KEY", "--against", command, "--", *amended())
    assert said.code == 2
    assert "command" in said.err


def test_saved_findings_are_run_again_unless_they_are_not_wanted(cli, amended):
    arguments = (*QUICK, "-k", "DIRTY-TREE-3")
    assert "saved findings" not in cli(*arguments, "--", *amended("add-child-dirties")).out
    again = cli(*arguments, "--", *amended())
    assert again.code == 0
    assert ": fixed; its file can be deleted: .hsmspec/findings/DIRTY-TREE-3-" in again.out
    assert "saved findings" not in cli(*arguments, "--no-replay", "--", *amended()).out


def test_a_failing_run_fits_in_sixty_lines_and_ends_with_what_to_run_next(cli, amended):
    names = ("add-child-dirties", "failed-transition-keeps-nested-effects", "failed-apply-keeps-destination")
    said = cli("run", "--budget", "quick", "--seed", "1", "--", *amended(*names))
    assert said.code == 1
    lines = said.out.splitlines()
    assert len(lines) <= 60
    assert any(line.startswith("Dirty ") and "1 DEVIATES" in line for line in lines)
    assert "  hsmspec replay .hsmspec/findings/" in said.out
    assert re.fullmatch(r"  \S+ +hsmspec replay \S+|  and \d+ more; -v lists every requirement", lines[-1])
    primary = next(line.split()[2] for line in lines if line.startswith("Look at "))
    [first, *_] = [line for line in lines if re.match(r"  \S+ +hsmspec replay", line)][-6:]
    assert primary in first


def test_every_requirement_is_listed_if_that_is_wanted(cli):
    quick = ("run", "-k", "NODE-ADD", "--budget", "quick")
    assert "  NODE-ADD-1       conforms" in cli(*quick, "-v").out
    assert "  NODE-ADD-1       conforms" not in cli(*quick).out


def test_a_quiet_run_prints_its_result_alone(cli, amended):
    said = cli("run", "-k", "DIRTY-TREE-3,NODE-ADD-1", "--budget", "quick", "-q", "--", *amended("add-child-dirties"))
    amount, *lines = said.out.splitlines()
    assert amount.endswith("/s)")
    assert ["hsm-model 0.1.0 does not conform.", "1 documented requirement is violated: DIRTY-TREE-3."] == lines[:2]
    assert len(lines) == 3


def test_verbose_and_quiet_exclude_each_other(cli):
    assert cli("run", "-v", "-q").code == 2
