"""Pictures of differences: of two machines, of what two semantics do in all states of a scope, or of a node's life."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from hsm_diagrams.difference.differences import Sameness, compared
from hsm_diagrams.difference.drawing import difference_drawing
from hsm_diagrams.difference.explored import compare, difference_graph
from hsm_diagrams.difference.explored_drawing import explored_difference_drawing
from hsm_diagrams.difference.operands import SPECIFIED, Ruled, amended_name, find_side
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.explored.picture import find_part
from hsm_diagrams.life.actions import TWO
from hsm_diagrams.life.graph import ABSENT, life_graph
from hsm_diagrams.machine.graph import START, machine_graph
from hsm_diagrams.machine.names import NamedMachine
from hsm_diagrams.versions import own_version
from hsm_model.amendments import AMENDMENTS
from hsm_specs.errors import InputError

LIFE = Sameness(("words", "outcome"), nodes=("saw", "endings"))
MACHINE = Sameness(
    ("words", "outcome", "guard"),
    nodes=("initial", "reachable", "terminal", "tasks", "errors"),
    edges=("tasks", "errors", "possible"),
)


SCOPE, PART = "quick", "nested"
"""The scope, and its part, that two semantics are compared in: functions that do more inside, and siblings."""


def difference_picture(first: str, second: str, scope: str = SCOPE, part: str = "", *, life: bool = False) -> Picture:
    """What is different between two things that names stand for. Raises `InputError` for names that stand for none.

    Semantics are compared in the states of a scope's part, or by the life of a node.
    """
    match find_side(first), find_side(second):
        case Ruled() as one, Ruled() as other:
            return of_lives(one, other) if life else of_semantics(one, other, scope, part)
        case NamedMachine() as one, NamedMachine() as other:
            return of_machines(one, other)
        case _:
            raise InputError(
                f"`{first}` and `{second}` cannot be compared: one is a machine, the other a specification.",
                remedy=f"Name two machines, or two of `{SPECIFIED}`, files of known deviations and amendments.",
            )


def of_semantics(before: Ruled, after: Ruled, scope: str = SCOPE, part: str = "") -> Picture:
    """What two semantics do otherwise in all states that both come into."""
    explored = find_part(scope, part or (PART if scope == SCOPE else ""))
    semantics = before.semantics, after.semantics
    found = compare(explored, semantics)
    graph = difference_graph(found, semantics)
    graph.graph.update(
        name=_file_name(before.name, after.name),
        title=f"What is done otherwise: {before.name} and {after.name}",
        before=before.name,
        after=after.name,
    )
    made = (
        f"Made from the model by hsmspec {own_version()}: {found.executions:,} executions, with each side's rules, in"
        f" the {found.states:,} states of the scope {scope} ({explored.name}) that both come into; {found.differing:,}"
        " differ."
    )
    blamed = {rule for difference in found.kinds for rule in difference.kind.rules}
    caption = [made, *_amended(before, after, blamed, "Not to be seen in this scope")]
    return Picture(graph, explored_difference_drawing(graph, caption))


def of_lives(before: Ruled, after: Ruled) -> Picture:
    """The life of a node under two semantics, with a sibling whose operations may reach it."""
    lives = life_graph(before.semantics, TWO), life_graph(after.semantics, TWO)
    graph = compared(
        *lives,
        LIFE,
        name="life-" + _file_name(before.name, after.name),
        title=f"The life of a node: {before.name} and {after.name}",
        before=before.name,
        after=after.name,
    )
    caption = list(_of_lives(before, after, [life.graph for life in lives]))
    return Picture(graph, difference_drawing(graph, caption, root=ABSENT))


def of_machines(before: NamedMachine, after: NamedMachine) -> Picture:
    """The states and transitions of two machines."""
    names = tuple(machine.description.title or machine.description.name for machine in (before, after))
    graph = compared(
        _with_words(before),
        _with_words(after),
        MACHINE,
        name=_file_name(before.description.name, after.description.name),
        title=f"States and transitions: {names[0]} and {names[1]}",
        before=names[0],
        after=names[1],
    )
    made = f"Made from {before.made_from} and {after.made_from}: every transition tried in every state of both."
    return Picture(graph, difference_drawing(graph, [made]))


def _with_words(machine: NamedMachine) -> Any:
    """A machine's graph with what all graphs have that are compared."""
    graph = machine_graph(machine.description)
    graph.nodes[START].update(initial=False, reachable=True, terminal=False, tasks=[], errors=[])
    for *_, data in graph.edges(data=True):
        data["words"] = data.get("transition", "created")
        data.setdefault("possible", True)
    return graph


def _of_lives(before: Ruled, after: Ruled, lives: list[Mapping[str, Any]]) -> Iterator[str]:
    yield (
        f"Made from the model by hsmspec {own_version()}: {lives[0]['executions']} and {lives[1]['executions']}"
        f" executions in all {lives[0]['states']} and {lives[1]['states']} states of {lives[0]['scope']}."
    )
    applied = {rule for life in lives for rule in life["rules"]}
    yield from _amended(before, after, applied, "Not of a node's life, so not here")


def _amended(before: Ruled, after: Ruled, applied: Collection[str], otherwise: str) -> Iterator[str]:
    """The amendments of both sides: those whose rules were applied, and others."""
    for side in (before, after):
        shown = [name for name in side.amendments if AMENDMENTS[name].rule in applied]
        elsewhere = [name for name in side.amendments if name not in shown]
        if shown and side.name != amended_name(shown[0]):
            yield f"In {side.name}: {'; '.join(shown)}."
        if elsewhere:
            yield f"{otherwise}: {'; '.join(elsewhere)}."
        if side.unruled:
            yield f"Known to deviate, without a rule that says how: {', '.join(side.unruled)}."


def _file_name(before: str, after: str) -> str:
    return "diff-" + re.sub(r"[^A-Za-z0-9.]+", "-", f"{before}-{after}".removeprefix("the ")).strip("-")
