"""``hsmspec mutants``: its output, its files and its exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hsm_specs.cli import mutants_command
from hsm_specs.language import operations as ops
from hsm_specs.mutants import Mutant, Score

from .conftest import FindingOf

ENTRY = {"name": "clears-nothing", "requirement": "CLEAR-TREE-1", "sentence": "It clears nothing.", "command": ["true"]}
Command = Callable[..., Result]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Call the command for one mutant, which gets the given score."""
    path = tmp_path / "mutants.json"
    path.write_text(json.dumps([ENTRY]), encoding="utf-8")

    def call(made: dict[str, Any], *arguments: str) -> Result:
        def scores(mutants: Sequence[Mutant], *rest: object) -> Iterator[Score]:
            yield from (Score(mutant, **made) for mutant in mutants)

        monkeypatch.setattr(mutants_command, "scores", scores)
        return CliRunner().invoke(mutants_command.command, [str(path), *arguments], standalone_mode=False)

    return call


def test_a_survivor_fails_the_command(command: Command) -> None:
    said = command({})
    assert 1 == said.return_value
    assert "survived: clears-nothing: It clears nothing." in said.output


def test_a_killed_mutant_is_enough_where_only_the_score_is_required(command: Command, finding_of: FindingOf) -> None:
    made = {"finding": finding_of("CLEAR-TREE-2", ops.Clear(0)), "red": ("CLEAR-TREE-2",)}
    assert 0 == command(made, "--require", "score").return_value
    assert 1 == command(made).return_value


def test_a_mutant_that_cannot_be_run_is_no_survivor_like_others(command: Command) -> None:
    said = command({"trouble": "The adapter could not be started."})
    assert 2 == said.return_value
    assert "The adapter could not be started." in said.output


def test_the_result_is_written(command: Command, finding_of: FindingOf, tmp_path: Path) -> None:
    made = {"finding": finding_of("CLEAR-TREE-1", ops.Clear(0)), "red": ("CLEAR-TREE-1",), "beyond": 1, "length": 4}
    command(made, "--json", str(tmp_path / "result.json"))
    result = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert (1, 1, [], 1) == tuple(result[name] for name in ("mutants", "killed", "survivors", "attributed"))
    assert "CLEAR-TREE-1" == result["scores"][0]["finding"]["requirement"]
    assert "clears-nothing" == result["scores"][0]["mutant"]["name"]


def test_it_says_what_is_missing(command: Command, finding_of: FindingOf) -> None:
    made = {"finding": finding_of("CLEAR-TREE-1", ops.Clear(0)), "red": ("CLEAR-TREE-1",)}
    assert "Without a mutant that shows them to be checked: " in command(made).output
