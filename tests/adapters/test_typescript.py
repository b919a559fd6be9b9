"""The implementation in TypeScript: its test that reads the vectors and the suite come to the same verdicts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.vectors import write

from .judged import verdicts_by_the_suite

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "adapters" / "typescript"
BUILT = REPOSITORY / "build" / "typescript"
ADAPTER = BUILT / "hsm-async"

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(not ADAPTER.exists(), reason="make build/typescript/hsm-async has not been run"),
    pytest.mark.xdist_group("typescript"),
]


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def verdicts_by_vectors(**environment: str) -> dict[str, str]:
    """Return the verdict on each requirement that the test that reads the vectors prints."""
    tested = run("node", str(BUILT / "tests" / "vectors.test.js"), cwd=PACKAGE, **environment)
    assert 0 == tested.returncode, tested.stdout + tested.stderr
    return dict(re.findall(r"^([A-Z]+-[A-Z]+-\d+): ([a-z ]+)$", tested.stdout, re.MULTILINE))


@pytest.fixture(scope="module")
def verdicts() -> dict[str, str]:
    return verdicts_by_vectors()


def test_the_vectors_and_the_suite_come_to_the_same_verdict_on_every_requirement(
    verdicts: dict[str, str], tmp_path: Path
) -> None:
    assert verdicts_by_the_suite(ADAPTER, tmp_path) == verdicts


def test_everything_that_can_be_tried_is_offered(verdicts: dict[str, str]) -> None:
    expected = {entry.id for entry in load_catalogue().values() if entry.judged}
    assert expected == verdicts.keys()
    offered = [name for name in verdicts if "transactions" not in load_catalogue()[name].capabilities]
    assert {"conforms", "agrees"} == {verdicts[name] for name in offered}
    assert {"not offered"} == {verdict for name, verdict in verdicts.items() if name not in offered}


def test_vectors_of_a_scope_are_answered_too(verdicts: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, cases=1, scope=str(REPOSITORY / "tests" / "specs" / "tiny.toml"))
    assert verdicts == verdicts_by_vectors(HSMSPEC_VECTORS=str(tmp_path))


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((PACKAGE / "package-lock.json").read_bytes())["packages"]
    assert len(packages) > 1
    assert [] == [name for name, package in packages.items() if "resolved" in package]
