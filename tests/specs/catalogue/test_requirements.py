"""The catalogue in itself: its form, and looking requirements up."""

from __future__ import annotations

import re
from collections import Counter
from typing import get_args

import pytest

from hsm_specs.catalogue.requirements import (
    AREAS,
    REQUIREMENT_ID,
    Requirement,
    RequirementEntry,
    UnknownRequirement,
    catalogue_folder,
    cited,
    documentation_link,
    load_areas,
    load_catalogue,
    load_non_normative,
    load_sentences,
    requirement,
    select,
)
from hsm_specs.errors import InputError
from hsm_specs.language.messages import Capability

CATALOGUE = tuple(load_catalogue().values())
EVERY = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.id)
END_INSIDE = re.compile(r"[.!?:;]\s+[A-Z]|[!?]")


@EVERY
def test_an_entry_is_well_formed(entry: Requirement) -> None:
    assert REQUIREMENT_ID.fullmatch(entry.id)
    assert entry.statement == " ".join(entry.statement.split())
    assert entry.statement.endswith(".")
    assert not END_INSIDE.search(entry.statement), "a statement is one sentence"
    assert entry.statement[0].isupper()
    assert set(entry.capabilities) <= set(get_args(Capability))


@EVERY
def test_an_entry_has_a_source_or_says_why_it_has_no_better_one(entry: Requirement) -> None:
    assert entry.sources
    assert entry.classification == "documented" or entry.reason
    assert entry.reason is None or entry.reason.endswith(".")
    assert len(set(entry.sources)) == len(entry.sources)


def test_ids_are_unique() -> None:
    ids = Counter(entry.id for area in load_areas().values() for entry in area.requirement)
    assert [] == [found for found, times in ids.items() if times > 1]


def test_statements_are_unique() -> None:
    assert len(CATALOGUE) == len({entry.statement for entry in CATALOGUE})


def test_every_file_of_the_folder_is_read() -> None:
    files = {path.stem for path in catalogue_folder().iterdir()}
    assert {*AREAS, "sentences", "non_normative"} == files


def test_an_areas_numbers_go_up_within_a_noun() -> None:
    numbers: dict[str, list[int]] = {}
    for entry in CATALOGUE:
        noun, _, number = entry.id.rpartition("-")
        numbers.setdefault(noun, []).append(int(number))
    assert [] == [noun for noun, found in numbers.items() if found != sorted(found)]


def test_no_noun_is_in_two_areas() -> None:
    areas: dict[str, set[str]] = {}
    for entry in CATALOGUE:
        areas.setdefault(entry.id.rpartition("-")[0], set()).add(entry.area)
    assert {} == {noun: found for noun, found in areas.items() if len(found) > 1}


@pytest.mark.parametrize("name", load_sentences())
def test_a_locator_has_at_most_six_key_words_in_an_order_that_is_not_the_sentences(name: str) -> None:
    source = load_sentences()[name]
    assert re.fullmatch(r"[0-9a-f]{8}", source.hash)
    assert 1 <= len(source.keywords) <= 6
    assert sorted(source.keywords, key=str.casefold) == list(source.keywords)
    assert all(re.fullmatch(r"\S+", word) for word in source.keywords)


def test_every_locator_is_cited() -> None:
    used = {str(source) for entry in CATALOGUE for source in entry.sources} | set(load_non_normative())
    assert [] == [name for name in load_sentences() if name not in used]


def test_no_sentence_is_both_cited_by_a_requirement_and_said_to_demand_nothing() -> None:
    used = {str(source) for entry in CATALOGUE for source in entry.sources}
    assert set() == used & set(load_non_normative())


def test_what_demands_nothing_has_a_locator_and_a_reason() -> None:
    for name, reason in load_non_normative().items():
        assert name in load_sentences()
        assert reason.endswith(".")


def test_a_source_without_a_locator_is_an_error_that_names_both() -> None:
    entry = RequirementEntry("TEA-HOT-1", "Tea is hot.", "documented", ("Boil#1",))
    with pytest.raises(InputError, match="TEA-HOT-1 cites Boil#1"):
        cited(entry, load_sentences())


