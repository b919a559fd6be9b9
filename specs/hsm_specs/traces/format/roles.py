"""The places of types, states, values and the like in operations and answers, so that they can be renamed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, get_args, get_origin

from msgspec import UNSET, UnsetType, structs

from hsm_specs.language import operations as ops
from hsm_specs.language.members import bare, given, is_struct, marked, members
from hsm_specs.language.observations import Observation
from hsm_specs.language.shapes import Called, Domain, PersistedChild

Form = dict[str, Any]
"""An operation or a script as JSON has it."""


class Roles(Protocol):
    """Replacements for each sort of name. Methods raise `ValueError`, with a sentence, for what is no such name."""

    def type(self, name: Any, /) -> Any:
        """Replace a type of machines or tasks."""

    def state(self, name: Any, /) -> Any:
        """Replace a state."""

    def value(self, name: Any, /) -> Any:
        """Replace the value next to a state."""

    def payload(self, name: Any, /) -> Any:
        """Replace a task's payload."""

    def event(self, name: Any, /) -> Any:
        """Replace an event of a transition object."""

    def data(self, pair: Any, /) -> Any:
        """Replace a state and the value next to it."""

    def persisted(self, data: Any, /) -> Any:
        """Replace the data of a node in an exported tree."""

    def finished(self, form: Form, /) -> Form:
        """Finish an operation whose names were all replaced but those in the children that `load` takes."""


Replace = Callable[[Any, Roles], Any]
"""Replaces the names in a form as JSON has it. What does not have its shape stays as it is."""

_ROLES: Final[Mapping[Domain | None, Replace]] = {
    Domain.MACHINE_TYPE: lambda name, roles: roles.type(name),
    Domain.TASK_TYPE: lambda name, roles: roles.type(name),
    Domain.STATE: lambda name, roles: roles.state(name),
    Domain.VALUE: lambda name, roles: roles.value(name),
    Domain.PAYLOAD: lambda name, roles: roles.payload(name),
    Domain.EVENT: lambda name, roles: roles.event(name),
    Domain.DATA: lambda pair, roles: roles.data(pair),
    Domain.PERSISTED_DATA: lambda data, roles: roles.persisted(data),
}


def operation(form: Form, roles: Roles) -> Form:
    """Return an operation with its names replaced, also in its script."""
    name = form.get("op")
    replaced = _object(form, _OPERATIONS.get(name, {}) if isinstance(name, str) else {}, roles)
    return roles.finished(replaced)


def _object(form: Any, members: Mapping[str, Replace], roles: Roles) -> Any:
    if not isinstance(form, dict):
        return form
    return {name: members[name](value, roles) if name in members else value for name, value in form.items()}


def _replace(shape: Any, around: Mapping[Any, list[Replace | None]]) -> Replace | None:
    """Return a function that replaces the names in a shape, None if it has none; ``around`` has the parts of the trees
    that it is in.
    """
    shape = given(shape)
    inside = bare(shape)
    if (role := _ROLES.get(marked(shape, Domain))) is not None:
        return role
    if inside == ops.AnyOperation:
        return lambda form, roles: operation(form, roles) if isinstance(form, dict) else form
    if get_origin(inside) is tuple and get_args(inside)[-1] is Ellipsis:
        return _list(_replace(get_args(inside)[0], around))
    if get_origin(inside) is tuple:
        return _array([_replace(item, around) for item in get_args(inside)])
    if not is_struct(inside):
        return None
    if inside in around:
        return lambda form, roles: _in_array(form, around[inside], roles)
    if not inside.__struct_config__.array_like:
        found = {member.name: _replace(member.shape, around) for member in members(inside)}
        return _record({name: replace for name, replace in found.items() if replace is not None})
    parts: list[Replace | None] = []
    parts += [_replace(member.shape, {**around, inside: parts}) for member in members(inside)]
    return _array(parts)


def _list(part: Replace | None) -> Replace | None:
    if part is None:
        return None
    return lambda form, roles: [part(item, roles) for item in form] if isinstance(form, list) else form


def _array(parts: list[Replace | None]) -> Replace | None:
    return (lambda form, roles: _in_array(form, parts, roles)) if any(parts) else None


def _in_array(form: Any, parts: list[Replace | None], roles: Roles) -> Any:
    if not isinstance(form, list) or len(form) < len(parts):
        return form
    # Outputs may carry counts after what the protocol asks for.
    named = [item if part is None else part(item, roles) for item, part in zip(form, parts, strict=False)]
    return [*named, *form[len(parts) :]]


def _record(parts: Mapping[str, Replace]) -> Replace | None:
    return (lambda form, roles: _object(form, parts, roles)) if parts else None


def _of(shape: Any) -> Replace:
    """Return a function that replaces the names in a shape that has some."""
    replace = _replace(shape, {})
    if replace is None:
        raise TypeError(f"there are no names in {shape}")
    return replace


_OPERATIONS: Final = {
    ops.tag(kind): {
        member.name: replace for member in members(kind) if (replace := _replace(member.shape, {})) is not None
    }
    for kind in ops.OPERATIONS
}
_ANSWERS: Final = {
    kind: replace
    for kind, specification in ops.SPECIFICATIONS.items()
    if (replace := _replace(specification.value, {})) is not None
}
SAME_ANSWER: Final = frozenset(
    kind
    for kind, specification in ops.SPECIFICATIONS.items()
    if kind not in _ANSWERS and specification.inner is None and not specification.palette_only
)
"""The operations whose answers name nothing, and that run no function."""
_CALLED: Final = _of(Called)
_CHILDREN: Final = _of(tuple[PersistedChild, ...])


def children(forms: Any, roles: Roles) -> Any:
    """Return the children of a node in an exported tree with their names replaced."""
    return _CHILDREN(forms, roles)


def observation(seen: Observation, op: ops.AnyOperation | None, roles: Roles, inside: ops.Program) -> Observation:
    """Return an observation of an operation with its names replaced, and those of the operations ``inside`` of it.

    The value must be as it was decoded from JSON. Where its form is not the operation's it is left as it is.
    """
    replace = None if op is None else _ANSWERS.get(type(op))
    found = seen.ok if replace is None or seen.ok is UNSET else _attempted(replace, seen.ok, roles)
    inner: tuple[Observation, ...] | UnsetType = UNSET
    if not isinstance(seen.inner, UnsetType):
        inner = tuple(
            observation(one, op, roles, functions(op))
            for one, op in zip(seen.inner, _padded(inside, len(seen.inner)), strict=True)
        )
        if isinstance(op, ops.Execute) and inner:
            inner = (structs.replace(inner[0], ok=_attempted(_CALLED, inner[0].ok, roles)), *inner[1:])
    elif found is seen.ok:
        return seen
    return Observation(found, seen.error, seen.panic, seen.unbound, inner, seen.message)


def functions(op: ops.AnyOperation | None) -> ops.Program:
    """Return the operations in an operation's script, none without one."""
    script: ops.Script | None = getattr(op, "script", None)
    return () if script is None else script.ops


def _padded(inside: ops.Program, size: int) -> tuple[ops.AnyOperation | None, ...]:
    """Pad the operations to the number of observations, with None for those of a function that was called twice."""
    return (*inside[:size], *[None] * (size - len(inside)))


def _attempted(replace: Callable[[Any, Roles], Any], found: Any, roles: Roles) -> Any:
    try:
        return replace(found, roles)
    except ValueError:
        return found
