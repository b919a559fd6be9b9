"""Makes the files of a folder of vectors from properties and tours: the same bytes for the same seed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Final, get_args

import msgspec

from hsm_specs.catalogue.requirements import Requirement, load_catalogue, load_sentences
from hsm_specs.language.capabilities import capabilities_of, ordered
from hsm_specs.language.messages import PROTOCOL_VERSION, Capability, Dialect
from hsm_specs.language.operations import AnyOperation, Script
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.properties.cases import hostile_cases
from hsm_specs.vectors import schema
from hsm_specs.vectors.touring import toured
from hsm_specs.vectors.vector import FORMAT, MANIFEST, SCHEMA, Entry, Manifest, Vector

DIALECT: Final[Dialect] = "v1.25"
HOSTILE: Final = 4
"""How many cases of each requirement have values that are easily confused. Those of whole alphabets are too long."""
VOCABULARY: Final = tuple(str(operation.__struct_config__.tag) for operation in get_args(AnyOperation))
"""The names of all operations."""


def made(seed: int, cases: int, scope: str | None = None) -> dict[str, bytes]:
    """Return the content of each file by its name, the manifest first. Raise `InputError` for a scope that is none.

    Of a scope the programs of its tours follow the directed ones.
    """
    tours = None if scope is None else toured(scope, cases + HOSTILE)
    files: dict[str, bytes] = {}
    entries: dict[str, Entry] = {}
    needed: Counter[Capability] = Counter()
    vocabulary: Counter[str] = Counter()
    for requirement in load_catalogue().values():
        vectors = list(_vectors(requirement, seed, cases))
        vectors += () if tours is None else tours.vectors.get(requirement.id, ())
        if not vectors:
            continue
        name = f"{requirement.id}.jsonl"
        files[name] = b"".join(msgspec.json.encode(vector) + b"\n" for vector in vectors)
        needed.update(capability for vector in vectors for capability in vector.capabilities)
        vocabulary.update(name for vector in vectors for operation in vector.program for name in _names(operation))
        entries[requirement.id] = Entry(
            name,
            requirement.classification,
            ordered({capability for vector in vectors for capability in vector.capabilities}),
            len(vectors),
            sum(len(vector.program) for vector in vectors),
            hashlib.sha256(files[name]).hexdigest(),
        )
    manifest = Manifest(
        format=FORMAT,
        protocol=PROTOCOL_VERSION,
        dialect=DIALECT,
        seed=seed,
        cases=cases,
        catalogue=_hash(tuple(load_catalogue().values())),
        sentences=_hash(dict(load_sentences())),
        programs=sum(entry.programs for entry in entries.values()),
        operations=sum(entry.operations for entry in entries.values()),
        capabilities={capability: needed[capability] for capability in ordered(set(needed))},
        vocabulary={name: vocabulary[name] for name in VOCABULARY},
        scope=None if tours is None else tours.coverage,
        requirements=entries,
    )
    return {MANIFEST: formatted(manifest), SCHEMA: schema.text().encode(), **files}


def _vectors(requirement: Requirement, seed: int, cases: int) -> Iterator[Vector]:
    """Yield the vectors of a requirement: its cases, plain and hostile, as far as the specification says anything."""
    shown = PROPERTIES.get(requirement.id)
    if shown is None:
        return
    hostile = hostile_cases(requirement.id, shown.cases(seed, HOSTILE, DIALECT))
    for number, case in enumerate(chain(shown.cases(seed, cases, DIALECT), hostile)):
        observations = predict(case.program, dialect=DIALECT)
        program = case.program[: len(observations)]
        evidence = tuple(sorted(index for index in case.evidence if index < len(program)))
        if evidence:
            capabilities = ordered(capabilities_of(program))
            yield Vector(
                requirement.id, number, requirement.classification, capabilities, program, observations, evidence
            )


def _names(operation: AnyOperation) -> Iterator[str]:
    """Yield the name of an operation, and of those in its script."""
    yield str(type(operation).__struct_config__.tag)
    script: Script | None = getattr(operation, "script", None)
    for inside in () if script is None else script.ops:
        yield from _names(inside)


def _hash(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()


def formatted(manifest: Manifest) -> bytes:
    """Return the content of the file of a manifest."""
    return msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"
