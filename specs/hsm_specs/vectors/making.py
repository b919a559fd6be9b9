"""Makes the files of a folder of vectors from the directed properties: the same bytes for the same seed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Final, get_args

import msgspec

from hsm_specs.capabilities import capabilities_of
from hsm_specs.messages import PROTOCOL_VERSION, Capability, Dialect
from hsm_specs.properties import PROPERTIES
from hsm_specs.requirements import Requirement, load_catalogue, load_sentences
from hsm_specs.vectors import schema
from hsm_specs.vectors.vector import FORMAT, MANIFEST, SCHEMA, Entry, Manifest, Vector
from hsm_specs.world import predict

DIALECT: Final[Dialect] = "v1.25"


def made(seed: int, cases: int) -> dict[str, bytes]:
    """The content of each file by its name, the manifest first."""
    files: dict[str, bytes] = {}
    entries: dict[str, Entry] = {}
    needed: Counter[Capability] = Counter()
    for requirement in load_catalogue().values():
        vectors = list(_vectors(requirement, seed, cases))
        if not vectors:
            continue
        name = f"{requirement.id}.jsonl"
        files[name] = b"".join(msgspec.json.encode(vector) + b"\n" for vector in vectors)
        needed.update(capability for vector in vectors for capability in vector.capabilities)
        entries[requirement.id] = Entry(
            name,
            requirement.classification,
            _ordered({capability for vector in vectors for capability in vector.capabilities}),
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
        capabilities={capability: needed[capability] for capability in _ordered(set(needed))},
        requirements=entries,
    )
    return {MANIFEST: _formatted(manifest), SCHEMA: schema.text().encode(), **files}


def _vectors(requirement: Requirement, seed: int, cases: int) -> Iterator[Vector]:
    """The vectors of a requirement: its cases, as far as the specification says anything."""
    shown = PROPERTIES.get(requirement.id)
    for number, case in enumerate(() if shown is None else shown.cases(seed, cases, DIALECT)):
        observations = predict(case.program, dialect=DIALECT)
        program = case.program[: len(observations)]
        evidence = tuple(sorted(index for index in case.evidence if index < len(program)))
        if evidence:
            capabilities = _ordered(capabilities_of(program))
            yield Vector(
                requirement.id, number, requirement.classification, capabilities, program, observations, evidence
            )


def _ordered(capabilities: set[Capability] | frozenset[Capability]) -> tuple[Capability, ...]:
    return tuple(capability for capability in get_args(Capability) if capability in capabilities)


def _hash(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()


def _formatted(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"
