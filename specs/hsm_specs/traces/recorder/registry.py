"""Recorded registries, and definitions that tell whose an error is."""

from __future__ import annotations

from typing import Any

from hsm_specs.traces.recorder import names
from hsm_specs.traces.recorder.session import LineMembers, RecordingSession


class RecordedDefinition:
    """A definition as the package under test is given it. ``data_type`` is the class of data that it was seen with."""

    def __init__(self, session: RecordingSession, definition: Any, tag: int) -> None:
        self._session = session
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
            self._session.codec_error = error, "serialize_error"
            raise
        self.data_type = type(data)
        return found

    def deserialize(self, data: Any) -> Any:
        """Run the definition's own function."""
        try:
            found = self.definition.deserialize(data)
        except BaseException as error:
            self._session.codec_error = error, "deserialize_error"
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
    """A registry; ``unrecorded`` is the package's own. Executors are registered without being recorded."""

    def __init__(self, session: RecordingSession, unrecorded: Any) -> None:
        self.unrecorded = unrecorded
        self._session = session
        self._given: list[Any] = []
        self._definitions: dict[Any, RecordedDefinition] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unrecorded, name)

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
        return [names.state(data), names.value(data, None if definition is None else definition.definition)]

    def register_machine(self, definition: Any) -> None:
        """Run the package's own function and record the call."""
        type_id = names.type_id(definition.type())
        recorded = RecordedDefinition(self._session, definition, self._tag(definition))
        self._session.call(
            lambda: self._form("register_machine", type_id, recorded.tag),
            lambda: self.unrecorded.register_machine(recorded),
        )
        self._definitions.setdefault(type_id, recorded)

    def machine(self, type_id: Any) -> Any:
        """Run the package's own function and record the call."""
        found = self._session.call(
            lambda: self._form("machine", type_id),
            lambda: self.unrecorded.machine(type_id),
            lambda found: getattr(found, "tag", None),
        )
        return found.definition if isinstance(found, RecordedDefinition) else found

    def register_task_serializer(self, type_id: Any, serializer: Any) -> None:
        """Run the package's own function and record the call."""
        self._session.call(
            lambda: self._form("register_task_serializer", type_id, self._tag(serializer)),
            lambda: self.unrecorded.register_task_serializer(type_id, serializer),
        )

    def task_serializer(self, type_id: Any) -> Any:
        """Run the package's own function and record the call."""
        return self._session.call(
            lambda: self._form("task_serializer", type_id),
            lambda: self.unrecorded.task_serializer(type_id),
            lambda found: None if found is None else self._tag(found),
        )

    def _form(self, operation: str, type_id: Any, tag: int = 0) -> LineMembers:
        form = {"op": operation, "type": names.name(type_id), "registry": self.handle}
        return {**form, "tag": tag} if tag else form

    @property
    def handle(self) -> int:
        """The registry's handle."""
        return self._session.handle("registry", self.unrecorded)

    def _tag(self, given: Any) -> int:
        """Return a number for a definition or a serializer, the same for the same object."""
        for tag, other in enumerate(self._given, start=1):
            if other is given:
                return tag
        self._given.append(given)
        return len(self._given)
