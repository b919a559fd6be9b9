"""Programs in the words of the documentation, one readable line an operation.

Registries, nodes and machines are written ``r0``, ``n1`` and ``m2`` after their handles.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hsm_specs.language import operations as ops
from hsm_specs.language import values
from hsm_specs.language.values import answer

__all__ = ["Line", "answer", "call", "ending", "lines"]


class Line(NamedTuple):
    """A line of a program: how deep inside of functions it is, and where in the observations its answer is.

    A line that closes a function or says how it ends has no place.
    """

    depth: int
    text: str
    where: tuple[int, ...] | None

    @property
    def top(self) -> int | None:
        """The index of the operation in the program, None for lines inside of functions."""
        return None if self.where is None or len(self.where) != 1 else self.where[0]

    @property
    def opens(self) -> bool:
        """Whether the lines of a function follow."""
        return self.text.endswith("{")


def lines(program: ops.Program) -> Iterator[Line]:
    """The program, line by line, with the functions written out inside their operations."""
    for index, operation in enumerate(program):
        yield from _lines(operation, (index,), 0)


def _lines(operation: ops.AnyOperation, where: tuple[int, ...], depth: int) -> Iterator[Line]:
    text = call(operation)
    script: ops.Script | None = getattr(operation, "script", None)
    if script is None or (isinstance(operation, ops.RegisterExecutor) and not _says_something(operation)):
        yield Line(depth, text, where)
        return
    head = text.removesuffix(")") + f", {_signature(operation)} {{"
    end = ending(script, puts_out=not isinstance(operation, ops.RegisterExecutor))
    if not script.ops:
        yield Line(depth, f"{head} {end} }})", where)
        return
    yield Line(depth, head, where)
    # What the function saw is the first observation inside of an Apply; an executor's are those of Execute.
    first = 1 if isinstance(operation, ops.Apply) else 0
    for index, inner in enumerate(script.ops):
        yield from _lines(inner, (*where, first + index), depth + 1)
    yield Line(depth + 1, end, None)
    yield Line(depth, "})", None)


def _says_something(operation: ops.RegisterExecutor) -> bool:
    """Whether an executor does more than report what it was called with."""
    return operation.access is not None or operation.script != ops.Script()


def _signature(operation: ops.AnyOperation) -> str:
    match operation:
        case ops.RegisterExecutor(access=access, bind=bind) if access is not None:
            return f"func({'' if bind is None else f'n{bind}'}) with {access} access"
        case ops.MachineTransition(machine=machine) | ops.CollectionTransition(machine=machine) if machine is not None:
            return f"func(m{machine})"
        case _:
            return "func()"


def ending(script: ops.Script, *, puts_out: bool = True) -> str:
    """How a function ends."""
    if script.fail == "panic":
        return "panic"
    if script.fail is not None:
        return f"return {script.fail}"
    if not puts_out:
        return "return"
    return "return tasks " + ", ".join(map(values.task, script.tasks)) if script.tasks else "return no tasks"


def call(operation: ops.AnyOperation) -> str:
    """An operation as a call, without its function."""
    match operation:
        case ops.NewRegistry(registry):
            return f"r{registry} = NewRegistry()"
        case ops.RegisterMachine(type_id, tag, registry):
            return f"r{registry}.RegisterMachine(type {type_id}{_tag(tag)})"
        case ops.Machine(type_id, registry):
            return f"r{registry}.Machine(type {type_id})"
        case ops.RegisterTaskSerializer(type_id, tag, registry):
            return f"r{registry}.RegisterTaskSerializer(type {type_id}{_tag(tag)})"
        case ops.TaskSerializer(type_id, registry):
            return f"r{registry}.TaskSerializer(type {type_id})"
        case ops.SerializeTask(item, registry):
            return f"r{registry}.TaskSerializer(type {item[0]}).Serialize({values.task(item)})"
        case ops.DeserializeTask(type_id, data, kind, registry):
            return (
                f"r{registry}.TaskSerializer(type {type_id}).Deserialize({values.quoted(data)}, {values.kind_of(kind)})"
            )
        case ops.RegisterExecutor(type_id, tag, _, _, _, registry):
            return f"RegisterExecutor(r{registry}, task type {type_id}{_tag(tag)})"
        case ops.Execute(item, reference, node, now, registry):
            return f"Execute(r{registry}, tree of n{node} at {now} ms, {values.ref(reference)}, {values.task(item)})"
        case ops.NewRoot(type_id, content, bind, registry):
            return f"{_root(bind, registry, type_id, content)})"
        case ops.Rehydrate(node, type_id, content, bind, registry):
            return f"{_root(bind, registry, type_id, content)}, persisted children of n{node})"
        case ops.Load(text, type_id, content, bind, registry):
            return f"{_root(bind, registry, type_id, content)}, children in {values.quoted(text)})"
        case ops.StateMachine(machine, content):
            return f"m{machine} = machine of {values.data_of(content)}"
        case ops.StateMachinePath(reference):
            return f"{values.ref(reference)}.StateMachinePath()"
        case _:
            return _node_call(operation)


def _node_call(operation: ops.AnyOperation) -> str:
    match operation:
        case ops.Marshal(node):
            return f"bytes that n{node} is persisted as"
        case ops.Export(node):
            return f"tree that n{node} is persisted as"
        case ops.AddChild(node, child, content, bind):
            return f"{_bound(bind)}n{node}.AddChild({values.key(child)}, {values.data_of(content)})"
        case ops.Child(node, at, bind):
            return f"{_bound(bind)}n{node}.Child({values.path(at)})"
        case ops.KeyOf(node):
            return f"n{node}.Key"
        case ops.Parent(node, bind):
            return f"{_bound(bind)}n{node}.Parent"
        case ops.Same(node, other):
            return f"n{node} == n{other}"
        case ops.PathOf(node):
            return f"n{node}.Path()"
        case ops.TransitionCount(node):
            return f"n{node}.TransitionCount()"
        case ops.Dirty(node):
            return f"n{node}.Dirty()"
        case ops.Outputs(node):
            return f"n{node}.Outputs()"
        case ops.Clear(node):
            return f"n{node}.ClearTransactionState()"
        case ops.MachineData(node, cast):
            return f"MachineData{_cast(cast)}(n{node})"
        case ops.MachineTransition(node, cast=cast):
            return f"MachineTransition{_cast(cast)}(n{node})"
        case _:
            return _other_call(operation)


def _other_call(operation: ops.AnyOperation) -> str:
    match operation:
        case ops.CollectionType(node, type_id):
            return f"{_collection(node, type_id)}.Type"
        case ops.CollectionAdd(node, type_id, name, content, bind):
            return f"{_bound(bind)}{_collection(node, type_id)}.Add({values.quoted(name)}, {values.data_of(content)})"
        case ops.CollectionNode(node, type_id, name, bind):
            return f"{_bound(bind)}{_collection(node, type_id)}.Node({values.quoted(name)})"
        case ops.CollectionData(node, type_id, name, cast):
            return f"{_collection(node, type_id, cast)}.Data({values.quoted(name)})"
        case ops.CollectionList(node, type_id):
            return f"{_collection(node, type_id)}.List()"
        case ops.CollectionTransition(node, type_id, name, cast=cast):
            return f"{_collection(node, type_id, cast)}.Transition({values.quoted(name)})"
        case ops.ReadMachine(machine):
            return f"m{machine}.State()"
        case ops.SetState(machine, state):
            return f"m{machine}.SetState({state})"
        case ops.SetValue(machine, value):
            return f"m{machine}.value = {value}"
        case ops.RegenerateTasks(machine):
            return f"m{machine}.RegenerateTasks()"
        case ops.Possible(machine, spec):
            return f"{_transition(spec)}.Possible(m{machine})"
        case ops.Apply(machine, spec, event):
            return f"{_transition(spec)}.Apply(m{machine}, event {event})"
        case _:
            return str(operation.__struct_config__.tag)


def _root(bind: int, registry: int, type_id: int, content: ops.Data) -> str:
    return f"n{bind} = NewRoot(r{registry}, type {type_id}, {values.data_of(content)}"


def _tag(tag: int) -> str:
    return f", definition {tag}" if tag else ""


def _bound(bind: int | None) -> str:
    return "" if bind is None else f"n{bind} = "


def _cast(cast: str) -> str:
    return "" if cast == "own" else "[wrong type]"


def _collection(node: int, type_id: int, cast: str = "own") -> str:
    return f"NewCollection{_cast(cast)}(n{node}, type {type_id})"


def _transition(spec: ops.TransitionSpec) -> str:
    return f"NewTransition({list(spec.sources)} -> {spec.destination})"
