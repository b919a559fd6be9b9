"""Compares the plain framework, or a wrong one, with the model, and makes programs that tell them apart smaller."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

from plain_hsm.framework.player import Player

from .model_player import ModelPlayer
from .programs import DIRECTED, PROLOGUE, Generator, Op


class Difference(NamedTuple):
    """A program at whose last operation two players differ, and what each shows."""

    program: list[Op]
    expected: Any
    observed: Any


def observed(player: Any, op: Op) -> Any:
    """Return the observation of an operation, and the contents of the stores after it."""
    try:
        observation = player.run(op)
    except Exception as broken:
        observation = {"broken": f"{type(broken).__name__}: {broken}"}
    return json.loads(json.dumps([observation, player.look()]))


class Expectation(NamedTuple):
    """A program and what the model shows of each of its operations."""

    program: list[Op]
    expected: list[Any]


@cache
def expectation(number: int) -> Expectation:
    """Return one of the directed programs or, after those, of the random ones."""
    directed = list(DIRECTED.values())
    random = number - len(directed)
    program = [*PROLOGUE, *directed[number]] if random < 0 else Generator(random, ModelPlayer()).program(25)
    return expect(program)


def expect(program: list[Op]) -> Expectation:
    """Return a program with what the model shows of it."""
    model = ModelPlayer()
    return Expectation(program, [observed(model, op) for op in program])


def difference(expectation: Expectation, player: type[Player] = Player) -> Difference | None:
    """Return the first difference between the model and a player on a program."""
    other = player()
    for number, (op, expected) in enumerate(zip(*expectation, strict=True), 1):
        shown = observed(other, op)
        if shown != expected:
            return Difference(expectation.program[:number], expected, shown)
    return None


def smaller(found: Difference, player: type[Player] = Player) -> Difference:
    """Return a difference whose program can lose no operation without hiding it."""
    position = len(found.program) - 2
    while position >= len(PROLOGUE):
        shorter = expect([*found.program[:position], *found.program[position + 1 :]])
        found = difference(shorter, player) or found
        position = min(position, len(found.program) - 1) - 1
    return found


def search(programs: int, player: type[Player] = Player) -> Difference | None:
    """Return a small program on which a player differs from the model, None if that many programs show none."""
    found = (difference(expectation(number), player) for number in range(programs))
    return next((smaller(one, player) for one in found if one), None)
