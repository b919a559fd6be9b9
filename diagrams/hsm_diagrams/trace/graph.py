"""The graph of observed machines: nodes are states, edges are what came of trying transitions, with counts.

With a machine to compare with, states and edges that only it has are added, and what only the traces have is marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import networkx as nx

from hsm_diagrams.machine.trials import START, state_name
from hsm_diagrams.trace.comparison import chosen_types, differences, expected_of
from hsm_specs.machines.names import NamedMachine
from hsm_specs.traces.observed import Declared, Observed, ObservedMachine, ObservedMove

Coverage = Literal["", "covered", "unknown", "never tried"]
"""How an edge or a state compares with the machine; empty without one."""


def observed_graph(seen: Observed, type_name: str, reference: NamedMachine | None) -> nx.MultiDiGraph[str]:
    """Return the graph of the observed machines, or of one type. Raise `InputError` if there is no such type."""
    types = chosen_types(seen, type_name, reference)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(kind="trace", name="trace", traces=len(seen.steps), types=types)
    graph.graph.update(executed=dict(seen.executed), failed_executions=dict(seen.failed_executions))
    graph.graph.update(never_executed=_never_executed(seen, types), machines={}, reference="", unknown=[])
    for name in types:
        _add(graph, name, seen.machines[name], transition_names(reference))
    if reference is not None:
        _compare(graph, types[0], seen, reference)
    return graph


def _never_executed(seen: Observed, types: list[str]) -> dict[str, int]:
    never = seen.never_executed()
    return {name: n for name, n in never.items() if any(seen.machines[each].emitted[name] for each in types)}


def transition_names(reference: NamedMachine | None) -> Mapping[Declared, str]:
    """Return the names of a machine's transitions, nothing without a machine."""
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
            transition=label(move, names),
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


def label(move: ObservedMove, names: Mapping[Declared, str]) -> str:
    """Return what to call a move."""
    return "set by the function" if move.transition is None else text(move.transition, names)


def _compare(graph: nx.MultiDiGraph[str], name: str, seen: Observed, reference: NamedMachine) -> None:
    """Mark what the traces cover of the machine, add what they do not, and list what the machine does not have."""
    machine, expected = seen.machines[name], expected_of(reference)
    for state in machine.states:
        if state not in expected.states:
            graph.nodes[key(name, state)]["coverage"] = "unknown"
    for source, target, data in list(graph.edges(data=True)):
        if data["kind"] == "transition" and data["outcome"] == "success":
            between = tuple(graph.nodes[node]["state"] for node in (source, target))
            data["coverage"] = "covered" if between in expected.edges else "unknown"
    for state in expected.states:
        if key(name, state) not in graph:
            node = {"state": state, "type": name, "count": 0, "never_left": False}
            graph.add_node(key(name, state), kind="state", coverage="never tried", **node)
    covered = {(move.source, move.target) for move in machine.moves if move.outcome == "success"}
    for (source, target), alike in expected.edges.items():
        for data in alike if (source, target) not in covered else ():
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
        unknown=[each.what for each in differences(seen, name, expected)],
        edges=len(expected.edges),
        edges_covered=len(covered & expected.edges.keys()),
        states=len(expected.states),
        states_covered=sum(bool(machine.states.get(state)) for state in expected.states),
    )
