"""Mistakes of machines: what a picture shows but a reader may overlook, and what it cannot show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hsm_diagrams.machine.trials import START_STATE, state_name
from hsm_model.machines import MachineDescription
from hsm_model.machines.suggestions import similar

if TYPE_CHECKING:
    import networkx as nx


def mistakes(machine: MachineDescription[Any], graph: nx.MultiDiGraph[str]) -> Iterator[str]:
    """Yield a sentence for each mistake of a machine with this graph."""
    known = {state_name(state): state for state in machine.all_states()}
    yield from machine.mistakes
    yield from _unknown(machine, list(known))
    yield from _moves(machine, graph, list(known))
    yield from _names(machine, list(known))


def _unknown(machine: MachineDescription[Any], known: list[str]) -> Iterator[str]:
    """Yield the states that are named but are none."""
    unknown = machine.undeclared_states()
    for name, trial in machine.trials.items():
        for state in (state for state in trial.transition.sources if state in unknown):
            yield f"{name} has the source {state!r}, which is no state{similar(state_name(state), known)}"
        if trial.transition.destination in unknown:
            state = trial.transition.destination
            yield f"{name} has the destination {state!r}, which is no state{similar(state_name(state), known)}"
    for state in machine.terminal or ():
        if state not in machine.all_states():
            yield f"{state!r} is declared terminal but is no state{similar(state_name(state), known)}"
    for case, make in machine.cases.items():
        state = make().state()
        if state not in machine.all_states():
            yield f"A machine{case and f' of the case {case}'} starts in {state!r}, which is no state."


def _moves(machine: MachineDescription[Any], graph: nx.MultiDiGraph[str], known: list[str]) -> Iterator[str]:
    """Yield the states that no transition reaches or leaves, and terminal ones that are left."""
    terminal = None if machine.terminal is None else {state_name(state) for state in machine.terminal}
    for state in known:
        marks = graph.nodes[state]
        if not marks["reachable"]:
            yield f"{state} is unreachable: nothing that succeeds leads there."
        elif terminal is not None and marks["terminal"] and state not in terminal:
            yield f"{state} is never left, and it is not declared terminal."
        if terminal is not None and state in terminal and not marks["terminal"]:
            leaving = [data for _, to, data in graph.out_edges(state, data=True) if to != state]
            names = list(dict.fromkeys(data["transition"] for data in leaving if data["outcome"] == "success"))
            yield f"{state} is declared terminal, but {' and '.join(names)} {'leave' if names[1:] else 'leaves'} it."


def _names(machine: MachineDescription[Any], known: list[str]) -> Iterator[str]:
    """Yield the names that pictures cannot tell apart from something else."""
    if START_STATE in known:
        yield f"A state has the name of the dot that leads to initial states; it is drawn as `{START_STATE}`."
    unnamed = 'has the name "" next to others, so what happens only there is drawn without a condition.'
    if "" in machine.cases and len(machine.cases) > 1:
        yield f"A case {unnamed}"
    for name, trial in machine.trials.items():
        if "" in trial.events and len(trial.events) > 1:
            yield f"An event of {name} {unnamed}"
