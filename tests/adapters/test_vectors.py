"""The vectors and a run give the same verdicts on a release of the real package."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from hsm_specs.oracle.deviations import deviations_in
from hsm_specs.vectors.known import KnownVectors

ROOT = Path(__file__).parents[2]
TEMPORAL = ROOT / "adapters" / "temporal"
MAIN = "v1.25.1"
RELEASES = sorted(path.parent.name for path in TEMPORAL.glob("v*/deviations.toml"))


def known(release: str) -> KnownVectors:
    """Return the known vectors that the tests of the Go adapters hold a release to."""
    path = ROOT / "specs" / "vectors" / "deviations" / f"temporal-hsm-{release}.json"
    return msgspec.json.decode(path.read_bytes(), type=KnownVectors)


def verdicts(folder: Path, *options: str) -> dict[str, str]:
    """Return the verdicts of a run of each requirement's own property on the main release."""
    adapter = ROOT / "build" / f"temporal-{MAIN}"
    if not adapter.exists():
        pytest.skip(f"the adapter is not built (make build/temporal-{MAIN}, needs Go)")
    result = folder / "result.json"
    said = subprocess.run(
        [sys.executable, "-m", "hsm_specs.cli", "run", "--budget", "quick", "--seed", "1", "-k", "*", *options,
         "--json", str(result), "--", str(adapter)],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert said.returncode in {0, 1}, said.stdout + said.stderr
    return {each["requirement"]: each["verdict"] for each in json.loads(result.read_text("utf-8"))["requirements"]}


@pytest.mark.parametrize("release", RELEASES)
def test_the_vectors_know_the_deviations_that_are_listed(release: str) -> None:
    deviations = deviations_in(TEMPORAL / release / "deviations.toml")
    assert sorted(deviations.requirements) == sorted(known(release).requirements)


def test_what_a_run_knows_to_deviate_has_to_deviate_in_the_vectors(tmp_path: Path) -> None:
    found = verdicts(tmp_path, "--deviations", str(TEMPORAL / MAIN / "deviations.toml"))
    assert set(known(MAIN).requirements) == {each for each, verdict in found.items() if "deviates" in verdict}


def test_what_may_deviate_in_the_vectors_deviates_in_a_run_that_knows_nothing(tmp_path: Path) -> None:
    """One without an entry may deviate too, by what another deviation does to its programs."""
    here = known(MAIN)
    expected = {*here.requirements, *here.deviates, *here.unknown}
    assert expected == {each for each, verdict in verdicts(tmp_path).items() if "deviates" == verdict}
