"""The drawings of runs: conformance of one implementation or several, and how often requirements were tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hsm_diagrams.drawing.drawing import Arrow, Box, Drawing, Line, Role, in_short, wrapped
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.run.graph import (
    AGREES,
    DEVIATES,
    KNOWN,
    NOT_OFFERED,
    UNSEEN,
    WORST,
    areas,
    operations_of,
    run_graph,
    worst,
)
from hsm_diagrams.run.runs import labelled, load_run
from hsm_specs.installed import installed_version

if TYPE_CHECKING:
    import networkx as nx

EVERYWHERE = 3
"""Operations that are evidence of more areas than this are named in the areas, without arrows."""
WIDTH = 40
LEGEND = "Legend"
ROLES = {
    AGREES: Role.AGREES,
    KNOWN: Role.KNOWN,
    DEVIATES: Role.DEVIATES,
    UNSEEN: Role.UNSEEN,
    NOT_OFFERED: Role.UNSEEN,
}
SIGNS = {
    AGREES: "=",
    KNOWN: "~",
    DEVIATES: "\N{MULTIPLICATION SIGN}",
    UNSEEN: "?",
    NOT_OFFERED: "\N{EN DASH}",
}
"""The signs of the classes, so that color is not the only cue."""
PLURALS = {AGREES: "agree", KNOWN: "known deviations", DEVIATES: "deviate"}
"""The names of the classes for several requirements."""


class Heat(NamedTuple):
    """A class of areas by their cases for each requirement, from ``least`` on."""

    least: float
    words: str
    role: Role


HOT = (Role.SELDOM, Role.SOMETIMES, Role.OFTEN)
"""The looks of areas that were tried, the least tried first."""


def heats_of(averages: Sequence[float]) -> tuple[Heat, ...]:
    """Return classes of areas for their cases for each requirement, the least first.

    Each has a third of the numbers that occur, so that they tell areas apart at every budget.
    """
    found = [Heat(0, "some requirement never", Role.UNSEEN)]
    numbers = sorted({average for average in averages if average})
    size = -(-len(numbers) // len(HOT)) or 1
    parts = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    for part, role in zip(parts, HOT[len(HOT) - len(parts) :], strict=True):
        span = f"{part[0]:,.1f}" if part[0] == part[-1] else f"{part[0]:,.1f} to {part[-1]:,.1f}"
        found.append(Heat(part[0], f"{span} cases each on average", role))
    return tuple(found)


def average_of(judged: Mapping[str, Mapping[str, Any]]) -> float:
    """Return an area's cases for each requirement, to a tenth; 0 if one was never tried or none is offered."""
    counts = [entry["cases"] for entry in judged.values() if entry["class"] != NOT_OFFERED]
    return round(sum(counts) / len(counts), 1) if counts and all(counts) else 0


def conformance_drawing(graph: nx.MultiDiGraph[str], caption: Sequence[str]) -> Drawing:
    """Draw how far implementations conform, area by area. ``caption`` says what was run."""
    legend = [
        Box(key=f"legend {each}", lines=[Line(f"{SIGNS[each]} {each}")], role=ROLES[each], group=LEGEND)
        for each in WORST
    ]
    names: Sequence[str] = graph.graph["implementations"]
    return _drawing(
        graph,
        name="conformance",
        title=f"Conformance of {' and '.join(names)}" if len(names) < 3 else f"Conformance of {len(names)} runs",
        caption=caption,
        legend=legend,
        box=_conformance_box,
    )


def coverage_drawing(graph: nx.MultiDiGraph[str], caption: Sequence[str]) -> Drawing:
    """Draw how often requirements were tried, area by area. ``caption`` says what was run."""
    heats = heats_of([average_of(*graph.nodes[area]["verdicts"].values()) for area in areas(graph)])
    legend = [Box(key=f"legend {heat.words}", lines=[Line(heat.words)], role=heat.role, group=LEGEND) for heat in heats]
    return _drawing(
        graph,
        name="coverage",
        title=f"What the run of {graph.graph['implementations'][0]} tried",
        caption=caption,
        legend=legend,
        box=partial(_coverage_box, heats),
    )


