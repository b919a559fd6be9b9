"""How each operation of a random program is chosen: one small function an operation, with its weight."""

from __future__ import annotations

from collections.abc import Callable

from hsm_specs.generation.program_builder import ProgramBuilder
from hsm_specs.generation.scripts import TASKS, relatives
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Capability

Maker = Callable[[ProgramBuilder], ops.AnyOperation | None]
"""Chooses an operation for a draft; runs it itself and answers None where something has to be noted afterwards."""


def add_child(draft: ProgramBuilder) -> ops.AnyOperation | None:
    handle = draft.fresh()
    draft.run(ops.AddChild(draft.node(), draft.key(), draft.data(), handle))
    draft.bound(handle)
    return None


def child(draft: ProgramBuilder) -> ops.AnyOperation | None:
    handle, start, at = draft.fresh(), draft.node(), draft.random.random()
    if at < 0.6:
        known = draft.world.nodes[draft.node()].path()
        depth = len(draft.world.nodes[start].path())
        path = known[depth:] if at < 0.4 else (*known[depth:], draft.key())
    else:
        path = (draft.key(),) if at < 0.95 else ()
    draft.run(ops.Child(start, path, handle))
    draft.bound(handle)
    return None


def machine_transition(draft: ProgramBuilder) -> ops.AnyOperation | None:
    node, scripts = draft.node(), draft.scripts
    script = scripts.for_transition(node, relatives(draft.world, node, draft.handles))
    cast: ops.Cast = "other" if draft.random.random() < 0.04 else "own"
    draft.run(ops.MachineTransition(node, script, scripts.machine, cast))
    draft.adopt(scripts)
    return None


def collection_transition(draft: ProgramBuilder) -> ops.AnyOperation | None:
    node, scripts = draft.node(), draft.scripts
    script = scripts.for_transition(node, relatives(draft.world, node, draft.handles))
    draft.run(ops.CollectionTransition(node, draft.type(), draft.id(), script, scripts.machine))
    draft.adopt(scripts)
    return None


