"""The directed properties: repeatable, plainest first, with evidence that shows what they say it shows."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from hsm_model.amendments import AMENDMENTS
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES, Case, Property
from hsm_specs.stateful.implementation import Model

from ..broken import BROKEN

every = pytest.mark.parametrize("shown", PROPERTIES.values(), ids=PROPERTIES)
DIALECTS: Any = ("v1.24", "v1.25")


def cases(shown: Property, count: int = 6) -> list[Case]:
    return list(shown.cases(1, count))


# --- the list ---


def test_every_documented_requirement_and_every_characterization_has_a_property() -> None:
    wanted = {entry.id for entry in load_catalogue().values() if entry.judged}
    assert wanted == set(PROPERTIES)


@every
def test_a_property_is_a_sentence(shown: Property) -> None:
    assert shown.title[0].isupper()
    assert shown.title.endswith(".")


# --- the cases ---


@every
def test_the_same_seed_makes_the_same_cases(shown: Property) -> None:
    assert cases(shown) == cases(shown)
    assert cases(shown, 2) == cases(shown)[:2]


@every
def test_the_first_case_is_the_same_for_all_seeds_and_the_plainest(shown: Property) -> None:
    plainest, *others = cases(shown, 20)
    assert plainest == next(shown.cases(2, 1))
    sizes = sorted(len(case.program) for case in others)
    assert len(plainest.program) <= sizes[len(sizes) // 2] + 1


@every
def test_cases_have_evidence_within_their_programs(shown: Property) -> None:
    for case in cases(shown):
        assert case.evidence
        assert case.evidence <= set(range(len(case.program)))


@every
def test_cases_are_specified_to_their_end(shown: Property) -> None:
    for case in cases(shown):
        assert len(case.program) == len(predict(case.program))


@every
def test_cases_of_each_dialect_are_specified_to_their_end(shown: Property) -> None:
    for dialect in DIALECTS:
        for case in shown.cases(1, 3, dialect):
            assert len(case.program) == len(predict(case.program, dialect=dialect))


@every
def test_programs_go_through_json(shown: Property) -> None:
    for case in cases(shown):
        assert case.program == msgspec.json.decode(msgspec.json.encode(case.program), type=Program)


# --- the evidence ---


@every
def test_nothing_that_is_evidence_answers_that_a_handle_is_unbound(shown: Property) -> None:
    for case in cases(shown):
        observations = predict(case.program)
        assert not any(observations[index].unbound is True for index in case.evidence)


@every
def test_a_wrong_answer_to_evidence_is_noticed_there(shown: Property) -> None:
    for case in cases(shown, 2):
        expected = predict(case.program)
        for index in case.evidence:
            observed = [*expected[:index], tampered(expected[index]), *expected[index + 1 :]]
            found = first_difference(case.program, expected, observed)
            assert found is not None
            assert index == found.where[0]


def tampered(observation: Observation) -> Observation:
    """Return another answer of the same form."""
    if isinstance(observation.error, str):
        return replace(observation, error="user_1" if observation.error != "user_1" else "user_2")
    if isinstance(observation.panic, str):
        return Observation(ok=None)
    match observation.ok:
        case bool():
            return replace(observation, ok=not observation.ok)
        case int():
            return replace(observation, ok=observation.ok + 1)
        case None:
            return Observation(error="other")
        case _:
            return replace(observation, ok=None)


# --- broken rules ---


def red(shown: Property, name: str) -> bool:
    """Return whether a property's evidence is the first thing that goes wrong when a rule is broken."""
    implementation = Model(BROKEN[name])
    for case in shown.cases(1, 8):
        found = first_difference(case.program, predict(case.program), implementation.run(case.program))
        if found is not None and found.where[0] in case.evidence:
            return True
    return False


