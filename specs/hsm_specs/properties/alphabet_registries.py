"""Registries, tasks, references, executors and machines with all values that are confused."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator

from hsm_model.persistence import Dialect, marshal
from hsm_model.state import Children, Key, NodeState
from hsm_specs.language import operations as ops
from hsm_specs.language.confusions import CONFUSIONS, alphabet
from hsm_specs.language.palette import EMPTY_DATA
from hsm_specs.language.shapes import Domain
from hsm_specs.properties.alphabets import DATA, IDS, JOINED, TYPES, named, tasks, typed, under
from hsm_specs.properties.builder import Builder, spec
from hsm_specs.properties.property import of_all_values

TASK_TYPES: tuple[int, ...] = alphabet(Domain.TASK_TYPE)
STATES: tuple[int, ...] = alphabet(Domain.STATE)
DEADLINES: tuple[int, ...] = alphabet(Domain.DEADLINE)
DESTINATIONS: tuple[str, ...] = alphabet(Domain.DESTINATION)
TAGS: tuple[int, ...] = alphabet(Domain.TAG)
HERE = ops.RefSpec(())
KEYS = 8
"""How many keys the path of a ref has at most."""


# --- registration and look-up -----------------------------------------------------------------------------------------


def told_apart(p: Builder, register: Callable[..., ops.AnyOperation], lookup: Callable[..., ops.AnyOperation]) -> None:
    """Register one type after another, and see before that it is not found, and in the end that all are."""
    p.do(ops.NewRegistry())
    for number, type_id in enumerate(TYPES):
        p.check(lookup(type_id), register(type_id, TAGS[number % len(TAGS)]))
    p.check(*map(lookup, TYPES))
    for tag in TAGS:
        p.check(ops.NewRegistry(), register(1, tag), lookup(1))


@of_all_values("REG-MACHINE-1")
def _(p: Builder) -> None:
    told_apart(p, ops.RegisterMachine, ops.Machine)


@of_all_values("REG-TASK-1")
def _(p: Builder) -> None:
    told_apart(p, ops.RegisterTaskSerializer, ops.TaskSerializer)


def refused(p: Builder, register: Callable[..., ops.AnyOperation]) -> None:
    """Register each type twice, with other tags, zero among them."""
    p.do(ops.NewRegistry())
    for number, type_id in enumerate(TYPES):
        p.do(register(type_id, number % 2))
        p.check(register(type_id, (number + 1) % 2))


@of_all_values("REG-MACHINE-2")
def _(p: Builder) -> None:
    refused(p, ops.RegisterMachine)


@of_all_values("REG-TASK-2")
def _(p: Builder) -> None:
    refused(p, ops.RegisterTaskSerializer)


@of_all_values("REG-EXEC-2")
def _(p: Builder) -> None:
    refused(p, ops.RegisterExecutor)


def root_of_a_type_of_no_task(p: Builder) -> int:
    """Return a root whose type is no number of a task, as one number for both is another requirement's."""
    root, type_id = p.fresh(), next(type_id for type_id in range(1, 1000) if type_id not in TASK_TYPES)
    p.do(ops.NewRegistry(), ops.RegisterMachine(type_id), ops.NewRoot(type_id, (0, 0), root))
    return root


@of_all_values("REG-EXEC-1")
def _(p: Builder) -> None:
    root = root_of_a_type_of_no_task(p)
    for number, type_id in enumerate(TASK_TYPES):
        p.check(ops.RegisterExecutor(type_id, TAGS[number % len(TAGS)]))
    p.check(*(ops.Execute((type_id, 1, 1000), HERE, root) for type_id in TASK_TYPES))
    for tag in TAGS:
        p.do(ops.NewRegistry(), ops.RegisterExecutor(1, tag))
        p.check(ops.Execute((1, 1, 1000), HERE, root))


@of_all_values("EXEC-RUN-2")
def _(p: Builder) -> None:
    root = root_of_a_type_of_no_task(p)
    for type_id in TASK_TYPES:
        p.check(ops.Execute((type_id, 1, 1000), HERE, root))
        p.do(ops.RegisterExecutor(type_id))


# --- tasks ------------------------------------------------------------------------------------------------------------


@of_all_values("TASK-SERIAL-1")
def _(p: Builder) -> None:
    p.do(ops.NewRegistry(), *map(ops.RegisterTaskSerializer, TASK_TYPES))
    for task in tasks():
        p.check(ops.SerializeTask(task))


@of_all_values("TASK-SERIAL-1")
def _(p: Builder) -> None:
    p.do(ops.NewRegistry(), *map(ops.RegisterTaskSerializer, TASK_TYPES))
    for type_id, payload, kind in tasks():
        p.check(ops.DeserializeTask(type_id, str(payload), kind))


