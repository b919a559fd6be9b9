"""Vectors of a scope: its tours, shared out to requirements, and how much of it they try."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from hsm_specs.errors import InputError
from hsm_specs.explore.explorer import explore
from hsm_specs.explore.scope import load_scopes
from hsm_specs.explore.tour import tour
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.vectors import MANIFEST, Vector, check, write
from hsm_specs.vectors.making import made
from hsm_specs.vectors.touring import toured

TINY = str(Path(__file__).parents[1] / "tiny.toml")
CASES = 2


@pytest.fixture(scope="module")
def vectors() -> list[Vector]:
    return [vector for own in toured(TINY, CASES).vectors.values() for vector in own]


def test_every_program_of_the_tours_is_in_the_file_of_a_requirement(vectors: list[Vector]) -> None:
    legs = {leg.program for scope in load_scopes(TINY) for leg in tour(explore(scope)).legs}
    assert legs == {vector.program for vector in vectors}
    files = made(0, CASES, TINY)
    decoder = msgspec.json.Decoder(Vector)
    lines = [line for name in files if name.endswith(".jsonl") for line in files[name].splitlines()]
    assert legs <= {decoder.decode(line).program for line in lines}


def test_the_observations_are_the_models(vectors: list[Vector]) -> None:
    for vector in vectors:
        assert first_difference(vector.program, predict(vector.program), vector.observations) is None
        assert len(vector.program) == len(vector.observations)
        assert vector.evidence == tuple(sorted(set(vector.evidence)))
        assert vector.evidence[-1] < len(vector.program)


def test_the_numbers_of_a_requirements_vectors_go_on_from_the_directed_ones() -> None:
    files = made(0, CASES, TINY)
    for name in files:
        if name.endswith(".jsonl"):
            numbers = [msgspec.json.decode(line)["case"] for line in files[name].splitlines()]
            assert sorted(set(numbers)) == numbers


def test_the_manifest_says_how_much_of_the_scope_is_tried(tmp_path: Path) -> None:
    manifest = write(tmp_path, cases=CASES, scope=TINY)
    assert manifest.scope is not None
    assert TINY == manifest.scope.name
    made_of = {scope.name: tour(explore(scope)) for scope in load_scopes(TINY)}
    assert {name: made.pairs for name, made in made_of.items()} == {
        name: part.pairs for name, part in manifest.scope.parts.items()
    }
    without = write(tmp_path / "without", cases=CASES)
    assert without.scope is None
    assert manifest.programs == without.programs + sum(part.programs for part in manifest.scope.parts.values())
    assert manifest.vocabulary["machine_transition"] > without.vocabulary["machine_transition"]


def test_a_folder_with_a_scope_is_compared_with_that_scope(tmp_path: Path) -> None:
    scope = tmp_path / "mine.toml"
    scope.write_bytes(Path(TINY).read_bytes())
    write(tmp_path / "v", cases=1, scope=str(scope))
    assert not check(tmp_path / "v")[1]
    scope.write_text(scope.read_text("utf-8").replace('"clear", ', ""), "utf-8")
    assert MANIFEST in check(tmp_path / "v")[1].different


def test_a_scope_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no scope 'quik'.*Did you mean quick"):
        write(tmp_path / "v", scope="quik")
    assert not (tmp_path / "v").exists()
