"""The drawing of a machine's graph, and its picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from hsm_diagrams.drawing.drawing import Arrow, Box, Drawing, Line, Role, with_loops_merged, wrapped
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.machine.graph import machine_graph, states
from hsm_diagrams.machine.mistakes import mistakes
from hsm_diagrams.machine.played import played_machine
from hsm_diagrams.machine.trials import START
from hsm_specs.errors import InputError
from hsm_specs.machines.names import NamedMachine, where

if TYPE_CHECKING:
    import networkx as nx

REFUSED = "(rejected)"
"""The key of the box with the table of rejected transitions."""


def machine_drawing(graph: nx.MultiDiGraph[str], made_from: str, *, rejected: bool = False) -> Drawing:
    """Draw a machine's graph. ``made_from`` says what was tried; ``rejected`` adds a table of rejected ones."""
    title = graph.graph["title"] or graph.graph["name"]
    package = f"{title.rpartition('.')[0]}."
    boxes = [_box(key, data, package) for key, data in graph.nodes(data=True)]
    edges = list(graph.edges(data=True))
    pending = {key: data.get("tasks", ()) for key, data in graph.nodes(data=True)}
    shown = [edge for edge in edges if edge[2]["outcome"] != "rejected"]
    becoming = [[task for task in pending[target] if task not in pending[source]] for source, target, _ in shown]
    arrows = list(with_loops_merged([_arrow(*edge, package, new) for edge, new in zip(shown, becoming, strict=True)]))
    refused = [edge for edge in edges if edge[2]["outcome"] == "rejected"] if rejected else []
    if refused:
        boxes.append(_refusals(states(graph), refused))
        leaving = {arrow.source for arrow in arrows if arrow.source != arrow.target}
        # Below all states, where it is in the way of no arrow.
        arrows += [
            Arrow(source=state, target=REFUSED, lines=(), role=Role.HIDDEN)
            for state in states(graph)
            if state not in leaving
        ]
    return Drawing(
        name=graph.graph["name"],
        title=f"States and transitions of {title}",
        caption=[_making(graph, made_from), " ".join(_reading(graph, arrows, package))],
        description=" ".join(_in_words(graph, title)),
        boxes=boxes,
        arrows=arrows,
    )


def _refusals(names: Sequence[str], edges: Sequence[tuple[str, str, Mapping[str, Any]]]) -> Box:
    """Return a table of the transitions that each state rejects, in place of many loops."""
    said = {
        state: ", ".join(
            data["transition"] + _guard(data) + _doubt(data) for source, _, data in edges if source == state
        )
        for state in names
    }
    return Box(
        key=REFUSED,
        lines=[Line("Rejected", strong=True, large=True)],
        role=Role.REJECTED,
        requirements=edges[0][2]["requirements"],
        hint="transitions that are not possible in a state",
        table=[(state, transitions) for state, transitions in said.items() if transitions],
    )


def _box(key: str, data: Mapping[str, Any], package: str) -> Box:
    if key == START:
        return Box(key=key, lines=(), role=Role.START, hint="a new machine")
    if not data["reachable"]:
        role, said = Role.UNREACHABLE, "unreachable"
    elif data["terminal"]:
        role, said = Role.TERMINAL, "terminal"
    else:
        role, said = Role.STATE, "initial" if data["initial"] else ""
    lines = [Line(key, strong=True, large=True)]
    if role is Role.UNREACHABLE:
        lines.append(Line(said))
    else:
        lines += _tasks("{} pending", data["tasks"], package)
        lines += _errors("regenerating tasks fails: ", data["errors"])
    return Box(key=key, lines=lines, role=role, requirements=data["requirements"], hint=f"{said} state {key}".lstrip())


def _arrow(
    source: str, target: str, data: Mapping[str, Any], package: str, becoming: Sequence[Mapping[str, str]]
) -> Arrow:
    """Return the arrow of an edge. It says what it starts if that is not what becomes pending in its target."""
    emitted = list(_tasks("starts {}", data["tasks"], package))
    if data["kind"] == "transition" and data["outcome"] == "success" and source != target:
        if list(data["tasks"]) == list(becoming):
            emitted = []
        elif not data["tasks"]:
            emitted = [Line("starts nothing")]
    if data["kind"] == "creation":
        lines = [Line("created" + _guard(data)), *emitted] if data["tasks"] or data["guard"] else []
        return Arrow(source=source, target=target, lines=lines, role=Role.SUCCESS, hint=f"a new machine is {target}")
    transition, outcome = data["transition"], data["outcome"]
    lines = [Line(transition + _guard(data) + _doubt(data), strong=True)]
    hint = f"{transition} leads from {source} to {target}"
    if outcome == "failed":
        end = "rolled back" if data["rolled_back"] else "NOT rolled back"
        lines += [Line(f"fails, {end}"), *_errors("", data["errors"])]
        hint = f"{transition} fails in {source}, {end}"
    lines += emitted
    return Arrow(
        source=source,
        target=target,
        lines=lines,
        role=Role.FAILED if outcome == "failed" else Role.SUCCESS,
        requirements=data["requirements"],
        hint=hint,
    )


