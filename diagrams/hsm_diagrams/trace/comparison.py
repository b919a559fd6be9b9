"""Observed machines compared with a machine: what it does not have, and what it has to have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from hsm_diagrams.machine.graph import machine_graph
from hsm_diagrams.machine.trials import START
from hsm_specs.errors import InputError
from hsm_specs.machines.names import NamedMachine
from hsm_specs.traces.format.remarks import Remark
from hsm_specs.traces.observed import Observed, ObservedMove
from hsm_specs.traces.observing import observe


class MachineDifference(NamedTuple):
    """A rule about machines that was broken, by a move that was seen."""

    rule: str
    what: str
    move: ObservedMove | None


class Expected(NamedTuple):
    """A machine as it was executed: states, terminal states, and the successful edges between two states."""

    states: tuple[str, ...]
    terminal: frozenset[str]
    edges: dict[tuple[str, str], list[dict[str, Any]]]


def expected_of(reference: NamedMachine) -> Expected:
    """Execute a machine, and return what was found."""
    graph = machine_graph(reference.description)
    states = {state: data for state, data in graph.nodes(data=True) if state != START}
    edges: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for source, target, data in graph.edges(data=True):
        if data["outcome"] == "success" and source != START:
            edges.setdefault((source, target), []).append(data)
    terminal = frozenset(state for state, data in states.items() if data["terminal"])
    return Expected(tuple(states), terminal, edges)


def machine_remarks(files: Sequence[str], type_name: str, reference: NamedMachine) -> Iterator[Remark]:
    """Yield where the machines that traces show differ from a machine."""
    seen = observe(files)
    [name] = chosen_types(seen, type_name, reference)
    for rule, what, move in differences(seen, name, expected_of(reference)):
        origin = None if move is None else seen.machines[name].first[move]
        file, line, trace, at = (
            (files[0], 0, "", None) if origin is None else (origin.file, origin.line, origin.trace, origin.at)
        )
        yield Remark(file=file, line=line, trace=trace, rule=rule, type=name, what=what, at=at)


def differences(seen: Observed, name: str, expected: Expected) -> Iterator[MachineDifference]:
    """Yield what a machine does not have or has to have, of successful moves of a type."""
    machine = seen.machines[name]
    for move, count in machine.moves.items():
        source, target = move.source, move.target
        if move.outcome != "success":
            continue
        alike = expected.edges.get((source, target))
        if alike is not None:
            yield from _tasks(move, count, machine.tasks.get(move, {}), alike)
            continue
        if target not in expected.states:
            yield MachineDifference("machine-states", f"state {target}", move)
        if source in expected.terminal:
            yield MachineDifference("machine-terminal", f"{source} is left to {target} although it is terminal", move)
        else:
            yield MachineDifference("machine-edges", f"{source} is left to {target}", move)
    for state in machine.initial:
        if state not in expected.states:
            yield MachineDifference("machine-states", f"state {state}", None)
    if seen.executed or seen.failed_executions:
        timers = {
            task["type"]
            for each in expected.edges.values()
            for data in each
            for task in data["tasks"]
            if task["kind"] == "timer"
        }
        for task in sorted(timers & set(seen.never_executed())):
            if machine.emitted[task]:
                emitting = next((move for move, emitted in machine.tasks.items() if task in emitted), None)
                yield MachineDifference("machine-timers", f"timer {task} was emitted and never executed", emitting)


def _tasks(move: ObservedMove, count: int, emitted: Any, alike: list[dict[str, Any]]) -> Iterator[MachineDifference]:
    where = f"{move.source} to {move.target}"
    allowed = {task["type"] for each in alike for task in each["tasks"]}
    demanded = set.intersection(*({task["type"] for task in each["tasks"] if not task["guard"]} for each in alike))
    for task in sorted(set(emitted) - allowed):
        yield MachineDifference("machine-tasks", f"{where} emits {task}", move)
    for task in sorted(demanded):
        if emitted.get(task, 0) < count:
            yield MachineDifference("machine-tasks", f"{where} lacks {task}", move)


def chosen_types(seen: Observed, type_name: str, reference: NamedMachine | None) -> list[str]:
    """Return the types to show: one if a machine is compared with. Raise `InputError` if it is not clear which."""
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
