"""The graph of observed machines: nodes are states, edges are what came of trying transitions, with counts.

With a machine to compare with, states and edges that only it has are added, and what only the traces have is marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import networkx as nx

from hsm_diagrams.machine.graph import START, machine_graph
from hsm_diagrams.machine.names import NamedMachine
from hsm_diagrams.machine.trials import state_name
from hsm_specs.errors import InputError
from hsm_specs.traces.observed import Declared, Move, Observations, ObservedMachine

Coverage = Literal["", "covered", "unknown", "never tried"]
"""How an edge or a state compares with the machine; empty without one."""


def observed_graph(seen: Observations, type_name: str, reference: NamedMachine | None) -> nx.MultiDiGraph[str]:
    """Return the graph of the observed machines, or of one type. Raise `InputError` if there is no such type."""
    types = _chosen(seen, type_name, reference)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(kind="trace", name="trace", traces=len(seen.steps), types=types)
    graph.graph.update(executed=dict(seen.executed), failed_executions=dict(seen.failed_executions))
    graph.graph.update(never_executed=_never_executed(seen, types), machines={}, reference="", unknown=[])
    for name in types:
        _add(graph, name, seen.machines[name], _names(reference))
    if reference is not None:
        _compare(graph, types[0], seen.machines[types[0]], reference)
    return graph


def _chosen(seen: Observations, type_name: str, reference: NamedMachine | None) -> list[str]:
    moving = [name for name, machine in seen.machines.items() if machine.moves or any(machine.states)]
    title = "" if reference is None else reference.description.title
    if type_name:
        wanted = [name for name in seen.machines if name == type_name]
    elif reference is not None:
        wanted = [title] if title in moving else moving if len(moving) == 1 else []
    else:
        wanted = moving
    if not wanted:
        known = ", ".join(moving)
        raise InputError(
            f"The traces have no machine of type `{type_name}`."
            if type_name
            else "Several types of machines are there.",
            remedy=f"Choose one of them with --type: {known}." if known else "",
        )
    return wanted


def _never_executed(seen: Observations, types: list[str]) -> dict[str, int]:
    never = seen.never_executed()
    return {name: n for name, n in never.items() if any(seen.machines[each].emitted[name] for each in types)}


def _names(reference: NamedMachine | None) -> Mapping[Declared, str]:
    """Return the names of the machine's transitions."""
    if reference is None:
        return {}
    names: dict[Declared, list[str]] = {}
    for name, trial in reference.description.trials.items():
        sources = tuple(state_name(state) for state in trial.transition.sources)
        names.setdefault(Declared(sources, state_name(trial.transition.destination)), []).append(name)
    return {declared: " or ".join(each) for declared, each in names.items()}


def _add(graph: nx.MultiDiGraph[str], name: str, machine: ObservedMachine, names: Mapping[Declared, str]) -> None:
    never_left = machine.never_left()
    for state, count in machine.states.items():
        marks = {"state": state, "type": name, "count": count, "never_left": state in never_left}
        graph.add_node(key(name, state), kind="state", coverage="", **marks)
    graph.add_node(key(name, START), kind="start", type=name)
    for state, count in machine.initial.items():
        graph.add_edge(key(name, START), key(name, state), kind="creation", count=count, coverage="")
    for move, count in machine.moves.items():
        graph.add_edge(
            key(name, move.source),
            key(name, move.target),
            kind="transition",
            transition=_label(move, names),
            outcome=move.outcome,
            count=count,
            tasks=dict(machine.tasks.get(move, {})),
            coverage="",
        )
    graph.graph["machines"][name] = {
        "never_left": never_left,
        "never_tried": [text(each, names) for each in machine.never_tried()],
        "untried_sources": [f"{text(each, names)} from {state}" for each, state in machine.untried_sources()],
        "emitted": dict(machine.emitted),
    }


def key(type_name: str, state: str) -> str:
    """Return the node of a type's state."""
    return f"{type_name}: {state}"


def text(declared: Declared, names: Mapping[Declared, str]) -> str:
    """Return the name of a transition, or else where it leads: traces have no names of transitions."""
    return names.get(declared, f"to {declared.destination}")


def _label(move: Move, names: Mapping[Declared, str]) -> str:
    return "set by the function" if move.transition is None else text(move.transition, names)


def _compare(graph: nx.MultiDiGraph[str], name: str, machine: ObservedMachine, reference: NamedMachine) -> None:
    """Mark what the traces cover of the machine, add what they do not, and list what the machine does not have."""
    expected = machine_graph(reference.description)
    moves = [edge for edge in expected.edges(data=True) if edge[2].get("outcome") == "success" and edge[0] != START]
    edges: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for source, target, data in moves:
        edges.setdefault((source, target), []).append(data)
    unknown: list[str] = []
    for state in [state for state in machine.states if state not in expected]:
        graph.nodes[key(name, state)]["coverage"] = "unknown"
        unknown.append(f"state {state}")
    for source, target, data in list(graph.edges(data=True)):
        if data["kind"] != "transition" or data["outcome"] != "success":
            continue
        a, b = (graph.nodes[node]["state"] for node in (source, target))
        alike = edges.get((a, b))
        data["coverage"] = "covered" if alike else "unknown"
        if not alike:
            ended = " although it is terminal" if a in expected and expected.nodes[a]["terminal"] else ""
            unknown.append(f"{a} is left to {b}{ended}")
        else:
            unknown += _wrong_tasks(f"{a} to {b}", data, alike)
    for state in expected:
        if state != START and key(name, state) not in graph:
            node = {"state": state, "type": name, "count": 0, "never_left": False}
            graph.add_node(key(name, state), kind="state", coverage="never tried", **node)
    covered = {(move.source, move.target) for move in machine.moves if move.outcome == "success"}
    for source, target, data in moves:
        if (source, target) not in covered:
            graph.add_edge(
                key(name, source),
                key(name, target),
                kind="transition",
                transition=data["transition"],
                outcome="success",
                count=0,
                tasks={},
                coverage="never tried",
            )
    graph.graph.update(
        reference=reference.description.title or reference.description.name,
        unknown=unknown,
        edges=len(edges),
        edges_covered=len(covered & set(edges)),
        states=len(expected) - 1,
        states_covered=sum(bool(machine.states.get(state)) for state in expected if state != START),
    )


def _wrong_tasks(where: str, data: Mapping[str, Any], alike: list[dict[str, Any]]) -> list[str]:
    """Return the tasks that moves between two states must not have, and those that they must have and lack."""
    allowed = {task["type"] for each in alike for task in each["tasks"]}
    always = [{task["type"] for task in each["tasks"] if not task["guard"]} for each in alike]
    found = [f"{where} emits {task}" for task in sorted(data["tasks"]) if task not in allowed]
    demanded = sorted(set.intersection(*always))
    return found + [f"{where} lacks {task}" for task in demanded if data["tasks"].get(task, 0) < data["count"]]
