"""Figures of the machines in traces: states never left, transitions never tried, tasks never executed."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from hsm_specs.traces.observed import Declared, Observed
from hsm_specs.traces.observing import observe


class MachineFigures(Struct, frozen=True):
    """Figures of the machines of a type over all traces, and of what these leave out.

    ``states`` has how often each state was entered, ``moves`` how many transitions were tried. Transitions are named by
    where they lead. ``never_executed`` has how often each type of task was emitted that no execution was recorded of.
    """

    type: str
    states: dict[str, int]
    moves: int
    never_left: tuple[str, ...]
    never_tried: tuple[str, ...]
    untried_sources: tuple[str, ...]
    never_executed: dict[str, int]


def machine_figures(files: Sequence[str]) -> tuple[MachineFigures, ...]:
    """Return the figures of the machines that have states. Raise `InputError` for files that cannot be followed."""
    return figures_of(observe(files))


def figures_of(seen: Observed) -> tuple[MachineFigures, ...]:
    """Return the figures of what was observed."""
    never = seen.never_executed()
    return tuple(
        MachineFigures(
            type=name,
            states={state: count for state, count in machine.states.items() if count},
            moves=machine.moves.total(),
            never_left=tuple(machine.never_left()),
            never_tried=tuple(_named(each) for each in machine.never_tried()),
            untried_sources=tuple(f"{_named(each)} from {state}" for each, state in machine.untried_sources()),
            never_executed={task: count for task, count in never.items() if machine.emitted[task]},
        )
        for name, machine in sorted(seen.machines.items())
        if machine.moves or any(machine.states)
    )


def _named(transition: Declared) -> str:
    return f"to {transition.destination}"
