"""The result as JUnit XML and for GitHub."""

from __future__ import annotations

from pathlib import Path

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from msgspec.structs import replace

from hsm_specs.catalogue.requirements import select
from hsm_specs.errors import InputError, Trouble
from hsm_specs.language.messages import Greeting
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviation, Deviations
from hsm_specs.report.github import SUMMARY_VARIABLE, GitHubReporter
from hsm_specs.report.junit import JUnitReporter
from hsm_specs.results.events import FindingMade, Greeted, RequirementJudged, RunEnded, RunStarted
from hsm_specs.results.verdicts import Judgement, Verdict

KNOWN = Deviations(deviation=(Deviation("DIRTY-TREE-3", "It dirties.", "It has to be written.", amendment="x"),))
ENDED = RunEnded(1, 200, 5000, 2.5, ("1 documented requirement is violated: MT-ROLLBACK-5.",))
TROUBLE = Trouble("timed-out", "The adapter `./adapter` gave no answer.", ("::error::last words",))
PARTIAL = RunEnded(1, 200, 5000, 2.5, (), "the adapter failed", TROUBLE)


def judged(name, verdict, **more):
    (requirement,) = select(name)
    documented = requirement.classification == "documented"
    judgement = Judgement(name, requirement.area, requirement.statement, documented, verdict, 40, **more)
    return RequirementJudged(judgement)


@pytest.fixture
def events(finding):
    return [
        RunStarted(("./adapter",), 7, "quick", 2, 3),
        Greeted(Greeting(1, "an-implementation", "v1", "go")),
        FindingMade(finding, "findings/x.json"),
        judged("NODE-ADD-1", Verdict.CONFORMS),
        judged("NODE-ADD-6", Verdict.DIFFERS),
        judged("MT-ROLLBACK-5", Verdict.DEVIATES, findings=(finding.id,)),
        judged("MT-ROLLBACK-6", Verdict.NOT_EXERCISED, note="there is no property for it"),
        judged("DIRTY-TREE-3", Verdict.KNOWN),
        judged("TRANS-APPLY-1", Verdict.NOT_OFFERED, note="needs transitions"),
    ]


def junit(path: Path, events, deviations=NONE_KNOWN):
    consume = JUnitReporter(path, deviations)
    for event in events:
        consume(event)
    (suite,) = JUnitXml.fromfile(str(path))
    return suite


def github(events, **environment):
    lines = []
    consume = GitHubReporter(lines.append, environment)
    for event in events:
        consume(event)
    return lines


def outcomes(suite):
    return {case.name: next(iter(case.result), None) for case in suite}


def test_a_case_for_each_requirement_in_the_class_of_its_area(events, tmp_path):
    suite = junit(tmp_path / "deep" / "result.xml", [*events, ENDED], KNOWN)
    assert {case.name: case.classname for case in suite} == {
        "NODE-ADD-1": "node",
        "NODE-ADD-6": "node",
        "MT-ROLLBACK-5": "rollback",
        "MT-ROLLBACK-6": "rollback",
        "DIRTY-TREE-3": "dirty",
        "TRANS-APPLY-1": "transition",
    }
    assert (suite.tests, suite.failures, suite.errors, suite.skipped, suite.time) == (6, 1, 1, 3, 2.5)
    assert {"implementation": "an-implementation", "seed": "7"}.items() <= {
        (entry.name, entry.value) for entry in suite.properties()
    }
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["result.xml"]


def test_what_stands_in_the_cases(events, tmp_path):
    found = outcomes(junit(tmp_path / "result.xml", [*events, ENDED], KNOWN))
    assert found["NODE-ADD-1"] is None
    assert isinstance(found["MT-ROLLBACK-5"], Failure)
    assert "expected: ErrStateMachineNotFound" in found["MT-ROLLBACK-5"].text
    assert "hsmspec replay findings/x.json" in found["MT-ROLLBACK-5"].text
    assert isinstance(found["MT-ROLLBACK-6"], Error)
    assert found["MT-ROLLBACK-6"].message == "not exercised (there is no property for it)"
    assert isinstance(found["DIRTY-TREE-3"], Skipped)
    assert found["DIRTY-TREE-3"].message == "known deviation: It dirties. It has to be written."
    assert found["TRANS-APPLY-1"].message == "not offered (needs transitions)"
    assert isinstance(found["NODE-ADD-6"], Skipped)


