"""All cases of a requirement: those of its property, plain and hostile, those of all values and those of sizes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache, partial

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Dialect
from hsm_specs.language.substitution import renamed
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import ALPHABETS, HISTORIES, PROPERTIES, SIZES, Case, Sized, case_of
from hsm_specs.properties.sizes import SIZES_TRIED

SPREAD = 7
"""How far apart the confusions are that the hostile cases of neighboring requirements begin with."""


def cases(
    requirement: str, seed: int, count: int, hostile: int, largest: int, dialect: Dialect = "v1.25"
) -> Iterator[Case]:
    """Yield the cases of a requirement: ``count`` plain ones, the first the plainest, then ``hostile`` ones.

    Then come those with all values of some domains and those that read after other operations, if any are hostile, and
    those of sizes up to the ``largest``.
    """
    shown = PROPERTIES[requirement]
    yield from shown.cases(seed, count, dialect)
    yield from hostile_cases(requirement, shown.cases(seed, hostile, dialect))
    if hostile:
        yield from (case_of(write, dialect) for write in ALPHABETS.get(requirement, ()))
        yield from (case_of(write, dialect) for write in HISTORIES.get(requirement, ()))
    for sized in SIZES.get(requirement, ()) if largest else ():
        for size in sizes(sized, largest):
            case = case_of(partial(_sized, sized, size), dialect)
            yield case._replace(follows=size > sized.alone)


@lru_cache(maxsize=1_000)
def remembered_cases(
    requirement: str, seed: int, count: int, hostile: int, largest: int, dialect: Dialect = "v1.25"
) -> tuple[Case, ...]:
    """Return the cases of a requirement, made once in this process."""
    return tuple(cases(requirement, seed, count, hostile, largest, dialect))


def hostile_cases(requirement: str, plain: Iterable[Case]) -> Iterator[Case]:
    """Yield cases with values in the places of their own that careless implementations confuse.

    The property of each requirement begins with other confusions. What is in bytes, regenerated or timed is not
    renamed.
    """
    first = SPREAD * list(load_catalogue()).index(requirement)
    for number, case in enumerate(plain, start=first):
        if not any(ops.SPECIFICATIONS[type(operation)].fixes_values for operation in case.program):
            yield Case(renamed(case.program, number), case.evidence)


def sizes(sized: Sized, largest: int) -> Iterator[int]:
    """Yield the sizes that cases are written in."""
    most = min(sized.largest, largest)
    if sized.grows:
        yield most
    else:
        yield from (size for size in SIZES_TRIED if size <= most)


def _sized(sized: Sized, size: int, builder: Builder) -> None:
    sized.write(builder, size)
