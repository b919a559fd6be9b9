"""A part of what can be played: the states nearest to the beginning, and their boxes."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from hsm_diagrams.drawing.drawing import Drawing
from hsm_diagrams.play.played import Played


def part_of(drawing: Drawing, played: Played, most: int) -> tuple[Drawing, Played]:
    """Return at most so many states, the nearest to the first one, with the moves between them.

    Of the picture, boxes of states that are left out are left out too.
    """
    near = _nearest(played, most)
    index = {state: place for place, state in enumerate(near)}
    there = {played.states[state].box for state in near}
    gone = {state.box for state in played.states} - there
    numbers = [number for number in range(1, len(drawing.boxes) + 1) if number not in gone]
    box = {number: place for place, number in enumerate(numbers, 1)}
    boxes = [drawing.boxes[number - 1] for number in numbers]
    keys = {each.key for each in boxes}
    arrows = [arrow for arrow in drawing.arrows if {arrow.source, arrow.target} <= keys]
    kept = [number for number, move in enumerate(played.moves) if {move.source, move.target} <= index.keys()]
    renumbered = {number: place for place, number in enumerate(kept)}
    moves = [played.moves[number] for number in kept]
    cut = f"Not all is here: {len(near):,} of {len(played.states):,} states, those nearest to the beginning."
    return replace(drawing, boxes=boxes, arrows=arrows), played._replace(
        states=[played.states[state]._replace(box=box.get(played.states[state].box, 0)) for state in near],
        moves=[move._replace(source=index[move.source], target=index[move.target]) for move in moves],
        starts=[index[start] for start in played.starts if start in index],
        opened=[renumbered[move] for move in played.opened] if renumbered.keys() >= set(played.opened) else [],
        cut=" ".join(filter(None, (played.cut, cut))),
    )


def _nearest(played: Played, most: int) -> list[int]:
    """Return the indices of states, by the fewest moves that lead to them; those that none leads to come last."""
    leaving: dict[int, list[int]] = {}
    for move in played.moves:
        leaving.setdefault(move.source, []).append(move.target)
    found: dict[int, None] = {}
    for start in (*played.starts, *range(len(played.states))):
        waiting = deque([start])
        while waiting and len(found) < most:
            if (here := waiting.popleft()) not in found:
                found[here] = None
                waiting.extend(leaving.get(here, ()))
    return list(found)
