"""What a recorder calls states, data, tasks and errors: texts and integers that are compared and nothing else."""

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
    """A text or an integer that is equal for equal things."""
    if isinstance(thing, Enum):
        thing = thing.value if isinstance(thing.value, str | int) else thing.name
    if isinstance(thing, bool) or not isinstance(thing, str | int):
        return repr(thing)
    # Subclasses of them may print otherwise.
    return str.__str__(thing) if isinstance(thing, str) else int(thing)


def state(data: Any) -> Name:
    """The state of a machine, the empty text where it has none."""
    found = getattr(data, "state", None)
    return name(found()) if callable(found) else ""


def value(data: Any, definition: Any) -> str | None:
    """A text for all of the data, None if it does not serialize; the empty one where nobody knows how to."""
    if definition is None:
        return ""
    try:
        return text(definition.serialize(data))
    except Exception:
        return None


def text(data: bytes) -> str:
    """Bytes as text."""
    return b64encode(data).decode()


def type_id(found: Any) -> Name:
    """The ID of a type, which may have a name for people too."""
    return name(found[0] if isinstance(found, tuple) else getattr(found, "id", found))


def key(item: Any) -> list[Any]:
    """A key."""
    return [name(item[0]), item[1]]


def path(items: Any) -> list[Any]:
    """A path."""
    return [key(item) for item in items]


def task(item: Any) -> list[Any]:
    """A task: its type, its text if it has one, its deadline or destination."""
    kind = item.kind()
    when: Any = getattr(kind, "destination", None)
    deadline = getattr(kind, "deadline", None)
    if isinstance(deadline, datetime):
        when = (deadline - EPOCH) // timedelta(milliseconds=1)
    payload = repr(item)
    # An address is another one for an equal task of another run.
    payload = "" if " at 0x" in payload else payload
    return [type_id(item.type()), payload, when if isinstance(when, str | int) else repr(kind)]


def tasks(output: Any) -> list[Any]:
    """The tasks of a transition's output."""
    return [task(item) for item in output.tasks]


def outputs(found: Any) -> list[Any]:
    """The outputs of a tree."""
    return [[path(where), [tasks(output) for output in below]] for where, below in found]


def node(persisted: Any) -> list[Any]:
    """A persisted node as structure. States are left out, since nothing was deserialized."""
    return [persisted.transition_count, [None, text(persisted.data)], children(persisted.children)]


def children(persisted: Any) -> list[Any]:
    """Persisted children as structure."""
    return [[*key(where), node(child)] for where, child in persisted.items()]


def documented(error: BaseException) -> str:
    """The code of an error that the documentation names, empty for any other."""
    code = getattr(error, "code", "")
    return code if isinstance(error, Exception) and code in DOCUMENTED_ERRORS else ""