Boxing = Callable[[str, Mapping[str, Any], Sequence[str]], Box]


def _drawing(
    graph: nx.MultiDiGraph[str], name: str, title: str, caption: Sequence[str], legend: Sequence[Box], box: Boxing
) -> Drawing:
    wide = {target: list[str]() for target in areas(graph)}
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    for targets, operations in _grouped(graph).items():
        if len(targets) > EVERYWHERE:
            for target in targets:
                wide[target] += operations
            continue
        key = f"operations {', '.join(operations)}"
        boxes.append(Box(key=key, lines=[line for each in operations for line in wrapped(each)], role=Role.SAME))
        arrows += [Arrow(source=key, target=target, lines=(), role=Role.SUCCESS) for target in targets]
    boxes += [box(area, graph.nodes[area], wide[area]) for area in areas(graph)]
    arrows += _second_column(boxes, arrows)
    # In a row, so that it takes no place of theirs.
    arrows += [Arrow(source=one.key, target=two.key, lines=(), role=Role.HIDDEN) for one, two in pairwise(legend)]
    reading = (
        "Left: operations of the protocol, with arrows to the areas of requirements that they are evidence for;"
        f" those for more than {EVERYWHERE} areas are named there."
    )
    return Drawing(
        name=name,
        title=title,
        caption=[*caption, reading],
        description=f"{title}. " + " ".join(_in_words(each) for each in boxes if each.key.startswith("area ")),
        boxes=[*boxes, *legend],
        arrows=arrows,
        direction="right",
        close=True,
    )


def _grouped(graph: nx.MultiDiGraph[str]) -> dict[tuple[str, ...], list[str]]:
    """Group the operations that are evidence of the same areas.

    An area that only widely used operations are evidence of gets one of them in a box of its own: the one that it is
    named after, or that is evidence of most of its requirements.
    """
    groups = operations_of(graph)
    near = {area for targets in groups if len(targets) <= EVERYWHERE for area in targets}
    chosen: dict[str, list[str]] = {}
    for area in areas(graph):
        if area not in near and (wide := list(graph.predecessors(area))):
            best = max(
                wide, key=lambda each: (area.endswith(each.removeprefix("operation")), _shown(graph, each, area))
            )
            chosen.setdefault(graph.nodes[best]["name"], []).append(area)
    found: dict[tuple[str, ...], list[str]] = {}
    for targets, operations in groups.items():
        for operation in operations:
            own = chosen.get(operation, [])
            for start in range(0, len(own), EVERYWHERE):
                found.setdefault(tuple(own[start : start + EVERYWHERE]), []).append(operation)
            found.setdefault(tuple(target for target in targets if target not in own), []).append(operation)
    return found


def _shown(graph: nx.MultiDiGraph[str], operation: str, area: str) -> int:
    """Return how many requirements of an area an operation is evidence of."""
    return len(graph.edges[operation, area, "evidence"]["requirements"])


