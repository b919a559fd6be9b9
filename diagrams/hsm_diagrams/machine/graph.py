"""The graph of a machine: nodes are states, edges are the results of trying the transitions.

A transition's declared sources and destination are not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import networkx as nx

from hsm_diagrams.machine.trials import (
    START,
    Circumstance,
    Regenerated,
    TrialOutcome,
    TrialResult,
    guard,
    regenerated,
    results,
    state_name,
)
from hsm_model.machines import MachineDescription
from hsm_model.tasks import Task, TaskKindOutbound

SHOWN: dict[TrialOutcome, tuple[str, ...]] = {
    "success": ("TRANS-APPLY-1", "TRANS-APPLY-4", "TRANS-APPLY-6"),
    "rejected": ("TRANS-APPLY-2", "TRANS-APPLY-3"),
    "failed": ("TRANS-APPLY-5", "TRANS-APPLY-7"),
}
"""The requirements that an outcome shows."""
STATE_SHOWS = ("MACH-STATE-1", "MACH-TASKS-2")


def machine_graph(machine: MachineDescription[Any]) -> nx.MultiDiGraph[str]:
    """Return the graph of a machine. Trials of a transition with the same outcome and target share an edge."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(kind="machine", name=machine.name, title=machine.title)
    graph.graph.update(cases=list(machine.cases), transitions=list(machine.trials))
    graph.add_node(START, kind="start")
    for state in machine.all_states():
        answers = list(regenerated(machine, state))
        graph.add_node(state_name(state), kind="state", requirements=list(STATE_SHOWS), **_said(answers))
    graph.add_nodes_from(map(state_name, machine.undeclared_states()))
    _add_creation(graph, machine)
    for name, trial in machine.trials.items():
        for state in machine.all_states():
            _add_transition(graph, name, state_name(state), list(results(machine, trial, state)))
    for *_, data in graph.nodes(data=True):
        if "kind" not in data:
            # No declared state, and therefore not tried.
            data.update(kind="state", requirements=[], tasks=[], errors=[])
    _mark(graph)
    return graph


def states(graph: nx.MultiDiGraph[str]) -> list[str]:
    """Return the nodes of a machine's graph that are states."""
    return [node for node in graph if node != START]


def _add_creation(graph: nx.MultiDiGraph[str], machine: MachineDescription[Any]) -> None:
    every = [
        TrialResult(Circumstance(case), "success", True, state_name(made.state()), tuple(machine.creation_tasks(made)))
        for case, made in ((case, make()) for case, make in machine.cases.items())
    ]
    for alike in _by_result(every):
        graph.add_edge(START, alike[0].target, key="created", kind="creation", **_edge(alike, every))


def _add_transition(graph: nx.MultiDiGraph[str], transition: str, source: str, every: Sequence[TrialResult]) -> None:
    for alike in _by_result(every):
        outcome, target = alike[0].outcome, alike[0].target
        graph.add_edge(
            source,
            target,
            key=f"{transition} {outcome}",
            kind="transition",
            transition=transition,
            possible=all(result.possible for result in alike),
            rolled_back=outcome == "failed" and source == target,
            requirements=list(SHOWN[outcome]),
            **_edge(alike, every),
        )


def _by_result(every: Sequence[TrialResult]) -> list[list[TrialResult]]:
    found: dict[tuple[TrialOutcome, str], list[TrialResult]] = {}
    for result in every:
        found.setdefault((result.outcome, result.target), []).append(result)
    return list(found.values())


def _edge(alike: Sequence[TrialResult], every: Sequence[TrialResult]) -> dict[str, Any]:
    """Return the members that edges of all kinds have."""
    when = guard([result.circumstance for result in alike], [result.circumstance for result in every])
    return {"outcome": alike[0].outcome, "count": len(alike), "guard": when, **_said(alike)}


def _said(every: Sequence[TrialResult | Regenerated]) -> dict[str, Any]:
    """Return each task and each error once, with a guard if only some trials have it."""
    tasks: dict[tuple[str, str, str], list[Circumstance]] = {}
    errors: dict[str, list[Circumstance]] = {}
    for each in every:
        for task in each.tasks:
            tasks.setdefault(_as_text(task), []).append(each.circumstance)
        if each.error:
            errors.setdefault(each.error, []).append(each.circumstance)
    circumstances = [each.circumstance for each in every]
    return {
        "tasks": [
            {"type": name, "kind": kind, "queue": queue, "guard": guard(having, circumstances)}
            for (name, kind, queue), having in tasks.items()
        ],
        "errors": [{"message": text, "guard": guard(having, circumstances)} for text, having in errors.items()],
    }


def _as_text(task: Task) -> tuple[str, str, str]:
    """Return a task's type, kind and queue; the queue of timers has no name."""
    kind = task.kind()
    if isinstance(kind, TaskKindOutbound):
        return task.type().name, "outbound", kind.destination
    return task.type().name, "timer", ""


def _mark(graph: nx.MultiDiGraph[str]) -> None:
    """Mark states as initial, reachable and terminal, by the edges that succeeded."""
    moves: nx.DiGraph[str] = nx.DiGraph()
    moves.add_nodes_from(graph)
    moves.add_edges_from((a, b) for a, b, data in graph.edges(data=True) if data["outcome"] == "success" and a != b)
    reachable = nx.descendants(moves, START)
    for state in states(graph):
        marks = graph.nodes[state]
        marks["initial"] = moves.has_edge(START, state)
        marks["reachable"] = state in reachable
        marks["terminal"] = moves.out_degree(state) == 0
