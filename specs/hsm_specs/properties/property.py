"""A property: how one requirement is shown, as a generator of programs with their evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from hsm_specs.language.messages import Dialect
from hsm_specs.language.operations import Program
from hsm_specs.properties.builder import Builder


class Case(NamedTuple):
    """A program, and the indexes of the operations whose observations show the requirement."""

    program: Program
    evidence: frozenset[int]


@dataclass(frozen=True, slots=True)
class Property:
    """Shows one requirement. ``title`` is the property in a sentence; ``write`` writes one case."""

    requirement: str
    title: str
    write: Callable[[Builder], None]

    def cases(self, seed: int, count: int, dialect: Dialect = "v1.25") -> Iterator[Case]:
        """Return ``count`` cases, the plainest first; the same for the same seed."""
        for index in range(count):
            builder = Builder(Random(f"{seed} {self.requirement} {index}"), index == 0, dialect)
            self.write(builder)
            yield Case(tuple(builder.operations), frozenset(builder.evidence))


Write = Callable[[Builder], None]
Grow = Callable[[Builder, int], None]


class Sized(NamedTuple):
    """Writes a case of a size, up to the largest that is cheap. What ``grows`` has all smaller sizes on its way."""

    write: Grow
    largest: int
    grows: bool


ALPHABETS: dict[str, list[Write]] = {}
"""By the ID of a requirement, what writes cases with all values of some domains in them."""
SIZES: dict[str, list[Sized]] = {}
"""By the ID of a requirement, what writes cases of any size."""
PROPERTIES: dict[str, Property] = {}
"""The properties by the ID of their requirement."""


def shows(requirement: str, title: str) -> Callable[[Callable[[Builder], None]], Callable[[Builder], None]]:
    """Make a function the property of a requirement."""

    def register(write: Callable[[Builder], None]) -> Callable[[Builder], None]:
        if requirement in PROPERTIES:
            raise ValueError(f"{requirement} has a property already")
        PROPERTIES[requirement] = Property(requirement, title, write)
        return write

    return register


def of_all_values(requirement: str) -> Callable[[Write], Write]:
    """Make a function one that writes a case of a requirement with all values of some domains."""

    def register(write: Write) -> Write:
        ALPHABETS.setdefault(requirement, []).append(write)
        return write

    return register


def of_any_size(requirement: str, largest: int, *, grows: bool = False) -> Callable[[Grow], Grow]:
    """Make a function one that writes cases of a requirement up to a size."""

    def register(write: Grow) -> Grow:
        SIZES.setdefault(requirement, []).append(Sized(write, largest, grows))
        return write

    return register


def case_of(write: Write, dialect: Dialect = "v1.25") -> Case:
    """Return the case that a function writes, whose choices are the plainest."""
    builder = Builder(Random(0), True, dialect)
    write(builder)
    return Case(tuple(builder.operations), frozenset(builder.evidence))
