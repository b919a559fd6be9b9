"""The mutants of the bundled implementation: their parts, and that each is attributed to its own requirement."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.engine.budget import BUDGETS
from hsm_specs.mutants import load_manifest, score
from plain_hsm import machine, node, palette
from plain_hsm.adapter import World
from plain_mutants import MUTANTS, Mutant
from plain_mutants.__main__ import manifest, run
from plain_mutants.framework.served import SERVED

from .imports import imported

PACKAGE = Path(__file__).parents[2] / "adapters" / "python" / "plain_mutants"
MODULES = sorted(PACKAGE.glob("*.py"))
WIRE = {r.id for r in load_catalogue().values() if {"wire", "transactions"} & set(r.capabilities)}
SPECIFIED = [r for r in load_catalogue().values() if r.judged and r.id not in WIRE]
SAMPLE = (
    "definitions-are-overwritten",
    "key-is-taken-before-serialization",
    "count-goes-back-by-one",
    "clears-two-levels",
    "list-has-all-types",
    "function-runs-twice",
    "failures-are-swallowed",
    "writes-without-tasks-are-skipped",
    "tasks-refer-to-the-state-before",
    "older-counts-are-followed",
    "panics-keep-the-lock",
)
PARTS: list[type] = [
    World,
    machine.Registry,
    machine.Table,
    machine.Transition,
    node.Node,
    node.Collection,
    node.Environment,
    node.Ref,
    palette.Machine,
    palette.Definition,
    palette.Serializer,
]
HELLO = b'{"seq":0,"hello":{"protocol":1}}\n'


def every_mutant() -> Any:
    return pytest.mark.parametrize("mutant", MUTANTS.values(), ids=lambda mutant: mutant.name)


def test_there_are_at_least_300() -> None:
    assert len(MUTANTS) >= 300


@every_mutant()
def test_a_mutant_breaks_a_requirement_that_is_specified(mutant: Mutant) -> None:
    assert mutant.requirement in {requirement.id for requirement in SPECIFIED}


@every_mutant()
def test_a_mutant_is_told_in_one_sentence(mutant: Mutant) -> None:
    assert mutant.sentence[0].isupper()
    assert mutant.sentence.endswith(".")
    assert 1 == mutant.sentence.count(".")
    assert "\n" not in mutant.sentence


@every_mutant()
def test_a_mutant_differs_from_the_implementation_through_its_seam_alone(mutant: Mutant) -> None:
    own = {name for name in vars(mutant.world) if not name.startswith("__")}
    assert 1 == len(own)
    assert own < set(vars(World))
    assert (World,) == mutant.world.__bases__
    assert any(base.__module__.startswith("plain_hsm.") for base in mutant.part.__mro__)


@every_mutant()
def test_a_mutant_overrides_something(mutant: Mutant) -> None:
    bases = [base for base in mutant.part.__mro__ if base.__module__.startswith("plain_mutants.")]
    assert any(not name.startswith("__") or name in {"__init__", "__setattr__", "__getitem__", "__post_init__"}
               for base in bases for name in vars(base))  # fmt: skip


@pytest.mark.parametrize("requirement", SPECIFIED, ids=lambda requirement: requirement.id)
def test_each_requirement_has_a_mutant_whose_own_it_is(requirement: Any) -> None:
    assert [mutant.name for mutant in MUTANTS.values() if mutant.requirement == requirement.id]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_module_imports_the_standard_library_the_implementation_and_its_siblings_alone(module: Path) -> None:
    assert imported(module) <= {*sys.stdlib_module_names, "plain_hsm", "plain_mutants"}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_the_mutants_leave_the_implementation_as_it_is(part: type) -> None:
    functions = [value for value in vars(part).values() if hasattr(value, "__code__")]
    assert [] == [function for function in functions if "plain_mutants" in function.__code__.co_filename]
    assert part.__module__.startswith("plain_hsm.")


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_manifest_is_one_that_the_suite_reads(tmp_path: Path) -> None:
    path = tmp_path / "mutants.json"
    path.write_text(manifest(), encoding="utf-8")
    assert [*MUTANTS, *SERVED] == [mutant.name for mutant in load_manifest(str(path))]


def test_the_command_of_the_manifest_serves_the_mutant(tmp_path: Path) -> None:
    command = json.loads(manifest())[0]["command"]
    done = subprocess.run(command, input=HELLO, capture_output=True, check=True, cwd=tmp_path, timeout=30)
    assert "plain-hsm" == json.loads(done.stdout)["hello"]["name"]


def test_a_name_that_is_none_is_answered_with_near_ones() -> None:
    assert "count-goes-back-by-one" in str(run(["count-goes-back-by-once"]))


@pytest.mark.parametrize("arguments", [[], ["a", "b"]])
def test_other_arguments_are_answered_with_the_usage(arguments: list[str]) -> None:
    assert "usage" in str(run(arguments))


def test_a_wrong_name_ends_the_command_with_an_error() -> None:
    command = [sys.executable, "-m", "plain_mutants", "?"]
    environment = {"PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run(command, capture_output=True, check=False, env=environment, timeout=30)
    assert 1 == done.returncode


# --- the suite ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def manifest_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("mutants") / "mutants.json"
    path.write_text(manifest(), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", ["moves-after-the-function", "data-is-cached-for-good"])
def test_a_mutant_that_a_more_basic_requirement_shows_too_is_found_by_its_own(manifest_file: str, name: str) -> None:
    mutant = next(mutant for mutant in load_manifest(manifest_file) if mutant.name == name)
    assert mutant.requirement in score(mutant, BUDGETS["quick"]).red


@pytest.mark.parametrize("name", SAMPLE)
def test_a_mutant_is_found_out_and_named_by_its_own_requirement(manifest_file: str, name: str) -> None:
    mutant = next(mutant for mutant in load_manifest(manifest_file) if mutant.name == name)
    result = score(mutant, BUDGETS["quick"])
    assert result.explained, (result.named, result.red)
    assert result.beyond <= 6
