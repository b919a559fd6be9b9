"""The documents for people: what they name exists, and what they show runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.cli.commands import COMMANDS
from hsm_specs.results.verdicts import Verdict

REPOSITORY = Path(__file__).parents[2]
DOCUMENTS = (
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "PROTOCOL.md", "TRACES.md"),
    *sorted(str(path.relative_to(REPOSITORY)) for path in REPOSITORY.glob("docs/*.md")),
)
EVERY = pytest.mark.parametrize("name", DOCUMENTS)
FOLDERS = ("model", "specs", "adapters", "tests", "diagrams", "scripts", ".ci")


def text(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


@EVERY
def test_links_lead_to_files(name: str) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text(name))
    assert [] == [target for target in targets if not (REPOSITORY / name).parent.joinpath(target).exists()]


@EVERY
def test_paths_lead_to_files(name: str) -> None:
    """Code that begins with a folder of the repository. What stands in angle brackets may be anything."""
    named = re.findall(rf"`((?:{'|'.join(map(re.escape, FOLDERS))})/[^`\s]*)`", text(name))
    found = [list(REPOSITORY.glob(re.sub(r"<[^>]+>", "*", path).rstrip("/"))) for path in named]
    missing = [path for path, files in zip(named, found, strict=True) if not files]
    assert [] == [path for path in missing if not path.startswith("adapters/temporal/<version>/")]


@EVERY
def test_targets_of_make_exist(name: str) -> None:
    named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", text(name), re.MULTILINE)) - {"build"}
    targets = {name for names in re.findall(r"^([a-z -]+):", text("Makefile"), re.MULTILINE) for name in names.split()}
    assert set() == named - targets


@EVERY
def test_commands_of_hsmspec_exist(name: str) -> None:
    named = set(re.findall(r"(?:`|\$ )hsmspec ([a-z]+)", text(name)))
    assert set() == named - COMMANDS.keys()


@EVERY
def test_requirements_exist(name: str) -> None:
    named = set(re.findall(r"\b[A-Z]+-[A-Z]+-[0-9]+\b", text(name)))
    assert set() == named - load_catalogue().keys()


def test_the_documents_explain_every_verdict() -> None:
    explained = " ".join(re.findall(r"^\| ([^|]+) \|", text("docs/conformance.md"), re.MULTILINE)).lower()
    shown = {verdict.value for verdict in Verdict} - {Verdict.OUTDATED, Verdict.DIFFERS_KNOWN}
    assert set() == {value for value in shown if value not in explained}


def test_the_adapter_of_the_documents_runs(tmp_path: Path) -> None:
    [source] = re.findall(r"^```python\n(.*?)^```", text("docs/adapters.md"), re.MULTILINE | re.DOTALL)
    (tmp_path / "my_adapter.py").write_text(source, encoding="utf-8")
    (tmp_path / "my_hsm.py").write_text("class Registry:\n    pass\n", encoding="utf-8")
    requests = [
        {"seq": 0, "hello": {"protocol": 1}},
        {"seq": 1, "programs": [[{"op": "new_registry"}, {"op": "machine", "type": 1}], []]},
    ]
    done = subprocess.run(
        [sys.executable, "my_adapter.py"],
        input="".join(json.dumps(request) + "\n" for request in requests),
        capture_output=True,
        check=True,
        cwd=tmp_path,
        text=True,
        timeout=30,
    )
    greeting, answer = map(json.loads, done.stdout.splitlines())
    assert "my-hsm" == greeting["hello"]["name"]
    refusal = {"error": "other", "message": "machine is not implemented yet"}
    assert {"seq": 1, "observations": [[{"ok": None}, refusal], []]} == answer
