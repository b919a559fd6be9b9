"""Renaming: a program with one machine type, or the key of one node, changed to a simple one wherever it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import msgspec

from hsm_specs.language import operations as ops
from hsm_specs.language.members import members
from hsm_specs.language.shapes import Domain

SIMPLE_KEYS: tuple[ops.Key, ...] = ((1, "a"), (1, "b"), (2, "a"))
TASK_TYPES: Final = frozenset(
    ops.tag(operation)
    for operation in ops.OPERATIONS
    if any(member.name == "type" and member.domain is Domain.TASK_TYPE for member in members(operation))
)
"""Operations whose member ``type`` is no machine type."""
T = TypeVar("T")
KeyChange = Callable[[ops.Key], ops.Key]


def renamed(program: ops.Program) -> Iterator[ops.Program]:
    """Yield the program with each key and each type changed to a simpler one that is not in use."""
    form = msgspec.to_builtins(program)
    keys: set[ops.Key] = set()
    types: set[int] = set()

    def note(key: ops.Key) -> ops.Key:
        keys.add(key)
        return key

    def note_type(type_id: int) -> int:
        types.add(type_id)
        return type_id

    changed(form, note, note_type)
    for key in sorted(keys - set(SIMPLE_KEYS)):
        for simple in SIMPLE_KEYS:
            if simple not in keys:
                yield msgspec.convert(changed(form, instead(key, simple), int), ops.Program)
    for type_id in sorted((types | {key[0] for key in keys}) - {1}):
        change_type = instead(type_id, 1)
        yield msgspec.convert(changed(form, of_type(change_type), change_type), ops.Program)


def instead(old: T, new: T) -> Callable[[T], T]:
    """Return the change of one value to another."""
    return lambda used: new if used == old else used


def of_type(change_type: Callable[[int], int]) -> KeyChange:
    """Return the change of a key's type."""
    return lambda key: (change_type(key[0]), key[1])


def changed(value: Any, change: KeyChange, change_type: Callable[[int], int]) -> Any:
    """Return a program, or a part of one, as lists and dictionaries, with its keys and machine types changed."""
    if isinstance(value, list | tuple):
        return [changed(item, change, change_type) for item in value]
    if not isinstance(value, dict):
        return value
    result = {name: changed(inside, change, change_type) for name, inside in value.items()}
    if "key" in value:
        result["key"] = change(_key(value["key"]))
    if "path" in value:
        result["path"] = [change(_key(key)) for key in value["path"]]
    if "id" in value:
        result["type"], result["id"] = change((value["type"], value["id"]))
    elif "type" in value and value.get("op") not in TASK_TYPES:
        result["type"] = change_type(value["type"])
    return result


def _key(value: Any) -> ops.Key:
    type_id, machine_id = value
    return type_id, machine_id
