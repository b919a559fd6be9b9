"""Recorded registries, and definitions that tell whose an error is."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from hsm_specs.traces.recorder import names
from hsm_specs.traces.recorder.session import OK, THREAD, LineMembers, RecordingSession


class RecordedDefinition:
    """A definition as the package under test is given it. ``data_type`` is the class of data that it was seen with."""

    def __init__(self, definition: Any, tag: int) -> None:
        self.definition = definition
        self.tag = tag
        self.data_type: type | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.definition, name)

    def serialize(self, data: Any) -> Any:
        """Run the definition's own function."""
        try:
            found = self.definition.serialize(data)
        except BaseException as error:
            THREAD.codec_error = error, "serialize_error"
            raise
        self.data_type = type(data)
        return found

    def deserialize(self, data: Any) -> Any:
        """Run the definition's own function."""
        try:
            found = self.definition.deserialize(data)
        except BaseException as error:
            THREAD.codec_error = error, "deserialize_error"
            raise
        self.data_type = type(found)
        return found

    def cast(self, wanted: Any) -> str:
        """Return whether data is cast to its own class or to another."""
        try:
            return "own" if self.data_type is None or issubclass(self.data_type, wanted) else "other"
        except TypeError:
            return "own"


class RecordedRegistry:
    """A registry; ``unrecorded`` is the package's own. Each recorder has its own view of one."""

    def __init__(self, session: RecordingSession, unrecorded: Any) -> None:
        self.unrecorded = unrecorded
        self.session = session
        self.executors: dict[Any, int] = {}
        self._serializers: set[Any] = set()
        self._given: list[Any] = []
        self._definitions: dict[Any, RecordedDefinition] = {}
        self._views: list[RecordedRegistry] = [self]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unrecorded, name)

    def of(self, session: RecordingSession) -> RecordedRegistry:
        """Return the registry as a trace has it, which says once what another recorder has registered."""
        if session is self.session or session.over:
            return self
        known = session.known("registry", self.unrecorded)
        view = RecordedRegistry(session, self.unrecorded)
        view.executors, view._serializers, view._given = self.executors, self._serializers, self._given
        view._definitions, view._views = self._definitions, self._views
        if not known:
            view._views.append(view)
            session.attempt(lambda: view.session.note({"op": "new_registry", "registry": view.handle}, OK))
            for definition in self._definitions.values():
                session.attempt(partial(view._introduce, definition))
        return view

    def _introduce(self, definition: RecordedDefinition) -> None:
        self.session.note(self._registers(definition), OK)

    def _registers(self, definition: RecordedDefinition) -> LineMembers:
        return self.form("register_machine", self.session.types.registered(definition.type()), definition.tag)

    def definition(self, type_id: Any) -> RecordedDefinition | None:
        """Return the definition that a type is registered with."""
        return self._definitions.get(type_id)

    def cast(self, type_id: Any, wanted: Any) -> str:
        """Return whether data of a type is cast to its own class or to another."""
        definition = self.definition(type_id)
        return "own" if definition is None else definition.cast(wanted)

    def data(self, type_id: Any, data: Any) -> list[Any]:
        """Return what is recorded of data for a type."""
        definition = self.definition(type_id)
        return [names.state(data), self.session.value(data, None if definition is None else definition.definition)]

    def register_machine(self, definition: Any) -> None:
        """Run the package's own function and record the call."""
        type_id = names.type_id(definition.type())
        recorded = RecordedDefinition(definition, self.tag(definition))
        self.session.call(
            lambda: self._registers(recorded),
            lambda: self.unrecorded.register_machine(recorded),
        )
        if self._definitions.setdefault(type_id, recorded) is not recorded:
            return
        for view in self._views:
            if view is not self:
                view.session.attempt(partial(view._introduce, recorded))

    def machine(self, type_id: Any) -> Any:
        """Run the package's own function and record the call."""
        found = self.session.call(
            lambda: self.form("machine", self.session.types.machine(type_id)),
            lambda: self.unrecorded.machine(type_id),
            lambda found: getattr(found, "tag", None),
        )
        return found.definition if isinstance(found, RecordedDefinition) else found

    def register_task_serializer(self, type_id: Any, serializer: Any) -> None:
        """Run the package's own function and record the call."""
        self.session.call(
            lambda: self.form("register_task_serializer", type_id, self.tag(serializer)),
            lambda: self.unrecorded.register_task_serializer(type_id, serializer),
        )
        self._serializers.add(type_id)

    def task_serializer(self, type_id: Any) -> Any:
        """Run the package's own function and record the call."""
        return self.session.call(
            lambda: self.form("task_serializer", type_id),
            lambda: self.unrecorded.task_serializer(type_id),
            lambda found: None if found is None else self.tag(found),
        )

    def finds_serializer(self, type_id: Any) -> bool:
        """Return whether there is a serializer for a type of task."""
        return type_id in self._serializers or self._finds("task_serializer", type_id)

    def finds_executor(self, type_id: Any) -> bool:
        """Return whether there is an executor for a type of task, as far as the package shows it."""
        return type_id in self.executors or self._finds("executor", type_id)

    def _finds(self, look_up: str, type_id: Any) -> bool:
        found = getattr(self.unrecorded, look_up, None)
        return callable(found) and found(type_id) is not None

    def serializes(self, emitted: Collection[Any]) -> bool:
        """Return whether there is any serializer, of the types of task given or others that were recorded."""
        return bool(self._serializers) or any(map(self.finds_serializer, emitted))

    def executes(self, emitted: Collection[Any]) -> bool:
        """Return whether there is any executor, of the types of task given or others that were recorded."""
        return bool(self.executors) or any(map(self.finds_executor, emitted))

    def form(self, operation: str, type_id: Any, tag: int = 0) -> LineMembers:
        """Return an operation on the registry."""
        form = {"op": operation, "type": names.name(type_id), "registry": self.handle}
        return {**form, "tag": tag} if tag else form

    @property
    def handle(self) -> int:
        """The registry's handle."""
        return self.session.handle("registry", self.unrecorded)

    def tag(self, given: Any) -> int:
        """Return a number for a definition, a serializer or an executor, the same for the same object."""
        for tag, other in enumerate(self._given, start=1):
            if other is given:
                return tag
        self._given.append(given)
        return len(self._given)
