"""Pictures of findings."""

from __future__ import annotations

from pathlib import Path

from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.finding.drawing import finding_drawing
from hsm_diagrams.finding.graph import finding_graph
from hsm_diagrams.versions import own_version
from hsm_specs.results.findings import Finding, load


def finding_picture(path: Path) -> Picture:
    """The picture of a saved finding. Raises `InputError` for a file that is none."""
    return picture_of(load(path))


def picture_of(finding: Finding) -> Picture:
    """The picture of a finding."""
    graph = finding_graph(finding)
    return Picture(graph, finding_drawing(graph, finding, f"hsmspec {own_version()}"))
