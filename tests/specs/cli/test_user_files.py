"""Files that a user can hand over: whatever is in them, no command ends in an internal error."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hsm_specs.adapter import Timeouts
from hsm_specs.adapter.serve import GREETING
from hsm_specs.engine.journal import JournalHeader, ShardDone, digest
from hsm_specs.engine.random_phase import generator
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.deviations import NONE_KNOWN
from hsm_specs.vectors import write

from ...findings import made
from ..engine.embedded import IMPLEMENTATIONS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FINDING = msgspec.to_builtins(
    made(
        "DIRTY-TREE-3",
        (ops.NewRegistry(), ops.RegisterMachine(1), ops.NewRoot(1, (0, 0), 1), ops.Dirty(1)),
        Observation(ok=True),
        (3,),
    )
)
RESULT = {
    "format": 1,
    "implementation": {"protocol": 1, "name": "a", "version": "1", "language": "go", "capabilities": []},
    "requirements": [
        {
            "requirement": "NODE-ADD-1",
            "area": "node",
            "statement": "s",
            "documented": True,
            "verdict": "conforms",
            "cases": 1,
        }
    ],
    "seed": 1,
    "budget": "quick",
    "programs": 1,
    "operations": 1,
    "scope": "quick",
    "pairs": 1,
    "tried": 1,
}
AMENDED = ("python", str(IMPLEMENTATIONS / "amended.py"))
JOURNAL = msgspec.to_builtins(
    JournalHeader(1, AMENDED, 3, 100, 0, generator(), digest(NONE_KNOWN), GREETING, timeouts=Timeouts.of(5.0))
)
LINE = msgspec.to_builtins(ShardDone(0, 4, 100, steps=(1, 2)))
FOUND = {"is": "finding", "shard": 0, "number": 0, "finding": FINDING}
MUTANTS = [{"name": "a", "requirement": "NODE-ADD-1", "sentence": "s", "command": ["false"]}]
DEVIATIONS = {
    "implementation": "a",
    "deviation": [{"requirement": "DIRTY-TREE-3", "observed": "o", "reason": "r", "amendment": "add-child-dirties"}],
}
SCOPE = {
    "title": "t",
    "part": [{"name": "p", "places": [[], [[1, "a"]]], "counts": 1, "outputs": 1, "actions": ["add", "clear"]}],
}
MACHINE = {
    "id": "m",
    "initial": "a",
    "states": {
        "a": {
            "on": {"E": [{"target": "b", "guard": "g"}, "a"]},
            "entry": [{"type": "task", "params": {"type": "t", "queue": "timer", "deadline": 5}}],
        },
        "b": {"type": "final", "description": "d"},
    },
}
DEEP = ["[" * 20_000 + "]" * 20_000, '{"a":' * 20_000 + "1" + "}" * 20_000, "x = " + "[" * 20_000 + "]" * 20_000]
EXAMPLES = int(os.environ.get("HSMSPEC_FUZZ", "40"))
SETTINGS = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def damaged(draw, value):
    """Return a JSON value with one member somewhere in it replaced, removed or added."""
    value = json.loads(json.dumps(value))
    place = value
    while isinstance(place, (dict, list)) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        if not isinstance(place[key], (dict, list)) or not place[key] or draw(st.integers(0, 3)) == 0:
            if draw(st.booleans()):
                place[key] = draw(JSON)
            else:
                del place[key]
            break
        place = place[key]
    return json.dumps(value)


def toml(value) -> str:
    """Return a value as inline TOML; what TOML does not have is written as JSON has it, and refused."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def as_toml(text: str) -> str:
    value = json.loads(text)
    return "\n".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) if isinstance(value, dict) else text


def contents(value, form=str):
    """Return contents of a file of a kind: damaged ones, and what is none of that kind."""
    return damaged(value).map(form) | JSON.map(json.dumps) | st.text(max_size=40) | st.sampled_from(DEEP)


