"""A sequence of steps of a machine as a picture: where it is before the first step and after each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import networkx as nx

from hsm_diagrams.drawing.drawing import Arrow, Box, Drawing, Line, Role, strong, wrapped
from hsm_diagrams.drawing.pictures import Picture
from hsm_specs.files import write_below
from hsm_specs.machines.check.following import Followed, follow
from hsm_specs.machines.check.rules import CheckFinding, MachineCheck
from hsm_specs.machines.names import NamedMachine


class StepSequence(NamedTuple):
    """Steps to draw, what they show, and the name of their file."""

    name: str
    title: str
    said: str
    steps: Sequence[str]


def steps_picture(machine: NamedMachine, sequence: StepSequence) -> Picture:
    """Return the picture of steps, from the first to the last."""
    taken = list(follow(machine, sequence.steps))
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(kind="steps", name=sequence.name, title=sequence.title)
    for number, each in enumerate(taken):
        graph.add_node(_key(number), **each._asdict())
    graph.add_edges_from((_key(number), _key(number + 1)) for number in range(len(taken) - 1))
    drawing = Drawing(
        name=sequence.name,
        title=sequence.title,
        caption=[sequence.said, f"Taken on {machine.made_from}."],
        description=" ".join([sequence.said, *(f"{each.step}: {each.error or each.state}." for each in taken)]),
        boxes=[_box(number, each) for number, each in enumerate(taken)],
        arrows=[_arrow(number, each) for number, each in enumerate(taken) if number],
    )
    return Picture(graph, drawing)


def _key(number: int) -> str:
    return f"step {number}"


def _box(number: int, place: Followed) -> Box:
    lines = [Line(place.state or place.step, strong=True, large=True), *(wrapped(place.data) if place.data else ())]
    if place.error:
        lines += wrapped(f"fails: {place.error}")
    if place.state:
        lines += wrapped(f"pending: {', '.join(place.pending) or 'nothing'}")
    role = Role.DEVIATES if place.error else Role.STATE
    return Box(key=_key(number), lines=lines, role=role, hint=place.state)


def _arrow(number: int, place: Followed) -> Arrow:
    return Arrow(
        source=_key(number - 1),
        target=_key(number),
        lines=strong([f"{number}. {place.step}"]),
        role=Role.FAILED if place.error else Role.SUCCESS,
        hint=place.step,
    )


def sequences(machine: NamedMachine, checked: MachineCheck, found: Sequence[CheckFinding]) -> Iterator[StepSequence]:
    """Yield what a check can be drawn by: the findings with steps, and the way to a state."""
    title = machine.description.title or machine.description.name
    for number, finding in enumerate(found, 1):
        if finding.steps:
            name = _file_name(machine.description.name, finding.rule, str(number))
            yield StepSequence(name, f"{title}: {finding.rule}", finding.what, finding.steps)
    if checked.path is not None:
        name = _file_name(machine.description.name, "reach", checked.reached)
        yield StepSequence(name, f"{title}: how {checked.reached} is reached", "A shortest way.", checked.path)


def _file_name(*words: str) -> str:
    return "-".join(re.sub(r"[^A-Za-z0-9.]+", "-", word).strip("-.") or "state" for word in words)


def write_pictures(
    folder: Path, machine: NamedMachine, checked: MachineCheck, found: Sequence[CheckFinding]
) -> list[Path]:
    """Write a picture (SVG) of each sequence to a folder. Return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for sequence in sequences(machine, checked, found):
        write_below(folder, f"{sequence.name}.svg", steps_picture(machine, sequence).encode("svg"))
        written.append(folder / f"{sequence.name}.svg")
    return written
