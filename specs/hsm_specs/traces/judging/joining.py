"""Traces that begin in the middle of a life: with a `load`, before any registry.

Their recorder met a tree that was persisted before. What it cannot know is taken to be so: there is a registry with all
machine types that occur, unless an operation says that one is not registered.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from hsm_model.persistence import Dialect as PersistedDialect
from hsm_model.persistence import unmarshal
from hsm_specs.language.messages import Dialect
from hsm_specs.oracle.world.tree import MAX_DEPTH
from hsm_specs.traces.format.names import loaded

_NOT_REGISTERED: Final = b'"not_registered"'


class Joined:
    """The registry that a trace takes for granted, and the types in it."""

    def __init__(self, written: bytes, dialect: Dialect) -> None:
        """Begin with the bytes of the `load`."""
        form = msgspec.json.decode(written)
        self._registry: int = form.get("registry", 0)
        self._known: set[Any] = set()
        self._children = form["children"] if "children" in form else loaded(form["bytes"], dialect)
        self._root = form["type"]

    def beginning(self) -> list[bytes]:
        """Return the operations that come before the `load`."""
        registry = msgspec.json.encode({"op": "new_registry", "registry": self._registry})
        types = [self._root, *_below(self._children)]
        return [registry, *self._registered(types)]

    def before(self, written: bytes, saw: bytes) -> list[bytes]:
        """Return the registrations of types that an operation names first, unless it says that there is no such."""
        if _NOT_REGISTERED in saw:
            return []
        return self._registered(list(_named(msgspec.json.decode(written))))

    def _registered(self, types: list[Any]) -> list[bytes]:
        new = [name for name in dict.fromkeys(types) if name not in self._known]
        self._known.update(new)
        forms = [{"op": "register_machine", "type": name, "registry": self._registry} for name in new]
        return [msgspec.json.encode(form) for form in forms]


def root_count(data: str, dialect: Dialect) -> int:
    """Return the transition count in the bytes of a `load`."""
    return unmarshal(b64decode(data), PersistedDialect(dialect), MAX_DEPTH).transition_count


def _below(children: Any) -> Iterator[Any]:
    for type_id, _, node in children:
        yield type_id
        yield from _below(node[2])


def _named(form: dict[str, Any]) -> Iterator[Any]:
    """Yield the machine types that an operation and those in its function name."""
    if form.get("op") == "register_machine":
        return
    if "key" in form:
        yield form["key"][0]
    for key in form.get("path", ()):
        yield key[0]
    if str(form.get("op", "")).startswith("collection_"):
        yield form["type"]
    for inner in form.get("script", {}).get("ops", ()):
        yield from _named(inner)
