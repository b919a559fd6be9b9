"""Vectors of the tours of a scope: programs that try every action in every state of it, shared out to requirements."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Final, NamedTuple

import msgspec

from hsm_specs.attribution.tables import DEFAULT_REQUIREMENT, REFUSALS
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.explore.explorer import explore
from hsm_specs.explore.scope import load_scopes
from hsm_specs.explore.tour import Leg, tour
from hsm_specs.language import operations as ops
from hsm_specs.language.capabilities import capabilities_of, ordered
from hsm_specs.language.observations import Observation
from hsm_specs.results.primary import SET_UP
from hsm_specs.vectors.vector import ScopeCoverage, ScopePart, Vector


class Toured(NamedTuple):
    """The vectors of a scope by requirement, and how much of the scope they try."""

    vectors: dict[str, list[Vector]]
    coverage: ScopeCoverage


def toured(name: str, first: int) -> Toured:
    """Return the vectors of the tours of a scope, numbered from ``first`` on for each requirement. Raise `InputError`.

    Each leg of a tour is one vector, of the requirement that has the least evidence so far of those that it shows.
    """
    scopes = load_scopes(name)
    vectors: dict[str, list[Vector]] = {}
    parts: dict[str, ScopePart] = {}
    evidence: Counter[str] = Counter()
    for scope in scopes:
        graph = explore(scope)
        made = tour(graph)
        parts[scope.name] = ScopePart(len(graph.states), made.pairs, len(made.legs), made.operations)
        for leg in made.legs:
            shown = shown_by(leg)
            requirement = min(shown, key=lambda shown: (evidence[shown], _ORDER[shown]))
            evidence[requirement] += len(shown[requirement])
            own = vectors.setdefault(requirement, [])
            own.append(_vector(requirement, first + len(own), leg, shown[requirement]))
    content = hashlib.sha256(msgspec.json.encode(scopes)).hexdigest()
    return Toured(vectors, ScopeCoverage(name, content, parts))


def shown_by(leg: Leg) -> dict[str, list[int]]:
    """Return the requirements that a leg shows, each with the indexes of the operations whose answers are about it."""
    shown: dict[str, list[int]] = {}
    for index, (operation, observation) in enumerate(zip(leg.program, leg.expected, strict=True)):
        requirement = _about(operation, observation)
        if requirement is not None:
            shown.setdefault(requirement, []).append(index)
    return shown


def _about(operation: ops.AnyOperation, observation: Observation) -> str | None:
    """Return the requirement that an answer is mainly about, None for set-up and for what no table names."""
    if isinstance(observation.error, str):
        return REFUSALS.get((type(operation), observation.error))
    if isinstance(observation.panic, str) or SET_UP.get(type(operation)):
        return None
    return DEFAULT_REQUIREMENT[type(operation)]


def _vector(requirement: str, number: int, leg: Leg, evidence: list[int]) -> Vector:
    capabilities = ordered(capabilities_of(leg.program))
    classification = load_catalogue()[requirement].classification
    return Vector(requirement, number, classification, capabilities, leg.program, leg.expected, tuple(evidence))


_ORDER: Final = {requirement: number for number, requirement in enumerate(load_catalogue())}
