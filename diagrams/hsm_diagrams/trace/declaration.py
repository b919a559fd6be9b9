"""An observed machine as a declaration: a drawing for a team that has none, made from what its tests did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from hsm_diagrams.trace.graph import label
from hsm_model.machines.declared import MachineDeclaration, Move, Outbound, State, Timer
from hsm_specs.errors import InputError
from hsm_specs.traces.observed import Declared, Observed, ObservedMachine

NOTE = (
    "Made from recorded traces. States that were never left in them are final, deadlines are not known, and a guard "
    "says where it leads."
)


def observed_declaration(seen: Observed, types: Sequence[str], names: Mapping[Declared, str]) -> MachineDeclaration:
    """Return the machine of a type as it was observed. Raise `InputError` for several types, or what is no machine.

    Each event is a transition that succeeded. One that led to several states from the same state has a guard for each
    but the most frequent. The tasks of a state are those that all transitions to it emitted.
    """
    if len(types) != 1:
        remedy = f"Choose one of them with --type: {', '.join(types)}."
        raise InputError("XState JSON declares one machine, and several types were observed.", remedy=remedy)
    [name] = types
    machine = seen.machines[name]
    states = [state for state, count in machine.states.items() if count]
    if not states or "" in states:
        raise InputError(f"Machines of type `{name}` have no states.")
    first = machine.initial or machine.states
    try:
        return MachineDeclaration(
            name=name,
            initial=max(states, key=lambda state: first[state]),
            states={state: _state(state, machine, seen, names) for state in states},
            description=NOTE,
        )
    except ValueError as error:
        raise InputError(f"What was observed of `{name}` is more than a machine declares: {error}.") from None


def _state(state: str, machine: ObservedMachine, seen: Observed, names: Mapping[Declared, str]) -> State:
    led: dict[str, Counter[str]] = {}
    for move, count in machine.moves.items():
        if move.outcome == "success" and move.source == state:
            event = f"set to {move.target}" if move.transition is None else label(move, names)
            led.setdefault(event, Counter())[move.target] += count
    on = {event: _moves(targets) for event, targets in led.items()}
    return State(on=on, tasks=_tasks(state, machine, seen.kinds), final=not on)


def _moves(targets: Counter[str]) -> tuple[Move, ...]:
    *guarded, usual = sorted(targets, key=lambda target: targets[target])
    return (*(Move(target, f"leads to {target}") for target in guarded), Move(usual))


def _tasks(state: str, machine: ObservedMachine, kinds: Mapping[str, int | str]) -> tuple[Timer | Outbound, ...]:
    into = [move for move in machine.moves if move.outcome == "success" and move.target == state]
    always = [
        {task for task, count in machine.tasks.get(move, Counter()).items() if count == machine.moves[move]}
        for move in into
    ]
    return tuple(_task(task, kinds.get(task, "")) for task in sorted(set.intersection(*always) if always else ()))


def _task(name: str, kind: int | str) -> Timer | Outbound:
    return Outbound(name, kind) if isinstance(kind, str) else Timer(name, timedelta(0))
