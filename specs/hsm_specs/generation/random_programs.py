"""Seeded random programs over the whole vocabulary, steered by the model alone.

A program is made operation by operation: each is run on the model as soon as it is chosen, so that the next one can be
chosen from what exists. Where an operation turns out to be unspecified or excluded, the program ends before it.
"""

from __future__ import annotations

from random import Random
from typing import Final

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.generation.operations import MAKERS, Maker
from hsm_specs.generation.program_builder import ProgramBuilder
from hsm_specs.language import operations as ops
from hsm_specs.language.capabilities import NEEDS
from hsm_specs.language.messages import Capability
from hsm_specs.language.observations import Observation
from hsm_specs.language.substitution import EMPTIES, Renaming
from hsm_specs.oracle.world import Excluded, Unspecified, World

ALL_CAPABILITIES: frozenset[Capability] = frozenset(
    (
        "transitions",
        "collections",
        "outputs",
        "tasks",
        "kinds",
        "executors",
        "refs",
        "identity",
        "panics",
        "empty_data",
        "objects",
    )
)

HOSTILE: Final = 1 / 8
"""How many of the programs have values that are easily confused instead of those of small pools."""


class ProgramGenerator:
    """An endless, reproducible supply of programs. ``without`` names features that are switched off."""

    def __init__(
        self,
        seed: str,
        semantics: Semantics = SPECIFICATION,
        without: frozenset[str] = frozenset(),
        capabilities: frozenset[Capability] = ALL_CAPABILITIES,
    ) -> None:
        self._random = Random(seed)
        self._semantics = semantics
        self._without = without if "panics" in capabilities else without | {"panic-in-transition"}
        self._choices = weighted(capabilities)
        self._offered = capabilities

    def program(self, length: int) -> tuple[ops.Program, tuple[Observation, ...]]:
        """Return a program of at most ``length`` operations beyond its set-up, and the predicted observations."""
        world, renaming = World(self._semantics, self._without), self._renaming()
        builder = ProgramBuilder(self._random, world, self._offered, renaming)
        choices, chance, size = self._choices, self._random.random, len(self._choices)
        try:
            for _ in range(length):
                operation = choices[int(chance() * size)](builder)
                if operation is not None:
                    builder.run(operation)
        except (Unspecified, Excluded):
            pass
        world.close()
        return tuple(builder.operations), tuple(builder.observations)

    def _renaming(self) -> Renaming | None:
        """Return for some programs what puts values in their places that are easily confused."""
        if self._random.random() >= HOSTILE:
            return None
        number = self._random.randrange(2**16)
        if "empty_data" not in self._offered:
            number += number % EMPTIES == 0
        return Renaming(number)

    def batch(self, programs: int, length: int) -> tuple[list[ops.Program], list[tuple[Observation, ...]]]:
        """Return several programs, and their observations in the same order."""
        made = [self.program(length) for _ in range(programs)]
        return [program for program, _ in made], [observations for _, observations in made]


def weighted(capabilities: frozenset[Capability]) -> list[Maker]:
    """Return the choices of operations, each as often as its weight says, of those that the capabilities allow."""
    table: list[Maker] = []
    for maker, weight, capability in MAKERS:
        if capability is None or {capability, *NEEDS.get(capability, ())} <= capabilities:
            table.extend([maker] * weight)
    return table
