"""The manifest of mutants: what is read, and what is refused in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hsm_specs.errors import InputError
from hsm_specs.mutants import Mutant, load_manifest

ENTRY = {"name": "no-count", "requirement": "MT-COMMIT-2", "sentence": "It does not count.", "command": ["./wrong"]}


def written(tmp_path: Path, content: Any) -> str:
    path = tmp_path / "mutants.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def refusal(tmp_path: Path, content: Any) -> str:
    with pytest.raises(InputError) as caught:
        load_manifest(written(tmp_path, content))
    return str(caught.value)


def test_mutants_are_read_in_order(tmp_path: Path) -> None:
    other = {**ENTRY, "name": "other", "deviations": "known.toml"}
    expected = (
        Mutant("no-count", "MT-COMMIT-2", "It does not count.", ("./wrong",)),
        Mutant("other", "MT-COMMIT-2", "It does not count.", ("./wrong",), "known.toml"),
    )
    assert expected == load_manifest(written(tmp_path, [ENTRY, other]))


@pytest.mark.parametrize("content", ["", "{", "{}", [{}], [{**ENTRY, "switch": 1}], [{**ENTRY, "command": "./wrong"}]])
def test_what_is_no_manifest_is_refused(tmp_path: Path, content: Any) -> None:
    assert "is no manifest of mutants" in refusal(tmp_path, content)


def test_a_manifest_without_mutants_is_refused(tmp_path: Path) -> None:
    assert "has no mutants" in refusal(tmp_path, [])


def test_two_mutants_of_one_name_are_refused(tmp_path: Path) -> None:
    assert "has the mutant no-count twice" in refusal(tmp_path, [ENTRY, ENTRY])


def test_a_mutant_without_a_command_is_refused(tmp_path: Path) -> None:
    assert "the mutant no-count has no command" in refusal(tmp_path, [{**ENTRY, "command": []}])


def test_a_requirement_that_is_none_is_refused_with_the_near_ones(tmp_path: Path) -> None:
    assert "near it: MT-COMMIT-2" in refusal(tmp_path, [{**ENTRY, "requirement": "MT-COMIT-2"}])


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_manifest(str(tmp_path / "missing.json"))
