"""The drawing of the life of a node or of a machine with the conformance of implementations, and its picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hsm_diagrams.drawing.drawing import Arrow, Box, Drawing, Line, Role, wrapped
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.life.graph import life_graph
from hsm_diagrams.machine.graph import machine_graph
from hsm_diagrams.overlay.graph import lay_probe_over, lay_run_over
from hsm_diagrams.overlay.probes import is_probe, load_probe
from hsm_diagrams.run.drawing import LEGEND, ROLES, SIGNS
from hsm_diagrams.run.graph import AGREES, WORST, worst
from hsm_diagrams.run.runs import Run, labelled, load_run
from hsm_model.machines import MACHINES, MachineDescription
from hsm_model.machines.suggestions import similar
from hsm_specs.errors import InputError
from hsm_specs.installed import installed_version
from hsm_specs.machines.names import find_machine

if TYPE_CHECKING:
    import networkx as nx

WIDTH = 34
Verdicts = Mapping[str, Mapping[str, str]]
Shown = tuple[str, str, str, tuple[str, ...]]
"""The key by which arrows are bundled: source, target, class, and notes on the implementations."""


def overlay_drawing(graph: nx.MultiDiGraph[str], names: Sequence[str], caption: Sequence[str]) -> Drawing:
    """Draw the graph. ``names`` are the implementations, ``caption`` says what was run."""
    of = graph.graph
    every = list(_arrows(graph))
    arrows = [arrow for arrow in every if arrow.source != arrow.target]
    boxes = [
        _box(key, data, [each for each in every if each.source == each.target == key])
        for key, data in graph.nodes(data=True)
    ]
    used = {box.role for box in boxes} | {arrow.role for arrow in arrows}
    legend = [
        Box(key=f"legend {each}", lines=[Line(f"{SIGNS[each]} {each}")], role=ROLES[each], group=LEGEND)
        for each in WORST
        if ROLES[each] in used or each == AGREES
    ]
    reading = (
        "Signs show how implementations conform on an arrow; arrows without a sign agree. Loops that do not agree are"
        " listed in their box."
    )
    title = (
        f"Conformance of {' and '.join(names)}" if len(names) < 3 else f"Conformance of {len(names)} implementations"
    )
    return Drawing(
        name=f"conformance-{of['name']}",
        title=f"{title}: {of['title'][:1].lower()}{of['title'][1:]}"
        if of["kind"] == "life"
        else f"{title}: {of['title']}",
        caption=[*caption, reading],
        description=" ".join(_in_words(graph, title)),
        boxes=[*boxes, *legend],
        arrows=arrows,
    )


def _arrows(graph: nx.MultiDiGraph[str]) -> Iterator[Arrow]:
    bundles: dict[Shown, list[Mapping[str, Any]]] = {}
    for source, target, data in graph.edges(data=True):
        found = _found(data)
        # Loops are listed in their box, and only if they do not agree.
        if source == target and found == AGREES:
            continue
        bundles.setdefault((source, target, found, tuple(_said(data))), []).append(data)
    for (source, target, found, said), bundle in bundles.items():
        words = list(dict.fromkeys(map(_words, bundle)))
        lines = [Line(line.text, strong=True) for each in words if each for line in wrapped(each, WIDTH)]
        yield Arrow(
            source=source,
            target=target,
            lines=[*lines, *(line for each in said for line in wrapped(each, WIDTH))],
            role=ROLES[found] if any("verdicts" in data for data in bundle) else Role.SUCCESS,
            requirements=list(dict.fromkeys(name for data in bundle for name in data.get("requirements", ()))),
            hint=f"{', '.join(words)}: {found}",
        )


def _words(data: Mapping[str, Any]) -> str:
    """Return the transition or the operation, and how it ends unless it succeeds."""
    words: str = data.get("transition") or data.get("words") or ""
    guard = f" [{data['guard']}]" if data.get("guard") else ""
    ending = {"failed": ", fails", "rejected": ", rejected"}.get(data["outcome"], "")
    if data["outcome"] == "failed" and ("fail" in words or data.get("origin")):
        ending = ""
    return f"{words}{guard}{ending}" if words else ""


def _found(data: Mapping[str, Any]) -> str:
    verdicts: Verdicts = data.get("verdicts", {})
    return worst([said["found"] for said in verdicts.values()]) if verdicts else AGREES


def _said(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield notes on the implementations that do not agree, grouped where they are the same."""
    alike: dict[tuple[str, str], list[str]] = {}
    verdicts: Verdicts = data.get("verdicts", {})
    for name, said in verdicts.items():
        if said["found"] != AGREES:
            alike.setdefault((said["found"], said["note"]), []).append(name)
    for (found, note), names in alike.items():
        who = ", ".join(names) if len(names) < len(verdicts) or len(names) == 1 else "all"
        yield f"{SIGNS[found]} {who}: {note or found}"