def machine_data(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.MachineData(draft.node(), "other" if draft.random.random() < 0.08 else "own")


def outputs(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.Outputs(draft.node())


def dirty(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.Dirty(draft.node())


def clear(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.Clear(draft.node())


def transition_count(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.TransitionCount(draft.node())


def path(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.PathOf(draft.node())


def key(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.KeyOf(draft.node())


def parent(draft: ProgramBuilder) -> ops.AnyOperation | None:
    handle = draft.fresh()
    draft.run(ops.Parent(draft.node(), handle))
    draft.bound(handle)
    return None


def same(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.Same(draft.node(), draft.node())


def export(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.Export(draft.node())


def rehydrate(draft: ProgramBuilder) -> ops.AnyOperation | None:
    handle = draft.fresh()
    draft.run(ops.Rehydrate(draft.node(), draft.type(), draft.data(), handle))
    draft.bound(handle)
    return None


def poisoned(draft: ProgramBuilder) -> ops.AnyOperation | None:
    """Data that does not deserialize, come from persistence: added, rehydrated, found again and looked at."""
    parent, root, node = draft.node(), draft.fresh(), draft.fresh()
    key = draft.key()
    draft.run(ops.AddChild(parent, key, (0, -2)))
    draft.run(ops.Rehydrate(parent, 1, (0, 0), root))
    draft.bound(root)
    draft.run(ops.Child(root, (key,), node))
    for _ in range(2):
        cast: ops.Cast = "other" if draft.random.random() < 0.3 else "own"
        if draft.random.random() < 0.6:
            draft.run(ops.MachineData(node, cast))
        else:
            draft.run(ops.MachineTransition(node, ops.Script(tasks=TASKS[:1]), None, cast))
    return None


def new_root(draft: ProgramBuilder) -> ops.AnyOperation | None:
    handle = draft.fresh()
    draft.run(ops.NewRoot(draft.type(), draft.data(), handle))
    draft.bound(handle)
    return None


def collection_type(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.CollectionType(draft.node(), draft.type())


def collection_add(draft: ProgramBuilder) -> ops.AnyOperation | None:
    handle = draft.fresh()
    draft.run(ops.CollectionAdd(draft.node(), draft.type(), draft.id(), draft.data(), handle))
    draft.bound(handle)
    return None


def collection_node(draft: ProgramBuilder) -> ops.AnyOperation | None:
    handle = draft.fresh()
    draft.run(ops.CollectionNode(draft.node(), draft.type(), draft.id(), handle))
    draft.bound(handle)
    return None


def collection_data(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.CollectionData(draft.node(), draft.type(), draft.id())


def collection_list(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.CollectionList(draft.node(), draft.type())


def machine_object(draft: ProgramBuilder) -> int:
    """The handle of a machine, made now if there is none."""
    if not draft.machines or draft.random.random() < 0.3:
        handle = draft.fresh()
        draft.run(ops.StateMachine(handle, (int(draft.random.random() * 4), 1)))
        draft.machines.append(handle)
    return draft.some(draft.machines)


def transition_spec(draft: ProgramBuilder) -> ops.TransitionSpec:
    random = draft.random.random
    sources = tuple(state for state in range(4) if random() < 0.5)
    return ops.TransitionSpec(sources, int(random() * 4))


def read_machine(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.ReadMachine(machine_object(draft))


def set_state(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.SetState(machine_object(draft), int(draft.random.random() * 4))


def set_value(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.SetValue(machine_object(draft), int(draft.random.random() * 4))


def regenerate_tasks(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.RegenerateTasks(machine_object(draft))


def possible(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.Possible(machine_object(draft), transition_spec(draft))


def apply(draft: ProgramBuilder) -> ops.AnyOperation | None:
    machine, random = machine_object(draft), draft.random.random
    fail: ops.Failure | None = "user_1" if random() < 0.2 else "panic" if random() < 0.05 and draft.panics else None
    steps = (ops.SetState(machine, int(random() * 4)),) if random() < 0.2 else ()
    script = ops.Script(steps, TASKS[: int(random() * 3)], fail)
    draft.run(ops.Apply(machine, transition_spec(draft), int(random() * 9), script))
    return ops.ReadMachine(machine)


def register_machine(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.RegisterMachine(draft.type(), int(draft.random.random() * 9))


def machine(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.Machine(draft.type())


def register_task_serializer(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.RegisterTaskSerializer(draft.type(), int(draft.random.random() * 9))


def task_serializer(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.TaskSerializer(draft.type())


def serialize_task(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.SerializeTask(TASKS[int(draft.random.random() * len(TASKS))])


def deserialize_task(draft: ProgramBuilder) -> ops.AnyOperation:
    random = draft.random.random
    return ops.DeserializeTask(draft.type(), str(int(random() * 9)), 1000 if random() < 0.5 else "x")


def register_executor(draft: ProgramBuilder) -> ops.AnyOperation:
    random = draft.random.random
    node, slot = draft.scripts.fresh(), draft.scripts.fresh()
    fail: ops.Failure | None = "user_2" if random() < 0.25 else None
    if random() < 0.5:
        script = ops.Script((ops.PathOf(node), ops.TransitionCount(node)), (), fail)
        return ops.RegisterExecutor(draft.some((1, 2, 3)), int(random() * 9), "read", node, script)
    inside = ops.Script((ops.SetValue(slot, int(random() * 4)),), TASKS[:1])
    script = ops.Script((ops.MachineTransition(node, inside, slot),), (), fail)
    return ops.RegisterExecutor(draft.some((1, 2, 3)), int(random() * 9), "write", node, script)


def ref(draft: ProgramBuilder, node: int) -> ops.RefSpec:
    """A ref to some node, from the place of ``node``."""
    nodes, random = draft.world.nodes, draft.random.random
    path = nodes[draft.node()].path()[len(nodes[node].path()) :]
    return ops.RefSpec(path if random() < 0.8 else (draft.key(),), version=int(random() * 3), count=int(random() * 3))


def execute(draft: ProgramBuilder) -> ops.AnyOperation:
    node, random = draft.node(), draft.random.random
    return ops.Execute(TASKS[int(random() * len(TASKS))], ref(draft, node), node, int(random() * 10_000))


def state_machine_path(draft: ProgramBuilder) -> ops.AnyOperation:
    return ops.StateMachinePath(ref(draft, draft.roots[0]))


MAKERS: tuple[tuple[Maker, int, Capability | None], ...] = (
    (add_child, 18, None),
    (child, 8, None),
    (machine_transition, 26, None),
    (machine_data, 8, None),
    (outputs, 9, "outputs"),
    (dirty, 8, None),
    (clear, 4, None),
    (transition_count, 6, None),
    (path, 2, None),
    (key, 1, None),
    (parent, 2, None),
    (same, 2, "identity"),
    (export, 5, None),
    (rehydrate, 2, None),
    (poisoned, 1, None),
    (new_root, 1, None),
    (collection_type, 1, "collections"),
    (collection_add, 4, "collections"),
    (collection_node, 3, "collections"),
    (collection_data, 3, "collections"),
    (collection_list, 3, "collections"),
    (collection_transition, 4, "collections"),
    (read_machine, 2, None),
    (set_state, 1, None),
    (set_value, 2, None),
    (regenerate_tasks, 1, None),
    (possible, 2, "transitions"),
    (apply, 3, "transitions"),
    (register_machine, 1, None),
    (machine, 1, None),
    (register_task_serializer, 1, "tasks"),
    (task_serializer, 1, "tasks"),
    (serialize_task, 1, "tasks"),
    (deserialize_task, 1, "kinds"),
    (register_executor, 2, "executors"),
    (execute, 3, "executors"),
    (state_machine_path, 1, "refs"),
)
"""Each maker with its weight and the capability that its operation needs."""
