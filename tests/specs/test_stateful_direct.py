"""The state machines that check the model against plain facts, and the wrong models that they catch."""

from __future__ import annotations

import traceback
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

import hsm_model as hsm
from hsm_model.node import Tree, machine_transition
from hsm_model.semantics import SPECIFICATION
from hsm_specs.stateful.direct import (
    DIRECT_MACHINES,
    DirectClearing,
    DirectEverything,
    DirectRegistration,
    DirectRollback,
    Violation,
)
from hsm_specs.stateful.direct.mutants import MUTANTS, PLAIN, Mutant, following
from hsm_specs.stateful.profiles import SIZES, machine_settings

from .broken import BROKEN

ROOT = Path(__file__).parents[2]
Machine = type[RuleBasedStateMachine]


def ci_settings(*phases: Phase) -> settings:
    """The settings of a machine in the profile `ci`, whatever the present one is."""
    examples, steps = SIZES["ci"]
    return settings(
        settings.get_profile("ci"),
        max_examples=examples,
        stateful_step_count=steps,
        report_multiple_bugs=False,
        phases=phases or tuple(Phase),
    )


def caught(machine: Machine, mutant: Mutant, *phases: Phase) -> Violation:
    """The failure that a machine finds in a mutant, in the profile `ci`."""
    with mutant.in_place(), pytest.raises(Violation) as found:
        run_state_machine_as_test(machine, settings=ci_settings(*phases))
    return found.value


def stated(machine: Machine) -> set[str]:
    """The names of a machine's rules and invariants."""
    state: Any = machine.setup_state()
    return {member.function.__name__ for member in (*state.rules, *state.invariants)}


def catcher(machine: Machine, violation: Violation) -> str:
    """The rule or the invariant that raised it."""
    frames = traceback.extract_tb(violation.__traceback__)
    return [frame.name for frame in frames if frame.name in stated(machine)][-1]


@pytest.mark.parametrize("machine", DIRECT_MACHINES, ids=lambda machine: machine.__name__)
def test_the_model_does_what_the_documentation_says(machine: Machine) -> None:
    run_state_machine_as_test(machine, settings=machine_settings())


def test_the_plain_form_of_the_transition_is_not_caught() -> None:
    with PLAIN.in_place():
        run_state_machine_as_test(DirectRollback, settings=settings(ci_settings(), max_examples=50))


# --- wrong models -----------------------------------------------------------------------------------------------------

FAILED = "a_failed_transition_leaves_the_tree_as_it_was"
CAUGHT: dict[str, tuple[Machine, str]] = {
    "open_state_is_kept": (DirectRollback, FAILED),
    "only_exceptions_roll_back": (DirectRollback, FAILED),
    "serialization_is_outside_of_the_rollback": (DirectRollback, FAILED),
    "grandchildren_survive": (DirectRollback, FAILED),
    "clearing_stops_at_depth_2": (DirectClearing, "clearing_resets_the_node_and_all_below_it"),
    "a_third_registration_is_accepted": (DirectRegistration, "a_machine_type_is_registered_once"),
}
"""The machine that catches each mutant, and the rule or invariant of it that does."""


def test_each_mutant_is_caught_by_a_machine() -> None:
    assert MUTANTS.keys() == CAUGHT.keys()


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught_by_the_invariant_that_it_violates(name: str) -> None:
    machine, by = CAUGHT[name]
    assert by == catcher(machine, caught(machine, MUTANTS[name], Phase.generate))


BROKEN_RULES: dict[str, tuple[Machine, str]] = {
    "never dirty": (DirectClearing, "a_transition_has_an_output"),
    "outputs with tasks only": (DirectClearing, "a_transition_has_an_output"),
    "outputs of the whole tree": (DirectClearing, "outputs_are_those_of_the_transitions_since_the_last_clearing"),
    "everything cleared": (DirectClearing, "a_node_is_dirty_exactly_if_it_or_one_below_it_has_outputs"),
    "cleared with counts": (DirectClearing, "clearing_resets_the_node_and_all_below_it"),
    "outputs cleared but dirty": (DirectClearing, "clearing_resets_the_node_and_all_below_it"),
    "children of all types": (DirectClearing, "the_children_are_those_that_were_added"),
    "root with a count": (DirectClearing, "the_count_is_the_number_of_successful_transitions"),
    "root without data": (DirectClearing, "the_data_is_what_the_last_successful_transition_left"),
    "wrong casts succeed": (DirectRollback, "a_wrong_type_of_data_is_incompatible_and_changes_nothing"),
    "existing children are replaced": (DirectRollback, "a_key_that_exists_is_not_added_again"),
    "what is not registered is not found": (
        DirectRollback,
        "a_type_that_is_not_registered_is_neither_added_nor_found",
    ),
    "impossible transitions are made": (DirectRollback, "a_transition_from_a_state_that_is_no_source_is_invalid"),
    "root without children": (DirectEverything, "save_a_tree_and_load_it_again"),
}


