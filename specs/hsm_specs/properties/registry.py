"""Properties of registries: registration and lookup of machines, task serializers and executors."""

from __future__ import annotations

from collections.abc import Callable

from hsm_specs import operations as ops
from hsm_specs.properties.builder import UNKNOWN, Builder
from hsm_specs.properties.property import shows

Register = Callable[[int, int], ops.AnyOperation]
Lookup = Callable[[int], ops.AnyOperation]


def register_machine(type_id: int, tag: int) -> ops.AnyOperation:
    return ops.RegisterMachine(type_id, tag)


def register_serializer(type_id: int, tag: int) -> ops.AnyOperation:
    return ops.RegisterTaskSerializer(type_id, tag)


def register_executor(type_id: int, tag: int) -> ops.AnyOperation:
    return ops.RegisterExecutor(type_id, tag)


def type_of(p: Builder) -> int:
    return p.pick(1, 2, 3, 4)


@shows("REG-NEW-1", "A new registry knows nothing that another one knows.")
def _(p: Builder) -> None:
    p.do(ops.NewRegistry(), ops.RegisterMachine(1, 5))
    p.do(ops.NewRegistry(1))
    p.check(ops.Machine(1, 1))
    if p.sometimes():
        p.do(ops.RegisterMachine(2, 6, 1))
        p.check(ops.Machine(2), ops.Machine(1), ops.Machine(2, 1))


def found(p: Builder, register: Register, lookup: Lookup) -> None:
    p.do(ops.NewRegistry())
    types = [1, 2, 3, 4][: 1 + p.number(4)]
    for type_id in types:
        p.do(register(type_id, type_id + 40))
    p.check(*(lookup(type_id) for type_id in types))


def duplicate(p: Builder, register: Register) -> None:
    p.do(ops.NewRegistry())
    type_id = type_of(p)
    p.do(register(type_id, 1))
    if p.sometimes():
        p.do(register(type_id + 1 if type_id < 4 else 1, 1))
    p.check(register(type_id, p.pick(2, 1)))
    if p.sometimes():
        p.check(register(type_id, 3))


def absent(p: Builder, register: Register, lookup: Lookup) -> None:
    p.do(ops.NewRegistry())
    if p.sometimes():
        p.do(register(2, 1))
    p.check(lookup(p.pick(1, 3, 4)))


def first_stays(p: Builder, register: Register, lookup: Lookup) -> None:
    p.do(ops.NewRegistry())
    type_id = type_of(p)
    p.do(register(type_id, 1), register(type_id, 2))
    p.check(lookup(type_id))


@shows("REG-MACHINE-1", "A registered machine definition is found by its type.")
def _(p: Builder) -> None:
    found(p, register_machine, ops.Machine)


@shows("REG-MACHINE-2", "A machine type is registered only once.")
def _(p: Builder) -> None:
    duplicate(p, register_machine)


@shows("REG-MACHINE-3", "A machine type that is not registered is not found.")
def _(p: Builder) -> None:
    absent(p, register_machine, ops.Machine)


@shows("REG-MACHINE-4", "A refused registration leaves the first definition in place.")
def _(p: Builder) -> None:
    first_stays(p, register_machine, ops.Machine)


@shows("REG-TASK-1", "A registered task serializer is found by its type, and used.")
def _(p: Builder) -> None:
    found(p, register_serializer, ops.TaskSerializer)


@shows("REG-TASK-2", "A task serializer is registered only once.")
def _(p: Builder) -> None:
    duplicate(p, register_serializer)


@shows("REG-TASK-3", "A task type without a serializer is not found.")
def _(p: Builder) -> None:
    absent(p, register_serializer, ops.TaskSerializer)


@shows("REG-TASK-4", "A refused registration leaves the first serializer in place.")
def _(p: Builder) -> None:
    first_stays(p, register_serializer, ops.TaskSerializer)


def task(type_id: int) -> ops.Task:
    return (type_id, 5, 1000 if type_id % 2 else "x")


@shows("REG-EXEC-1", "A registered executor executes the tasks of its type and no other's.")
def _(p: Builder) -> None:
    root = p.root()
    types = [1, 2, 3][: 2 + p.number(2)]
    for type_id in types:
        p.do(ops.RegisterExecutor(type_id, type_id + 40))
    p.check(*(ops.Execute(task(type_id), ops.RefSpec(()), root) for type_id in types))


@shows("REG-EXEC-2", "An executor is registered only once for a type.")
def _(p: Builder) -> None:
    duplicate(p, register_executor)


@shows("REG-EXEC-4", "A refused registration leaves the first executor in place.")
def _(p: Builder) -> None:
    root = p.root()
    type_id = type_of(p)
    p.do(ops.RegisterExecutor(type_id, 1), ops.RegisterExecutor(type_id, 2))
    p.check(ops.Execute(task(type_id), ops.RefSpec(()), root))


@shows("REG-MAPS-1", "Machines, task serializers and executors of one number do not meet.")
def _(p: Builder) -> None:
    p.do(ops.NewRegistry())
    registrations = [register_machine, register_serializer, register_executor]
    if not p.plain:
        p.random.shuffle(registrations)
    p.check(*(register(1, 7) for register in registrations))
    p.check(ops.Machine(1), ops.TaskSerializer(1))


@shows("REG-LATE-1", "A type registered late is known to the nodes that exist.")
def _(p: Builder) -> None:
    node, handle = p.node(), p.fresh()
    if p.sometimes():
        p.do(ops.AddChild(node, (UNKNOWN, "late"), p.data()))
    p.do(ops.RegisterMachine(UNKNOWN, 1))
    p.check(ops.AddChild(node, (UNKNOWN, "late"), p.data(), handle), ops.MachineData(handle))
