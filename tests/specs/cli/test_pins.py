"""Pinned characterizations: what an implementation does where the documentation is silent, noticed when it changes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import msgspec
import pytest

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.oracle.deviations import deviations_in
from hsm_specs.report.pins import pinned
from hsm_specs.report.result import Result

ROOT = Path(__file__).parents[3]
QUICK = ("run", "--workers", "1", "--budget", "quick", "--seed", "1", "--no-replay")
CHARACTERIZATIONS = {entry.id for entry in load_catalogue().values() if entry.classification == "characterization"}
DIFFERENT = "types-are-checked-first"
"""A mutant of the bundled implementation that breaks NODE-CHILD-6 alone, on which the documentation is silent."""
KNOWN = """
implementation = "hsm-model"

# A comment that stays.
[[deviation]]
requirement = "DIRTY-TREE-3"
observed = "Adding a child makes it dirty."
reason = "It has to be written."
amendment = "add-child-dirties"
"""
FILES = sorted((ROOT / "adapters").glob("*/deviations.toml")) + sorted((ROOT / "adapters").rglob("v*/deviations.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_each_known_implementation_has_every_characterization_pinned(path: Path) -> None:
    deviations = deviations_in(path)
    assert deviations.pinned is not None
    offered = CHARACTERIZATIONS - set(deviations.pinned.requirements) - deviations.requirements
    assert all(load_catalogue()[name].capabilities for name in offered)


def test_all_releases_and_bundled_implementations_have_a_file() -> None:
    assert {"python", "rust", "typescript", "v1.25.1", "v1.27.3", "v1.30.4", "v1.32.2"} == {
        path.parent.name for path in FILES
    }


def test_pins_are_written_beside_what_is_known_and_hold(cli, amended) -> None:
    Path("known.toml").write_text(KNOWN)
    command = amended("add-child-dirties", "clear-empties-whole-log")
    pin = ("--deviations", "known.toml", "--pin", "known.toml", "--json", "result.json")
    assert 0 == cli(*QUICK, *pin, "--", *command).code
    text = Path("known.toml").read_text()
    assert text.startswith(KNOWN.partition("[[")[0])
    found = tomllib.loads(text)
    assert ["clear-empties-whole-log"] == found["readings"]
    assert "NODE-CHILD-3" in found["pinned"]["agrees"]
    assert text == pinned(text, msgspec.json.decode(Path("result.json").read_bytes(), type=Result))
    assert 0 == cli(*QUICK, "--deviations", "known.toml", "-k", "CLEAR", "--", *command).code
    other = cli(*QUICK, "--deviations", "known.toml", "-k", "CLEAR", "--", *amended("add-child-dirties"))
    assert 1 == other.code
    assert "The readings that it follows have changed: those of the specification instead of" in other.out


def test_a_difference_that_was_pinned_as_agreement_has_changed(cli, mutant_command) -> None:
    assert 0 == cli(*QUICK, "--pin", "pinned.toml", "--", *plain(mutant_command)).code
    changed = cli(*QUICK, "-k", "NODE-CHILD", "--deviations", "pinned.toml", "--json", "result.json", "--",
                  *mutant_command(DIFFERENT))  # fmt: skip
    assert 1 == changed.code
    assert "Changed where the documentation is silent, against what is pinned: NODE-CHILD-6." in changed.out
    entries = {entry["requirement"]: entry for entry in json.loads(Path("result.json").read_bytes())["requirements"]}
    assert "changed" == entries["NODE-CHILD-6"]["verdict"]


def test_agreement_that_was_pinned_as_a_difference_has_changed(cli, mutant_command) -> None:
    assert 0 == cli(*QUICK, "--pin", "pinned.toml", "--", *mutant_command(DIFFERENT)).code
    [differs] = tomllib.loads(Path("pinned.toml").read_text())["pinned"]["differs"]
    assert "NODE-CHILD-6" == differs["requirement"]
    again = cli(*QUICK, "-k", "NODE-CHILD", "--deviations", "pinned.toml", "--", *mutant_command(DIFFERENT))
    assert 0 == again.code
    assert "1 differs (known)" in again.out
    changed = cli(*QUICK, "-k", "NODE-CHILD", "--deviations", "pinned.toml", "--", *plain(mutant_command))
    assert 1 == changed.code
    assert "it agrees, and its file has pinned that it differs" in changed.out


def test_a_difference_fails_a_strict_run_without_a_file_and_no_other(cli, mutant_command) -> None:
    command = (*QUICK, "-k", "NODE-CHILD", "--", *mutant_command(DIFFERENT))
    assert 0 == cli(*command).code
    strict = cli(*command[:1], "--strict", *command[1:])
    assert 1 == strict.code
    assert "Different where the documentation is silent, which --strict forbids: NODE-CHILD-6." in strict.out


def test_nothing_is_pinned_from_a_selection(cli) -> None:
    said = cli(*QUICK, "-k", "NODE", "--pin", "pinned.toml")
    assert 2 == said.code
    assert "leave `-k` out" in said.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[pinned]\nagrees = ["NODE-CHILD-33"]', "there is no requirement `NODE-CHILD-33`"),
        ('[pinned]\nagrees = ["NODE-CHILD-3", "NODE-CHILD-3"]', "has an entry already"),
        ('[[pinned.differs]]\nrequirement = "NODE-CHILD-3"\nobservations = []', "has observations"),
        ('readings = ["clear-nothing"]', "there is no reading `clear-nothing`"),
    ],
)
def test_a_file_that_pins_what_there_is_not_is_refused(cli, content: str, words: str) -> None:
    Path("known.toml").write_text(content)
    said = cli(*QUICK, "--deviations", "known.toml")
    assert 2 == said.code
    assert words in said.err


def plain(mutant_command) -> tuple[str, ...]:
    """The command of the bundled implementation without a mistake."""
    return (*mutant_command("")[:3], "-m", "plain_hsm.adapter")
