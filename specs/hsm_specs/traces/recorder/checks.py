"""Rules about machines and the code around them, which are checked while a trace is recorded.

None of them is about the package under test. Their IDs are those of TRACES.md; the recorder for Go has the same.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hsm_specs.errors import InputError
from hsm_specs.traces.format.remarks import CHANGED_OUTSIDE, ROUND_TRIP
from hsm_specs.traces.recorder import names
from hsm_specs.traces.recorder.comparison import same
from hsm_specs.traces.recorder.session import Function, Position, RecordingSession, silently

if TYPE_CHECKING:
    from hsm_specs.traces.recorder.node import RecordedNode, RecordedPlace
    from hsm_specs.traces.recorder.registry import RecordedRegistry

REGENERATED_TASKS: Final = "regenerated-tasks"
TASK_SERIALIZERS: Final = "task-serializers"
TASK_EXECUTORS: Final = "task-executors"
CLEARED_OUTPUTS: Final = "cleared-outputs"
SWALLOWED_FAILURE: Final = "swallowed-failure"
RULES: Final = (
    REGENERATED_TASKS, TASK_SERIALIZERS, TASK_EXECUTORS, ROUND_TRIP, CLEARED_OUTPUTS, SWALLOWED_FAILURE,
    CHANGED_OUTSIDE,
)  # fmt: skip
"""The IDs of the rules."""
MOST_LOOKS: Final = 100
"""How many transitions to a state of a machine type are checked in a trace, so that a long test costs little."""


@dataclass(slots=True)
class Transitioned:
    """A transition that succeeded: of which node, the data that it left, and the tasks that it emitted."""

    place: RecordedPlace
    registry: RecordedRegistry
    data: Any
    tasks: list[Any]
    task_types: Mapping[Any, Any]
    """The names of the types of these tasks, by ID."""
    at: Position | None


@dataclass(slots=True)
class _Read:
    """Data that the program was handed, and its state and value at that time."""

    data: Any
    state: Any
    value: str | None
    definition: Any
    at: Position | None


class _OfThread(threading.local):
    """The transitions that succeeded in the calls that are under way in a thread."""

    def __init__(self) -> None:
        self.succeeded: list[Transitioned] = []


class Checks:
    """Checks the rules during one trace. Failures in checks are left alone: the rules are for people."""

    def __init__(self, session: RecordingSession, without: Collection[str] = ()) -> None:
        self._session = session
        self._without = frozenset(without)
        self._remarked: set[tuple[str, str, str]] = set()
        self._of_thread = _OfThread()
        self._looks: Counter[tuple[Any, Any]] = Counter()
        self._lives: dict[RecordedPlace, list[Any]] = {}
        self._emitted: dict[int, tuple[RecordedRegistry, dict[Any, tuple[str, str]]]] = {}
        self._reads: dict[RecordedPlace, _Read] = {}
        self._uncleared: dict[int, dict[Any, int]] = {}

    def _type(self, place: RecordedPlace) -> str:
        return str(self._session.types.machine(place.type))

    def remark(self, rule: str, machine_type: Any, what: str, at: Position | None) -> None:
        """Write a remark, once for each text."""
        key = rule, str(machine_type), what
        if rule in self._without or key in self._remarked or self._session.over:
            return
        self._remarked.add(key)
        self._session.attempt(lambda: self._session.remark(rule, machine_type, what, at))

    # --- transitions --------------------------------------------------------------------------------------------------

    def begins(self, place: RecordedPlace, registry: RecordedRegistry, data: Any, at: Position | None) -> None:
        """Note a node all of whose transitions are recorded from now on, and check the data that it begins with."""
        self._lives[place] = []
        self._reads.pop(place, None)
        definition = registry.definition(place.type)
        if definition is None or ROUND_TRIP in self._without or self._session.over:
            return
        with suppress(Exception):
            with silently():
                copy = definition.definition.deserialize(definition.definition.serialize(data))
            # What is added may be of another class than what is deserialized.
            if type(copy) is type(data):
                self._compare(place, data, copy, at)

    @property
    def mark(self) -> int:
        """How many transitions have succeeded in the calls under way."""
        return len(self._of_thread.succeeded)

    def failed(self, mark: int) -> None:
        """Note that the transitions since a mark were rolled back."""
        del self._of_thread.succeeded[mark:]

    def succeeded(self, done: Transitioned, function: Function) -> None:
        """Note a transition that succeeded."""
        self._of_thread.succeeded.append(done)
        if function.swallowed:
            what = (
                f"a function succeeds in which a call of `{function.swallowed}` failed, and what that changed of its "
                "machine stays"
            )
            self.remark(SWALLOWED_FAILURE, self._type(done.place), what, done.at)

    def settle(self) -> None:
        """Check the transitions that succeeded, now that no call is under way."""
        done, self._of_thread.succeeded = self._of_thread.succeeded, []
        last = {one.place: one for one in done}
        for one in done:
            emitted = self._emitted.setdefault(id(one.registry), (one.registry, {}))[1]
            for type_id, name in one.task_types.items():
                emitted[type_id] = str(name), self._type(one.place)
            if one.place in self._lives:
                self._lives[one.place].extend(one.tasks)
        for one in last.values():
            self._hand_out(one.place, one.registry, one.data, one.at)
            with suppress(Exception):
                self._look(one)

    def _look(self, done: Transitioned) -> None:
        definition = done.registry.definition(done.place.type)
        state = names.state(done.data)
        self._looks[self._type(done.place), state] += 1
        if definition is None or self._looks[self._type(done.place), state] > MOST_LOOKS:
            return
        if {ROUND_TRIP, REGENERATED_TASKS} <= self._without:
            return
        with silently():
            # What the package has persisted is not for these rules to judge.
            copy = definition.definition.deserialize(definition.definition.serialize(done.data))
        self._compare(done.place, done.data, copy, done.at)
        if callable(regenerate := getattr(copy, "regenerate_tasks", None)):
            self._regenerated(done, str(state), regenerate)

    def _compare(self, place: RecordedPlace, data: Any, copy: Any, at: Position | None) -> None:
        if not same(data, copy):
            state = str(names.state(data))
            what = f"data in state {state!r} is not the same when it is serialized and deserialized"
            self.remark(ROUND_TRIP, self._type(place), what, at)

    def _regenerated(self, done: Transitioned, state: str, regenerate: Callable[[], Any]) -> None:
        beginning = f"in state {state!r} regenerate_tasks"
        try:
            with silently():
                found = [self._session.types.task(task) for task in regenerate()]
        except Exception as error:
            self.remark(REGENERATED_TASKS, self._type(done.place), f"{beginning} fails: {error!r}", done.at)
            return
        for task in done.tasks:
            if task not in found:
                what = f"{beginning} does not return a task that the transition emitted: {task}"
                self.remark(REGENERATED_TASKS, self._type(done.place), what, done.at)
        life = self._lives.get(done.place)
        for task in found:
            if life is not None and task not in life:
                what = f"{beginning} returns a task that no transition has emitted: {task}"
                self.remark(REGENERATED_TASKS, self._type(done.place), what, done.at)

    # --- data ---------------------------------------------------------------------------------------------------------

    def read(self, registry: RecordedRegistry, place: RecordedPlace, data: Any, at: Position | None) -> None:
        """Note that the program was handed data of a node, after a check of what it was handed before."""
        self.unchanged(place, at)
        self._hand_out(place, registry, data, at)

    def _hand_out(self, place: RecordedPlace, registry: RecordedRegistry, data: Any, at: Position | None) -> None:
        definition = registry.definition(place.type)
        if definition is not None and CHANGED_OUTSIDE not in self._without:
            with silently():
                value = names.value(data, definition.definition)
            self._reads[place] = _Read(data, names.state(data), value, definition.definition, at)

    def transitions(self, place: RecordedPlace, at: Position | None) -> None:
        """Note the beginning of a transition. The data that was read before may be changed by it."""
        self.unchanged(place, at)
        self._reads.pop(place, None)

    def unchanged(self, place: RecordedPlace, at: Position | None) -> None:
        """Check that the data that the program was handed last of a node is as it was then."""
        read = self._reads.get(place)
        if read is None:
            return
        state, value = read.state, read.value
        with suppress(Exception), silently():
            state, value = names.state(read.data), names.value(read.data, read.definition)
        if (state, value) != (read.state, read.value):
            self._reads.pop(place)
            what = f"data was changed outside of a transition, from state {str(read.state)!r} to {str(state)!r}"
            self.remark(CHANGED_OUTSIDE, self._type(place), what, read.at if at is None else at)

    # --- transactions -------------------------------------------------------------------------------------------------

    def committed(self, root: RecordedNode) -> None:
        """Note the outputs that are there at the end of a transaction."""
        with suppress(Exception), silently():
            self._uncleared[root.place.root] = _numbers(root.unrecorded.outputs())

    def cleared(self, place: RecordedPlace) -> None:
        """Note that the outputs of a node and of all below it were cleared."""
        uncleared, depth = self._uncleared.get(place.root, {}), len(place.keys)
        for path in [path for path in uncleared if path[:depth] == place.keys]:
            del uncleared[path]

    def transaction(self, root: RecordedNode, at: Position | None) -> None:
        """Check, at the beginning of a transaction, that the outputs of the one before were cleared."""
        before = self._uncleared.get(root.place.root)
        now: dict[Any, int] = {}
        if before:
            with suppress(Exception), silently():
                now = _numbers(root.unrecorded.outputs())
        if before and any(now.get(path, 0) >= number for path, number in before.items()):
            what = (
                "a transaction begins with the outputs of the one before, as the tree's clear_transaction_state "
                "was not called"
            )
            self.remark(CLEARED_OUTPUTS, self._type(root.place), what, at)

    # --- the end ------------------------------------------------------------------------------------------------------

    def end(self) -> None:
        """Check, at the end, that what was emitted can be serialized and executed, and that data is unchanged."""
        for place in list(self._reads):
            self.unchanged(place, None)
        for registry, emitted in self._emitted.values():
            if registry.serializes(emitted):
                self._missing(TASK_SERIALIZERS, "serializer", registry.finds_serializer, emitted)
            if registry.executes(emitted):
                self._missing(TASK_EXECUTORS, "executor", registry.finds_executor, emitted)

    def _missing(
        self, rule: str, what: str, finds: Callable[[Any], bool], emitted: Mapping[Any, tuple[str, str]]
    ) -> None:
        for type_id, (name, machine_type) in emitted.items():
            if not finds(type_id):
                self.remark(rule, machine_type, f"there is no {what} for tasks of the type {name!r}", None)


def required_rules(without: Collection[str]) -> None:
    """Raise `InputError` for an ID that no rule has."""
    unknown = sorted(set(without) - set(RULES))
    if unknown:
        what = f"There is no rule {unknown[0]!r}."
        raise InputError(what, remedy=f"Name some of {', '.join(RULES)}; TRACES.md describes them.")


def _numbers(outputs: Any) -> dict[Any, int]:
    """Return how many outputs each node has."""
    return {tuple(map(tuple, path)): len(below) for path, below in outputs}