def _box(key: str, data: Mapping[str, Any], loops: Sequence[Arrow]) -> Box:
    if data["kind"] == "start":
        return Box(key=key, lines=(), role=Role.START, hint="a new machine")
    found = worst([_found(data), *(found for found, role in ROLES.items() for loop in loops if loop.role is role)])
    role = ROLES[found] if found != AGREES else Role.STATE
    if role is Role.STATE:
        role = {True: Role.TERMINAL, False: Role.STATE}[data.get("terminal", False)]
        role = role if data.get("reachable", True) else Role.UNREACHABLE
    lines = [Line(key, strong=True, large=True), *(line for each in _said(data) for line in wrapped(each, WIDTH))]
    for arrow in loops:
        lines += arrow.lines
    return Box(key=key, lines=lines, role=role, requirements=data.get("requirements", ()), hint=f"{key}: {found}")


def _in_words(graph: nx.MultiDiGraph[str], title: str) -> Iterator[str]:
    yield f"{title}."
    agreeing = 0
    for source, target, data in graph.edges(data=True):
        if "verdicts" not in data:
            continue
        if _found(data) == AGREES:
            agreeing += 1
            continue
        yield f"{_words(data)} from {source} to {target}: {'; '.join(_said(data))}."
    yield f"{agreeing} arrows agree."


NODE = "node"
"""The name of the life of a node; all other names are of machines."""


def overlay_picture(paths: Sequence[Path], on: str) -> Picture:
    """Return the conformance of implementations drawn on a graph. Raise `InputError` for an invalid file or graph."""
    machine = None if on == NODE else _machine(on)
    graph: nx.MultiDiGraph[str] = life_graph() if machine is None else machine_graph(machine)
    if machine is not None:
        graph.graph["title"] = machine.title or machine.name
    runs = {path: load_run(path) for path in paths if not is_probe(path)}
    of_runs = dict(zip(runs, labelled(list(runs.values())), strict=True))
    names: list[str] = []
    caption: list[str] = []
    for path in paths:
        if path in runs:
            names.append(of_runs[path])
            lay_run_over(graph, names[-1], runs[path])
            caption.append(_of_run(names[-1], runs[path]))
        else:
            names.append(_lay_probe(graph, path, machine, names))
            caption.append(
                f"Made by hsmspec {installed_version()} from the probe of {names[-1]}: every trial is"
                " compared with the model's."
            )
    return Picture(graph, overlay_drawing(graph, names, caption))


def _machine(name: str) -> MachineDescription[Any]:
    known = [NODE, *MACHINES]
    if ":" not in name and name not in {*MACHINES, *(machine.title for machine in MACHINES.values())}:
        raise InputError(
            f"There is nothing called `{name}` to draw on{similar(name, known)}",
            remedy=f"There are areas, {', '.join(known)}, and your own machines as module:attribute.",
        )
    return find_machine(name).description


def _of_run(name: str, run: Run) -> str:
    return (
        f"Made by hsmspec {installed_version()} from the run of {name}: {run.making}; verdicts on the requirements that"
        " an arrow shows."
    )


def _lay_probe(
    graph: nx.MultiDiGraph[str], path: Path, machine: MachineDescription[Any] | None, names: Sequence[str]
) -> str:
    """Add a probe. Return the name of its implementation."""
    probe = load_probe(path)
    if machine is None:
        raise InputError(
            f"{path} is a probe of machines, and the life of a node is no machine.", remedy="Use --on MACHINE."
        )
    probed = probe.of(machine.title) or probe.of(machine.name)
    if probed is None:
        there = ", ".join(each.machine for each in probe.machines) or "none"
        raise InputError(f"{path} has no machine {machine.title or machine.name}; it has {there}.")
    name = probe.name if probe.name not in names else f"{probe.name} ({path.name})"
    lay_probe_over(graph, name, machine, probed)
    return name
