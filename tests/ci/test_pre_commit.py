"""The hooks of pre-commit: their entries are run as pre-commit runs them."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import REPOSITORY, Ended, Job

HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8"))
}
KNOWN = sorted((REPOSITORY / "adapters" / "temporal").rglob("v*/deviations.toml"))


def hook(job: Job, name: str, *more: str) -> Ended:
    """Run a hook in an environment that has hsmspec, with more arguments than its own."""
    assert HOOKS[name]["pass_filenames"] is False
    assert 0 == job.run(f"python -m venv {shlex.quote(str(job.temp))}").status
    command = f"{HOOKS[name]['entry']} {shlex.join([*HOOKS[name]['args'], *more])}"
    return job.run(command, PATH=f"{job.temp / 'bin'}:{job.environment['PATH']}")


@pytest.fixture
def known(job: Job) -> list[str]:
    """Return the committed files in the job's folder, and the arguments with which its vectors were written."""
    for folder in ("specs/vectors", "diagrams/gallery"):
        shutil.copytree(REPOSITORY / folder, job.work / folder)
    return [word for path in KNOWN for word in ("--deviations", str(path))]


def test_vectors_that_are_the_models_pass(job: Job, known: list[str]) -> None:
    assert 0 == hook(job, "hsmspec-vectors", *known).status


def test_stale_vectors_fail_and_the_command_that_mends_them_does(job: Job, known: list[str]) -> None:
    (job.work / "specs" / "vectors" / "NODE-ADD-1.jsonl").write_text("")
    ended = hook(job, "hsmspec-vectors", *known)
    assert 1 == ended.status
    remedy = ended.out.split("`")[1]
    assert remedy.startswith("hsmspec vectors --output specs/vectors")
    assert 0 == job.run(remedy, PATH=f"{job.temp / 'bin'}:{job.environment['PATH']}").status
    assert 0 == hook(job, "hsmspec-vectors", *known).status


def test_stale_pictures_fail_with_the_command_that_fixes_them_and_no_others_do(job: Job, known: list[str]) -> None:
    assert known
    gallery: Path = job.work / "diagrams" / "gallery"
    (gallery / "node-life-dark.dot").write_text("digraph {}")
    (gallery / "gone-dark.dot").write_text("digraph {}")
    ended = hook(job, "hsmspec-gallery")
    assert 1 == ended.status
    assert "diagrams/gallery is stale: gone-dark.dot, node-life-dark.dot. `make gallery` draws it again.\n" == ended.out
