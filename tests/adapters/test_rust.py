"""The implementation in Rust: its test that reads the vectors and the suite come to the same verdicts."""

from __future__ import annotations

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
CRATE = REPOSITORY / "adapters" / "rust"
TARGET = REPOSITORY / "build" / "rust"
ADAPTER = TARGET / "release" / "hsm-memory"

pytestmark = [
    pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed"),
    pytest.mark.xdist_group("rust"),
]


def cargo(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["cargo", *arguments],  # noqa: S607 (whichever there is)
        cwd=CRATE,
        env={**os.environ, "CARGO_TARGET_DIR": str(TARGET), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def verdicts_by_vectors(**environment: str) -> dict[str, str]:
    """Return the result that the test of the vectors gives for each requirement."""
    tested = cargo("test", "--quiet", "--locked", "--release", "--test", "vectors", "--", "--nocapture", **environment)
    assert 0 == tested.returncode, tested.stdout + tested.stderr
    return dict(re.findall(r"^([A-Z]+-[A-Z]+-\d+): ([a-z ]+)$", tested.stdout, re.MULTILINE))


@pytest.fixture(scope="module")
def verdicts() -> dict[str, str]:
    return verdicts_by_vectors()


def test_the_vectors_and_the_suite_come_to_the_same_verdict_on_every_requirement(
    verdicts: dict[str, str], tmp_path: Path
) -> None:
    assert verdicts_by_the_suite(ADAPTER, tmp_path) == verdicts


def test_what_is_not_offered_needs_the_wire_form_or_transactions(verdicts: dict[str, str]) -> None:
    not_offered = {requirement for requirement, verdict in verdicts.items() if verdict == "not offered"}
    beyond = {entry.id for entry in load_catalogue().values() if {"wire", "transactions"} & set(entry.capabilities)}
    assert not_offered
    assert not_offered == beyond


def test_vectors_of_a_scope_are_answered_too(verdicts: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, cases=1, scope=str(REPOSITORY / "tests" / "specs" / "tiny.toml"))
    assert verdicts == verdicts_by_vectors(HSMSPEC_VECTORS=str(tmp_path))
