"""Pictures of differences between two machines, or between two semantics in a scope or in the life of a node."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hsm_diagrams.difference.changes import machine_changes
from hsm_diagrams.difference.counting import limits
from hsm_diagrams.difference.differences import Sameness, compared
from hsm_diagrams.difference.drawing import difference_drawing
from hsm_diagrams.difference.explored import compare, difference_graph
from hsm_diagrams.difference.explored_drawing import THE_SPECIFICATION, explored_difference_drawing
from hsm_diagrams.difference.limits import Limit, Taken, limit_of
from hsm_diagrams.drawing.drawing import in_short
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
    edges=("tasks", "errors", "possible", "allowed"),
)


SCOPE, PART = "quick", "nested"
"""The scope and its part in which two semantics are compared: nested operations, and siblings."""


def difference_picture(
    first: str, second: str, scope: str = SCOPE, part: str = "", *, life: bool = False, others: Sequence[str] = ()
) -> Picture:
    """Return the picture of the differences between two named things. Raise `InputError` for unknown names.

    Semantics are compared in the states of a scope's part, or by the life of a node. ``others`` have the same semantics
    as the second one, and are named with it.
    """
    match find_side(first), alike([find_side(name) for name in (second, *others)]):
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
        title=f"How {after.name} {'differs' if after.count == 1 else 'differ'} from {before.name}",
        before=before.name,
        after=after.name,
    )
    executed = (
        f"{found.executions:,} executions in the {found.states:,} states of the scope {scope} ({explored.name}) that"
        f" both reach; {found.differing:,} differ.{_unruled(before, after)}"
    )
    blamed = {rule for difference in found.kinds for rule in difference.kind.rules}
    caption = [executed, *_amended(before, after, blamed, "not triggered")]
    made = f"Made from the model by hsmspec {installed_version()}."
    return Picture(graph, explored_difference_drawing(graph, caption, made))


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
    made = f"Made from the model by hsmspec {installed_version()}."
    return Picture(graph, difference_drawing(graph, caption, root=ABSENT, made=made))


def of_machines(before: NamedMachine, after: NamedMachine) -> Picture:
    """Return the differences between the states and transitions of two machines."""
    names = _distinct(before, after)
    allowed = limits(before), limits(after)
    graphs = _with_words(before, allowed[0]), _with_words(after, allowed[1])
    changes = machine_changes(*graphs, (before.declaration, after.declaration), allowed)
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


def _with_words(machine: NamedMachine, allowed: Mapping[Taken, Limit]) -> Any:
    """Return a machine's graph with the members that comparison needs."""
    graph = machine_graph(machine.description)
    graph.nodes[START].update(initial=False, reachable=True, terminal=False, tasks=[], errors=[])
    for source, target, data in graph.edges(data=True):
        data["words"] = data.get("transition", "created")
        data.setdefault("possible", True)
        limit = limit_of(allowed, source, data["words"], target) if data["outcome"] == "success" else None
        data["allowed"] = limit.times if limit is not None and limit.refused else None
    return graph


def _of_lives(before: Ruled, after: Ruled, lives: list[Mapping[str, Any]]) -> Iterator[str]:
    yield (
        f"{lives[0]['executions']} and {lives[1]['executions']} executions in all {lives[0]['states']} and"
        f" {lives[1]['states']} states of {lives[0]['scope']}.{_unruled(before, after)}"
    )
    applied = {rule for life in lives for rule in life["rules"]}
    yield from _amended(before, after, applied, "not part of a node's life")


def _amended(before: Ruled, after: Ruled, applied: Collection[str], otherwise: str) -> Iterator[str]:
    """Yield a line with the amendments that only one side has: those whose rules were applied, then the others."""
    said: list[str] = []
    hidden: list[str] = []
    for side, other in ((before, after), (after, before)):
        own = [name for name in side.amendments if name not in other.amendments]
        shown = [name for name in own if ALL_AMENDMENTS[name].rule in applied]
        hidden += (name for name in own if name not in shown)
        if shown and side.name != amended_name(shown[0]):
            said.append(f"{'' if side is after else f'{side.name}, '}amendments: {', '.join(shown)}.")
    if hidden:
        said.append(f"{otherwise}: {', '.join(hidden)}.")
    if said:
        yield " ".join(sentence[:1].upper() + sentence[1:] for sentence in said)


def _unruled(before: Ruled, after: Ruled) -> str:
    """Return the requirements that one side alone deviates from in a way that is not drawn, in a sentence."""
    names = [
        name for side, other in ((before, after), (after, before)) for name in side.unruled if name not in other.unruled
    ]
    return f" Deviates, not drawn: {in_short(names)}." if names else ""


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
    count: int = 1
    """The number of releases that it stands for."""


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


def alike(sides: Sequence[Side]) -> Side:
    """Return the one side that several are. Raise `InputError` if they do not have the same semantics."""
    first = sides[0]
    if len(sides) == 1:
        return first
    ruled = [side for side in sides if isinstance(side, Ruled)]
    if not isinstance(first, Ruled) or len(ruled) < len(sides):
        raise InputError("Only specifications can share a picture.", remedy="Name two machines.")
    for side in ruled:
        if side.semantics != first.semantics:
            raise InputError(
                f"{first.name} and {side.name} do not deviate alike, so they cannot share a picture.",
                remedy="Compare each of them in a picture of its own.",
            )
    unruled = list(dict.fromkeys(name for side in ruled for name in side.unruled))
    return Ruled(_joined([side.name for side in ruled]), first.semantics, first.amendments, unruled, len(sides))


def _joined(names: Sequence[str]) -> str:
    """Return names as a list; words that all begin with are said once."""
    heads = {name.rpartition(" ")[0] for name in names}
    tails = [name.rpartition(" ")[2] for name in names] if len(heads) == 1 else names
    listed = f"{', '.join(tails[:-1])} and {tails[-1]}"
    return f"{heads.pop()} {listed}".lstrip() if len(heads) == 1 else listed


def _deviating(path: Path) -> Ruled:
    found = deviations_in(path)
    name = " ".join(filter(None, (found.implementation, found.version))) or path.stem
    unruled = [entry.requirement for entry in found.deviation if not entry.amendment]
    return Ruled(name, amend_world(SPECIFICATION, found.rules), found.rules, unruled)
