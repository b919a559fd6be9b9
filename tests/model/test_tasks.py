from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_model.errors import InvalidTaskKind
from hsm_model.tasks import TaskKind, TaskKindOutbound, TaskKindTimer, TaskType, TransitionOutput
from hsm_specs.language.palette import MachineA, PaletteTask, PaletteTaskSerializer, instant, kind_of, milliseconds

whens = st.integers(-(10**12), 10**12) | st.text(max_size=5)


@given(st.integers(1, 4), st.integers(-(2**53), 2**53), whens)
def test_a_task_survives_its_serializer_given_the_right_kind(type_id: int, payload: int, when: int | str) -> None:
    task, serializer = PaletteTask(type_id, payload, when), PaletteTaskSerializer(type_id, 0)
    if isinstance(when, int) == (type_id % 2 == 1):
        assert task == serializer.deserialize(serializer.serialize(task), task.kind())
    else:
        with pytest.raises(InvalidTaskKind, match=f"task of type {type_id} is no "):
            serializer.deserialize(serializer.serialize(task), task.kind())


@given(whens)
def test_kinds_are_values(when: int | str) -> None:
    assert kind_of(when) == kind_of(when)
    assert 1 == len({kind_of(when), kind_of(when)})
    assert isinstance(kind_of(when), TaskKindTimer if isinstance(when, int) else TaskKindOutbound)


@given(st.integers(-(10**13), 10**14))
def test_milliseconds_and_instants_are_inverses(moment: int) -> None:
    assert moment == milliseconds(instant(moment))


def test_the_kinds_carry_what_their_queues_need() -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    assert moment == TaskKindTimer(moment).deadline
    assert "there" == TaskKindOutbound("there").destination


def test_a_kind_that_is_neither_is_refused_by_the_palette() -> None:
    with pytest.raises(InvalidTaskKind):
        PaletteTaskSerializer(2, 0).deserialize(b"1", TaskKind())


def test_tasks_of_a_machine_are_made_anew_from_its_state() -> None:
    machine = MachineA(0, 7)
    assert [] == machine.regenerate_tasks()
    machine.set_state(1)
    assert [PaletteTask(1, 7, 1000)] == machine.regenerate_tasks()
    machine.set_state(2)
    assert [PaletteTask(2, 7, "dest")] == machine.regenerate_tasks()


def test_a_task_says_its_type_and_hashes() -> None:
    task = PaletteTask(1, 0, 1000)
    assert TaskType(1, "task-1") == task.type()
    assert {TransitionOutput((task,))} == {TransitionOutput((PaletteTask(1, 0, 1000),))}


def test_there_are_no_other_kinds() -> None:
    with pytest.raises(TypeError, match="TaskKindTimer and TaskKindOutbound; there can be no other"):
        type("TaskKindTransfer", (TaskKind,), {})
    with pytest.raises(TypeError):
        type("TaskKindLater", (TaskKindTimer,), {})
