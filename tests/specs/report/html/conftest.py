"""A run to write pages of: two findings, one of them inside of a function, and verdicts of all kinds."""

from __future__ import annotations

import pytest

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Greeting
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program, Script
from hsm_specs.report.result import Result, ResultCollector
from hsm_specs.results.events import Event, FindingMade, Greeted, RequirementJudged, RunEnded, RunStarted, Toured
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import Judgement, Verdict

from ....findings import made

ADDING = ops.MachineTransition(
    1, Script((ops.AddChild(1, (2, "inside"), (0, 0)), ops.SetState(0, 3)), fail="user_1"), machine=0
)
SETUP = (ops.NewRegistry(), ops.RegisterMachine(1), ops.RegisterMachine(2), ops.NewRoot(1, (0, 0), 1))
EXPORTED: Program = (*SETUP, ADDING, ops.Export(1))
INSIDE: Program = (*SETUP, ops.MachineTransition(1, Script((ops.TransitionCount(1),))))


RULE = "transition_rolled_back"


def run_of(*findings: Finding, partial: str = "") -> Result:
    """Return a run with these findings."""
    broken = {finding.requirement: finding.id for finding in findings}
    kinds = list(Verdict)
    judged = tuple(
        Judgement(
            demanded.id,
            demanded.area,
            demanded.statement,
            demanded.classification == "documented",
            Verdict.DEVIATES if demanded.id in broken else kinds[number % len(kinds)],
            40,
            findings=(broken[demanded.id],) if demanded.id in broken else (),
        )
        for number, demanded in enumerate(load_catalogue().values())
    )
    return gathered(
        RunStarted(("./adapter", "two words"), 7, "quick", 2, len(judged), deviations="known.toml"),
        Greeted(
            Greeting(1, "an-implementation", "v1", "go", ("outputs",)), ("add-child-dirties",), ("panic-in-transition",)
        ),
        Toured("quick", 100, 100),
        *(FindingMade(finding, f"findings/{finding.id}.json") for finding in findings),
        *map(RequirementJudged, judged),
        RunEnded(1, 200, 5000, 2.5, ("2 documented requirements are violated.",), partial),
    )


def gathered(*events: Event) -> Result:
    """Return the result that events amount to."""
    kept: list[Result] = []

    class Keep(ResultCollector):
        def finish(self, result: Result) -> None:
            kept.append(result)

    consume = Keep()
    for event in events:
        consume(event)
    return kept[0]


@pytest.fixture(scope="session")
def stays() -> Finding:
    """Return a finding: a child stays that a failed transition added, as the persisted tree shows."""
    tree = [0, "0:0", [[2, "inside", [0, "0:0", []]]]]
    return made("MT-ROLLBACK-5", EXPORTED, Observation(ok=tree), count=12, rule=RULE)


@pytest.fixture(scope="session")
def inside() -> Finding:
    """Return a finding: the count inside a function is not yet one higher."""
    return made("NODE-COUNT-1", INSIDE, Observation(ok=None, inner=(Observation(ok=0),)), (4, 0), count=12, rule=RULE)


@pytest.fixture(scope="session")
def run(stays, inside) -> Result:
    return run_of(stays, inside)
