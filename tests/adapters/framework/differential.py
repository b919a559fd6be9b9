"""Compares the plain framework, or a wrong one, with the model, and makes programs that tell them apart smaller."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
    """What an operation shows: its observation, and all that the stores have after it."""
    try:
        observation = player.run(op)
    except Exception as broken:
        observation = {"broken": f"{type(broken).__name__}: {broken}"}
    return json.loads(json.dumps([observation, player.look()]))


def difference(program: list[Op], player: type[Player] = Player) -> Difference | None:
    """Return the first difference between the model and a player on a program."""
    model, other = ModelPlayer(), player()
    for number, op in enumerate(program, 1):
        one, two = observed(model, op), observed(other, op)
        if one != two:
            return Difference(program[:number], one, two)
    return None


def smaller(found: Difference, player: type[Player] = Player) -> Difference:
    """Return a difference whose program can lose no operation without hiding it."""
    position = len(found.program) - 2
    while position >= len(PROLOGUE):
        shorter = difference([*found.program[:position], *found.program[position + 1 :]], player)
        found = shorter or found
        position = min(position, len(found.program) - 1) - 1
    return found


def search(seeds: range, length: int = 25, player: type[Player] = Player) -> Difference | None:
    """Return a small program on which a player differs from the model, None if neither kind of program shows one."""
    for program in programs(seeds, length):
        found = difference(program, player)
        if found:
            return smaller(found, player)
    return None


def programs(seeds: range, length: int = 25) -> Iterator[list[Op]]:
    """Yield the directed programs, then random ones."""
    for program in DIRECTED.values():
        yield [*PROLOGUE, *program]
    for seed in seeds:
        yield Generator(seed, ModelPlayer()).program(length)
