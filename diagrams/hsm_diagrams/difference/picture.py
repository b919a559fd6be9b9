"""Pictures of differences between two machines, or between two semantics in a scope or in the life of a node."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hsm_diagrams.difference.changes import machine_changes
from hsm_diagrams.difference.differences import Sameness, compared
from hsm_diagrams.difference.drawing import difference_drawing
from hsm_diagrams.difference.explored import compare, difference_graph
from hsm_diagrams.difference.explored_drawing import THE_SPECIFICATION, explored_difference_drawing
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.explored.graph import find_part
from hsm_diagrams.life.actions import TWO
from hsm_diagrams.life.graph import ABSENT, life_graph
from hsm_diagrams.machine.graph import machine_graph
from hsm_diagrams.machine.trials import START
from hsm_model.framework.amendments import ALL_AMENDMENTS, amend_world
from hsm_model.machines import MACHINES
from hsm_model.machines.suggestions import similar
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.errors import InputError
from hsm_specs.installed import installed_version
from hsm_specs.machines.names import NamedMachine, find_machine
from hsm_specs.oracle.deviations import deviations_in

LIFE = Sameness(("words", "outcome"), nodes=("saw", "endings"))
MACHINE = Sameness(
    ("words", "outcome", "guard"),
    nodes=("initial", "reachable", "terminal", "tasks", "errors"),
    edges=("tasks", "errors", "possible"),
)


SCOPE, PART = "quick", "nested"
"""The scope and its part in which two semantics are compared: nested operations, and siblings."""


def difference_picture(first: str, second: str, scope: str = SCOPE, part: str = "", *, life: bool = False) -> Picture:
    """Return the picture of the differences between two named things. Raise `InputError` for unknown names.

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
    """Return the differences between two semantics in all states that both reach."""
    explored = find_part(scope, part or (PART if scope == SCOPE else ""))
    semantics = before.semantics, after.semantics
    found = compare(explored, semantics)
    graph = difference_graph(found, semantics)
    graph.graph.update(
        name=_file_name(before.name, after.name),
        title=f"How {after.name} differs from {before.name}",
        before=before.name,
        after=after.name,
    )
    made = (
        f"Made from the model by hsmspec {installed_version()}: {found.executions:,} executions, with each side's"
        f" rules, in the {found.states:,} states of the scope {scope} ({explored.name}) that both reach;"
        f" {found.differing:,} differ."
    )
    blamed = {rule for difference in found.kinds for rule in difference.kind.rules}
    caption = [made, *_amended(before, after, blamed, "Not triggered by this exploration")]
    return Picture(graph, explored_difference_drawing(graph, caption))


def of_lives(before: Ruled, after: Ruled) -> Picture:
    """Return the life of a node under two semantics, with a sibling whose operations may affect it."""
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
    """Return the differences between the states and transitions of two machines."""
    names = _distinct(before, after)
    graphs = _with_words(before), _with_words(after)
    changes = machine_changes(*graphs, (before.declaration, after.declaration))
    graph = compared(
        *graphs,
        MACHINE,
        name=_file_name(before.description.name, after.description.name),
        title=f"States and transitions: {names[0]} and {names[1]}",
        before=names[0],
        after=names[1],
    )
    made = f"Made from {before.made_from} and {after.made_from}: every transition tried in every state of both."
    graph.graph["changes"] = [change.sentence for change in changes]
    for *_, data in graph.edges(data=True):
        data["changes"] = list[str]()
    for change in changes:
        if change.transition:
            for *_, data in graph.out_edges(change.state, data=True):
                if data["words"] == change.transition and data["change"] == "changed":
                    data["changes"].append(change.text)
        else:
            graph.nodes[change.state].setdefault("changes", []).append(change.text)
    return Picture(graph, difference_drawing(graph, [made]), changes=changes)


def _distinct(before: NamedMachine, after: NamedMachine) -> tuple[str, str]:
    """Return names that tell two machines apart: their titles, else how they were named, else their order."""
    for one, other in (
        [machine.description.title or machine.description.name for machine in (before, after)],
        [before.name, after.name],
    ):
        if one != other:
            return one, other
    return f"{before.name} (first)", f"{after.name} (second)"


def _with_words(machine: NamedMachine) -> Any:
    """Return a machine's graph with the members that comparison needs."""
    graph = machine_graph(machine.description)
    graph.nodes[START].update(initial=False, reachable=True, terminal=False, tasks=[], errors=[])
    for *_, data in graph.edges(data=True):
        data["words"] = data.get("transition", "created")
        data.setdefault("possible", True)
    return graph


def _of_lives(before: Ruled, after: Ruled, lives: list[Mapping[str, Any]]) -> Iterator[str]:
    yield (
        f"Made from the model by hsmspec {installed_version()}: {lives[0]['executions']} and {lives[1]['executions']}"
        f" executions in all {lives[0]['states']} and {lives[1]['states']} states of {lives[0]['scope']}."
    )
    applied = {rule for life in lives for rule in life["rules"]}
    yield from _amended(before, after, applied, "Not part of a node's life, so not drawn")


def _amended(before: Ruled, after: Ruled, applied: Collection[str], otherwise: str) -> Iterator[str]:
    """Yield the amendments of both sides: those whose rules were applied, then the others."""
    for side in (before, after):
        shown = [name for name in side.amendments if ALL_AMENDMENTS[name].rule in applied]
        elsewhere = [name for name in side.amendments if name not in shown]
        if shown and side.name != amended_name(shown[0]):
            yield f"In {side.name}: {'; '.join(shown)}."
        if elsewhere:
            yield f"{otherwise}: {'; '.join(elsewhere)}."
        if side.unruled:
            yield f"Deviates, not drawn here: {', '.join(side.unruled)}."


def _file_name(before: str, after: str) -> str:
    return "diff-" + re.sub(r"[^A-Za-z0-9.]+", "-", f"{before}-{after}".removeprefix("the ")).strip("-")


SPECIFIED = "specification"


@dataclass(frozen=True, slots=True)
class Ruled:
    """A semantics with its name and its amendments."""

    name: str
    semantics: Semantics
    amendments: Sequence[str] = ()
    unruled: Sequence[str] = ()
    """Requirements of known deviations that no amendment describes, so no graph shows them."""


Side = Ruled | NamedMachine


def amended_name(amendment: str) -> str:
    """Return the name of the specification with an amendment."""
    return f"{THE_SPECIFICATION} with {amendment}"


def find_side(name: str) -> Side:
    """Return the operand with a name. Raise `InputError`, which lists similar names."""
    if name == SPECIFIED:
        return Ruled(THE_SPECIFICATION, SPECIFICATION)
    if name in ALL_AMENDMENTS:
        return Ruled(amended_name(name), amend_world(names=(name,)), (name,))
    if name.endswith(".json"):
        return find_machine(name)
    if name.endswith(".toml") or Path(name).is_file():
        return _deviating(Path(name))
    known = [SPECIFIED, *ALL_AMENDMENTS, *MACHINES]
    if ":" not in name and name not in {*MACHINES, *(machine.title for machine in MACHINES.values())}:
        raise InputError(
            f"There is nothing called `{name}` to compare{similar(name, known)}",
            remedy=f"There are {', '.join(known)}, files of known deviations, and machines as module:attribute.",
        )
    return find_machine(name)


def _deviating(path: Path) -> Ruled:
    found = deviations_in(path)
    name = " ".join(filter(None, (found.implementation, found.version))) or path.stem
    unruled = [entry.requirement for entry in found.deviation if not entry.amendment]
    return Ruled(name, amend_world(SPECIFICATION, found.rules), found.rules, unruled)
