"""Properties of registries: registration and lookup of machines, task serializers and executors."""

from __future__ import annotations

from collections.abc import Callable

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import EXECUTED, UNKNOWN, Builder
from hsm_specs.properties.property import shows

Register = Callable[[int, int], ops.AnyOperation]
Lookup = Callable[[int], ops.AnyOperation]
ANY_TYPES = (1, 2, 3, 4, 0, -1, 255, 256, 2**31 - 1, -(2**31))
BYTE = 256
"""The distance between types whose lowest bytes are equal."""


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
    types = [1] if p.plain else p.random.sample(ANY_TYPES, p.random.randrange(3, 7))
    if p.sometimes():
        p.check(*map(lookup, types))
    for index, type_id in enumerate(types):
        p.do(register(type_id, index + 40))
    p.check(*map(lookup, types))
    near = types[0] - BYTE if types[0] > 0 else types[0] + BYTE
    if near not in types:
        p.check(lookup(near))


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


@shows("REG-MACHINE-1", "A registered machine definition is found by its type, and by no other.")
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


@shows("REG-TASK-1", "A registered task serializer is found by its type, and by no other.")
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


@shows("REG-EXEC-1", "A registered executor executes the tasks of its type and no other's.")
def _(p: Builder) -> None:
    root = p.root()
    tasks = EXECUTED[: 2 + p.number(3)]
    for index, (type_id, _, _) in enumerate(tasks):
        p.do(ops.RegisterExecutor(type_id, index + 40))
    p.check(*(ops.Execute(task, ops.RefSpec(()), root) for task in tasks))


@shows("REG-EXEC-2", "An executor is registered only once for a type.")
def _(p: Builder) -> None:
    duplicate(p, register_executor)


@shows("REG-EXEC-4", "A refused registration leaves the first executor in place.")
def _(p: Builder) -> None:
    root, task = p.root(), p.pick(*EXECUTED)
    p.do(ops.RegisterExecutor(task[0], 1), ops.RegisterExecutor(task[0], 2))
    p.check(ops.Execute(task, ops.RefSpec(()), root))


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
    p.check(ops.AddChild(node, (UNKNOWN, "late"), p.data(), handle), ops.Export(handle))