def _second_column(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> Iterator[Arrow]:
    """Yield hidden arrows that place the second half of the connected parts right of the first."""
    heights = {box.key: len(box.lines) + 1 for box in boxes}
    parts: list[set[str]] = []
    for key in heights:
        linked = {key} | {
            end for arrow in arrows if key in (arrow.source, arrow.target) for end in (arrow.source, arrow.target)
        }
        meeting = [part for part in parts if part & linked]
        parts = [*(part for part in parts if part not in meeting), linked.union(*meeting)]
    ordered = sorted(parts, key=lambda part: -sum(heights[key] for key in part))
    columns: tuple[list[str], list[str]] = ([], [])
    for part in ordered:
        shorter = min(columns, key=lambda column: sum(heights[key] for key in column))
        shorter += [key for key in heights if key in part]
    first = [key for key in columns[0] if key.startswith("area ")]
    second = [key for key in columns[1] if not any(arrow.target == key for arrow in arrows)]
    for number, key in enumerate(second):
        if first:
            yield Arrow(source=first[min(number, len(first) - 1)], target=key, lines=(), role=Role.HIDDEN)


def _in_words(box: Box) -> str:
    return f"{box.lines[0].text}: {', '.join(line.text for line in box.lines[1:])}."


def _conformance_box(key: str, data: Mapping[str, Any], seen_by: Sequence[str]) -> Box:
    lines: list[Line] = [Line(data["title"], strong=True, large=True)]
    verdicts: Mapping[str, Mapping[str, Any]] = data["verdicts"]
    alike: dict[tuple[Line, ...], list[str]] = {}
    for name, judged in verdicts.items():
        alike.setdefault(tuple(_by_class(judged)), []).append(name)
    for said, names in alike.items():
        if len(alike) > 1:
            lines += (Line(name, strong=True) for name in names)
        lines += said
    classes = [each["class"] for judged in verdicts.values() for each in judged.values()]
    return Box(key=key, lines=[*lines, *_seen_by(seen_by)], role=ROLES[worst(classes)], requirements=_named(verdicts))


def _by_class(judged: Mapping[str, Any]) -> Iterator[Line]:
    """Yield the number of requirements by class, with the names of those that do not agree."""
    if not judged:
        yield Line("not in this run")
    for each in reversed(WORST):
        of_class = [requirement for requirement, entry in judged.items() if entry["class"] == each]
        if of_class:
            which = "" if each == AGREES else f": {in_short(of_class)}"
            yield from wrapped(
                f"{SIGNS[each]} {len(of_class)} {PLURALS.get(each, each) if len(of_class) > 1 else each}{which}", WIDTH
            )


def _coverage_box(heats: Sequence[Heat], key: str, data: Mapping[str, Any], seen_by: Sequence[str]) -> Box:
    [judged] = data["verdicts"].values()
    lines: list[Line] = [Line(data["title"], strong=True, large=True)]
    offered = {name: entry["cases"] for name, entry in judged.items() if entry["class"] != NOT_OFFERED}
    tried = [cases for cases in offered.values() if cases]
    if tried:
        span = f"{min(tried):,}" if min(tried) == max(tried) else f"{min(tried):,} to {max(tried):,}"
        lines += wrapped(f"{len(tried)} requirement{'s' * (len(tried) > 1)}, {span} cases each", WIDTH)
    if never := [name for name, cases in offered.items() if not cases]:
        lines += wrapped(f"{len(never)} requirement{'s' * (len(never) > 1)}, never: {in_short(never)}", WIDTH)
    if unreachable := [name for name in judged if name not in offered]:
        lines += wrapped(f"{len(unreachable)} unreachable, not offered: {in_short(unreachable)}", WIDTH)
    average = average_of(judged)
    if offered:
        mean = sum(offered.values()) / len(offered)
        lines.append(Line(f"{sum(offered.values()):,} cases, {mean:,.1f} on average"))
    role = next(heat.role for heat in reversed(heats) if average >= heat.least)
    return Box(key=key, lines=[*lines, *_seen_by(seen_by)], role=role, requirements=_named(data["verdicts"]))


def _seen_by(operations: Sequence[str]) -> Iterator[Line]:
    if operations:
        yield from wrapped(f"seen by {', '.join(operations)}", WIDTH)


def _named(verdicts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(requirement for judged in verdicts.values() for requirement in judged))


def conformance_picture(paths: Sequence[Path]) -> Picture:
    """Return how far implementations conform. Raise `InputError` for files that are not results of runs."""
    runs = [load_run(path) for path in paths]
    graph = run_graph(runs)
    caption = [
        f"Made by hsmspec {installed_version()} from the run of {name}: {run.making}, {run.operations:,} operations."
        for name, run in zip(labelled(runs), runs, strict=True)
    ]
    return Picture(graph, conformance_drawing(graph, caption))


def coverage_picture(path: Path) -> Picture:
    """Return how often a run tried each requirement. Raise `InputError` if the file is not a result of a run."""
    run = load_run(path)
    graph = run_graph([run])
    caption = [
        f"Made by hsmspec {installed_version()} from the run of {run.name}: {run.making}, {run.operations:,} operations"
        f" in {run.programs:,} programs."
    ]
    if run.pairs:
        caption.append(
            f"Tours of the scope {run.scope}: {run.tried:,} of {run.pairs:,} pairs of a state and an action."
        )
    return Picture(graph, coverage_drawing(graph, caption))
