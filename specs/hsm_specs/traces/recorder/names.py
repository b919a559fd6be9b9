"""A recorder's names for states, data, tasks and errors: texts and integers that are only compared."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final

from hsm_specs.language.observations import DOCUMENTED_ERRORS

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
USER: Final = "user_1"
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


def key(item: Any) -> list[Any]:
    """Return a key as JSON has it."""
    return [name(item[0]), item[1]]


def path(items: Any) -> list[Any]:
    """Return a path as JSON has it."""
    return [key(item) for item in items]


def task(item: Any) -> list[Any]:
    """Return a task: its type, its text if it has one, and its deadline or destination."""
    kind = item.kind()
    when: Any = getattr(kind, "destination", None)
    deadline = getattr(kind, "deadline", None)
    if isinstance(deadline, datetime):
        when = (deadline - EPOCH) // timedelta(milliseconds=1)
    payload = repr(item)
    # An equal task of another run has another address.
    payload = "" if " at 0x" in payload else payload
    return [type_id(item.type()), payload, when if isinstance(when, str | int) else repr(kind)]


def tasks(output: Any) -> list[Any]:
    """Return the tasks of a transition's output."""
    return [task(item) for item in output.tasks]


def outputs(found: Any) -> list[Any]:
    """Return the outputs of a tree."""
    return [[path(where), [tasks(output) for output in below]] for where, below in found]


def node(persisted: Any) -> list[Any]:
    """Return a persisted node as structure, without states, since nothing was deserialized."""
    return [persisted.transition_count, [None, text(persisted.data)], children(persisted.children)]


def children(persisted: Any) -> list[Any]:
    """Return persisted children as structure."""
    return [[*key(where), node(child)] for where, child in persisted.items()]


def documented(error: BaseException) -> str:
    """Return the code of a documented error, empty for any other."""
    code = getattr(error, "code", "")
    return code if isinstance(error, Exception) and code in DOCUMENTED_ERRORS else ""