@of_all_values("TASK-KIND-1")
def _(p: Builder) -> None:
    p.do(ops.NewRegistry(), ops.RegisterTaskSerializer(1), ops.RegisterTaskSerializer(2))
    p.check(*(ops.DeserializeTask(2, "5", deadline) for deadline in DEADLINES))
    p.check(*(ops.DeserializeTask(1, "5", destination) for destination in DESTINATIONS))


@of_all_values("MT-COMMIT-4")
def _(p: Builder) -> None:
    root = p.root()
    p.do(ops.MachineTransition(root, ops.Script(tasks=tuple(tasks()))))
    p.check(ops.Outputs(root))


# --- executors and references -----------------------------------------------------------------------------------------


def refs() -> Iterator[ops.RefSpec]:
    """Yield refs with all texts in each place of the workflow key, and with all versions and counts."""
    for text in IDS:
        yield from (ops.RefSpec((), key) for key in ((text, "w", "r"), ("n", text, "r"), ("n", "w", text)))
    yield from (ops.RefSpec((), version=number) for number in alphabet(Domain.FAILOVER_VERSION))
    yield from (ops.RefSpec((), count=number) for number in alphabet(Domain.COUNT))


@of_all_values("EXEC-ARGS-1")
def _(p: Builder) -> None:
    root = p.root()
    p.do(ops.RegisterExecutor(1), ops.RegisterExecutor(2))
    p.check(*(ops.Execute((1, 1, 1), ref, root) for ref in refs()))
    for now in alphabet(Domain.TIME):
        p.check(ops.Execute((1, 1, 1), HERE, root, now))
    for task in tasks():
        if task[0] in (1, 2):
            p.check(ops.Execute(task, HERE, root))


def paths() -> Iterator[ops.Path]:
    """Yield paths of all IDs, of all types and of keys that are confused if they are joined."""
    for start in range(0, len(IDS), KEYS):
        yield tuple(named(IDS[start : start + KEYS]))
    for start in range(0, len(TYPES), KEYS):
        yield tuple((type_id, "a") for type_id in TYPES[start : start + KEYS])
    yield JOINED


@of_all_values("REF-PATH-1")
def _(p: Builder) -> None:
    p.check(*(ops.StateMachinePath(ops.RefSpec(path)) for path in paths()))
    p.check(*map(ops.StateMachinePath, refs()))


@of_all_values("EXEC-ARGS-1")
def _(p: Builder) -> None:
    root = p.root()
    p.do(ops.RegisterExecutor(1))
    p.check(*(ops.Execute((1, 1, 1), ops.RefSpec(path), root) for path in paths()))


@of_all_values("ENV-ACCESS-1")
def _(p: Builder) -> None:
    root, handle = p.root(), p.fresh()
    under(p, root, named(IDS))
    p.do(ops.RegisterExecutor(1, 0, "read", handle, ops.Script((ops.KeyOf(handle), ops.Export(handle)))))
    p.check(*(ops.Execute((1, 1, 1), ops.RefSpec((key,)), root) for key in named(IDS)))


@of_all_values("ENV-ACCESS-1")
def _(p: Builder) -> None:
    root, handle = typed(p), p.fresh()
    keys = [(type_id, "a") for type_id in TYPES]
    under(p, root, keys)
    p.do(ops.RegisterExecutor(1, 0, "read", handle, ops.Script((ops.KeyOf(handle), ops.Export(handle)))))
    p.check(*(ops.Execute((1, 1, 1), ops.RefSpec((key,)), root) for key in keys))


# --- the wire ---------------------------------------------------------------------------------------------------------


def message() -> NodeState:
    """Return a persisted node whose children have all IDs, types, data and counts."""
    leaves = {Key(1, machine_id): NodeState(number, b"1:1", Children({})) for number, machine_id in enumerate(IDS)}
    leaves |= {Key(type_id, "t"): NodeState(1, b"2:2", Children({})) for type_id in TYPES}
    leaves |= {Key(2, f"d{n}"): NodeState(1, b"%d:%d" % data, Children({})) for n, data in enumerate(DATA)}
    leaves |= {Key(2, f"c{n}"): NodeState(n, b"3:3", Children({})) for n in alphabet(Domain.COUNT)}
    return NodeState(0, b"0:0", Children.of(leaves))


@of_all_values("WIRE-READ-1")
def _(p: Builder) -> None:
    typed(p)
    root, node = p.fresh(), message()
    p.do(ops.Load(b64encode(marshal(node, Dialect(p.dialect))).decode(), 1, (0, 0), root))
    p.check(ops.Export(root), *(ops.Child(root, (key,)) for key in sorted(node.children)))


