"""Vectors: the committed ones are the model's, the same seed gives the same bytes, and staleness is noticed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import UNSET
from msgspec.structs import replace

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.errors import InputError
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import AddChild, NewRoot
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.deviations import deviations_in
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.vectors import CASES, MANIFEST, SCHEMA, SEED, Manifest, Vector, check, write
from hsm_specs.vectors.making import made

REPOSITORY = Path(__file__).parents[3]
COMMITTED = REPOSITORY / "specs" / "vectors"
KNOWN = [deviations_in(path) for path in sorted((REPOSITORY / "adapters" / "temporal").rglob("v*/deviations.toml"))]
MOST_BYTES = 3_000_000


def _files() -> list[Path]:
    return sorted(COMMITTED.glob("*.jsonl"))


@pytest.fixture(scope="module")
def vectors() -> list[Vector]:
    decoder = msgspec.json.Decoder(Vector)
    return [decoder.decode(line) for path in _files() for line in path.read_bytes().splitlines()]


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return msgspec.json.decode((COMMITTED / MANIFEST).read_bytes(), type=Manifest)


def test_the_committed_vectors_are_the_models() -> None:
    _, staleness = check(COMMITTED, KNOWN)
    assert not staleness, f"{staleness}; `make vectors` writes them again"


def test_the_committed_vectors_are_small(manifest: Manifest) -> None:
    assert sum(path.stat().st_size for path in COMMITTED.rglob("*.json*")) <= MOST_BYTES
    assert (SEED, CASES) == (manifest.seed, manifest.cases)


def test_every_requirement_that_runs_judge_has_vectors(manifest: Manifest) -> None:
    judged = [entry for entry in load_catalogue().values() if entry.judged]
    assert [entry.id for entry in judged] == list(manifest.requirements)
    assert [entry.classification for entry in judged] == [e.classification for e in manifest.requirements.values()]


def test_vectors_stand_by_themselves(vectors: list[Vector]) -> None:
    for vector in vectors:
        assert len(vector.program) == len(vector.observations)
        assert vector.evidence
        assert max(vector.evidence) < len(vector.program)
        assert capabilities_of(vector.program) == set(vector.capabilities)
        assert load_catalogue()[vector.requirement].classification == vector.classification
        assert first_difference(vector.program, predict(vector.program), vector.observations) is None


def test_the_figures_of_the_manifest_are_those_of_the_files(vectors: list[Vector], manifest: Manifest) -> None:
    assert len(vectors) == manifest.programs == sum(entry.programs for entry in manifest.requirements.values())
    assert manifest.operations == sum(len(vector.program) for vector in vectors)
    for capability, count in manifest.capabilities.items():
        assert count == sum(capability in vector.capabilities for vector in vectors)


def test_files_keep_to_the_schema() -> None:
    schema = json.loads((COMMITTED / SCHEMA).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    documents = [json.loads((COMMITTED / MANIFEST).read_text(encoding="utf-8"))]
    documents += [json.loads(path.read_bytes().splitlines()[0]) for path in _files()]
    for document in documents:
        validator.validate(document)
    assert not validator.is_valid({**documents[1], "evidence": "all"})
    assert not validator.is_valid({**documents[0], "format": 2})


def test_the_hashes_of_strings_do_not_matter(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-m", "hsm_specs.cli", "vectors", "--output", seed, "--cases", "2"],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            cwd=tmp_path,
            capture_output=True,
            check=True,
        )
    first, second = ({path.name: path.read_bytes() for path in (tmp_path / seed).iterdir()} for seed in ("1", "2"))
    assert first == second


@settings(max_examples=10)
@given(st.integers(0, 2**63 - 1))
def test_any_seed_makes_vectors_of_every_property(seed: int) -> None:
    files = made(seed, 1)
    assert {f"{requirement}.jsonl" for requirement in PROPERTIES} == files.keys() - {MANIFEST, SCHEMA}


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b'{"format":2}', b"\xff"])
def test_a_manifest_that_is_none_makes_a_folder_stale(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, cases=1)
    (tmp_path / MANIFEST).write_bytes(content)
    _, staleness = check(tmp_path)
    assert MANIFEST in staleness.different


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is no folder\. `hsmspec vectors --output"):
        check(tmp_path / "none")


def _swallowed(observation: Observation) -> Observation:
    """The observation in which no operation inside of a function fails."""
    if not observation.inner:
        return observation
    inner = tuple(
        replace(_swallowed(inside), ok=None, error=UNSET) if inside.error is not UNSET else _swallowed(inside)
        for inside in observation.inner
    )
    return replace(observation, inner=inner)


def test_a_nested_error_that_is_swallowed_is_found(vectors: list[Vector]) -> None:
    found = {
        vector.requirement
        for vector in vectors
        if first_difference(vector.program, vector.observations, tuple(map(_swallowed, vector.observations)))
    }
    assert "MT-ROLLBACK-8" in found


def test_handle_0_of_a_node_is_bound(vectors: list[Vector]) -> None:
    assert any(isinstance(op, NewRoot | AddChild) and op.bind == 0 for vector in vectors for op in vector.program)


def test_everybody_says_in_the_same_words_what_is_compared() -> None:
    sentence = "Everything that is stated is compared"
    sources = ("PROTOCOL.md", "docs/vectors.md", "specs/vectors/schema.json")
    assert [name for name in sources if sentence not in (REPOSITORY / name).read_text()] == []
