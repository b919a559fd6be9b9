"""Names of a recorder's own as numbers of the palette: equal names are equal numbers, and nothing else matters.

A number is a hash of the name, so that nothing is kept of names however many there are. Types have ten digits, other
names sixteen, so that they do not collide by accident: a deadline of the year 9999 has fifteen.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import msgspec
from msgspec import Struct

from hsm_model.persistence import Dialect, marshal, unmarshal
from hsm_model.state import Children, Key, NodeState
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Dialect as DialectName
from hsm_specs.language.palette import NOT_DESERIALIZABLE, NOT_SERIALIZABLE
from hsm_specs.oracle.world.tree import MAX_DEPTH, structure
from hsm_specs.traces.format import roles

Names = dict[str, Any]
"""The names that numbers stand for, by the number as text; and, by their bytes, the children that a `load` took."""
UNREAD: Final = "?"
"""The mark of a state in an exported tree that the recorder did not read."""
MOST_TYPES: Final = 100_000
CLOSED: Final = frozenset(
    ops.tag(operation) for operation, specification in ops.SPECIFICATIONS.items() if specification.palette_only
)
"""The operations that an open world lacks: their answers depend on the palette's serializers."""
_TYPES: Final = range(10**9, 2**31)
_OTHERS: Final = range(10**15, 9 * 10**15)
_DATA: Final = re.compile(r"(\?|\d{16}):(-[12]|\d{16})")


class LoadChildren(ops.Operation, tag="load", frozen=True):
    """`load` as an open world has it, with the children as structure."""

    children: Any
    type: Any
    data: Any
    bind: ops.Handle
    registry: ops.Handle = 0


class Numbers:
    """The numbers of a recording's names: roles for `roles`. ``names`` takes what they stand for."""

    def __init__(self, dialect: DialectName, names: Names | None = None) -> None:
        self._dialect = Dialect(dialect)
        self._names = names
        self._types: dict[int, Any] = {}

    def type(self, name: Any, /) -> int:
        """Return the number of a type: 0, a root's, for 0 and the empty text."""
        if name.__class__ in (str, int) and not name:
            return 0
        number = self._number(name, "a type", _TYPES)
        known = self._types.setdefault(number, name)
        if known != name:
            raise ValueError(f"the types {known!r} and {name!r} cannot be distinguished; rename one of them")
        if len(self._types) > MOST_TYPES:
            raise ValueError(f"there are more than {MOST_TYPES:,} types")
        return number

    def state(self, name: Any, /) -> int:
        """Return the number of a state."""
        return self._number(name, "a state", _OTHERS)

    def value(self, name: Any, /) -> int:
        """Return the number of a value, or the palette's mark for one that does not serialize."""
        return NOT_SERIALIZABLE if name is None else self._number(name, "a value", _OTHERS)

    def payload(self, name: Any, /) -> int:
        """Return the number of a payload."""
        return self._number(name, "a payload", _OTHERS)

    def event(self, name: Any, /) -> int:
        """Return the number of an event."""
        return self._number(name, "an event", _OTHERS)

    def data(self, pair: Any, /) -> Any:
        """Return the numbers of a state and a value."""
        return [self.state(pair[0]), self.value(pair[1])] if _is_pair(pair) else pair

    def persisted(self, data: Any, /) -> Any:
        """Return the text of the palette's data, with a mark where the state was not read."""
        if not _is_pair(data):
            return data
        state = UNREAD if data[0] is None else self.state(data[0])
        return f"{state}:{self.value(data[1])}"

    def finished(self, form: roles.Form, /) -> roles.Form:
        """Return an operation with the bytes that the palette's `load` takes. Raise ValueError for what an open world
        lacks.
        """
        name = form.get("op")
        if isinstance(name, str) and name in CLOSED:
            raise ValueError(f"there is no operation `{name}` in an open world")
        if name == "register_executor" and accesses(form):
            raise ValueError("an executor asks for no access in an open world: what it did is in lines of its own")
        if name != "load":
            return form
        if "children" not in form or "bytes" in form:
            raise ValueError("`load` takes `children` in an open world, in place of `bytes`")
        count = form.get("count", 0)
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise ValueError(f"the count of a root is a number of transitions, and not {_brief(count)}")
        root = NodeState(count, b"", children_of(roles.children(form["children"], _Loading(self))))
        data = b64encode(marshal(root, self._dialect)).decode()
        if self._names is not None:
            self._names[data] = form["children"]
        return {"bytes": data, **{name: value for name, value in form.items() if name not in ("children", "count")}}

    def _number(self, name: Any, what: str, numbers: range) -> int:
        # In JSON there is a difference between 1, 1.0 and true.
        if name.__class__ is str:
            data = b"s" + name.encode()
        elif name.__class__ is int:
            data = b"i%d" % name
        else:
            raise ValueError(f"{what} is a text or an integer, and this one is neither ({_brief(name)})")
        hashed = int.from_bytes(blake2b(data, digest_size=8).digest(), "big")
        number = numbers.start + hashed % len(numbers)
        if self._names is not None:
            self._names[str(number)] = name
        return number