@of_all_values("WIRE-READ-1")
def _(p: Builder) -> None:
    typed(p)
    node = NodeState(0, b"0:0", Children.of({Key(1, "a"): NodeState(1, b"1:1", Children({}))}))
    encoded = b64encode(marshal(node, Dialect(p.dialect))).decode()
    for number, data in enumerate(DATA):
        root = p.fresh()
        p.check(ops.Load(encoded, TYPES[number % len(TYPES)], data, root), ops.Export(root))


@of_all_values("WIRE-WRITE-1")
def _(p: Builder) -> None:
    typed(p)
    root, node = p.fresh(), message()
    p.do(ops.Load(b64encode(marshal(node, Dialect(p.dialect))).decode(), 1, (0, 0), root))
    p.check(ops.Marshal(root))


@of_all_values("WIRE-WRITE-1")
def _(p: Builder) -> None:
    root = p.root()
    p.do(ops.AddChild(root, (1, "a"), EMPTY_DATA))
    p.check(ops.Marshal(root))


# --- machines and transitions -----------------------------------------------------------------------------------------


@of_all_values("MACH-STATE-1")
def _(p: Builder) -> None:
    machine = p.fresh()
    p.do(ops.StateMachine(machine, (1, 1)))
    for state, value in (*DATA, EMPTY_DATA):
        p.check(ops.SetState(machine, state), ops.SetValue(machine, value), ops.ReadMachine(machine))
    for data in DATA:
        p.check(ops.StateMachine(machine, data), ops.ReadMachine(machine))


@of_all_values("MACH-TASKS-2")
def _(p: Builder) -> None:
    machine = p.fresh()
    for data in DATA:
        p.do(ops.StateMachine(machine, data))
        p.check(ops.RegenerateTasks(machine))


@of_all_values("TRANS-POSSIBLE-1")
def _(p: Builder) -> None:
    machine = p.fresh()
    for group in CONFUSIONS[Domain.STATE]:
        for number, state in enumerate(group):
            others = (*group[:number], *group[number + 1 :])
            p.do(ops.StateMachine(machine, (state, 1)))
            p.check(ops.Possible(machine, spec(others, state)))
            p.do(ops.StateMachine(machine, (state, 1)))
            p.check(ops.Possible(machine, spec((*others, state), 1)))


@of_all_values("TRANS-APPLY-2")
def _(p: Builder) -> None:
    machine = p.fresh()
    for group in CONFUSIONS[Domain.STATE]:
        p.do(ops.StateMachine(machine, (group[0], 1)))
        p.check(ops.Apply(machine, spec(group[1:], 1)))


@of_all_values("TRANS-APPLY-1")
def _(p: Builder) -> None:
    machine = p.fresh()
    for before, state in zip((STATES[-1], *STATES), STATES, strict=False):
        p.do(ops.StateMachine(machine, (before, 1)), ops.Apply(machine, spec((before,), state)))
        p.check(ops.ReadMachine(machine))


@of_all_values("TRANS-APPLY-5")
def _(p: Builder) -> None:
    machine = p.fresh()
    for state in STATES:
        p.do(ops.StateMachine(machine, (state, 1)))
        p.do(ops.Apply(machine, spec((state,), 3), 0, ops.Script(fail="user_1")))
        p.check(ops.ReadMachine(machine))


@of_all_values("TRANS-APPLY-6")
def _(p: Builder) -> None:
    machine = p.fresh()
    p.do(ops.StateMachine(machine, (1, 1)))
    for task in tasks():
        p.check(ops.Apply(machine, spec((1,), 1), 0, ops.Script(tasks=(task,))))


@of_all_values("TRANS-APPLY-8")
def _(p: Builder) -> None:
    machine = p.fresh()
    for state in STATES:
        p.do(ops.StateMachine(machine, (1, 1)))
        p.do(ops.Apply(machine, spec((1,), 3), 0, ops.Script((ops.SetState(machine, state),))))
        p.check(ops.ReadMachine(machine))


@of_all_values("TRANS-APPLY-9")
def _(p: Builder) -> None:
    machine = p.fresh()
    p.do(ops.StateMachine(machine, (1, 1)))
    p.check(*(ops.Apply(machine, spec((1,), 1), event) for event in alphabet(Domain.EVENT)))


@of_all_values("TRANS-KEEP-1")
def _(p: Builder) -> None:
    machine, kept = p.fresh(), p.fresh()
    for source, destination in zip(STATES, (*STATES[1:], STATES[0]), strict=True):
        made = spec((source,), destination)
        p.do(ops.NewTransition(made, kept), ops.StateMachine(machine, (source, 1)))
        p.check(ops.Possible(machine, made, kept))
        p.do(ops.SetState(machine, source))
        p.check(ops.Apply(machine, made, kept=kept), ops.ReadMachine(machine), ops.Possible(machine, made, kept))