def refused_or_not(cli, content: str, *arguments: str, name: str = "file") -> None:
    Path(name).write_bytes(content.encode("utf-8", "surrogatepass"))
    said = cli(*arguments)
    assert "internal error" not in said.err
    assert "Traceback" not in said.err
    assert said.code in (0, 1, 2)


@SETTINGS
@given(contents(FINDING))
def test_findings(cli, content):
    refused_or_not(cli, content, "replay", "file", "--", "false")
    refused_or_not(cli, content, "diagram", "finding", "file", "--format", "dot")


@SETTINGS
@given(contents(DEVIATIONS, as_toml))
def test_known_deviations(cli, content):
    Path("empty.jsonl").write_bytes(b"")
    refused_or_not(cli, content, "judge", "empty.jsonl", "--deviations", "file")


@SETTINGS
@given(contents(SCOPE, as_toml))
def test_scopes(cli, content):
    refused_or_not(cli, content, "vectors", "--check", "none", "--deviations", "file")
    refused_or_not(cli, content, "explore", "--scope", "file")


@SETTINGS
@given(contents(MACHINE))
def test_machines(cli, content):
    refused_or_not(cli, content, "diagram", "machine", "file.json", "--format", "dot", name="file.json")
    Path("empty.jsonl").write_bytes(b"")
    refused_or_not(cli, content, "judge", "empty.jsonl", "--machine", "file.json", name="file.json")


@SETTINGS
@given(contents(MUTANTS))
def test_manifests_of_mutants(cli, content):
    refused_or_not(cli, content, "mutants", "file", "--workers", "1", "--budget", "quick")


@SETTINGS
@given(contents(RESULT))
def test_results(cli, content):
    refused_or_not(cli, content, "diagram", "conformance", "file", "--format", "dot")
    refused_or_not(cli, content, "book", "--output", "book", "--results", "file")


@SETTINGS
@given(contents(JOURNAL), st.lists(contents(LINE), max_size=3), st.booleans())
def test_journals(cli, head, lines, repair):
    content = "\n".join([head, *lines, ""])
    refused_or_not(
        cli, content, "soak", "--resume", *["--repair"] * repair, "--journal", "file", "--shards", "1", "--", "false"
    )


@pytest.mark.usefixtures("in_this_process")
@settings(SETTINGS, max_examples=max(EXAMPLES // 2, 1))  # each of them may run a shard
@given(st.lists(contents(LINE) | contents(FOUND), max_size=3), st.booleans())
def test_lines_of_journals(cli, lines, repair):
    content = "\n".join([json.dumps(JOURNAL), *lines, ""])
    arguments = ["--journal", "file", "--shards", "1", "--workers", "1", "--yes"]
    refused_or_not(cli, content, "soak", "--resume", *["--repair"] * repair, *arguments)


@pytest.fixture(scope="module")
def vectors(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vectors")
    write(folder, 0, 1, [], None)
    return folder


@settings(SETTINGS, max_examples=max(EXAMPLES // 4, 1))
@given(st.data())
def test_manifests_of_vectors(cli, vectors, data):
    manifest = vectors / "manifest.json"
    before = manifest.read_text("utf-8")
    try:
        content = data.draw(contents(json.loads(before)))
        manifest.write_bytes(content.encode("utf-8", "surrogatepass"))
        refused_or_not(cli, "", "vectors", "--check", str(vectors))
    finally:
        manifest.write_text(before, "utf-8")


@settings(SETTINGS, max_examples=max(EXAMPLES // 4, 1))
@given(st.data())
def test_vectors(cli, vectors, data):
    path = vectors / "NODE-ADD-1.jsonl"
    before = path.read_text("utf-8")
    try:
        content = data.draw(contents(json.loads(before.splitlines()[0])))
        path.write_bytes(content.encode("utf-8", "surrogatepass"))
        refused_or_not(cli, "", "vectors", "--check", str(vectors))
    finally:
        path.write_text(before, "utf-8")
