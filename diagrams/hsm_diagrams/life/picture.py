"""The picture of a node's life."""

from __future__ import annotations

from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.life.drawing import life_drawing
from hsm_diagrams.life.graph import life_graph
from hsm_diagrams.versions import own_version


def life_picture() -> Picture:
    """What a node goes through, as the specification has it."""
    graph = life_graph()
    return Picture(graph, life_drawing(graph, f"hsmspec {own_version()}"))
