"""Results of functions and definitions are checked, and nothing that they do to the tree can break it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, NamedTuple, Protocol, runtime_checkable

import pytest

from hsm_model.errors import IncompatibleType, StateMachineAlreadyExists
from hsm_model.node import Node, machine_data, machine_transition, new_root
from hsm_model.registry import MachineType, Registry, new_registry
from hsm_model.state import Key
from hsm_model.tasks import Task, TransitionOutput
from hsm_model.transition import new_transition
from hsm_specs.language.palette import MachineA, PaletteDefinition, PaletteError, PaletteTask

from .samples import data_for, registry, root, transition

TASK = PaletteTask(1, 0, 0)


# --- what functions return ---


async def asynchronous(machine: MachineA, event: object = None) -> TransitionOutput:
    return TransitionOutput()


def generator(machine: MachineA, event: object = None) -> Iterator[TransitionOutput]:
    yield TransitionOutput()


async def asynchronous_generator(machine: MachineA, event: object = None) -> AsyncIterator[TransitionOutput]:
    yield TransitionOutput()


def returning(value: object) -> Callable[..., Any]:
    return lambda machine, event=None: value


WRONG: dict[str, tuple[Callable[..., Any], str]] = {
    "None": (returning(None), "NoneType"),
    "coroutine": (asynchronous, "coroutine"),
    "generator": (generator, "generator"),
    "asynchronous generator": (asynchronous_generator, "async_generator"),
    "tuple of tasks": (returning((TASK,)), "tuple"),
    "list of tasks": (returning([TASK]), "list"),
    "class": (returning(TransitionOutput), "type"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_function_that_returns_no_output_is_a_failed_transition(name: str) -> None:
    function, kind = WRONG[name]
    node = root()
    before = node.tree.state

    def change(machine: MachineA) -> Any:
        machine.set_state(5)
        node.add_child(Key(1, "a"), data_for(1))
        return function(machine)

    with pytest.raises(TypeError, match=f"must return a TransitionOutput, not {kind}$"):
        machine_transition(node, MachineA, change)
    assert before is node.tree.state


@pytest.mark.parametrize("name", WRONG)
def test_an_apply_function_that_returns_no_output_leaves_the_state_alone(name: str) -> None:
    function, kind = WRONG[name]
    machine = MachineA(0, 0)
    with pytest.raises(TypeError, match=f"must return a TransitionOutput, not {kind}$"):
        new_transition((0,), 1, function).apply(machine, None)
    assert 0 == machine.state()


class Named(TransitionOutput):
    """An output with something of its own."""

    __slots__ = ()


def test_recorded_outputs_are_immutable_copies() -> None:
    tasks: list[Task] = [TASK]
    odd = TransitionOutput()._replace(tasks=tasks)  # type: ignore[arg-type]  # as a careless function does
    node = root()
    for output in (TransitionOutput(tasks), Named(tasks), odd):
        transition(node, output=output)
    tasks.append(TASK)
    recorded = node.outputs()[0].outputs
    assert (TransitionOutput((TASK,)),) * 3 == recorded
    assert [TransitionOutput] * 3 == [type(output) for output in recorded]
    assert hash(node.tree.state) == hash(node.tree.state)


def test_an_output_copies_its_tasks_when_it_is_made() -> None:
    tasks: list[Task] = [TASK]
    output = TransitionOutput(tasks)
    tasks.clear()
    assert TransitionOutput((TASK,)) == output
    assert (TASK,) == output.tasks


def test_an_output_that_is_right_is_recorded_as_it_is() -> None:
    node, output = root(), TransitionOutput((TASK,))
    transition(node, output=output)
    assert output is node.outputs()[0].outputs[0]


# --- what definitions return ---


class Odd(PaletteDefinition):
    """Serializes to whatever it is given."""

    __slots__ = ("result",)

    def __init__(self) -> None:
        super().__init__(1, 0)
        self.result: Any = b"0:0"

    def serialize(self, data: Any) -> Any:
        return self.result


async def coroutine() -> bytes:
    return b"0:0"


@pytest.mark.parametrize("result", ["0:0", bytearray(b"0:0"), memoryview(b"0:0"), None, 7, coroutine])
def test_serialize_that_returns_no_bytes_is_an_error_that_changes_nothing(result: object) -> None:
    definition, made = Odd(), new_registry()
    made.register_machine(definition)
    node = new_root(made, 1, MachineA(0, 0))
    before = node.tree.state

    def spoil() -> None:
        definition.result = result() if callable(result) else result

    spoil()
    with pytest.raises(TypeError, match="serialize must return bytes, not "):
        node.add_child(Key(1, "a"), MachineA(0, 0))
    spoil()
    with pytest.raises(TypeError, match="serialize must return bytes, not "):
        machine_transition(node, MachineA, lambda machine: TransitionOutput())
    spoil()
    with pytest.raises(TypeError, match="serialize must return bytes, not "):
        new_root(made, 1, MachineA(0, 0))
    assert before is node.tree.state


@pytest.mark.parametrize("type_id", [2**31, -(2**31) - 1, 2**40, 1.0, "1", None, float("nan")])
def test_type_ids_that_are_not_int32_are_refused_at_registration(type_id: Any) -> None:
    class Definition(PaletteDefinition):
        def type(self) -> MachineType:
            return MachineType(type_id, "")

    made = Registry()
    error = ValueError if isinstance(type_id, int) else TypeError
    for register in (
        lambda: made.register_machine(Definition(1, 0)),
        lambda: made.register_task_serializer(type_id, None),  # type: ignore[arg-type]  # never looked at
        lambda: made.add_executor(type_id, None),  # type: ignore[arg-type]  # never looked at
    ):
        with pytest.raises(error, match="the ID of a type must be an int32"):
            register()
    assert ({}, {}, {}) == (made._machines, made._serializers, made._executors)


# --- definitions that use the tree ---


class Meddling(PaletteDefinition):
    """Does something once, while it serializes or deserializes."""

    def __init__(self) -> None:
        super().__init__(1, 0)
        self.inside: Callable[[], object] | None = None

    def serialize(self, data: Any) -> bytes:
        self.meddle()
        return super().serialize(data)

    def deserialize(self, data: bytes) -> Any:
        self.meddle()
        return super().deserialize(data)

    def meddle(self) -> None:
        inside, self.inside = self.inside, None
        if inside is not None:
            inside()


@pytest.fixture
def meddling() -> tuple[Meddling, Node]:
    definition, made = Meddling(), new_registry()
    made.register_machine(definition)
    return definition, new_root(made, 1, MachineA(0, 0))


def test_a_child_that_serialization_added_itself_is_not_overwritten(meddling: tuple[Meddling, Node]) -> None:
    definition, node = meddling

    def add_first() -> None:
        transition(node.add_child(Key(1, "a"), MachineA(7, 7)), 8, 8)

    before = node.tree.state
    definition.inside = add_first
    with pytest.raises(StateMachineAlreadyExists):
        node.add_child(Key(1, "a"), MachineA(0, 0))
    assert before is node.tree.state


def test_what_serialization_did_is_kept_with_what_it_serialized(meddling: tuple[Meddling, Node]) -> None:
    definition, node = meddling
    definition.inside = lambda: transition(node.add_child(Key(1, "other"), MachineA(0, 0)), 3, 3)
    node.add_child(Key(1, "a"), MachineA(1, 1))
    assert {"a": b"1:1", "other": b"3:3"} == {key.id: it.data for key, it in node.persisted().children.items()}


@pytest.mark.parametrize("wanted", [MachineA, str])
def test_what_deserialization_did_is_undone_if_the_operation_fails(
    meddling: tuple[Meddling, Node], wanted: type[Any]
) -> None:
    definition, node = meddling
    before = node.tree.state

    def meddle() -> None:
        transition(node.add_child(Key(1, "a"), MachineA(0, 0)))
        if wanted is MachineA:
            raise PaletteError("deserialize_error")

    for operation in (
        lambda: machine_data(node, wanted),
        lambda: machine_transition(node, wanted, lambda machine: TransitionOutput()),
    ):
        definition.inside = meddle
        with pytest.raises((PaletteError, IncompatibleType)):
            operation()
        assert before is node.tree.state


def test_a_transition_inside_deserialization_counts_and_the_outer_one_after_it(
    meddling: tuple[Meddling, Node],
) -> None:
    definition, node = meddling
    definition.inside = lambda: transition(node, 3, 3)
    transition(node, 4, 4)
    assert (2, b"4:4", 2) == (node.transition_count(), node.persisted().data, len(node.outputs()[0].outputs))


def test_a_failed_transition_undoes_what_its_deserialization_did(meddling: tuple[Meddling, Node]) -> None:
    definition, node = meddling
    before = node.tree.state
    definition.inside = lambda: transition(node, 3, 3)
    with pytest.raises(ZeroDivisionError):
        machine_transition(node, MachineA, lambda machine: 1 // 0)  # type: ignore[arg-type,return-value]  # fails
    assert before is node.tree.state


# --- types of data ---


@runtime_checkable
class HasState(Protocol):
    """A protocol that can be checked at run time."""

    def state(self) -> int: ...


@runtime_checkable
class Flies(Protocol):
    """Nothing here does."""

    def fly(self) -> None: ...


class Unchecked(Protocol):
    """A protocol that cannot be checked at run time."""

    def state(self) -> int: ...


def test_a_runtime_checkable_protocol_is_a_type_of_data() -> None:
    node = root()
    assert 0 == machine_data(node, HasState).state()  # type: ignore[type-abstract]  # mypy allows only classes
    with pytest.raises(IncompatibleType, match="not a Flies"):
        machine_data(node, Flies)  # type: ignore[type-abstract]  # see above


@pytest.mark.parametrize("wanted", [Unchecked, list[int], 7, "MachineA", Any])
def test_what_cannot_be_checked_at_run_time_is_refused_before_the_function_runs(wanted: Any) -> None:
    node = root()
    before = node.tree.state
    with pytest.raises(TypeError, match="cannot be used as a data type"):
        machine_data(node, wanted)
    with pytest.raises(TypeError, match="cannot be used as a data type"):
        machine_transition(node, wanted, lambda machine: pytest.fail("the function ran"))
    assert before is node.tree.state


def test_any_object_is_data() -> None:
    assert isinstance(machine_data(root(), object), MachineA)


# --- keys and paths ---


class Pair(NamedTuple):
    """Looks like a key."""

    type: int
    id: str


def test_a_key_in_place_of_a_path_gets_a_clear_error() -> None:
    node = root()
    node.add_child(Key(1, "a"), data_for(1))
    with pytest.raises(
        TypeError, match=r"a path is a sequence of keys, not one key: write child\(\[Key\(type=1, id='a'\)\]\)"
    ):
        node.child(Key(1, "a"))  # type: ignore[arg-type]  # that is the mistake


@pytest.mark.parametrize("path", [[(1, "a")], [Pair(1, "a")], ["a"], "a", [None]])
def test_a_path_of_anything_but_keys_gets_a_clear_error(path: Any) -> None:
    node = root()
    node.add_child(Key(1, "a"), data_for(1))
    with pytest.raises(TypeError, match="a path is a sequence of Key, and"):
        node.child(path)


@pytest.mark.parametrize("key", [(1, "a"), Pair(1, "a"), "a", Key(1, 2), None])  # type: ignore[arg-type]  # wrong
def test_a_child_is_added_under_a_key_alone(key: Any) -> None:
    node = new_root(registry(), 1, data_for(1))
    before = node.tree.state
    with pytest.raises(TypeError, match="a child's key is a Key of an int and a str"):
        node.add_child(key, data_for(1))
    assert before is node.tree.state