def _tasks(phrase: str, tasks: Sequence[Mapping[str, str]], package: str) -> Iterator[Line]:
    for task in tasks:
        queue = "timer"
        if task["kind"] == "outbound":
            queue = f"outbound to {task['queue']}" if task["queue"] else "sent to the shared queue"
        yield from wrapped(f"{phrase.format(task['type'].removeprefix(package))}, {queue}{_guard(task)}")


def _errors(verb: str, errors: Sequence[Mapping[str, str]]) -> Iterator[Line]:
    for error in errors:
        yield from wrapped(verb + error["message"] + _guard(error))


def _guard(data: Mapping[str, Any]) -> str:
    return f" [{data['guard']}]" if data["guard"] else ""


def _doubt(data: Mapping[str, Any]) -> str:
    """Return a note if `Transition.possible` contradicts the outcome."""
    if data["possible"] == (data["outcome"] != "rejected"):
        return ""
    return " although possible" if data["possible"] else " although not possible"


def _making(graph: nx.MultiDiGraph[str], made_from: str) -> str:
    """Return how the picture was made."""
    cases = [case for case in graph.graph["cases"] if case]
    machines = f" of {len(cases)} machines ({', '.join(cases)})" if cases else ""
    trials = sum(data["count"] for *_, data in graph.edges(data=True) if data["kind"] == "transition")
    return (
        f"Made from {made_from}: {len(graph.graph['transitions'])} transitions tried in {len(states(graph))}"
        f" states{machines}, {trials} trials."
    )


def _reading(graph: nx.MultiDiGraph[str], arrows: Sequence[Arrow], package: str) -> Iterator[str]:
    """Yield how to read the signs that occur in the picture."""
    yield "The dot leads to the initial state."
    roles = {arrow.role for arrow in arrows}
    marks = [graph.nodes[state] for state in states(graph)]
    if any(mark["terminal"] and mark["reachable"] for mark in marks):
        yield "Double border: terminal."
    if any(not mark["reachable"] for mark in marks):
        yield "Gray and dashed: unreachable."
    moves = [data for a, b, data in graph.edges(data=True) if data["outcome"] == "success" and a != b and data["tasks"]]
    if any(data["kind"] == "transition" for data in moves):
        yield "An arrow starts what becomes pending where it leads, unless it says otherwise."
    if Role.FAILED in roles:
        yield "Red: fails and is rolled back."
    labelled = [*marks, *(data for *_, data in graph.edges(data=True))]
    said = [*labelled, *(entry for data in labelled for entry in (*data["tasks"], *data.get("errors", ())))]
    if any(entry.get("guard") for entry in said):
        yield "In brackets: in these cases only."
    if any(task["type"].startswith(package) for data in labelled for task in data["tasks"]):
        yield f"Task types begin with {package}"


def _in_words(graph: nx.MultiDiGraph[str], title: str) -> Iterator[str]:
    """Yield the text alternative: each state and where it leads."""
    yield f"The state machine {title}."
    for state in states(graph):
        data = graph.nodes[state]
        kinds = [kind for kind in ("initial", "terminal") if data[kind]] if data["reachable"] else ["unreachable"]
        moves = [
            f"{edge['transition']} {'leads to ' + target if edge['outcome'] == 'success' else 'fails'}"
            for _, target, edge in graph.out_edges(state, data=True)
            if edge["outcome"] != "rejected"
        ]
        said = f" ({', '.join(kinds)})" if kinds else ""
        yield f"{state}{said}: {', '.join(moves) or 'nothing leads out'}."


def machine_picture(machine: NamedMachine, *, rejected: bool = False) -> Picture:
    """Return the picture of a machine's states and transitions; ``rejected`` adds a table of rejected ones.

    Raise `InputError` if an imported machine fails.
    """
    try:
        graph = machine_graph(machine.description)
        found = tuple(mistakes(machine.description, graph))
    except Exception as error:
        if not machine.imported:
            raise
        raise InputError(f"The machine {machine.description.name} cannot be tried: {where(error)}.") from error
    drawing = machine_drawing(graph, machine.made_from, rejected=rejected)
    boxes = {box.key: number for number, box in enumerate(drawing.boxes, 1)}
    play = partial(played_machine, machine, boxes)
    return Picture(graph, drawing, mistakes=found, play=play)