def test_a_known_deviation_of_what_is_not_offered_is_no_skipped_case(events, tmp_path):
    entry = Deviations(deviation=(Deviation("TRANS-APPLY-1", "-", "-", amendment="x"),))
    found = outcomes(junit(tmp_path / "result.xml", [*events, ENDED], entry))
    assert isinstance(found["TRANS-APPLY-1"], Failure)


def test_a_partial_run_is_marked_as_partial(events, tmp_path):
    suite = junit(tmp_path / "result.xml", [*events, PARTIAL])
    assert ("partial", "the adapter failed") in {(entry.name, entry.value) for entry in suite.properties()}
    found = outcomes(suite)
    assert found["run"].message == "the run is partial: the adapter failed"
    assert "last words" in found["run"].text
    assert found["MT-ROLLBACK-6"].message == "not exercised, since the run is partial"


def test_a_problem_of_no_requirement_has_a_case_of_its_own(events, tmp_path):
    suite = junit(tmp_path / "result.xml", [*events[:4], RunEnded(1, 1, 1, 1.0, ("3 more failing programs.",))])
    assert outcomes(suite)["run"].message == "3 more failing programs."


def test_a_run_that_could_not_start_is_an_error(tmp_path):
    trouble = Trouble("cannot-start", "It is not there.")
    suite = junit(tmp_path / "result.xml", [RunEnded(2, 0, 0, 0.1, (), "the adapter failed", trouble)])
    assert [case.is_error for case in suite] == [True]


def test_what_xml_cannot_hold_is_replaced(events, finding, tmp_path):
    events[5] = judged("MT-ROLLBACK-5", Verdict.DEVIATES, note="a \x00 \x1b[31m \ud800 \ufffe <b> ]]>")
    message = outcomes(junit(tmp_path / "result.xml", [*events, ENDED]))["MT-ROLLBACK-5"].message
    assert message.endswith("(a \ufffd \ufffd[31m \ufffd \ufffd <b> ]]>)")


def test_annotations(events):
    lines = github([*events, ENDED])
    assert lines[0].startswith("::stop-commands::hsmspec-")
    assert f"::{lines[0].removeprefix('::stop-commands::')}::" == lines[1]
    (found,) = [line for line in lines if "title=MT-ROLLBACK-5::" in line]
    assert found.startswith("::error title=MT-ROLLBACK-5::MT-ROLLBACK-5  Children")
    assert "%0A        expected: ErrStateMachineNotFound%0A" in found
    assert any(line.startswith("::error title=MT-ROLLBACK-6::not exercised") for line in lines)
    assert not any("\n" in line or "NODE-ADD-1" in line for line in lines)


def test_what_differs_where_the_documentation_is_silent_is_no_error(events, finding):
    events[2] = FindingMade(replace(finding, documented=False))
    assert any(line.startswith("::notice title=MT-ROLLBACK-5::") for line in github([*events, ENDED]))


def test_an_adapter_cannot_give_commands(events):
    lines = github([*events, PARTIAL])
    assert all(line.startswith(("::error ", "::stop-commands::", "::hsmspec-")) for line in lines)
    assert lines[-1].startswith("::error title=hsmspec::The run is partial: the adapter failed.%0AThe adapter")


def test_the_summary_is_appended(events, finding, tmp_path):
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    fenced = replace(finding, observed=(*finding.observed[:6], Observation(panic="```")))
    github([*events[:2], FindingMade(fenced), *events[3:], ENDED], **{SUMMARY_VARIABLE: str(path)})
    text = path.read_text()
    assert text.startswith("before\n## hsmspec: an-implementation v1 does not conform\n")
    assert "| MT-ROLLBACK-5 | deviates | Children that the function added" in text
    assert "| MT-ROLLBACK-6 | not exercised (there is no property for it) |" in text
    assert "NODE-ADD-1" not in text
    assert "\n````text\n" in text
    assert text.endswith("\n````\n\n</details>\n")


def test_a_partial_summary_says_so(events, tmp_path):
    github([*events, PARTIAL], **{SUMMARY_VARIABLE: str(tmp_path / "summary.md")})
    text = (tmp_path / "summary.md").read_text()
    assert "**The run is partial**: the adapter failed." in text
    assert "- The adapter \\`./adapter\\` gave no answer." in text


def test_a_summary_that_cannot_be_written_is_said(events, tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        github([*events, ENDED], **{SUMMARY_VARIABLE: str(tmp_path)})
