"""The drawing of observed machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from hsm_diagrams.drawing.drawing import Arrow, Box, Drawing, Line, Role, with_loops_merged, wrapped
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.trace.declaration import observed_declaration
from hsm_diagrams.trace.graph import observed_graph, transition_names
from hsm_specs.machines.names import find_machine
from hsm_specs.traces.observing import observe

if TYPE_CHECKING:
    import networkx as nx

OUTCOMES = {
    "success": Role.SUCCESS,
    "rejected": Role.REJECTED,
    "failed": Role.FAILED,
    "rolled back": Role.FAILED,
}
UNNAMED = "(no state)"


def observed_picture(files: Sequence[str], type_name: str, machine: str) -> Picture:
    """Return the picture of the machines that traces show, compared with a machine if one is named."""
    reference = find_machine(machine) if machine else None
    seen = observe(files)
    graph = observed_graph(seen, type_name, reference)
    declaration = partial(observed_declaration, seen, graph.graph["types"], transition_names(reference))
    return Picture(graph, observed_drawing(graph), declaration=declaration)


def observed_drawing(graph: nx.MultiDiGraph[str]) -> Drawing:
    """Draw the graph of observed machines, with a frame for each type if there are several."""
    types = graph.graph["types"]
    framed = len(types) > 1
    boxes = [_box(node, data, framed=framed) for node, data in graph.nodes(data=True)]
    arrows = [_arrow(*edge) for edge in graph.edges(data=True)]
    return Drawing(
        name="trace",
        title=f"Observed states and transitions of {', '.join(types)}",
        caption=[f"Made from {graph.graph['traces']} recorded traces.", *_figures(graph)],
        description=" ".join(_in_words(graph)),
        boxes=boxes,
        arrows=list(with_loops_merged(list(_in_one_role(arrows)))),
    )


def _in_one_role(arrows: Sequence[Arrow]) -> Iterator[Arrow]:
    """Draw a state's rejected loops as failed if it has failed ones: two loops would cross each other's labels."""
    failing = {arrow.source for arrow in arrows if arrow.source == arrow.target and arrow.role is Role.FAILED}
    for arrow in arrows:
        crossing = arrow.source == arrow.target and arrow.source in failing and arrow.role is Role.REJECTED
        yield replace(arrow, role=Role.FAILED) if crossing else arrow


def times(count: int) -> str:
    """Return how often something happened."""
    return "once" if count == 1 else f"{count} times"


def _box(node: str, data: Mapping[str, Any], *, framed: bool) -> Box:
    group = data["type"] if framed else ""
    if data["kind"] == "start":
        return Box(key=node, lines=(), role=Role.START, group=group, hint=f"a new {data['type']}")
    role = Role.TERMINAL if data["never_left"] else Role.STATE
    notes = [times(data["count"])]
    if data["coverage"] == "never tried":
        role, notes = Role.UNSEEN, ["never seen"]
    elif data["coverage"] == "unknown":
        role = Role.DEVIATES
        notes.append("not in the machine")
    elif data["never_left"]:
        notes.append("never left")
    name = data["state"] or UNNAMED
    lines = [Line(name, strong=True, large=True), *(Line(note) for note in notes)]
    return Box(key=node, lines=lines, role=role, group=group, hint=f"{name}: {', '.join(notes)}")


def _arrow(source: str, target: str, data: Mapping[str, Any]) -> Arrow:
    if data["kind"] == "creation":
        lines = [Line(f"created {times(data['count'])}")]
        return Arrow(source=source, target=target, lines=lines, role=Role.SUCCESS, hint="a new machine")
    role = OUTCOMES[data["outcome"]]
    ending = "" if data["outcome"] == "success" else f"{data['outcome']} "
    note = f"{ending}{times(data['count'])}"
    if data["coverage"] == "never tried":
        role, note = Role.UNSEEN, "never tried"
    elif data["coverage"] == "unknown":
        role, note = Role.DEVIATES, f"not in the machine, {note}"
    lines = [*(Line(line.text, strong=True) for line in wrapped(data["transition"])), Line(note)]
    for task, count in data["tasks"].items():
        lines += wrapped(f"emits {task}" + ("" if count == data["count"] else f" {times(count)}"))
    return Arrow(source=source, target=target, lines=lines, role=role, hint=f"{data['transition']}: {note}")


def _figures(graph: nx.MultiDiGraph[str]) -> Iterator[str]:
    """Yield what was never observed, and the coverage."""
    several = len(graph.graph["types"]) > 1
    for name, machine in graph.graph["machines"].items():
        prefix = f"{name}: " if several else ""
        for what, entries in (
            ("Never left", [state or UNNAMED for state in machine["never_left"]]),
            ("Never tried", machine["never_tried"]),
            ("Never tried from a declared source", machine["untried_sources"]),
        ):
            if entries:
                yield f"{prefix}{what} ({len(entries)}): {', '.join(entries)}."
    if never := graph.graph["never_executed"]:
        listed = ", ".join(f"{task}, emitted {times(count)}" for task, count in never.items())
        yield f"Tasks never executed ({len(never)}): {listed}."
    if reference := graph.graph["reference"]:
        sizes = graph.graph
        yield (
            f"Of {reference}: {sizes['states_covered']} of {sizes['states']} states and"
            f" {sizes['edges_covered']} of {sizes['edges']} edges were observed."
        )
        if sizes["unknown"]:
            yield f"Not as in {reference} ({len(sizes['unknown'])}): {'; '.join(sizes['unknown'])}."


def _in_words(graph: nx.MultiDiGraph[str]) -> Iterator[str]:
    """Yield the text alternative: each state and where it was seen to lead."""
    for node, data in graph.nodes(data=True):
        if data["kind"] == "start":
            continue
        moves = [
            f"{edge['transition']}, {edge['outcome']} {times(edge['count'])}, {graph.nodes[target]['state'] or UNNAMED}"
            for _, target, edge in graph.out_edges(node, data=True)
            if edge["kind"] == "transition"
        ]
        yield f"{data['type']} {data['state'] or UNNAMED}: {'; '.join(moves) or 'never left'}."
