"""The drawing of two merged graphs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hsm_diagrams.difference.differences import differing
from hsm_diagrams.drawing.drawing import Arrow, Box, Drawing, Line, Role, ids_of, with_loops_merged, wrapped

if TYPE_CHECKING:
    import networkx as nx

WIDTH = 30
CAPTION_WIDTH = 160
"""The maximum length of a line of a caption. A caption has three lines; what made the picture is in its description."""
ROLES = {"same": Role.SAME, "added": Role.ADDED, "removed": Role.REMOVED, "changed": Role.CHANGED}
SIGNS = {"same": "", "added": "+ ", "removed": "\N{MINUS SIGN} ", "changed": "\N{PLUS-MINUS SIGN} "}
"""The signs at the beginning of lines, so that color is not the only cue."""
Edge = tuple[str, str, Mapping[str, Any]]


def difference_drawing(graph: nx.MultiDiGraph[str], caption: Sequence[str], root: str = "", made: str = "") -> Drawing:
    """Draw two merged graphs. ``caption`` says what they are, and ``made`` how the picture was made.

    With a ``root``, draw only the differences and paths from the root to them.
    """
    changes: dict[str, str] = {node: data["change"] for node, data in graph.nodes(data=True)}
    edges = [edge for edge in graph.edges(data=True) if _tells(graph, edge)]
    arrows = list(with_loops_merged([_arrow(changes, *bundle) for bundle in _bundled(edges)]))
    kept = set(graph)
    if root and differing(graph):
        arrows = _needed(arrows, root)
        kept = {end for arrow in arrows for end in (arrow.source, arrow.target)}
    before, after = graph.graph["before"], graph.graph["after"]
    return Drawing(
        name=graph.graph["name"],
        title=graph.graph["title"],
        caption=[*caption, " ".join(_reading(graph, before, after))],
        description=" ".join([*_in_words(graph, edges, before, after), made]).rstrip(),
        boxes=[_box(key, data, before, after) for key, data in graph.nodes(data=True) if key in kept],
        arrows=arrows,
        caption_width=CAPTION_WIDTH,
    )


def _stays(edge: Edge) -> bool:
    """Return whether an edge failed or was rejected and changed nothing."""
    source, target, data = edge
    return source == target and data["outcome"] != "success"


def _tells(graph: nx.MultiDiGraph[str], edge: Edge) -> bool:
    """Return whether an edge is drawn.

    Loops are not drawn if they are the same on both sides, or belong to a node that only one side has. If one side
    stays where the other moves on, only the moving arrow is drawn.
    """
    source, target, data = edge
    if source == target and (data["change"] == "same" or graph.nodes[source]["change"] in ("added", "removed")):
        return False
    if source == target and data["instead"]:
        return False
    return not (_stays(edge) and data["outcome"] == "rejected")


def _needed(arrows: Sequence[Arrow], root: str) -> list[Arrow]:
    """Return the arrows that show differences, and the fewest others that lead to them from the root."""
    telling = [arrow for arrow in arrows if arrow.lines]
    wanted = dict.fromkeys(end for arrow in telling for end in (arrow.source, arrow.target))
    came: dict[str, Arrow | None] = {root: None}
    waiting = deque([root])
    while waiting:
        place = waiting.popleft()
        # Prefer arrows that are drawn anyway.
        for arrow in sorted(arrows, key=lambda each: each not in telling):
            if arrow.source == place and arrow.target not in came:
                came[arrow.target] = arrow
                waiting.append(arrow.target)
    needed = {id(arrow) for arrow in telling}
    for place in wanted:
        at = place
        while (way := came.get(at)) is not None:
            needed.add(id(way))
            at = way.source
    return [arrow for arrow in arrows if id(arrow) in needed]


Bundle = tuple[str, str, str, Sequence[Mapping[str, Any]]]


def _bundled(edges: Sequence[Edge]) -> Iterator[Bundle]:
    """Group the edges by their ends and their change."""
    bundles: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for source, target, data in edges:
        bundles.setdefault((source, target, data["change"]), []).append(data)
    for (source, target, change), bundle in bundles.items():
        yield source, target, change, bundle


def _arrow(
    changes: Mapping[str, str], source: str, target: str, change: str, bundle: Sequence[Mapping[str, Any]]
) -> Arrow:
    words = list(dict.fromkeys(data["words"] for data in bundle))
    requirements = list(dict.fromkeys(name for data in bundle for name in data.get("requirements", ())))
    lines: list[Line] = []
    if change != "same" and _says_something(changes, source, bundle):
        lines = list(_labels(source, change, bundle))
    return Arrow(
        source=source,
        target=target,
        lines=lines,
        role=ROLES[change],
        requirements=requirements,
        hint=f"{ROLES[change].value}: {', '.join(words)}",
    )


def _says_something(changes: Mapping[str, str], source: str, bundle: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether the operation differs, and not merely the presence of the node that it is tried on."""
    origins = [changes.get(data.get("origin") or source) for data in bundle]
    return not all(origin in ("added", "removed") for origin in origins)


