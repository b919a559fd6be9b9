"""The drawing of the differences between two explorations, with paths that lead to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hsm_diagrams.difference.drawing import CAPTION_WIDTH, ROLES, SIGNS
from hsm_diagrams.difference.explored import SAME
from hsm_diagrams.drawing.drawing import Arrow, Box, Drawing, Line, Role, ids_of, with_loops_merged, wrapped

if TYPE_CHECKING:
    import networkx as nx

START = "(start)"
THE_SPECIFICATION = "the specification"
"""The name of the side that is right."""
WIDTH = 24
Edge = tuple[str, str, Mapping[str, Any]]


def explored_difference_drawing(graph: nx.MultiDiGraph[str], caption: Sequence[str], made: str = "") -> Drawing:
    """Draw the differences between two explorations.

    ``caption`` says what they are, and ``made`` how the picture was made.
    """
    of = graph.graph
    unchanged = "should change nothing" if of["before"] == THE_SPECIFICATION else f"no change in {of['before']}"
    arrows = [_arrow(*edge, unchanged) for edge in graph.edges(data=True)]
    starts = [node for node, data in graph.nodes(data=True) if data["initial"]]
    return Drawing(
        name=of["name"],
        title=of["title"],
        caption=[*caption, " ".join(_reading(graph))],
        description=" ".join([*_in_words(graph), made]).rstrip(),
        boxes=[Box(key=START, lines=(), role=Role.START, hint="a new root"), *map(_box, graph)],
        arrows=[
            *(Arrow(source=START, target=start, lines=(), role=Role.SAME) for start in starts),
            *with_loops_merged(arrows),
        ],
        direction="right",
        caption_width=CAPTION_WIDTH,
    )


def _box(key: str) -> Box:
    lines = [Line(place, strong="dirty" in place) for place in key.split(", ")]
    return Box(key=key, lines=lines, role=Role.SAME, hint=key)


def _arrow(source: str, target: str, data: Mapping[str, Any], unchanged: str) -> Arrow:
    change = data["change"]
    if change == SAME:
        return Arrow(source=source, target=target, lines=wrapped(data["words"], WIDTH), role=Role.SAME)
    said = data["words"] + (", which fails" if data["failed"] else "")
    lines = [Line(line.text, strong=True) for line in wrapped(SIGNS[change] + said, WIDTH)]
    if data["differing"]:
        lines += wrapped(f"different: {', '.join(data['differing'])}", WIDTH)
    if data["instead"]:
        lines += wrapped(unchanged if change == "added" else "now changes nothing", WIDTH)
    lines += wrapped(f"in {data['states']:,} state{'s' * (data['states'] > 1)}", WIDTH)
    lines += ids_of(data["requirements"], WIDTH)
    return Arrow(
        source=source,
        target=target,
        lines=lines,
        role=ROLES[change],
        requirements=data["requirements"],
        hint=f"{ROLES[change].value}: {said}",
    )


def _reading(graph: nx.MultiDiGraph[str]) -> Iterator[str]:
    changes = {data["change"] for *_, data in graph.edges(data=True)}
    before, after = graph.graph["before"], graph.graph["after"]
    if changes <= {SAME}:
        yield "Both sides behave the same in all of them."
        return
    if "added" in changes:
        yield f"Thick blue, +: {after}."
    if "removed" in changes:
        yield f"Dashed orange, {SIGNS['removed'].strip()}: {before}."
    if "changed" in changes:
        yield f"Violet, {SIGNS['changed'].strip()}: both, something else differs."
    if SAME in changes:
        yield "Gray: a path there."


def _in_words(graph: nx.MultiDiGraph[str]) -> Iterator[str]:
    before, after = graph.graph["before"], graph.graph["after"]
    yield f"Differences between {before} and {after}."
    sides = {"added": after, "removed": before, "changed": "both, with a difference"}
    for source, target, data in graph.edges(data=True):
        if data["change"] != SAME:
            yield (
                f"{data['words']}{', which fails,' if data['failed'] else ''} from ({source}) to ({target}):"
                f" {sides[data['change']]}, in {data['states']} states."
            )
