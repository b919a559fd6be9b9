"""Values that are confused, and sizes: where they are tried, and that no property loses what it shows by them."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import combinations
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_specs.engine.budget import BUDGETS
from hsm_specs.generation.random_programs import ALL_CAPABILITIES, ProgramGenerator
from hsm_specs.language import operations as ops
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.language.confusions import CONFUSIONS, alphabet
from hsm_specs.language.members import ValuePlace, places, places_of, reader
from hsm_specs.language.operations import Program
from hsm_specs.language.palette import EMPTY_DATA, PaletteDefinition, class_of
from hsm_specs.language.shapes import Domain
from hsm_specs.language.substitution import Renaming, renamed, substituted
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.properties.cases import cases, hostile_cases, sizes
from hsm_specs.properties.property import ALPHABETS, SIZES, Case
from hsm_specs.properties.sizes import SIZES_TRIED

QUICK = BUDGETS["quick"]
every = pytest.mark.parametrize("requirement", PROPERTIES)
every_domain = pytest.mark.parametrize("domain", CONFUSIONS, ids=lambda domain: domain.name)
PLACES = [
    (operation, place) for operation in ops.OPERATIONS for place in places(operation) if place.domain in CONFUSIONS
]
UNSEEN = {("register_executor", ("script", "tasks"))}
"""Places whose values go nowhere: executors put out no tasks."""


@cache
def quick_cases(requirement: str) -> tuple[Case, ...]:
    """All cases of a requirement at quick."""
    return tuple(cases(requirement, 0, QUICK.cases, QUICK.hostile, QUICK.largest))


# --- domains ----------------------------------------------------------------------------------------------------------


def test_every_domain_whose_values_programs_choose_has_confusions() -> None:
    free = {place.domain for operation in ops.OPERATIONS for place in places(operation) if place.reference is None}
    free |= {Domain.MACHINE_TYPE, Domain.TASK_TYPE}
    named = {Domain.DATA, Domain.CAST, Domain.FAILURE, Domain.ACCESS, Domain.MESSAGE, Domain.TASK_DATA, None}
    named |= {
        Domain.STORE_FAILURE,
        Domain.EXPECTED,
        Domain.MICROSECONDS,
        Domain.DELIVERY,
        Domain.ENDING,
        Domain.CLUSTER,
    }
    assert set(CONFUSIONS) == free - named


@every_domain
def test_the_values_of_a_group_are_different_ones(domain: Domain) -> None:
    for group in CONFUSIONS[domain]:
        assert len(group) == len(set(group)) >= 2


@pytest.mark.parametrize("operation_and_place", PLACES, ids=lambda pair: f"{ops.tag(pair[0])} {pair[1].way}")
def test_the_values_are_within_the_bounds_of_their_places(operation_and_place: tuple[Any, ValuePlace]) -> None:
    _, place = operation_and_place
    assert place.domain is not None
    for value in alphabet(place.domain):
        assert value == msgspec.convert(value, place.shape)


# --- renaming ---------------------------------------------------------------------------------------------------------


@given(st.integers(0, 2**16), st.sampled_from(sorted(CONFUSIONS, key=str)), st.data())
def test_renaming_keeps_different_values_apart_and_equal_ones_equal(
    number: int, domain: Domain, data: st.DataObject
) -> None:
    change = Renaming(number)
    values = data.draw(st.lists(st.sampled_from(alphabet(domain)), max_size=8))
    made = [change[domain][value] for value in values]
    for (before, after), (other, another) in combinations(zip(values, made, strict=True), 2):
        assert (before == other) == (after == another)


@given(st.integers(0, 2**16), st.sampled_from((*CONFUSIONS[Domain.MACHINE_TYPE][0], *CONFUSIONS[Domain.STATE][0])))
def test_renaming_keeps_the_class_that_belongs_to_a_type(number: int, type_id: int) -> None:
    assert class_of(type_id) is class_of(Renaming(number)[Domain.MACHINE_TYPE][type_id])


class Same(dict[Any, Any]):
    def __missing__(self, value: Any) -> Any:
        return value


@every
def test_substituting_each_value_for_itself_changes_nothing(requirement: str) -> None:
    for case in PROPERTIES[requirement].cases(1, 4):
        assert case.program == substituted(case.program, {domain: Same() for domain in Domain})


@every
def test_a_renamed_case_ends_like_the_plain_one(requirement: str) -> None:
    plain = [
        case
        for case in PROPERTIES[requirement].cases(0, 12)
        if not {"wire", "refresh", "timers", "replication"} & capabilities_of(case.program)
    ]
    for case, made in zip(plain, hostile_cases(requirement, plain), strict=True):
        assert case.evidence == made.evidence
        before, after = predict(case.program), predict(made.program)
        assert [_outcome(observation) for observation in before] == [_outcome(observation) for observation in after]


def _outcome(observation: Any) -> tuple[object, ...]:
    """How an observation ended, without its value."""
    return (
        observation.ok is msgspec.UNSET,
        observation.error,
        observation.panic,
        observation.unbound,
        tuple(map(_outcome, observation.inner or ())),
    )


# --- cases ------------------------------------------------------------------------------------------------------------


@every
def test_all_cases_of_quick_are_specified_to_their_end_and_go_through_json(requirement: str) -> None:
    for case in quick_cases(requirement):
        expected = predict(case.program)
        assert len(case.program) == len(expected)
        assert not any(expected[index].unbound is True for index in case.evidence)
        assert case.program == msgspec.json.decode(msgspec.json.encode(case.program), type=Program)


def test_every_value_stands_in_every_place_of_its_domain_at_quick() -> None:
    readers = {
        operation: [(place, reader(place.way)) for place in places(operation) if place.domain in CONFUSIONS]
        for operation in ops.OPERATIONS
    }
    seen: dict[Any, set[Any]] = defaultdict(set)

    def look(operation: Any) -> None:
        for place, read in readers[type(operation)]:
            seen[type(operation), place.way, place.domain].update(read(operation))
        for inside in getattr(operation, "script", ops.Script()).ops:
            look(inside)

    for requirement in PROPERTIES:
        for case in quick_cases(requirement):
            for operation in case.program:
                look(operation)
    for operation, place in PLACES:
        # What is in workflows comes there by the operations on trees.
        workflows = operation in get_args(ops.FrameworkOperation)
        if not workflows and (ops.tag(operation), place.way[:2]) not in UNSEEN:
            assert place.domain is not None
            assert set() == set(alphabet(place.domain)) - seen[operation, place.way, place.domain], (operation, place)


def test_every_domain_can_be_read_somewhere() -> None:
    values = [specification.value for specification in ops.SPECIFICATIONS.values()]
    notes = [note for specification in ops.SPECIFICATIONS.values() if specification.inner
             for note in specification.inner.notes]  # fmt: skip
    read = {place.domain for shape in (*values, *notes) for place in places_of(shape)}
    assert set(CONFUSIONS) <= read


def test_every_requirement_with_cases_of_its_own_has_a_property() -> None:
    assert PROPERTIES.keys() >= ALPHABETS.keys() | SIZES.keys()


def test_a_size_that_grows_is_tried_once_and_any_other_at_each_size() -> None:
    for sized in (sized for all_sizes in SIZES.values() for sized in all_sizes):
        smaller = [size for size in SIZES_TRIED if size <= min(sized.largest, QUICK.largest)]
        assert smaller[-1 if sized.grows else 0 :] == list(sizes(sized, QUICK.largest))


# --- data without bytes -----------------------------------------------------------------------------------------------


def test_one_data_has_no_bytes_and_no_bytes_are_that_data() -> None:
    definition = PaletteDefinition(1, 0)
    assert b"" == definition.serialize(class_of(1)(*EMPTY_DATA))
    assert b"1:-3" == definition.serialize(class_of(1)(1, -3))
    found = definition.deserialize(b"")
    assert EMPTY_DATA == (found.state(), found.value)


@pytest.mark.parametrize(
    "program",
    [
        (ops.NewRoot(1, EMPTY_DATA, 0),),
        (ops.SetValue(0, EMPTY_DATA[1]),),
        (ops.MachineTransition(0, ops.Script((ops.SetValue(0, EMPTY_DATA[1]),))),),
    ],
)
def test_programs_with_its_value_are_sent_only_to_those_who_know_it(program: Program) -> None:
    assert "empty_data" in capabilities_of(program)


def test_adapters_that_do_not_know_it_are_sent_none_by_random_programs() -> None:
    generator = ProgramGenerator("empty", capabilities=ALL_CAPABILITIES - {"empty_data"})
    programs, _ = generator.batch(400, 10)
    assert not any("empty_data" in capabilities_of(program) for program in programs)


def test_random_programs_have_it_and_other_values_that_are_confused() -> None:
    programs, expected = ProgramGenerator("hostile").batch(800, 10)
    assert any("empty_data" in capabilities_of(program) for program in programs)
    assert [tuple(answers) for answers in expected] == [predict(program) for program in programs]
    ids = {operation.key[1] for program in programs for operation in program if isinstance(operation, ops.AddChild)}
    assert len(ids) > 40


def test_the_same_number_renames_to_the_same_program() -> None:
    program = next(PROPERTIES["NODE-CHILD-1"].cases(0, 1)).program
    assert renamed(program, 5) == renamed(program, 5) != renamed(program, 6)
