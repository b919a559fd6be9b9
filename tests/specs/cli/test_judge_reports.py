"""The result of judging as JSON, JUnit XML, for GitHub and as a page, from real traces."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from hsm_model.amendments import amend
from hsm_specs.language import operations as ops
from hsm_specs.oracle.world import predict
from hsm_specs.report import json as json_report
from hsm_specs.report.json import SCHEMAS, schema_file, traces_schema

from .known import KNOWN

SETUP = (ops.NewRegistry(), ops.RegisterMachine(1), ops.NewRoot(1, (0, 0), 0))
ADDED = (*SETUP, ops.TransitionCount(0), ops.AddChild(0, (1, "a"), (0, 0), 1), ops.KeyOf(1), ops.Dirty(1))
HEADER = b'{"hsmspec":1,"implementation":"mine","version":"v7","language":"go"}\n'
CALLBACK = "callbacks.Callback"
OPEN = [
    {"hsmspec": 1, "world": "open", "implementation": "mine", "version": "v7"},
    {"op": {"op": "new_registry"}, "saw": {"ok": None}},
    {"op": {"op": "register_machine", "type": CALLBACK}, "saw": {"ok": None}},
    {"op": {"op": "new_root", "type": CALLBACK, "data": ["Standby", "AA=="], "bind": 0}, "saw": {"ok": None}},
    {
        "op": {
            "op": "load",
            "type": CALLBACK,
            "data": ["Standby", "AA=="],
            "bind": 1,
            "children": [[CALLBACK, "a", [3, ["Scheduled", "Ag=="], []]], [CALLBACK, "b", [0, [None, "Aw=="], []]]],
        },
        "saw": {"ok": None},
    },
    {"op": {"op": "dirty", "node": 1}, "saw": {"ok": False}},
    {"op": {"op": "child", "node": 1, "path": [[CALLBACK, "a"]], "bind": 2}, "saw": {"ok": None}},
    {"op": {"op": "machine_data", "node": 2}, "saw": {"ok": ["Standby", "AA=="]}},
]


def trace(program: ops.Program = ADDED, amendments: tuple[str, ...] = (), name: str = "<a>") -> bytes:
    pairs = zip(program, predict(program, amend(names=amendments)), strict=True)
    return b"".join(msgspec.json.encode({"trace": name, "op": op, "saw": saw}) + b"\n" for op, saw in pairs)


@pytest.fixture
def written(cli):
    """Judge contents of a file, and return what was said and the files that were written."""
    Path("known.toml").write_text(KNOWN, encoding="utf-8")

    def call(content: bytes, *more: str):
        Path("trace.jsonl").write_bytes(content)
        files = ["--json", "r.json", "--junit", "r.xml", "--html", "r.html"]
        said = cli("judge", "trace.jsonl", *files, *more)
        result = json.loads(Path("r.json").read_bytes())
        jsonschema.validate(result, traces_schema())
        [suite] = JUnitXml.fromfile("r.xml")
        return said, result, suite, Path("r.html").read_text("utf-8")

    return call


def outcomes(suite):
    return {case.name: case.result[0] for case in suite if case.result}


def opened() -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in OPEN)


def test_what_is_allowed(written) -> None:
    said, result, suite, page = written(HEADER + trace())
    assert (0, [], {}) == (said.code, result["reproductions"], outcomes(suite))
    assert {"DIRTY-TREE-1", "REG-NEW-1"} <= {case.name for case in suite}
    assert "TRANS-APPLY-1" not in {case.name for case in suite}
    assert {"implementation": "mine", "version": "v7", "operations": "7"} == {
        p.name: p.value for p in suite.properties()
    }
    assert "mine v7" in page
    assert "The specification allows this." in page
    assert "There are none." in page


def test_what_is_forbidden(written) -> None:
    said, result, suite, page = written(HEADER + trace() + trace(ADDED, ("add-child-dirties",), "<b>"))
    assert 1 == said.code
    [found] = result["reproductions"]
    assert ("trace.jsonl", "<b>", 15) == (found["file"], found["trace"], found["line"])
    assert ["new_registry", "register_machine", "new_root", "add_child", "dirty"] == [
        operation["op"] for operation in found["finding"]["program"]
    ]
    [failure] = outcomes(suite).values()
    assert isinstance(failure, Failure)
    assert 'trace.jsonl, line 15, trace "<b>"' in failure.text
    assert ">   5  n1.Dirty()\n        expected: false\n        observed: true" in failure.text
    assert "<title>mine v7 does not conform</title>" in page
    assert "In 1 trace." in page
    assert "report on recorded traces" in page
    assert 1 == page.count('<details class="finding"')
    assert "Seed" not in page


def test_what_is_known(written) -> None:
    said, _, suite, page = written(trace(ADDED, ("add-child-dirties",)), "--deviations", "known.toml")
    assert 0 == said.code
    assert {"DIRTY-TREE-3": Skipped} == {name: type(outcome) for name, outcome in outcomes(suite).items()}
    assert "known.toml" in page


def test_what_is_not_understood(written) -> None:
    said, result, suite, page = written(trace(ADDED, ("add-child-dirties",)) + b"nonsense\n" + b"{}\n" * 30)
    assert (2, 31) == (said.code, result["problem_count"])
    assert {"DIRTY-TREE-3": Failure, "run": Error} == {name: type(one) for name, one in outcomes(suite).items()}
    assert "trace.jsonl, line 8: it is no JSON object (nonsense)." in outcomes(suite)["run"].text
    assert "31 problems kept lines or files from being judged" in page
    assert "... and 11 more problems." in page


def test_nothing(written) -> None:
    said, _, suite, page = written(b"")
    assert 2 == said.code
    assert {"run": Error} == {name: type(outcome) for name, outcome in outcomes(suite).items()}
    assert "has no operation." in page


def test_an_open_world_is_reproduced_in_small_numbers_that_are_explained(written) -> None:
    said, result, suite, page = written(opened())
    assert 1 == said.code
    [trace] = result["traces"]
    assert ["Scheduled", "Ag=="] == trace["departure"]["expected"]["ok"]
    [found] = result["reproductions"]
    assert [1, 2] == found["finding"]["expected"][-1]["ok"]
    assert [0, 1] == found["finding"]["observed"][-1]["ok"]
    program = msgspec.convert(found["finding"]["program"], ops.Program)
    assert [ops.NewRegistry, ops.RegisterMachine, ops.Load, ops.Child, ops.MachineData] == list(map(type, program))
    assert (1, 2) == predict(program)[-1].ok
    note = found["finding"]["note"]
    assert note.startswith('trace.jsonl, line 8. Here type 1 is "callbacks.Callback", state 0 is "Standby", state 1 is')
    assert 'value 3 is "Aw=="' in note
    [failure] = outcomes(suite).values()
    assert "callbacks.Callback" in failure.text
    assert "callbacks.Callback" in page


def test_annotations_and_a_summary_for_github(cli, monkeypatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    Path("trace.jsonl").write_bytes(HEADER + trace() + trace(ADDED, ("add-child-dirties",), "<b>"))
    said = cli("judge", "trace.jsonl", "--github")
    assert 1 == said.code
    first, *_ = lines = said.out.splitlines()
    assert first.startswith("::stop-commands::hsmspec-")
    assert f"::{first.removeprefix('::stop-commands::')}::" in lines
    [error] = [line for line in lines if line.startswith("::error file=trace.jsonl,line=15,title=DIRTY-TREE-3::")]
    assert "trace.jsonl, line 15" in error
    summary = Path("summary.md").read_text("utf-8")
    assert "## hsmspec: mine v7 does not conform" in summary
    assert "14 operations in 2 traces." in summary
    assert "| DIRTY-TREE-3 | deviates (in 1 trace) |" in summary


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_are_published(name) -> None:
    published = Path(json_report.__file__).with_name(name)
    assert published.read_text("utf-8") == schema_file(name), "renewed by `python -m hsm_specs.report`"


def test_the_schema_says_what_a_result_is() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"format": 1}, traces_schema())
