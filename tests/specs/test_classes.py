"""Classes of requirements, and how reports tell them apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from junitparser import JUnitXml

from hsm_specs.catalogue.requirements import DEBTORS, load_catalogue
from hsm_specs.properties import PROPERTIES
from hsm_specs.report.sentences import verdict_counts
from hsm_specs.results.verdicts import Judgement, Verdict

OBLIGATIONS = {entry.id: entry for entry in load_catalogue().values() if entry.classification == "obligation"}
FIXTURES = ["MACH-STATE-1", "MACH-TASKS-2", "TASK-SERIAL-1", "TASK-KIND-1", "ENV-ACCESS-1", "ENV-ACCESS-2"]
QUICK = ("run", "--workers", "1", "--budget", "quick", "--timeout", "5", "-k", "ENV,NODE-KEY,DATA")


def test_an_obligation_and_nothing_else_says_who_owes_it() -> None:
    assert set(OBLIGATIONS) == {entry.id for entry in load_catalogue().values() if entry.owed_by is not None}
    assert set(DEBTORS) == {entry.owed_by for entry in OBLIGATIONS.values()}


def test_the_documentation_is_not_silent_on_an_obligation() -> None:
    declarations = {entry.id for entry in OBLIGATIONS.values() if all(not source.sentence for source in entry.sources)}
    assert set() == declarations


def test_no_property_exercises_an_obligation() -> None:
    assert set() == set(OBLIGATIONS) & set(PROPERTIES)


def test_documented_requirements_with_properties_show_what_the_framework_owes() -> None:
    shown = {name: entry.shown_by for name, entry in OBLIGATIONS.items() if entry.shown_by}
    assert {"framework"} == {OBLIGATIONS[name].owed_by for name in shown}
    for name in {name for names in shown.values() for name in names}:
        assert load_catalogue()[name].classification == "documented"
        assert name in PROPERTIES
    assert {"TASK-MAP-2"} == {name for name, entry in OBLIGATIONS.items() if entry.owed_by == "framework"} - set(shown)


@pytest.mark.parametrize(("mutant", "code", "verdict"), [("", 0, "conforms"), ("clock-in-milliseconds", 1, "deviates")])
def test_an_obligation_is_judged_by_what_shows_it(cli, mutant_command, mutant, code, verdict) -> None:
    command = mutant_command(mutant) if mutant else (*mutant_command("")[:3], "-m", "plain_hsm.framework")
    said = cli(*QUICK[:-1], "ENV-NOW,ENV-CLOCK", "--json", "result.json", "--", *command)
    assert code == said.code
    assert f"obligations, shown by the above: 1 {verdict}" in said.out
    entries = {entry["requirement"]: entry for entry in json.loads(Path("result.json").read_bytes())["requirements"]}
    assert [verdict, "shown by ENV-CLOCK-1"] == [entries["ENV-NOW-1"][member] for member in ("verdict", "note")]


def test_the_six_sentences_on_what_becomes_of_a_task_are_six_obligations() -> None:
    sentences = {name: entry.sources for name, entry in OBLIGATIONS.items() if name.startswith("TASK-MAP-")}
    assert [1] * 6 == [len(sources) for sources in sentences.values()]
    assert 6 == len({sources[0] for sources in sentences.values()})


def test_what_judges_the_fixtures_is_listed() -> None:
    assert sorted(FIXTURES) == sorted(entry.id for entry in load_catalogue().values() if entry.judges == "fixtures")


def test_a_run_says_who_owes_an_obligation_and_what_judges_the_fixtures(cli, mutant_command) -> None:
    trees = (*mutant_command("")[:3], "-m", "plain_hsm.adapter")
    said = cli(*QUICK, "--json", "result.json", "--junit", "result.xml", "--", *trees)
    assert 0 == said.code
    assert "the adapter's own fixtures: 2 conforms" in said.out
    assert (
        "obligations of others, not exercised: 2 by the framework around the package, 2 by the users of the package"
        in said.out
    )
    entries = {entry["requirement"]: entry for entry in json.loads(Path("result.json").read_bytes())["requirements"]}
    now = entries["ENV-NOW-1"]
    assert ["obligation", "framework", "owed by others", 0] == [
        now[member] for member in ("classification", "owed_by", "verdict", "cases")
    ]
    assert "users" == entries["DATA-DIRECT-1"]["owed_by"]
    assert ["fixtures", "implementation"] == [entries[name]["judges"] for name in ("ENV-ACCESS-1", "NODE-KEY-1")]
    (suite,) = JUnitXml.fromfile("result.xml")
    cases = {case.name: case for case in suite}
    assert ["fixtures", "node"] == [cases[name].classname for name in ("ENV-ACCESS-1", "NODE-KEY-1")]
    assert "owed by the framework around the package" in cases["ENV-NOW-1"].result[0].message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ENV-NOW-1", "owed by:   the framework around the package; shown by ENV-CLOCK-1 where that is judged"),
        ("TASK-MAP-2", "owed by:   the framework around the package; runs do not exercise it"),
        ("REG-THREAD-1", "owed by:   the users of the package; runs do not exercise it"),
        ("TASK-KIND-1", "judges:    the adapter's own machines, tasks and environment, not the implementation"),
    ],
)
def test_list_and_explain_say_it_too(cli, name: str, words: str) -> None:
    assert words in cli("explain", name).out
    assert ("Owed by" if name in OBLIGATIONS else "Judges the adapter's fixtures.") in cli("list", "-k", name).out


def test_a_fixture_that_is_wrong_is_not_counted_with_the_implementation() -> None:
    wrong = Judgement("TASK-KIND-1", "tasks", "It is.", True, Verdict.DEVIATES, 1, judges="fixtures")
    right = Judgement("NODE-KEY-1", "node", "It is.", True, Verdict.CONFORMS, 1)
    assert "documented: 1 conforms; the adapter's own fixtures: 1 deviates" == verdict_counts([wrong, right])


@pytest.mark.parametrize("name", ["REG-MACHINE-4", "REG-TASK-4", "REG-EXEC-4", "DATA-CAST-2", "NODE-CHILD-8"])
def test_an_operation_that_returns_an_error_must_take_no_effect(name: str) -> None:
    assert "documented" == load_catalogue()[name].classification


def test_the_error_of_a_function_is_the_error_of_the_operation_for_one_reason() -> None:
    entries = [load_catalogue()[name] for name in ("MT-FAIL-1", "MT-FAIL-4", "EXEC-RUN-3", "TRANS-APPLY-7")]
    assert {"documented"} == {entry.classification for entry in entries}
    assert 1 == len({entry.reason for entry in entries})


@pytest.mark.parametrize(
    ("mutant", "requirement"),
    [
        ("refused-definition-is-stored", "REG-MACHINE-4"),
        ("executor-errors-are-lost", "EXEC-RUN-3"),
    ],
)
def test_a_refusal_with_an_effect_and_a_lost_error_fail_the_run(
    cli, mutant_command, mutant: str, requirement: str
) -> None:
    said = cli("run", "--workers", "1", "--budget", "quick", "-k", requirement, "--", *mutant_command(mutant))
    assert 1 == said.code
    assert f"1 documented requirement is violated: {requirement}." in said.out
