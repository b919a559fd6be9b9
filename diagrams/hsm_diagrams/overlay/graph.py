"""A graph of the model with the conformance of implementations on each edge: agree, known deviation, deviates.

For a run these are the verdicts on the requirements that an edge shows; for a probe every trial is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import networkx as nx

from hsm_diagrams.drawing.drawing import in_short
from hsm_diagrams.machine.graph import states
from hsm_diagrams.machine.trials import (
    START,
    Circumstance,
    Regenerated,
    TrialOutcome,
    TrialResult,
    regenerated,
    results,
    state_name,
)
from hsm_diagrams.overlay.probes import ProbedMachine, ProbedTask, ProbedTrial
from hsm_diagrams.run.graph import AGREES, CLASSES, DEVIATES, UNSEEN, worst
from hsm_diagrams.run.runs import Run
from hsm_model.machines import MachineDescription
from hsm_model.tasks import Task, TaskKindOutbound

ELSEWHERE = "otherwise"
"""The outcome of edges that the model does not have."""
MANY = 2
"""The number of deviations that are named on an edge; further ones are counted."""


class Said(NamedTuple):
    """The conformance of an edge or a state: the class and a note."""

    found: str
    note: str = ""


def lay_run_over(graph: nx.MultiDiGraph[str], name: str, run: Run) -> None:
    """Add the verdicts of a run to all edges."""
    classes = {
        judgement.requirement: CLASSES[judgement.verdict] for judgement in run.requirements if judgement.owed_by is None
    }
    for *_, data in graph.edges(data=True):
        judged = {each: classes[each] for each in data.get("requirements", ()) if each in classes}
        if not judged and data.get("kind") == "creation":
            continue
        found = worst(list(judged.values()))
        named = [each for each, of_class in judged.items() if of_class == found]
        _say(data, name, Said(found, in_short(named) if found != AGREES and named else ""))


def lay_probe_over(
    graph: nx.MultiDiGraph[str], name: str, machine: MachineDescription[Any], probed: ProbedMachine
) -> None:
    """Add the results of a probe to all edges and states; trials with another target become edges of their own."""
    tried = {(each.name, each.state, Circumstance(each.case, each.event)): each for each in probed.trials}
    deviating: dict[tuple[str, str, str], list[str]] = {}
    seen: set[tuple[str, str, str]] = set()
    for transition, trial in machine.trials.items():
        for state in machine.all_states():
            source = state_name(state)
            for result in results(machine, trial, state):
                real = tried.get((transition, source, result.circumstance))
                edge = (source, result.target, f"{transition} {result.outcome}")
                if real is None:
                    continue
                seen.add(edge)
                for what in _deviations(result, real):
                    if real.after != result.target:
                        edge = (source, real.after, f"{transition} {ELSEWHERE}")
                        _add_elsewhere(graph, edge, transition)
                        seen.add(edge)
                    deviating.setdefault(edge, []).append(f"{_words(result.circumstance)}{what}")
    for source, target, key, data in graph.edges(keys=True, data=True):
        if data["kind"] == "transition":
            _say(data, name, _judged((source, target, key), seen, deviating))
    _lay_tasks_over(graph, name, machine, probed)


def _lay_tasks_over(
    graph: nx.MultiDiGraph[str], name: str, machine: MachineDescription[Any], probed: ProbedMachine
) -> None:
    """Add to all states whether the same tasks are regenerated."""
    real = {(each.state, each.case): each for each in probed.regenerated}
    for state in machine.all_states():
        source = state_name(state)
        if source not in states(graph):
            continue
        compared = [
            (mine, real[source, mine.circumstance.case])
            for mine in regenerated(machine, state)
            if (source, mine.circumstance.case) in real
        ]
        wrong = [
            _words(mine.circumstance)
            + ("regenerating tasks fails" if theirs.error else f"{_named(theirs.tasks)} pending")
            for mine, theirs in compared
            if _tasks(mine) != _real_tasks(theirs.tasks) or bool(mine.error) != bool(theirs.error)
        ]
        found = DEVIATES if wrong else AGREES if compared else UNSEEN
        _say(graph.nodes[source], name, Said(found, _first(wrong)))


def _judged(
    edge: tuple[str, str, str], seen: set[tuple[str, str, str]], deviating: dict[tuple[str, str, str], list[str]]
) -> Said:
    if edge in deviating:
        return Said(DEVIATES, _first(deviating[edge]))
    return Said(AGREES if edge in seen else UNSEEN)


def _deviations(mine: TrialResult, real: ProbedTrial) -> Iterator[str]:
    """Yield the first difference of a trial."""
    outcome = _outcome(real)
    if mine.target != real.after:
        yield (
            f"leads to {real.after}"
            if mine.target != real.after and outcome == "success"
            else f"{outcome}, {real.after}"
        )
    elif mine.outcome != outcome:
        yield outcome
    elif mine.possible != real.possible:
        yield "is possible" if real.possible else "is not possible"
    elif outcome == "success" and _tasks(mine) != _real_tasks(real.tasks):
        yield f"starts {_named(real.tasks)}"


def _outcome(real: ProbedTrial) -> TrialOutcome:
    if not real.error:
        return "success"
    return "rejected" if real.error == "invalid_transition" else "failed"


def _tasks(mine: TrialResult | Regenerated) -> list[tuple[str, str, str]]:
    return sorted(map(_task, mine.tasks))


def _task(task: Task) -> tuple[str, str, str]:
    kind = task.kind()
    if isinstance(kind, TaskKindOutbound):
        return task.type().name, "outbound", kind.destination
    return task.type().name, "timer", ""


def _real_tasks(tasks: Sequence[ProbedTask]) -> list[tuple[str, str, str]]:
    return sorted((task.type, task.kind, task.destination) for task in tasks)


def _named(tasks: Sequence[ProbedTask]) -> str:
    return ", ".join(task.type.rpartition(".")[2] for task in tasks) or "no task"


def _words(circumstance: Circumstance) -> str:
    said = " and ".join(filter(None, circumstance))
    return f"{said}: " if said else ""


def _first(wrong: Sequence[str]) -> str:
    different = list(dict.fromkeys(wrong))
    more = f"; {len(different) - MANY} more" if len(different) > MANY else ""
    return "; ".join(different[:MANY]) + more


def _add_elsewhere(graph: nx.MultiDiGraph[str], edge: tuple[str, str, str], transition: str) -> None:
    source, target, key = edge
    if not graph.has_edge(source, target, key):
        if target not in graph:
            graph.add_node(target, kind="state", requirements=[], tasks=[], errors=[], reachable=True, terminal=False)
        graph.add_edge(
            source,
            target,
            key=key,
            kind="transition",
            transition=transition,
            outcome=ELSEWHERE,
            requirements=[],
            guard="",
        )


def _say(data: dict[str, Any], name: str, said: Said) -> None:
    data.setdefault("verdicts", {})[name] = said._asdict()


def classes_of(graph: nx.MultiDiGraph[str]) -> dict[str, list[str]]:
    """Return the classes of all edges by implementation."""
    found: dict[str, list[str]] = {}
    for *_, data in graph.edges(data=True):
        for name, said in data.get("verdicts", {}).items():
            found.setdefault(name, []).append(said["found"])
    return found


__all__ = ["ELSEWHERE", "START", "Said", "classes_of", "lay_probe_over", "lay_run_over"]
