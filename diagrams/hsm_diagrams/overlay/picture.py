"""Pictures of one graph with what implementations make of it: the life of a node, or a machine."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import networkx as nx

from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.life.graph import life_graph
from hsm_diagrams.machine.graph import machine_graph
from hsm_diagrams.machine.names import find_machine
from hsm_diagrams.overlay.drawing import overlay_drawing
from hsm_diagrams.overlay.graph import lay_probe_over, lay_run_over
from hsm_diagrams.overlay.probes import is_probe, load_probe
from hsm_diagrams.run.runs import Run, labelled, load_run
from hsm_diagrams.versions import own_version
from hsm_model.machines import MACHINES, MachineDescription
from hsm_specs.errors import InputError

NODE = "node"
"""The name of the life of a node; every other name is of a machine."""


def overlay_picture(paths: Sequence[Path], on: str) -> Picture:
    """What implementations make of the graph ``on``. Raises `InputError` for what is no result, probe or graph."""
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
                f"Made by hsmspec {own_version()} from the probe of {names[-1]}: what became of every trial, compared"
                " with the model's."
            )
    return Picture(graph, overlay_drawing(graph, names, caption))


def _machine(name: str) -> MachineDescription[Any]:
    known = [NODE, *MACHINES]
    if ":" not in name and name not in {*MACHINES, *(machine.title for machine in MACHINES.values())}:
        near = get_close_matches(name, known, cutoff=0.5)
        meant = f"; near are {', '.join(near)}." if near else "."
        raise InputError(
            f"There is nothing called `{name}` to draw on{meant}",
            remedy=f"There are areas, {', '.join(known)}, and machines of yours as module:attribute.",
        )
    return find_machine(name).description


def _of_run(name: str, run: Run) -> str:
    return (
        f"Made by hsmspec {own_version()} from the run of {name}: {run.making}; verdicts on the requirements that an"
        " arrow shows."
    )


def _lay_probe(
    graph: nx.MultiDiGraph[str], path: Path, machine: MachineDescription[Any] | None, names: Sequence[str]
) -> str:
    """Adds a probe, and answers the name of its implementation."""
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
