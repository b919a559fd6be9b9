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
    """A program, and the indexes of the operations whose observations show the requirement.

    One that ``follows`` says something only if all cases of the requirement before it were answered as expected.
    """

    program: Program
    evidence: frozenset[int]
    follows: bool = False


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
    """Writes a case of a size, up to the largest that is cheap. What ``grows`` has all smaller sizes on its way.

    A size beyond ``alone`` is tried only if all smaller ones were answered as expected.
    """

    write: Grow
    largest: int
    grows: bool
    alone: int


ALPHABETS: dict[str, list[Write]] = {}
"""By the ID of a requirement, what writes cases with all values of some domains in them."""
HISTORIES: dict[str, list[Write]] = {}
"""By the ID of a requirement, what writes cases without evidence that read in one way after other operations."""
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


def after_others(requirement: str) -> Callable[[Write], Write]:
    """Make a function one that writes a case without evidence, which is run with those of a requirement."""

    def register(write: Write) -> Write:
        HISTORIES.setdefault(requirement, []).append(write)
        return write

    return register


def of_any_size(
    requirement: str, largest: int, *, grows: bool = False, alone: int | None = None
) -> Callable[[Grow], Grow]:
    """Make a function one that writes cases of a requirement up to a size.

    Sizes beyond the one up to which a case stands ``alone`` are tried only if smaller ones were answered as expected.
    """

    def register(write: Grow) -> Grow:
        SIZES.setdefault(requirement, []).append(Sized(write, largest, grows, largest if alone is None else alone))
        return write

    return register


def case_of(write: Write, dialect: Dialect = "v1.25") -> Case:
    """Return the case that a function writes, whose choices are the plainest."""
    builder = Builder(Random(0), True, dialect)
    write(builder)
    return Case(tuple(builder.operations), frozenset(builder.evidence))
