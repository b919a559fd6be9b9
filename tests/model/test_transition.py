from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_model.errors import InvalidTransition
from hsm_model.tasks import TransitionOutput
from hsm_model.transition import Transition, new_transition
from hsm_specs.language.palette import MachineA, PaletteTask

states = st.integers(0, 5)
sources = st.lists(states, unique=True, max_size=4).map(tuple)
OUTPUT = TransitionOutput((PaletteTask(1, 7, 1000),))


class Boom(BaseException):
    """Something that no `except Exception` catches."""


def nothing(machine: MachineA, event: object) -> TransitionOutput:
    return OUTPUT


def with_sources(sources: tuple[int, ...], destination: int) -> Transition[int, MachineA, object]:
    return new_transition(sources, destination, nothing)


@given(sources, states, states)
def test_a_transition_is_possible_exactly_in_its_sources(
    sources: tuple[int, ...], destination: int, state: int
) -> None:
    machine = MachineA(state, 0)
    assert (state in sources) == with_sources(sources, destination).possible(machine)
    assert state == machine.state()


@given(sources, states, states)
def test_apply_leads_to_the_destination_or_is_refused(sources: tuple[int, ...], destination: int, state: int) -> None:
    machine, transition = MachineA(state, 4), with_sources(sources, destination)
    if state in sources:
        assert OUTPUT == transition.apply(machine, None)
        assert destination == machine.state()
    else:
        with pytest.raises(InvalidTransition, match=f"from {state} to {destination}"):
            transition.apply(machine, None)
        assert state == machine.state()
    assert 4 == machine.value


@given(
    states,
    states,
    st.none() | states,
    st.sampled_from([ValueError("no"), KeyboardInterrupt(), Boom(), InvalidTransition("n")]),
)
def test_whatever_a_failing_function_raises_the_machine_is_back_in_its_state(
    source: int, destination: int, override: int | None, error: BaseException
) -> None:
    def fail(machine: MachineA, event: object) -> TransitionOutput:
        if override is not None:
            machine.set_state(override)
        raise error

    machine = MachineA(source, 0)
    with pytest.raises(type(error)) as raised:
        new_transition((source,), destination, fail).apply(machine, None)
    assert error is raised.value
    assert source == machine.state()


def test_the_function_sees_the_destination_and_the_event() -> None:
    seen: list[object] = []

    def look(machine: MachineA, event: object) -> TransitionOutput:
        seen.append((machine.state(), event))
        return TransitionOutput()

    event = object()
    new_transition((0,), 3, look).apply(MachineA(0, 0), event)
    assert [(3, event)] == seen


def test_the_function_is_not_called_where_the_transition_is_impossible() -> None:
    called: list[object] = []

    def function(machine: MachineA, event: object) -> TransitionOutput:
        called.append(event)
        return TransitionOutput()

    with pytest.raises(InvalidTransition):
        new_transition((1,), 2, function).apply(MachineA(0, 0), "event")
    assert [] == called


def test_a_state_that_the_function_sets_stays() -> None:
    def override(machine: MachineA, event: object) -> TransitionOutput:
        machine.set_state(5)
        return TransitionOutput()

    machine = MachineA(0, 0)
    new_transition((0,), 3, override).apply(machine, None)
    assert 5 == machine.state()


def test_a_transition_to_its_own_state_needs_that_state_among_its_sources() -> None:
    assert not with_sources((1,), 0).possible(MachineA(0, 0))
    assert with_sources((0,), 0).possible(MachineA(0, 0))


def test_a_failed_apply_undoes_the_state_alone() -> None:
    def fail(machine: MachineA, event: object) -> TransitionOutput:
        machine.value = 9
        raise ValueError

    machine = MachineA(0, 1)
    with pytest.raises(ValueError):  # noqa: PT011 - that it is the function's own is tested above
        new_transition((0,), 3, fail).apply(machine, None)
    assert (0, 9) == (machine.state(), machine.value)


def test_a_transition_has_what_it_was_made_from() -> None:
    transition = with_sources((1, 2), 3)
    assert ((1, 2), 3, nothing) == (transition.sources, transition.destination, transition.apply_function)


def test_a_transition_can_be_made_with_its_types_written_out() -> None:
    assert Transition((0,), 1, nothing) == Transition[int, MachineA, object]((0,), 1, nothing)


def test_a_transition_is_a_value() -> None:
    assert hash(with_sources((1,), 2)) == hash(with_sources((1,), 2))
    with pytest.raises(FrozenInstanceError):
        with_sources((1,), 2).destination = 3  # type: ignore[misc]  # what must not be possible


# --- what the documentation leaves open ---


class Refusing(MachineA):
    """A machine that refuses some states, before or after it takes them."""

    __slots__ = ("late", "refused")

    def __init__(self, state: int, refused: set[int], late: bool) -> None:
        super().__init__(state, 0)
        self.refused = refused
        self.late = late

    def set_state(self, state: int, /) -> None:
        if self.late:
            super().set_state(state)
        if state in self.refused:
            raise ValueError(f"never {state}")
        super().set_state(state)


@pytest.mark.parametrize("late", [False, True])
def test_a_destination_that_the_machine_refuses_is_an_error_and_the_function_is_not_called(late: bool) -> None:
    machine = Refusing(0, {3}, late)

    def function(machine: MachineA, event: object) -> TransitionOutput:
        pytest.fail("the function was called")

    with pytest.raises(ValueError, match=r"^never 3$") as raised:
        new_transition((0,), 3, function).apply(machine, None)
    assert 0 == machine.state()
    assert not getattr(raised.value, "__notes__", [])


def test_a_machine_that_refuses_its_earlier_state_too_adds_a_note_to_the_error() -> None:
    machine = Refusing(0, {0, 3}, late=False)

    def fail(machine: MachineA, event: object) -> TransitionOutput:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as raised:
        new_transition((0,), 2, fail).apply(machine, None)
    assert ["The machine's state could not be set back to 0: ValueError('never 0')"] == raised.value.__notes__


def test_nan_is_never_a_source() -> None:
    nan = float("nan")
    machine = MachineA(nan, 0)  # type: ignore[arg-type]  # any hashable value is a state
    transition = new_transition((nan, 1.0), 0, nothing)
    assert not transition.possible(machine)
    with pytest.raises(InvalidTransition, match=r"^invalid transition: from nan to 0$"):
        transition.apply(machine, None)
    assert transition.possible(MachineA(1, 0))


def test_states_are_compared_by_their_values() -> None:
    assert new_transition((("a", 1),), ("b", 1), nothing).possible(MachineA(("a", 1), 0))  # type: ignore[arg-type]  # see above


@pytest.mark.parametrize("make", [new_transition, Transition])
def test_sources_are_any_sequence_and_copied(make: Callable[..., Transition[int, MachineA, object]]) -> None:
    given_sources = [1, 2]
    transition = make(given_sources, 3, nothing)
    given_sources.append(0)
    assert (1, 2) == transition.sources
    assert make((1, 2), 3, nothing) == transition
    assert hash(make((1, 2), 3, nothing)) == hash(transition)
    assert not transition.possible(MachineA(0, 0))


@pytest.mark.parametrize("sources", ["scheduled", b"scheduled"])
def test_one_text_in_place_of_sources_gets_a_clear_error(sources: str) -> None:
    with pytest.raises(TypeError, match=r"the sources of a transition are a sequence of states, not b?'scheduled'"):
        new_transition(sources, "done", nothing)