def accesses(form: roles.Form) -> bool:
    """Return whether the registered executor does more than end."""
    script = form.get("script")
    return form.get("access") is not None or (isinstance(script, dict) and bool(script.get("ops")))


class _Loading:
    """The roles in the children that `load` takes, where data without a state is data that does not deserialize."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self.type, self.state, self.value = numbers.type, numbers.state, numbers.value
        self.payload, self.event, self.data = numbers.payload, numbers.event, numbers.data
        self.finished = numbers.finished

    def persisted(self, data: Any, /) -> str:
        """Return the text of the palette's data."""
        if not _is_pair(data) or data[1] is None:
            raise ValueError(f"the data of a child is a state and a value, and not {_brief(data)}")
        state, value = data
        if state is None:
            return f"{self.value(value)}:{NOT_DESERIALIZABLE}"
        return f"{self.state(state)}:{self.value(value)}"


def _is_pair(data: Any) -> bool:
    return isinstance(data, list) and len(data) == 2


def _brief(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) < 60 else text[:57] + "..."


def children_of(forms: Any) -> Children:
    """Return persisted children from structure whose names are numbers."""
    found: dict[Key, NodeState] = {}
    for type_id, machine_id, (count, data, below) in msgspec.convert(
        forms, list[tuple[int, str, tuple[int, str, Any]]]
    ):
        key = Key(type_id, machine_id)
        if key in found:
            raise ValueError(f"there are two children with the ID {machine_id!r}")
        found[key] = NodeState(count, data.encode(), children_of(below))
    return Children.of(found)


def loaded(data: str, dialect: DialectName) -> list[Any]:
    """Return the children in the bytes of a `load`, as structure."""
    children: list[Any] = structure(unmarshal(b64decode(data), Dialect(dialect), MAX_DEPTH))[2]
    return children


# --- back to names ---------------------------------------------------------------------------------------------------


def named(value: Any, names: Mapping[str, Any]) -> Any:
    """Return a value, an operation or an observation with numbers turned back into names; lost names become ``#``."""
    match value:
        case bool():
            return value
        case int() if value in _OTHERS or value in _TYPES:
            return names.get(str(value), f"#{value}")
        case str():
            matched = _DATA.fullmatch(value)
            return value if matched is None else _pair(matched[1], int(matched[2]), names)
        case list() | tuple():
            if len(value) == 2 and value[1] == NOT_SERIALIZABLE and isinstance(value[0], int) and value[0] in _OTHERS:
                return [named(value[0], names), None]
            return tuple(named(item, names) for item in value)
        case ops.Load() if value.bytes in names:
            members = (named(member, names) for member in (value.type, value.data, value.bind, value.registry))
            return LoadChildren(names[value.bytes], *members)
        case Struct():
            return type(value)(*(named(getattr(value, field), names) for field in value.__struct_fields__))
        case _:
            return value


def readable(names: Names | None, values: Mapping[str, str]) -> Names | None:
    """Return names with what to show for those that are values."""
    if names is None or not values:
        return names
    return {number: values.get(name, name) if isinstance(name, str) else name for number, name in names.items()}


def _pair(state: str, value: int, names: Mapping[str, Any]) -> Any:
    if value == NOT_DESERIALIZABLE:
        return [None, named(int(state), names)]
    return [None if state == UNREAD else named(int(state), names), None if value == -1 else named(value, names)]


def needed(names: Names, *shown: Any) -> Names:
    """Return those of the names that occur in what is shown."""
    text = msgspec.json.encode(shown).decode()
    return {number: name for number, name in names.items() if number in text}