RED: dict[str, tuple[str, ...]] = {
    "duplicates are not refused": ("REG-MACHINE-2", "REG-TASK-2", "REG-EXEC-2"),
    "what is not registered is not found": (
        "ROOT-NEW-3",
        "ROOT-NEW-5",
        "NODE-ADD-3",
        "NODE-ADD-6",
        "EXEC-RUN-2",
        "COLL-ADD-3",
    ),
    "what is not registered is looked up": ("NODE-CHILD-4",),
    "existing children are replaced": ("NODE-ADD-2", "COLL-ADD-2"),
    "id taken by any type": ("NODE-ADD-7",),
    "wrong casts succeed": ("DATA-CAST-1", "MT-FAIL-3", "COLL-DATA-2", "COLL-TRANS-2"),
    "impossible transitions are made": ("TRANS-APPLY-2", "TRANS-APPLY-3"),
    "always possible": ("TRANS-POSSIBLE-1", "TRANS-NEW-1"),
    "possible without sources": ("TRANS-POSSIBLE-1", "TRANS-APPLY-2"),
    "never possible": ("TRANS-APPLY-4", "TRANS-APPLY-6", "TRANS-APPLY-7", "TRANS-APPLY-9"),
    "root with a count": ("NODE-COUNT-1",),
    "root without data": ("ROOT-NEW-1",),
    "root without children": ("ROOT-LOAD-1", "NODE-CHILD-1", "NODE-CHILD-7", "WIRE-READ-1"),
    "root dirty by its children": ("ROOT-LOAD-2",),
    "child with a count": ("NODE-ADD-1", "NODE-COUNT-1", "COLL-ADD-1"),
    "child without data": ("NODE-ADD-1", "DATA-READ-1", "DATA-READ-2", "DATA-CAST-3", "COLL-DATA-1", "MT-RUN-1"),
    "child not found is not registered": ("NODE-CHILD-2", "NODE-CHILD-6", "COLL-NODE-2"),
    "children of all types": ("COLL-LIST-2",),
    "children but one": ("COLL-LIST-1",),
    "begun without count": ("MT-COMMIT-2", "MT-NESTED-1", "NODE-COUNT-1"),
    "begun counting twice": ("MT-COMMIT-2", "MT-NESTED-1", "NODE-COUNT-1"),
    "committed without data": ("MT-COMMIT-1", "MT-NESTED-2", "COLL-TRANS-1", "TASK-ATOMIC-1"),
    "committed without output": ("MT-COMMIT-3", "MT-COMMIT-4", "OUT-LIST-1", "TASK-CARRY-1", "TASK-ATOMIC-1"),
    "committed without dirt": ("MT-COMMIT-3", "OUT-LIST-3"),
    "committed output first": ("OUT-LIST-2",),
    "committed output of the last": ("OUT-LIST-2", "OUT-LIST-3"),
    "committed tasks reversed": ("TASK-CARRY-1",),
    "nothing rolled back": tuple(f"MT-ROLLBACK-{n}" for n in (1, 5, 6, 7, 8, 9, 11, 12)),
    "data not rolled back": ("MT-ROLLBACK-2", "MT-ROLLBACK-8", "MT-ROLLBACK-11"),
    "count not rolled back": ("MT-ROLLBACK-1", "MT-ROLLBACK-9", "MT-ROLLBACK-11"),
    "failure makes dirty": ("MT-ROLLBACK-4",),
    "failure has an output": ("MT-ROLLBACK-3", "TASK-ATOMIC-1"),
    "failure clears": ("MT-ROLLBACK-3", "MT-ROLLBACK-12"),
    "open not rolled back": ("MT-ROLLBACK-6", "MT-ROLLBACK-7", "MT-ROLLBACK-12"),
    "dirty alone": ("DIRTY-TREE-1",),
    "dirty anywhere": ("DIRTY-TREE-2",),
    "never dirty": ("DIRTY-TREE-1", "MT-COMMIT-3"),
    "outputs alone": ("OUT-LIST-1",),
    "outputs of the whole tree": ("OUT-LIST-4",),
    "outputs at relative paths": ("OUT-LIST-5",),
    "outputs with tasks only": ("OUT-LIST-3",),
    "nothing cleared": ("CLEAR-TREE-1", "CLEAR-TREE-2", "CLEAR-TREE-5"),
    "cleared alone": ("CLEAR-TREE-1", "CLEAR-TREE-2"),
    "everything cleared": ("CLEAR-TREE-3",),
    "outputs cleared but dirty": ("CLEAR-TREE-2",),
    "cleared with counts": ("CLEAR-TREE-4",),
    "cleared with children": ("CLEAR-TREE-4",),
}
"""For each broken rule the requirements whose properties must be red."""


def test_every_broken_rule_turns_something_red() -> None:
    assert set(BROKEN) == {*RED, *AMENDMENTS}


@pytest.mark.parametrize(
    ("name", "requirement"), [(name, requirement) for name, all_of in RED.items() for requirement in all_of]
)
def test_a_property_is_red_for_a_broken_rule(name: str, requirement: str) -> None:
    assert red(PROPERTIES[requirement], name)


@pytest.mark.parametrize("amendment", AMENDMENTS.values(), ids=AMENDMENTS)
def test_the_properties_of_what_an_amendment_changes_are_red_for_it(amendment: Any) -> None:
    for requirement in amendment.changes:
        assert red(PROPERTIES[requirement], amendment.name), requirement
