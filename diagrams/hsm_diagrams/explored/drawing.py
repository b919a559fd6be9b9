"""The drawing of an explored graph, and its picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from hsm_diagrams.drawing.drawing import Arrow, Box, Drawing, Line, Role
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.explored.graph import INSIDE, REHYDRATED, Fold, explored_graph, find_part, fitting_fold
from hsm_specs.explore.explorer import explore
from hsm_specs.installed import installed_version

if TYPE_CHECKING:
    import networkx as nx

START = "(start)"
LABELLED = 40
"""The number of arrows up to which arrows have labels."""
ROOMY = 30
"""The number of arrows above which shortcuts are left out."""
SHORTCUTS = (INSIDE, REHYDRATED)
"""Operations that are left out, in this order, while there are too many arrows: other paths lead there too."""
FOLDED = {
    "counts": "presence, dirtiness and class of TransitionCount() of each place",
    "dirty": "presence and dirtiness of each place",
    "presence": "presence of each place",
    "none": "nothing: every state has a box",
}


def explored_drawing(graph: nx.MultiDiGraph[str], made_by: str) -> Drawing:
    """Draw an explored graph."""
    moves, left_out = _without_shortcuts(graph)
    labelled = len(moves) <= LABELLED
    common = _most_common(moves) if labelled else ""
    arrows = [_arrow(*ends, bundle, common, labelled=labelled) for ends, bundle in moves.items()]
    starts = [box for box, data in graph.nodes(data=True) if data["initial"]]
    of = graph.graph
    return Drawing(
        name=of["name"],
        title=of["title"],
        caption=[
            f"Made from the model by {made_by}: {of['states']:,} states and {of['edges']:,} executions, folded to"
            f" {len(graph)} boxes by {FOLDED[of['fold']]}.",
            " ".join(_reading(of, arrows, common, left_out, labelled=labelled)),
        ],
        description=" ".join(_in_words(graph)),
        boxes=[
            Box(key=START, lines=(), role=Role.START, hint="a new root"),
            *(_box(key, data, of["places"]) for key, data in graph.nodes(data=True)),
        ],
        arrows=[*(Arrow(source=START, target=start, lines=(), role=Role.SUCCESS) for start in starts), *arrows],
        direction="down" if len(graph) > 8 else "right",
    )


Ends = tuple[str, str, str]
"""The source, the target and the outcome of an arrow."""
Bundle = Sequence[Mapping[str, Any]]


def _without_shortcuts(graph: nx.MultiDiGraph[str]) -> tuple[dict[Ends, Bundle], list[str]]:
    """Return the moves between boxes, and the operations that are left out unless they failed."""
    moves, left_out = _bundled(graph, ()), list[str]()
    present = {data["words"] for bundle in moves.values() for data in bundle}
    for ending in SHORTCUTS:
        dropped = sorted(words for words in present if words.endswith(ending))
        if len(moves) > ROOMY and dropped and graph.graph["fold"] != "none":
            left_out += dropped
            moves = _bundled(graph, left_out)
    return moves, left_out


def _bundled(graph: nx.MultiDiGraph[str], left_out: Sequence[str]) -> dict[Ends, Bundle]:
    bundles: dict[Ends, list[Mapping[str, Any]]] = {}
    for source, target, data in graph.edges(data=True):
        if source != target and (data["outcome"] == "failed" or data["words"] not in left_out):
            bundles.setdefault((source, target, data["outcome"]), []).append(data)
    return dict(bundles)


def _words(bundle: Bundle) -> list[str]:
    return list(dict.fromkeys(data["words"] for data in bundle))


def _most_common(moves: Mapping[Ends, Bundle]) -> str:
    """Return the label that most arrows have; the caption names it once."""
    labels = ["; ".join(_words(bundle)) for bundle in moves.values()]
    common = max(labels, key=labels.count, default="")
    return common if labels.count(common) > 4 else ""


def _arrow(source: str, target: str, outcome: str, bundle: Bundle, common: str, *, labelled: bool) -> Arrow:
    words = _words(bundle)
    said = words if labelled and "; ".join(words) != common else []
    return Arrow(
        source=source,
        target=target,
        lines=[Line(text) for text in said],
        role=Role.FAILED if outcome == "failed" else Role.SUCCESS,
        requirements=list(dict.fromkeys(name for data in bundle for name in data["requirements"])),
        hint=", ".join(f"{data['words']} ({data['count']})" for data in bundle),
    )


def _box(key: str, data: Mapping[str, Any], places: Sequence[str]) -> Box:
    lines = [
        Line(f"{place} {_said(seen)}", strong=seen["presence"].startswith("dirty"))
        for place, seen in zip(places, data["places"], strict=True)
        if seen["presence"] != "absent"
    ]
    size = f"{data['count']:,} state{'s' if data['count'] > 1 else ''}"
    return Box(key=key, lines=[*lines, Line(size)], role=Role.STATE, hint=f"{key}, first seen at depth {data['depth']}")


def _said(seen: Mapping[str, str]) -> str:
    return seen["presence"] + (f", count {seen['number']}" if seen["number"] else "")


def _reading(
    of: Mapping[str, Any], arrows: Sequence[Arrow], common: str, left_out: Sequence[str], *, labelled: bool
) -> Iterator[str]:
    yield "The dot leads to a new root; places that are absent are left out, dirty ones are bold."
    if not labelled:
        yield f"More than {LABELLED} arrows: their operations are in their tooltips."
    if left_out:
        yield f"Left out: {'; '.join(left_out)}."
    if common:
        yield f"Arrows without label: {common}."
    if any(arrow.role is Role.FAILED for arrow in arrows):
        yield "Red: failed, and changed something."
    yield f"{of['staying']:,} executions changed nothing, {of['failing']:,} of them because they failed."


def _in_words(graph: nx.MultiDiGraph[str]) -> Iterator[str]:
    yield f"{graph.graph['title']}."
    for box in graph:
        targets: dict[str, list[str]] = {}
        for _, target, data in graph.out_edges(box, data=True):
            if target != box:
                targets.setdefault(target, []).append(data["words"])
        moves = [f"{', '.join(dict.fromkeys(words))} leads to ({target})" for target, words in targets.items()]
        yield f"({box}): {', '.join(moves) or 'nothing leads out'}."


def explored_picture(name: str, part: str = "", fold: Fold | Literal["auto"] = "auto") -> Picture:
    """Return the picture of the states of a scope's part, by default the first one."""
    graph = explore(find_part(name, part))
    folded = explored_graph(graph, fitting_fold(graph) if fold == "auto" else fold)
    return Picture(folded, explored_drawing(folded, f"hsmspec {installed_version()} from the scope {name}"))
