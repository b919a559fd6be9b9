"""A vector: a program with what it must answer, and the manifest of a folder of them."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct, field

from hsm_specs.catalogue.requirements import Classification
from hsm_specs.language.messages import Capability, Dialect
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program

FORMAT: Final = 1
SEED: Final = 0
CASES: Final = 6
"""The default number of vectors of a requirement."""
MOST_CASES: Final = 1000
MANIFEST: Final = "manifest.json"
SCHEMA: Final = "schema.json"

Count = Annotated[int, Meta(ge=0)]


class Vector(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of a requirement's file: a program, and one observation for each of its operations.

    Everything that is stated is compared: each observation of a program, also inside of functions. ``evidence`` only
    marks the observations that show the requirement, by index. Observations are compared as the protocol says: sets
    without an order, the texts of panics not at all. A vector
    of the class ``characterization`` shows what the documentation is silent about, so that another answer is no
    failure. ``capabilities`` are what the program needs of an implementation.
    """

    requirement: str
    case: Count
    classification: Classification = field(name="class")
    capabilities: tuple[Capability, ...]
    program: Program
    observations: tuple[Observation, ...]
    evidence: tuple[Count, ...]


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """The file of one requirement. ``capabilities`` are what any of its programs needs."""

    file: str
    classification: Classification = field(name="class")
    capabilities: tuple[Capability, ...]
    programs: Count
    operations: Count
    sha256: str


class ScopePart(Struct, frozen=True, forbid_unknown_fields=True):
    """How much of one part of a scope is tried: every one of so many pairs of a state and an action."""

    states: Count
    pairs: Count
    programs: Count
    operations: Count


class ScopeCoverage(Struct, frozen=True, forbid_unknown_fields=True):
    """The scope whose tours are among the vectors, with a hash of what it says."""

    name: str
    sha256: str
    parts: dict[str, ScopePart]


class Manifest(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The contents of a folder of vectors, and the inputs that it was made from.

    ``catalogue`` is a hash of all requirements, ``sentences`` one of the locators of the documentation's sentences.
    ``dialect`` is that of ``marshal`` and ``load``. ``capabilities`` has the number of programs that need each,
    ``vocabulary`` how often each operation is run, those in scripts included. ``scope`` is there if tours are, and
    ``deviations`` are the files of implementations with known deviations, if there are any.
    """

    format: int
    protocol: int
    dialect: Dialect
    seed: Count
    cases: Annotated[int, Meta(ge=1, le=MOST_CASES)]
    catalogue: str
    sentences: str
    programs: Count
    operations: Count
    capabilities: dict[Capability, Count]
    vocabulary: dict[str, Count]
    requirements: dict[str, Entry]
    scope: ScopeCoverage | None = None
    deviations: tuple[str, ...] = ()
