"""Pictures of runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.run.drawing import conformance_drawing, coverage_drawing
from hsm_diagrams.run.graph import run_graph
from hsm_diagrams.run.runs import labelled, load_run
from hsm_diagrams.versions import own_version


def conformance_picture(paths: Sequence[Path]) -> Picture:
    """How far the implementations conform that were run. Raises `InputError` for files that are no results."""
    runs = [load_run(path) for path in paths]
    graph = run_graph(runs)
    caption = [
        f"Made by hsmspec {own_version()} from the run of {name}: {run.making}, {run.operations:,} operations."
        for name, run in zip(labelled(runs), runs, strict=True)
    ]
    return Picture(graph, conformance_drawing(graph, caption))


def coverage_picture(path: Path) -> Picture:
    """How often a run tried what. Raises `InputError` for a file that is no result."""
    run = load_run(path)
    graph = run_graph([run])
    caption = [
        f"Made by hsmspec {own_version()} from the run of {run.name}: {run.making}, {run.operations:,} operations in"
        f" {run.programs:,} programs."
    ]
    if run.pairs:
        caption.append(
            f"Tours of the scope {run.scope}: {run.tried:,} of {run.pairs:,} pairs of a state and an action."
        )
    return Picture(graph, coverage_drawing(graph, caption))