def _labels(source: str, change: str, bundle: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    """Yield the operations with what they do on the first side: after each one, or once if all do the same."""
    words: dict[str, str] = {}
    for data in bundle:
        said = "; ".join(data.get("changes", data["differing"]))
        differing = f" [{said}]" if said else ""
        words[data["words"] + differing] = _instead(source, data) if change == "added" else ""
    alike = len(set(words.values())) == 1
    for text, instead in words.items():
        yield from (Line(line.text, strong=True) for line in wrapped(SIGNS[change] + text, WIDTH))
        yield from [] if alike else wrapped(instead, WIDTH)
    yield from wrapped(next(iter(words.values())), WIDTH) if alike else []
    yield from ids_of((name for data in bundle for name in data.get("requirements", ())), WIDTH)


def _instead(source: str, data: Mapping[str, Any]) -> str:
    there = ["no change" if name == source else name for name in data["instead"]]
    return f"instead of: {' or '.join(there)}" if there else ""


def _box(key: str, data: Mapping[str, Any], before: str, after: str) -> Box:
    change = data["change"]
    if data.get("kind") == "start":
        return Box(key=key, lines=(), role=Role.START)
    lines = [Line(SIGNS[change] + key, strong=True, large=True)]
    if change in ("added", "removed"):
        lines += wrapped(f"only {after if change == 'added' else before}", WIDTH)
    if data.get("terminal"):
        lines.append(Line("terminal"))
    if data["differing"]:
        said = data.get("changes") or [f"different: {', '.join(data['differing'])}"]
        lines += [line for text in said for line in wrapped(text, WIDTH)]
    return Box(key=key, lines=lines, role=ROLES[change], requirements=data.get("requirements", ()))


def _reading(graph: nx.MultiDiGraph[str], before: str, after: str) -> Iterator[str]:
    found = differing(graph)
    yield "Gray: the same on both sides." if found else "Both sides are the same."
    if "added" in found:
        yield f"Thick blue, +: only {after}."
    if "removed" in found:
        yield f"Dashed orange, \N{MINUS SIGN}: only {before}."
    if "changed" in found:
        yield "Violet, \N{PLUS-MINUS SIGN}: different."


def _in_words(graph: nx.MultiDiGraph[str], edges: Sequence[Edge], before: str, after: str) -> Iterator[str]:
    yield f"Differences between {before} and {after}."
    sides = {"added": f"only {after}", "removed": f"only {before}", "changed": "different"}
    for node, of_node in graph.nodes(data=True):
        if of_node["change"] in sides:
            yield f"{node}: {sides[of_node['change']]}."
    for source, target, data in edges:
        if data["change"] in sides:
            yield f"{data['words']} from {source} to {target}: {sides[data['change']]}."
