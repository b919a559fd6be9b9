"""A recorder's names for states, data, tasks and errors: texts and integers that are only compared."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final

from hsm_specs.language.observations import DOCUMENTED_ERRORS
from hsm_specs.traces.recorder.comparison import content

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
USER: Final = "user_1"
_ADDRESS: Final = " at 0x"
_LARGEST: Final = 2**53
"""Greater numbers are not in traces: they are shortened, the same everywhere."""
Name = str | int


def name(thing: Any) -> Name:
    """Return a text or an integer that is equal for equal things."""
    if isinstance(thing, Enum):
        thing = thing.value if isinstance(thing.value, str | int) else thing.name
    if isinstance(thing, bool) or not isinstance(thing, str | int):
        return repr(thing)
    # Subclasses of them may print differently.
    return str.__str__(thing) if isinstance(thing, str) else int(thing)


def state(data: Any) -> Name:
    """Return the state of a machine, the empty text if it has none."""
    found = getattr(data, "state", None)
    return name(found()) if callable(found) else ""


def value(data: Any, definition: Any) -> str | None:
    """Return a text for all of the data: None if it does not serialize, empty if the type has no definition."""
    if definition is None:
        return ""
    try:
        return text(definition.serialize(data))
    except Exception:
        return None


def text(data: bytes) -> str:
    """Return bytes as text."""
    return b64encode(data).decode()


def type_id(found: Any) -> Name:
    """Return the ID of a type, which may also have a display name."""
    return name(found[0] if isinstance(found, tuple) else getattr(found, "id", found))


class TypeNames:
    """The names of the types of a trace. A type has its display name, if no other type of the trace has it.

    A name never changes, so a machine type that was used before it was registered has its ID as its name.
    """

    def __init__(self) -> None:
        self._machines: dict[Name, Name] = {}
        self._tasks: dict[Name, Name] = {}

    def machine(self, type_id: Any) -> Name:
        """Return the name of a machine type."""
        return self._machines.setdefault(name(type_id), name(type_id))

    def registered(self, machine_type: Any) -> Name:
        """Return the name of a machine type that is being registered."""
        return _named(self._machines, machine_type)

    def task_type(self, task_type: Any) -> Name:
        """Return the name of a task's type."""
        return _named(self._tasks, task_type)

    def key(self, item: Any) -> list[Any]:
        """Return a key as JSON has it."""
        return [self.machine(item[0]), item[1]]

    def path(self, items: Any) -> list[Any]:
        """Return a path as JSON has it."""
        return [self.key(item) for item in items]

    def task(self, item: Any) -> list[Any]:
        """Return a task: its type, its text if it has one, and its deadline or destination."""
        kind = item.kind()
        when: Any = getattr(kind, "destination", None)
        deadline = getattr(kind, "deadline", None)
        if isinstance(deadline, datetime):
            when = (deadline - EPOCH) // timedelta(milliseconds=1)
        payload = repr(item)
        if _ADDRESS in payload:
            # An equal task of another run has another address.
            members = content(item)
            payload = "" if not members else repr(members)
            payload = "" if _ADDRESS in payload else payload
        return [self.task_type(item.type()), payload, when if isinstance(when, str | int) else repr(kind)]

    def tasks(self, output: Any) -> list[Any]:
        """Return the tasks of a transition's output."""
        return [self.task(item) for item in output.tasks]

    def outputs(self, found: Any) -> list[Any]:
        """Return the outputs of a tree, with the transition count of each where the package has it."""
        return [[self.path(where), [self.tasks(output) for output in below], *_counts(below)] for where, below in found]

    def reference(self, ref: Any) -> dict[str, Any]:
        """Return a reference as operations have it."""
        workflow, where, version, count = self.called_with(ref)
        return {"path": where, "workflow": workflow, "version": version, "count": count}

    def called_with(self, ref: Any) -> list[Any]:
        """Return what an executor was given of a reference: workflow, path, failover version and transition count."""
        workflow: Any = getattr(ref, "workflow_key", None) or getattr(ref, "workflow", ())
        of: Any = getattr(ref, "state_machine_ref", ref)
        version = getattr(of, "mutable_state_namespace_failover_version", None)
        count = getattr(of, "machine_transition_count", None)
        return [
            [str(part) for part in workflow],
            self.path(ref.state_machine_path()),
            _number(getattr(of, "failover_version", 0) if version is None else version),
            _number(getattr(of, "transition_count", 0) if count is None else count),
        ]

    def node(self, persisted: Any) -> list[Any]:
        """Return a persisted node as structure, without states, since nothing was deserialized."""
        return [persisted.transition_count, [None, text(persisted.data)], self.children(persisted.children)]

    def children(self, persisted: Any) -> list[Any]:
        """Return persisted children as structure."""
        return [[*self.key(where), self.node(child)] for where, child in persisted.items()]


def _named(known: dict[Name, Name], found: Any) -> Name:
    """Return the name of a type, which is what names it if nothing has yet."""
    own = name(type_id(found))
    display = found[1] if isinstance(found, tuple) else getattr(found, "name", "")
    if own not in known:
        known[own] = display if isinstance(display, str) and display and display not in known.values() else own
    return known[own]


def _counts(below: Any) -> list[list[int]]:
    counts = [getattr(output, "transition_count", None) for output in below]
    found = [count for count in counts if isinstance(count, int)]
    return [found] if len(found) == len(counts) else []


def _number(found: Any) -> int:
    return int(found) % _LARGEST


def documented(error: BaseException) -> str:
    """Return the code of a documented error, empty for any other."""
    code = getattr(error, "code", "")
    return code if isinstance(error, Exception) and code in DOCUMENTED_ERRORS else ""
