"""The same scope explored over plain tuples that are interned: what a model with nothing in it could reach.

It knows the actions of one scope only, checks nothing and makes no observations; it is a yardstick.
"""

from __future__ import annotations

from typing import NamedTuple

from hsm_specs.explore.scope import Scope

Node = tuple[int, bool, int] | None
"""Transition count, whether the data was changed, open outputs; None where there is no node."""


class Found(NamedTuple):
    """How much was explored."""

    states: int
    transitions: int


def explore(scope: Scope) -> Found:
    """Explore breadth first, with the actions add, transition, failing-transition, clear and observe."""
    places = list(scope.places)
    parents = [None if not place else places.index(place[:-1]) for place in places]
    below = [[index for index, other in enumerate(places) if other[: len(place)] == place] for place in places]
    first: tuple[Node, ...] = ((0, False, 0), *([None] * (len(places) - 1)))
    known = {first: 0}
    states = [first]
    transitions = 0
    for state in states:
        if any(node is not None and (node[0] > scope.counts or node[2] > scope.outputs) for node in state):
            continue
        for place, node in enumerate(state):
            parent = parents[place]
            if node is None:
                if parent is not None and state[parent] is not None:
                    transitions += 1
                    after = (*state[:place], (0, False, 0), *state[place + 1 :])
                    _note(known, states, after)
                continue
            # Adding again (but for the root), failing, making it unserializable, failing and keeping; then observing.
            transitions += (0 if parent is None else 1) + 3 + 4
            count, _, outputs = node
            transitions += 1
            _note(known, states, (*state[:place], (count + 1, True, outputs + 1), *state[place + 1 :]))
            transitions += 1
            cleared = list(state)
            for other in below[place]:
                found = state[other]
                if found is not None:
                    cleared[other] = (found[0], found[1], 0)
            _note(known, states, tuple(cleared))
        transitions += 1
    return Found(len(states), transitions)


def _note(known: dict[tuple[Node, ...], int], states: list[tuple[Node, ...]], after: tuple[Node, ...]) -> None:
    if after not in known:
        known[after] = len(states)
        states.append(after)
