"""The adapter of the plain framework conforms, and its mutants do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

import msgspec
import pytest

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.generation.random_programs import ALL_CAPABILITIES, ProgramGenerator
from hsm_specs.language.messages import Capability
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program
from hsm_specs.oracle.comparison import Difference, first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from plain_hsm.adapter import World, answer
from plain_hsm.framework.adapter import FrameworkWorld
from plain_mutants.framework import FRAMEWORK_MUTANTS
from plain_mutants.framework.served import BEYOND, SERVED

JUDGED = [entry.id for entry in load_catalogue().values() if entry.judged and "transactions" in entry.capabilities]


def observed(program: Program, world: type[World]) -> tuple[Observation, ...]:
    answered = json.loads(answer(msgspec.json.encode({"seq": 1, "programs": [program]}), world))
    return msgspec.convert(answered["observations"][0], tuple[Observation, ...])


def difference(program: Program, expected: tuple[Observation, ...], world: type[World]) -> Difference | None:
    return first_difference(program, expected, observed(program, world))


@cache
def directed(requirement: str) -> tuple[tuple[Program, tuple[Observation, ...]], ...]:
    return tuple((case.program, predict(case.program)) for case in PROPERTIES[requirement].cases(0, 12))


def programs(first: str) -> Iterator[tuple[Program, tuple[Observation, ...]]]:
    for requirement in (first, *JUDGED):
        yield from directed(requirement)


def test_the_adapter_offers_transactions() -> None:
    greeting = json.loads(answer(b'{"seq":0,"hello":{"protocol":1}}', FrameworkWorld))["hello"]
    assert "transactions" in greeting["capabilities"]


@pytest.mark.parametrize("requirement", JUDGED)
def test_it_conforms(requirement: str) -> None:
    assert all(difference(*case, FrameworkWorld) is None for case in directed(requirement))


@pytest.mark.parametrize(
    "clusters", [(), ("failover",), ("failover", "replication")], ids=["one", "two", "replicating"]
)
def test_it_does_what_the_model_does_in_random_programs(clusters: tuple[Capability, ...]) -> None:
    queues: frozenset[Capability] = frozenset(("transactions", "refresh", "timers", "outbound"))
    generator = ProgramGenerator("adapter", capabilities=ALL_CAPABILITIES | queues | {*clusters})
    for _ in range(300):
        assert difference(*generator.program(25), FrameworkWorld) is None


def test_mutants_that_are_not_served_have_a_reason() -> None:
    unserved = {mutant.name for mutant in FRAMEWORK_MUTANTS.values() if mutant.requirement in JUDGED} - set(SERVED)
    assert unserved == set(BEYOND)


@pytest.mark.parametrize("name", SERVED)
def test_a_mutant_is_found_by_a_directed_case(name: str) -> None:
    mutant = SERVED[name]
    assert any(difference(*case, mutant.world) for case in programs(mutant.requirement))
