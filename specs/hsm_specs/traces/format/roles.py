"""Where in operations and answers types, states, values and the like stand, so that they can be given other names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from msgspec import UNSET, UnsetType, structs

from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation

Form = dict[str, Any]
"""An operation or a script as JSON has it."""


class Roles(Protocol):
    """What becomes of each sort of name. Methods raise `ValueError`, with a sentence, for what is no such name."""

    def type(self, name: Any, /) -> Any:
        """A type of machines or tasks."""

    def state(self, name: Any, /) -> Any:
        """A state."""

    def value(self, name: Any, /) -> Any:
        """The value beside a state."""

    def payload(self, name: Any, /) -> Any:
        """A task's payload."""

    def event(self, name: Any, /) -> Any:
        """An event of a transition object."""

    def data(self, pair: Any, /) -> Any:
        """A state and the value beside it."""

    def persisted(self, data: Any, /) -> Any:
        """The data of a node in an exported tree."""

    def finished(self, form: Form, /) -> Form:
        """An operation, once all names in its members were replaced but those in the children that `load` takes."""


def operation(form: Form, roles: Roles) -> Form:
    """An operation with its names replaced, in its script too."""
    return roles.finished({member: _member(member, value, roles) for member, value in form.items()})


def _member(member: str, value: Any, roles: Roles) -> Any:
    replace = _MEMBERS.get(member)
    return value if replace is None else replace(value, roles)


def _script(form: Any, roles: Roles) -> Any:
    if not isinstance(form, dict):
        return form
    found = dict(form)
    if isinstance(inside := form.get("ops"), list):
        found["ops"] = [operation(one, roles) if isinstance(one, dict) else one for one in inside]
    if isinstance(tasks := form.get("tasks"), list):
        found["tasks"] = [_task(task, roles) for task in tasks]
    return found


def _transition(form: Any, roles: Roles) -> Any:
    if not isinstance(form, dict):
        return form
    found = dict(form)
    if isinstance(sources := form.get("sources"), list):
        found["sources"] = [roles.state(source) for source in sources]
    if "destination" in form:
        found["destination"] = roles.state(form["destination"])
    return found


def _key(key: Any, roles: Roles) -> Any:
    return [roles.type(key[0]), key[1]] if isinstance(key, list) and len(key) == 2 else key


def _path(path: Any, roles: Roles) -> Any:
    return [_key(key, roles) for key in path] if isinstance(path, list) else path


def _task(task: Any, roles: Roles) -> Any:
    if not isinstance(task, list) or len(task) != 3:
        return task
    return [roles.type(task[0]), roles.payload(task[1]), task[2]]


def _ref(form: Any, roles: Roles) -> Any:
    return {**form, "path": _path(form["path"], roles)} if isinstance(form, dict) and "path" in form else form


_MEMBERS: Final[Mapping[str, Callable[[Any, Roles], Any]]] = {
    "type": lambda value, roles: roles.type(value),
    "state": lambda value, roles: roles.state(value),
    "value": lambda value, roles: roles.value(value),
    "event": lambda value, roles: roles.event(value),
    "data": lambda value, roles: roles.data(value),
    "key": _key,
    "path": _path,
    "task": _task,
    "ref": _ref,
    "transition": _transition,
    "script": _script,
}


def _paths(paths: Any, roles: Roles) -> Any:
    return [_path(path, roles) for path in paths] if isinstance(paths, list) else paths


def _tasks(tasks: Any, roles: Roles) -> Any:
    return [_task(task, roles) for task in tasks] if isinstance(tasks, list) else tasks


def _outputs(entries: Any, roles: Roles) -> Any:
    if not isinstance(entries, list):
        return entries
    return [
        [_path(entry[0], roles), [_tasks(tasks, roles) for tasks in entry[1]]]
        if isinstance(entry, list) and len(entry) == 2 and isinstance(entry[1], list)
        else entry
        for entry in entries
    ]


def _call(seen: Any, roles: Roles) -> Any:
    """What an executor saw: ``[tag, now, task, [workflow, path, version, count]]``."""
    if not isinstance(seen, list) or len(seen) != 4:
        return seen
    tag, now, task, ref = seen
    if isinstance(ref, list) and len(ref) == 4:
        ref = [ref[0], _path(ref[1], roles), *ref[2:]]
    return [tag, now, _task(task, roles), ref]


def node(form: Any, roles: Roles) -> Any:
    """A node of an exported tree, and those below it."""
    if not isinstance(form, list) or len(form) != 3:
        return form
    return [form[0], roles.persisted(form[1]), children(form[2], roles)]


def children(forms: Any, roles: Roles) -> Any:
    """The children of a node in an exported tree."""
    if not isinstance(forms, list):
        return forms
    return [
        [roles.type(form[0]), form[1], node(form[2], roles)] if isinstance(form, list) and len(form) == 3 else form
        for form in forms
    ]


_ANSWERS: Final[Mapping[type, Callable[[Any, Roles], Any]]] = {
    ops.Export: node,
    ops.KeyOf: _key,
    ops.PathOf: _path,
    ops.CollectionList: _paths,
    ops.Outputs: _outputs,
    ops.Apply: _tasks,
    ops.CollectionType: lambda value, roles: roles.type(value),
    ops.MachineData: lambda value, roles: roles.data(value),
    ops.CollectionData: lambda value, roles: roles.data(value),
    ops.ReadMachine: lambda value, roles: roles.data(value),
}
SAME_ANSWER: Final = frozenset({
    ops.NewRegistry, ops.RegisterMachine, ops.Machine, ops.RegisterTaskSerializer, ops.TaskSerializer, ops.NewRoot,
    ops.Rehydrate, ops.Load, ops.AddChild, ops.Child, ops.Parent, ops.Same, ops.TransitionCount, ops.Dirty, ops.Clear,
    ops.CollectionAdd, ops.CollectionNode, ops.StateMachine, ops.SetState, ops.SetValue, ops.Possible,
    ops.RegisterExecutor,
})  # fmt: skip
"""The operations whose answers name nothing, and that run no function."""


def observation(seen: Observation, op: ops.AnyOperation | None, roles: Roles, inside: ops.Program) -> Observation:
    """An observation of an operation with its names replaced, and those of the operations ``inside`` of it.

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
            inner = (structs.replace(inner[0], ok=_attempted(_call, inner[0].ok, roles)), *inner[1:])
    elif found is seen.ok:
        return seen
    return Observation(found, seen.error, seen.panic, seen.unbound, inner, seen.message)


def functions(op: ops.AnyOperation | None) -> ops.Program:
    """The operations in an operation's script, none without one."""
    script: ops.Script | None = getattr(op, "script", None)
    return () if script is None else script.ops


def _padded(inside: ops.Program, size: int) -> tuple[ops.AnyOperation | None, ...]:
    """As many operations as there are observations, None where nobody knows of what: a function was called twice."""
    return (*inside[:size], *[None] * (size - len(inside)))


def _attempted(replace: Callable[[Any, Roles], Any], found: Any, roles: Roles) -> Any:
    try:
        return replace(found, roles)
    except ValueError:
        return found
