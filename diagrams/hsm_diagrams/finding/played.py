"""A finding to be played: its program step by step on the model, and both results at the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hsm_diagrams.play.played import Facts, Played, PlayedMove, PlayedState
from hsm_model.amendments import AMENDMENTS, amend
from hsm_model.semantics import SPECIFICATION
from hsm_specs.language import values
from hsm_specs.language.observations import Observation, at
from hsm_specs.report.html.answers import Contrast, at_difference, difference
from hsm_specs.report.html.film import Frame, film
from hsm_specs.report.html.implementation import implementation
from hsm_specs.report.html.snapshots import NodeShot, Snapshot
from hsm_specs.results.findings import Finding

INDENT = "\N{NO-BREAK SPACE}" * 2


def played_finding(finding: Finding, boxes: Mapping[str, int]) -> Played:
    """Return the steps of a finding's program, and where the expected and the observed result of the last one lead.

    ``boxes`` are the numbers of the operation, of the expected and of the observed result in the picture. The page
    opens where both results can be chosen.
    """
    known = [name for name in finding.amendments if name in AMENDMENTS]
    steps = film(finding.program[: finding.where[0] + 1], amend(SPECIFICATION, known), finding.dialect)
    last = difference(steps, finding.where)
    states = [PlayedState("before the program", {})]
    moves: list[PlayedMove] = []
    for number, step in enumerate(steps[:last]):
        name = f"after step {number + 1}"
        states.append(PlayedState(name, _facts(step.after), boxes["operation"] if number + 1 == last else 0))
        moves.append(PlayedMove(number, number + 1, _words(step), notes=_result(step, finding.expected)))
    opened = list(range(len(moves)))
    answers = at_difference(steps[last], Contrast(finding.expected, finding.observed, finding.where))
    here = len(states) - 1
    ends = [
        ("expected", answers.expected, "success", steps[last].after),
        ("observed", answers.observed or "nothing", "failed", _theirs(steps[last], finding)),
    ]
    for which, said, outcome, after in ends:
        states.append(PlayedState(f"as {which}", {"Result": [said], **_facts(after)}, boxes[which]))
        moves.append(PlayedMove(here, len(states) - 1, _words(steps[last]), outcome, [f"{which}: {said}"]))
    return Played(states, moves, [0], opened=opened)


def _words(step: Frame) -> str:
    return " ".join(step.text.split())


def _result(step: Frame, expected: Sequence[Observation]) -> list[str]:
    found = None if step.part == "begin" else at(expected, step.where)
    said = "success" if found is None else values.answer(found, step.operation)
    return [] if said == "success" else [said]


def _theirs(step: Frame, finding: Finding) -> Snapshot | None:
    """Return the trees of the implementation: those of the model where its result does not tell more."""
    wanted, got = at(finding.expected, step.where), at(finding.observed, step.where)
    if step.after is None or wanted is None or got is None:
        return step.after
    return implementation(step.after, step.operation, wanted, got) or step.after


def _facts(snapshot: Snapshot | None) -> Facts:
    if snapshot is None:
        return {"Trees": ["the specification leaves them open"]}
    facts: dict[str, list[str]] = {}
    for number, nodes in sorted(snapshot.trees.items()):
        heading = f"Tree {number + 1}" if len(snapshot.trees) > 1 else "Tree"
        facts[heading] = [line for path, node in nodes.items() for line in _lines(len(path), node)]
    if snapshot.machines:
        facts["Machines"] = [f"{name}: {text}" for name, text in snapshot.machines.items()]
    facts["Registries"] = [f"{name}: {text}" for name, text in snapshot.registries.items()]
    return facts


def _lines(depth: int, node: NodeShot) -> Iterator[str]:
    seen = [node.data]
    if node.transitions is not None:
        seen.append(f"count {node.transitions}")
    if node.dirty is not None:
        seen.append("dirty" if node.dirty else "clean")
    yield f"{INDENT * depth}{' '.join([node.place, *node.handles])}: {', '.join(seen)}"
    yield from (f"{INDENT * (depth + 1)}{output}" for output in node.outputs)
