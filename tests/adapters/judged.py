"""Judges a bundled implementation as a user does, with the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from hsm_specs.catalogue.requirements import load_catalogue


def verdicts_by_the_suite(adapter: Path, folder: Path) -> dict[str, str]:
    """Return the verdict of a run on each requirement that is not owed by others; the run must succeed."""
    options = ("--budget", "quick", "--seed", "1", "--json", "run.json")
    run = subprocess.run(
        [sys.executable, "-m", "hsm_specs.cli", "run", *options, "--", str(adapter)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == run.returncode, run.stdout + run.stderr
    result = json.loads((folder / "run.json").read_bytes())
    found = {entry["requirement"]: entry["verdict"] for entry in result["requirements"]}
    owed = {requirement for requirement, verdict in found.items() if verdict == "owed by others"}
    assert owed == {entry.id for entry in load_catalogue().values() if entry.classification == "obligation"}
    return {requirement: found[requirement] for requirement in found.keys() - owed}
