"""States and moves to play with, and where to begin.

The page follows moves; it has no rule of its own. What a move leads to was found by executing it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from hsm_diagrams.drawing.drawing import Arrow, Box, Drawing, Role
from hsm_specs.errors import InputError

Facts = Mapping[str, Sequence[str]]
"""Lines that describe a state, by heading."""
FAILING = frozenset({Role.FAILED, Role.DEVIATES})


class PlayedState(NamedTuple):
    """A state. ``box`` is the number of its box in the picture, from 1, or 0.

    ``code`` notes that it was reached, and ``begin`` comes before that where it is the first one.
    """

    name: str
    facts: Facts
    box: int = 0
    code: str = ""
    begin: str = ""


class PlayedMove(NamedTuple):
    """A move between states, by their indices. ``code`` makes it. ``outcome`` is success, failed, rejected or fault."""

    source: int
    target: int
    words: str
    outcome: str = "success"
    notes: Sequence[str] = ()
    code: str = ""


class Played(NamedTuple):
    """States and moves. ``starts`` are the indices of the states to begin in. ``cut`` says what was left out.

    ``opened`` are the indices of the moves that are taken as the page opens, from the first start on. ``code`` begins a
    test in Python and ``ending`` ends it; without it none is offered.
    """

    states: Sequence[PlayedState]
    moves: Sequence[PlayedMove]
    starts: Sequence[int]
    cut: str = ""
    code: str = ""
    ending: str = ""
    opened: Sequence[int] = ()


def opened_at(played: Played, box: int) -> Played:
    """Return what opens at a box of the picture, after the fewest moves from where it begins.

    Raise `InputError` if no moves lead there.
    """
    leaving: dict[int, list[int]] = {}
    for number, move in enumerate(played.moves):
        leaving.setdefault(move.source, []).append(number)
    for start in played.starts:
        came: dict[int, tuple[int, ...]] = {start: ()}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            if played.states[here].box == box:
                others = [other for other in played.starts if other != start]
                return played._replace(starts=[start, *others], opened=came[here])
            for number in leaving.get(here, ()):
                if (target := played.moves[number].target) not in came:
                    came[target] = (*came[here], number)
                    waiting.append(target)
    raise InputError("No moves lead to the state of `--at`.", remedy="Leave it out, or name one that can be reached.")


def played_drawing(drawing: Drawing) -> Played:
    """Return the boxes and arrows of a drawing as states and moves. The dot leads to where it begins."""
    boxes = [(number, box) for number, box in enumerate(drawing.boxes, 1) if box.role is not Role.START]
    index = {box.key: place for place, (_, box) in enumerate(boxes)}
    first = {box.key for box in drawing.boxes if box.role is Role.START}
    moves = [_move(index, arrow) for arrow in drawing.arrows if arrow.source in index and arrow.target in index]
    starts = [index[arrow.target] for arrow in drawing.arrows if arrow.source in first]
    states = [PlayedState(_name(box), dict(_facts(box)), number) for number, box in boxes]
    return Played(states, moves, list(dict.fromkeys(starts)) or ([0] if boxes else []))


def _move(index: Mapping[str, int], arrow: Arrow) -> PlayedMove:
    said = [line.text for line in arrow.lines]
    words = " ".join(said[:1]) or arrow.hint or "on"
    outcome = "failed" if arrow.role in FAILING else "rejected" if arrow.role is Role.REJECTED else "success"
    return PlayedMove(index[arrow.source], index[arrow.target], words, outcome, said[1:])


def _name(box: Box) -> str:
    return next((line.text for line in box.lines if line.strong), box.key)


def _facts(box: Box) -> Iterator[tuple[str, Sequence[str]]]:
    yield "In the picture", [line.text for line in box.lines]
    if box.hint:
        yield "Note", [box.hint]
    if box.requirements:
        yield "Requirements", [", ".join(box.requirements)]
