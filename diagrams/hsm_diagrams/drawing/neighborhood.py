"""A box of a picture by its name: its neighborhood, so many arrows away, and the page that opens at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hsm_diagrams.drawing.drawing import Arrow, Role
from hsm_diagrams.drawing.pictures import Picture
from hsm_model.machines.suggestions import similar
from hsm_specs.errors import InputError


def at(picture: Picture, key: str) -> Picture:
    """Return a picture whose page opens at a box. Raise `InputError`, which lists similar names, if there is none."""
    _check(picture, key)
    return replace(picture, at=[box.key for box in picture.drawing.boxes].index(key) + 1)


def _check(picture: Picture, key: str) -> None:
    names = [box.key for box in picture.drawing.boxes if box.role is not Role.START]
    if key not in names:
        raise InputError(
            f"There is no `{key}` in this picture{similar(key, names)}", remedy=f"There are {'; '.join(names)}."
        )


def around(picture: Picture, key: str, steps: int = 1) -> Picture:
    """Return the part of a picture that is at most so many arrows away from a box.

    Raise `InputError`, which lists similar names, if there is no such box.
    """
    _check(picture, key)
    drawing = picture.drawing
    near = _near(drawing.arrows, key, steps)
    arrows = [arrow for arrow in drawing.arrows if {arrow.source, arrow.target} <= near]
    boxes = [box for box in drawing.boxes if box.key in near]
    away = "an arrow" if steps == 1 else f"{steps} arrows"
    left_out = len(drawing.boxes) - len(boxes)
    caption = [*drawing.caption, f"Only what is at most {away} away from {key}: {left_out} boxes are left out."]
    part: Any = picture.graph.subgraph([node for node in picture.graph if node in near]).copy()
    # What a page is played with has the boxes of the whole picture.
    return replace(
        picture, graph=part, drawing=replace(drawing, boxes=boxes, arrows=arrows, caption=caption), play=None
    )


def _near(arrows: Sequence[Arrow], key: str, steps: int) -> set[str]:
    near = {key}
    for _ in range(steps):
        touching = [
            arrow
            for arrow in arrows
            if arrow.role is not Role.HIDDEN and not near.isdisjoint((arrow.source, arrow.target))
        ]
        near |= {end for arrow in touching for end in (arrow.source, arrow.target)}
    return near