# --- looking up -----------------------------------------------------------------------------------------------------


def test_the_catalogue_is_read_once() -> None:
    assert load_catalogue() is load_catalogue()


def test_the_order_is_that_of_the_areas() -> None:
    seen = list(dict.fromkeys(entry.area for entry in CATALOGUE))
    assert list(AREAS) == seen


def test_an_id_is_found_in_any_case() -> None:
    assert requirement(" node-add-2").id == "NODE-ADD-2"


def test_a_wrong_id_is_answered_with_those_near_it() -> None:
    with pytest.raises(UnknownRequirement) as caught:
        requirement("NODE-AD-2")
    assert str(caught.value).startswith("There is no requirement 'NODE-AD-2'; near it: NODE-ADD-2, ")


def test_an_id_that_is_near_nothing_is_answered_with_where_they_all_are() -> None:
    with pytest.raises(UnknownRequirement) as caught:
        requirement("42")
    assert str(caught.value) == "There is no requirement '42'. `hsmspec list` shows them all."


def ids(selection: str | None) -> list[str]:
    return [entry.id for entry in select(selection)]


def test_no_selection_selects_all() -> None:
    assert list(load_catalogue()) == ids(None)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("DIRTY-TREE-1", ["DIRTY-TREE-1"]),
        ("dirty", ["DIRTY-TREE-1", "DIRTY-TREE-2", "DIRTY-TREE-3"]),
        ("DIRTY-TREE", ["DIRTY-TREE-1", "DIRTY-TREE-2", "DIRTY-TREE-3"]),
        ("DIRTY-", ["DIRTY-TREE-1", "DIRTY-TREE-2", "DIRTY-TREE-3"]),
        ("DIRTY-*-[12]", ["DIRTY-TREE-1", "DIRTY-TREE-2"]),
        ("MT-RUN-?, dirty-tree-3,,REF-PATH-1", ["REF-PATH-1", "MT-RUN-1", "DIRTY-TREE-3"]),
        ("MT-ROLLBACK-1", ["MT-ROLLBACK-1"]),
        ("REG-NEW-1,registry,REG-NEW", [entry.id for entry in CATALOGUE if entry.area == "registry"]),
    ],
)
def test_a_selection_is_ids_beginnings_areas_and_patterns(selection: str, expected: list[str]) -> None:
    assert expected == ids(selection)


def test_an_area_may_be_one_of_several_with_the_same_beginning() -> None:
    rollback = ids("rollback")
    assert set(rollback) < set(ids("MT"))
    assert rollback == ids("MT-ROLLBACK-*")


@pytest.mark.parametrize("selection", ["NODE-AD", "MT-*,NODE-XYZ-*", "rollbak", "", " , "])
def test_a_part_that_selects_nothing_is_an_error(selection: str) -> None:
    with pytest.raises(UnknownRequirement):
        select(selection)


def test_a_mistyped_area_is_answered_with_the_area() -> None:
    with pytest.raises(UnknownRequirement, match="near it: rollback"):
        select("rollbak")


@pytest.mark.parametrize("selection", ["", ",", "frobnicate", "NODE-AD", "not NODE-ADD", "NODE-ADD OR MT-ROLLBACK"])
def test_who_selects_nothing_is_told_what_a_selection_is(selection: str) -> None:
    with pytest.raises(UnknownRequirement, match=r"IDs .*, beginnings of IDs .*, areas .* and patterns .* with commas"):
        select(selection)


@pytest.mark.parametrize(
    "selection", ["NODE-ADD or rollback", "NODE-ADD rollback", "NODE-ADD|rollback", "NODE-ADD; rollback"]
)
def test_selectors_that_commas_are_missing_between_are_told_with_commas(selection: str) -> None:
    with pytest.raises(UnknownRequirement, match="; with commas it is NODE-ADD,rollback"):
        select(selection)


def test_sources_link_to_the_documented_version() -> None:
    link = "https://pkg.go.dev/go.temporal.io/server@v1.24.0-m3.4/service/history/hsm#Node.AddChild"
    assert link == documentation_link("Node.AddChild")
    source = requirement("NODE-ADD-1").source
    assert source is not None
    assert source.link == link
