"""The vectors on which an implementation with known deviations differs: derived, not listed by hand."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from hsm_model.framework.amendments import amend_world
from hsm_model.semantics import SPECIFICATION
from hsm_specs.errors import InputError
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.oracle.world import predict
from hsm_specs.vectors.making import DIALECT
from hsm_specs.vectors.vector import FORMAT, Vector

FOLDER: Final = "deviations"
"""The folder, next to the files of requirements, that has a file for each such implementation."""

Indexes = dict[str, dict[str, int]]
"""Of requirements, and of their vectors by number, the index of an operation."""


class KnownVectors(Struct, frozen=True, forbid_unknown_fields=True):
    """Known facts about an implementation's answers.

    ``requirements`` are those that have an entry: each must deviate in the evidence of some vector. ``deviates`` has
    the first operation that is answered otherwise, by the amended semantics. ``unknown`` has the first one from where
    on nothing can be said, since a feature is used in which the implementation deviates in some way.
    """

    format: int
    implementation: str
    version: str
    requirements: tuple[str, ...]
    deviates: Indexes
    unknown: Indexes


def file_name(deviations: Deviations) -> str:
    """Return the path of an implementation's file in a folder of vectors."""
    for name in (deviations.implementation, deviations.version):
        if not name or "/" in name:
            raise InputError("The file of known deviations has to name its `implementation` and `version`.")
    return f"{FOLDER}/{deviations.implementation}-{deviations.version}.json"


def known_vectors(files: dict[str, bytes], deviations: Deviations) -> bytes:
    """Return the content of the file of an implementation with these deviations."""
    amended = amend_world(SPECIFICATION, deviations.rules)
    deviates: Indexes = {}
    unknown: Indexes = {}
    for name, content in files.items():
        for line in content.splitlines() if name.endswith(".jsonl") else ():
            vector = msgspec.json.decode(line, type=Vector)
            expected = predict(vector.program, amended, deviations.features, DIALECT)
            difference = first_difference(vector.program, vector.observations, expected)
            if difference is not None:
                deviates.setdefault(vector.requirement, {})[str(vector.case)] = difference.where[0]
            elif len(expected) < len(vector.program):
                unknown.setdefault(vector.requirement, {})[str(vector.case)] = len(expected)
    known = KnownVectors(
        format=FORMAT,
        implementation=deviations.implementation,
        version=deviations.version,
        requirements=tuple(sorted(deviations.requirements)),
        deviates=deviates,
        unknown=unknown,
    )
    return msgspec.json.format(msgspec.json.encode(known), indent=1) + b"\n"