@pytest.mark.parametrize("name", BROKEN_RULES)
def test_a_broken_rule_of_the_model_is_caught(name: str) -> None:
    machine, by = BROKEN_RULES[name]
    assert by == catcher(machine, caught(machine, Mutant(name, "", following(BROKEN[name])), Phase.generate))


class Overwriting(hsm.Registry):
    """Refuses the second registration, and keeps it in place of the first."""

    def register_machine(self, definition: hsm.StateMachineDefinition) -> None:
        registered, self._machines[definition.type().id] = definition.type().id in self._machines, definition
        self.semantics.refuse_duplicate(registered, "machine", definition.type().id)

    def register_task_serializer(self, type_id: int, serializer: hsm.TaskSerializer[Any]) -> None:
        registered, self._serializers[type_id] = type_id in self._serializers, serializer
        self.semantics.refuse_duplicate(registered, "task", type_id)

    def add_executor(self, type_id: int, executor: hsm.Executor[Any]) -> None:
        registered, self._executors[type_id] = type_id in self._executors, executor
        self.semantics.refuse_duplicate(registered, "executor", type_id)


@pytest.mark.parametrize(
    ("method", "by"),
    [
        ("register_machine", "the_first_registration_of_a_machine_type_stays"),
        ("register_task_serializer", "the_first_serializer_of_a_task_type_stays"),
        ("add_executor", "the_first_executor_of_a_task_type_executes_its_tasks"),
    ],
)
def test_a_registry_that_overwrites_before_it_refuses_is_caught(method: str, by: str) -> None:
    wrong: Any = type("Wrong", (hsm.Registry,), {method: getattr(Overwriting, method)})
    violation = caught(DirectRegistration, Mutant(method, "", {"new_registry": wrong}), Phase.generate)
    assert by == catcher(DirectRegistration, violation)


def test_nodes_that_are_found_anew_each_time_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    child = hsm.Node.child

    def found_anew(node: hsm.Node, path: Any) -> hsm.Node:
        node.tree.handles.clear()
        return child(node, path)

    monkeypatch.setattr(hsm.Node, "child", found_anew)
    assert "a_path_leads_to_the_same_node_each_time" == catcher(
        DirectClearing, caught(DirectClearing, PLAIN, Phase.generate)
    )


def test_nodes_that_a_rollback_leaves_usable_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tree, "forget_gone", lambda tree, known: None)
    assert "a_node_that_a_rollback_took_away_is_gone_for_good" == catcher(
        DirectRollback, caught(DirectRollback, PLAIN, Phase.generate)
    )


def test_a_mutant_is_in_place_until_its_context_ends() -> None:
    with ExitStack() as stack:
        for mutant in MUTANTS.values():
            stack.enter_context(mutant.in_place())
        assert hsm.Registry is not type(hsm.new_registry())
    assert (machine_transition, SPECIFICATION) == (hsm.machine_transition, hsm.new_registry().semantics)


# --- profiles and the page --------------------------------------------------------------------------------------------


@pytest.fixture
def page() -> str:
    return (ROOT / "docs" / "stateful.md").read_text("utf-8")


def test_the_profile_ci_is_the_same_each_time_and_long_enough() -> None:
    ci = settings.get_profile("ci")
    assert (True, None) == (ci.derandomize, ci.database)
    assert (200, 50) <= SIZES["ci"]


def test_the_profiles_dev_and_nightly_are_random_and_nightly_keeps_its_examples() -> None:
    dev, nightly = settings.get_profile("dev"), settings.get_profile("nightly")
    assert [False, False] == [dev.derandomize, nightly.derandomize]
    assert nightly.database is not None
    assert SIZES["dev"] < SIZES["ci"] < SIZES["nightly"]


@pytest.mark.parametrize("profile", SIZES)
def test_a_machine_has_the_size_of_the_present_profile(profile: str) -> None:
    present = settings.get_current_profile_name()
    try:
        settings.load_profile(profile)
        sized = machine_settings()
    finally:
        settings.load_profile(present)
    assert SIZES[profile] == (sized.max_examples, sized.stateful_step_count)


def test_the_page_has_the_profiles(page: str) -> None:
    for name, (examples, steps) in SIZES.items():
        assert f"| `{name}` | {examples} | {steps} |" in page


def test_the_page_has_every_mutant_with_its_fault(page: str) -> None:
    for name, mutant in MUTANTS.items():
        machine, by = CAUGHT[name]
        assert f"| {mutant.fault} | `{machine.__name__}` | `{by}` |" in " ".join(page.split())


def test_the_page_has_every_invariant(page: str) -> None:
    invariants: Any = DirectRollback.setup_state().invariants
    for invariant in invariants:
        assert f"- `{invariant.function.__name__}`" in page


def test_the_page_shows_the_failure_that_is_printed(page: str) -> None:
    violation = caught(DirectRegistration, MUTANTS["a_third_registration_is_accepted"])
    printed = "\n".join((f"{type(violation).__name__}: {violation}", *violation.__notes__))
    printed = printed.partition("\n\nYou can reproduce")[0]
    assert f"```text\n{printed}\n```" in page
