"""The vocabulary of the direct state machines: data, keys and functions of transitions, hostile ones among them.

All shrink towards the plainest: type 1, ID "a", state 0, a function that does nothing else and succeeds.
"""

from __future__ import annotations

import json
from asyncio import CancelledError
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import hsm_model as hsm

if TYPE_CHECKING:
    from hsm_specs.stateful.direct.facts import Place

INT32 = 2**31
TYPES = (1, 2, INT32 - 1, -INT32)
"""The machine types that are registered."""
UNREGISTERED = 3


@dataclass
class Machine:
    """Data of a machine: its state and a value."""

    at: int
    value: int | str

    def state(self) -> int:
        return self.at

    def set_state(self, state: int, /) -> None:
        self.at = state

    def regenerate_tasks(self) -> list[hsm.Task]:
        return []


class Other:
    """A class that no data is of."""


@dataclass
class Definition:
    """A machine's definition. ``refuses`` is raised, or returned where it is no exception, by the next conversion."""

    type_id: int
    refuses: object = None

    def type(self) -> hsm.MachineType:
        return hsm.MachineType(self.type_id, "machine")

    def serialize(self, data: Machine) -> bytes:
        return self.converted(json.dumps([data.at, data.value]).encode())

    def deserialize(self, data: bytes) -> Machine:
        self.converted(data)
        return Machine(*json.loads(data))

    def converted(self, data: bytes) -> bytes:
        refused, self.refuses = self.refuses, None
        if isinstance(refused, BaseException):
            raise refused
        return data if refused is None else refused  # type: ignore[return-value]  # which the model has to find out


class Payload(NamedTuple):
    """A task."""

    number: int
    destination: str

    def type(self) -> hsm.TaskType:
        return hsm.TaskType(1, "task")

    def kind(self) -> hsm.TaskKind:
        return hsm.TaskKindOutbound(self.destination)


class UserError(Exception):
    """An error of a function."""


# --- values ---

hostile_texts = ("", "\0", "__proto__", "\u00e9", "e\u0301", "a/b", "x" * 300)
"""Empty, a NUL, a name that objects of JavaScript have, one letter composed and decomposed, a separator, a long one."""
ids = st.sampled_from(("a", "b", *hostile_texts))
types = st.sampled_from(TYPES)
keys = st.builds(hsm.Key, types, ids)
paths = st.lists(keys, min_size=1, max_size=6)
"""Keys for a chain of nodes, each below the one before."""
states = st.integers(0, 3)
bounds = (0, 1, -1, INT32 - 1, INT32, -INT32 - 1, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63)
values: SearchStrategy[int | str] = st.sampled_from(bounds) | st.sampled_from(hostile_texts)
data = st.builds(Machine, states, values)
tasks = st.builds(Payload, st.sampled_from(bounds), ids)
outputs = st.lists(tasks, max_size=2).map(hsm.TransitionOutput)
errors: SearchStrategy[type[BaseException]] = st.sampled_from(
    (UserError, hsm.StateMachineNotFound, KeyboardInterrupt, SystemExit, GeneratorExit, CancelledError)
)
"""Errors that are raised inside operations. Half of them are no `Exception`."""


# --- functions of transitions ---


@dataclass(frozen=True)
class Raises:
    """The function raises an error."""

    error: type[BaseException]


@dataclass(frozen=True)
class Unserializable:
    """The function leaves data that does not serialize: the definition raises the error."""

    error: type[BaseException]


@dataclass(frozen=True)
class ReturnsNoOutput:
    """The function returns None or a generator."""

    generator: bool


@dataclass(frozen=True)
class SerializesToText:
    """The definition returns a text, where bytes are due."""


FunctionFailure = Raises | Unserializable | ReturnsNoOutput | SerializesToText
failures: SearchStrategy[FunctionFailure] = st.one_of(
    st.builds(Raises, errors), st.builds(Unserializable, errors), st.builds(ReturnsNoOutput, st.booleans()),
    st.builds(SerializesToText),
)  # fmt: skip


@dataclass(frozen=True)
class AddInside:
    """The function adds a chain of nodes below one."""

    place: Place
    keys: list[hsm.Key]


@dataclass(frozen=True)
class TransitionInside:
    """The function makes another transition. If that fails, the function goes on."""

    place: Place
    function: Function


@dataclass(frozen=True)
class ClearInside:
    """The function clears a node's transaction state."""

    place: Place


Action = AddInside | TransitionInside | ClearInside


@dataclass(frozen=True)
class Function:
    """A transition's function: what it does to the tree, the data and output that it leaves, and how it fails."""

    inside: list[Action]
    data: Machine
    output: hsm.TransitionOutput
    failure: FunctionFailure | None = None

    def end(self, definition: Definition) -> object:
        """Fail, or return the output."""
        match self.failure:
            case Raises(error):
                raise error("raised by the function")
            case Unserializable(error):
                definition.refuses = error("raised by serialization")
            case SerializesToText():
                definition.refuses = "no bytes"
            case ReturnsNoOutput(generator):
                return unfinished() if generator else None
            case None:
                pass
        return self.output

    def expected_error(self) -> type[BaseException] | None:
        """Return the class of the error that the transition is to raise."""
        match self.failure:
            case Raises(error) | Unserializable(error):
                return error
            case ReturnsNoOutput() | SerializesToText():
                return TypeError
            case None:
                return None


def unfinished() -> Generator[int]:
    yield 1


def functions(
    places: SearchStrategy[Place], endings: SearchStrategy[FunctionFailure | None], depth: int = 0
) -> SearchStrategy[Function]:
    """Return functions that act on any of the nodes. Those of transitions inside may fail."""
    inside: SearchStrategy[Action] = st.builds(AddInside, places, paths) | st.builds(ClearInside, places)
    if depth < 2:
        inside |= st.builds(TransitionInside, places, functions(places, st.none() | failures, depth + 1))
    return st.builds(Function, st.lists(inside, max_size=2), data, outputs, endings)
