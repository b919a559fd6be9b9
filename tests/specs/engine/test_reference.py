"""Runs with a reference next to the implementation."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from hsm_specs.adapter import Timeouts
from hsm_specs.catalogue.requirements import select
from hsm_specs.engine import RunOptions, run
from hsm_specs.engine.budget import Budget
from hsm_specs.engine.reference import Against
from hsm_specs.report.json import JsonReporter, result_schema
from hsm_specs.report.plain import PlainReporter
from hsm_specs.report.terminal import TerminalReporter
from hsm_specs.results.events import FindingLocated, FindingMade, ReferenceGreeted, RunEnded, Side

HOSTILE = Path(__file__).parents[1] / "adapter" / "hostile"
KEEPS, DIRTIES = "failed-apply-keeps-destination", "add-child-dirties"
SELECTION = "TRANS-APPLY-5,DIRTY-TREE-3"


@pytest.fixture
def compared(tmp_path, embed):
    """Run an implementation against a reference and return the exit code and the events."""

    def start(implementation, reference, *consumers, only=SELECTION):
        events = []
        timeouts = Timeouts.of(2.0)
        options = RunOptions(
            command=implementation,
            requirements=select(only),
            seed=1,
            budget=Budget("small", cases=4, scope="quick", shards=1, operations=100),
            timeouts=timeouts,
            selection=(only,),
            findings=tmp_path,
        )

        def emit(event):
            for consume in (events.append, *consumers):
                consume(event)

        with Against(reference, timeouts, emit) as compare:
            return run(options, compare), events

    return start


def sides(events):
    made = [event.finding for event in events if isinstance(event, FindingMade)]
    located = [event for event in events if isinstance(event, FindingLocated)]
    assert [finding.id for finding in made] == [event.id for event in located]
    return {finding.requirement: event for finding, event in zip(made, located, strict=True)}


def test_who_is_alone_with_an_answer(compared, of):
    code, events = compared(of("amended", KEEPS, DIRTIES), of("amended", KEEPS))
    assert code == 1
    found = sides(events)
    assert found["TRANS-APPLY-5"].side is Side.SHARED
    assert found["DIRTY-TREE-3"].side is Side.IMPLEMENTATION
    assert found["DIRTY-TREE-3"].observed.ok is False
    assert [event.greeting.name for event in events if isinstance(event, ReferenceGreeted)] == ["hsm-model"]


def test_all_three_differ(compared, of):
    _, events = compared(of("panics"), (sys.executable, "-S", str(HOSTILE / "claims.py")), only="NODE-ADD-8")
    assert {event.side for event in sides(events).values()} == {Side.ALL_DIFFER}


def test_what_the_reference_does_not_offer_is_not_compared(compared, of):
    _, events = compared(of("amended", KEEPS), of("core_only"))
    located = sides(events)["TRANS-APPLY-5"]
    assert (located.side, located.note) == (Side.UNKNOWN, "the reference does not offer transitions")


def test_a_reference_that_fails_loses_no_finding(compared, of):
    code, events = compared(of("amended", KEEPS, DIRTIES), of("ends_on", "add_child", KEEPS))
    assert code == 1
    found = sides(events)
    assert found["DIRTY-TREE-3"].side is Side.UNKNOWN
    assert "exited with status 4" in found["DIRTY-TREE-3"].note
    assert found["TRANS-APPLY-5"].side is Side.SHARED


def test_a_reference_that_is_another_version_later_is_not_compared(compared, of, tmp_path):
    _, events = compared(of("amended", KEEPS, DIRTIES), of("updates", str(tmp_path / "starts"), "state_machine"))
    first, second = sides(events).values()
    assert "exited with status 4" in first.note
    assert "The adapter says that it is hsm-model 2, and it began as hsm-model 1." == second.note
    assert Side.UNKNOWN is second.side


def test_a_reference_that_cannot_be_started_ends_the_run(compared, of):
    code, events = compared(of("amended"), ("/nowhere/at/all",))
    assert code == 2
    (ended,) = [event for event in events if isinstance(event, RunEnded)]
    assert "`/nowhere/at/all` could not be started" in ended.trouble.message


def test_the_sides_are_told_and_counted_in_every_report(compared, of, tmp_path):
    lines, output = [], io.StringIO()
    consumers = (
        PlainReporter(lines.append),
        TerminalReporter(Console(file=output, width=100)),
        JsonReporter(tmp_path / "out" / "result.json"),
    )
    compared(of("amended", KEEPS, DIRTIES), of("amended", KEEPS), *consumers)
    counted = (
        "1 finding: model and reference agree, the implementation is wrong.",
        "1 finding: implementation and reference agree, a weakness of both or of the model.",
    )
    assert tuple(lines[-2:]) == counted
    assert all(line in output.getvalue() for line in counted)
    assert "  model and reference agree, the implementation is wrong; the reference: false" in lines
    result = json.loads((tmp_path / "out" / "result.json").read_bytes())
    jsonschema.validate(result, result_schema())
    assert result["sides"] == {"implementation": 1, "shared": 1}
    assert {found["finding"]["requirement"]: found["located"]["side"] for found in result["findings"]} == {
        "TRANS-APPLY-5": "shared",
        "DIRTY-TREE-3": "implementation",
    }
    assert result["reference"]["greeting"]["name"] == "hsm-model"
