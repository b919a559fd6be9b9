"""Writes cases about workflows: a cell, a workflow with a machine, and accesses to it."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import Builder

SERIALIZED = (1, 2, 3, 4)
"""The types of tasks that have a serializer."""
TASKS: tuple[ops.Task, ...] = ((2, 8, "x"), (2, 7, "y"), (4, 0, "x"))
"""Outbound tasks. Which queue a task goes to is shown apart from whether it is stored."""
KINDS: tuple[ops.Task, ...] = (*TASKS, (1, 7, 1000), (3, 9, 5000))
UNSERIALIZED: tuple[ops.Task, ...] = ((6, 8, "x"), (5, 7, 1000))


class Workflow:
    """A registry, a cell, and a workflow with one machine, and sometimes others."""

    def __init__(self, p: Builder, serialized: tuple[int, ...] = SERIALIZED) -> None:
        self.p = p
        p.registry()
        p.do(*(ops.RegisterTaskSerializer(type_id) for type_id in serialized))
        p.do(ops.NewCell(0), ops.StartWorkflow(0, 0))
        self.node, self.found = p.fresh(), p.fresh()
        self.key: ops.Key = (p.type(), p.id())
        self.others = 0
        p.do(self.write(ops.AddChild(self.node, self.key, p.data())))
        if p.sometimes(0.3):
            p.do(self.write(self.addition()))
        if p.sometimes(0.3):
            p.do(self.write(*self.transition()))
        if p.sometimes(0.3):
            p.do(ops.Evict(0, 0))

    def addition(self) -> ops.AddChild:
        """Return the addition of another machine at the root, with a key of its own."""
        self.others += 1
        return ops.AddChild(self.node, (self.p.type(), f"other {self.others}"), self.p.data())

    def transition(
        self,
        *tasks: ops.Task,
        fail: ops.Failure | None = None,
        state: int | None = None,
        key: ops.Key | None = None,
    ) -> tuple[ops.AnyOperation, ...]:
        """Return a transition of a machine, from the root. It has a new value each time."""
        machine = self.p.fresh()
        change = (
            ops.SetState(machine, self.p.number(4) if state is None else state),
            ops.SetValue(machine, 11 + machine),
        )
        script = ops.Script(change, tasks, fail)
        path = (self.key if key is None else key,)
        return ops.Child(self.node, path, self.found), ops.MachineTransition(self.found, script, machine)

    def another(self) -> ops.Key:
        """Add another machine in an access of its own, and return its key."""
        addition = self.addition()
        self.p.do(self.write(addition))
        return addition.key

    def asks(self, *tasks: ops.Task, key: ops.Key | None = None) -> None:
        """Let a machine transition with tasks, in an access of its own."""
        self.p.do(self.write(*self.transition(*tasks, key=key)))

    def below(self, among: tuple[ops.Task, ...] = TASKS) -> tuple[ops.AnyOperation, ...]:
        """Return the addition of a machine below the machine, and a transition of it with tasks."""
        child = ops.AddChild(self.found, (2, "below"), (0, 3), self.found)
        below = ops.MachineTransition(self.found, ops.Script((), self.tasks(among)))
        return ops.Child(self.node, (self.key,), self.found), child, below

    def tasks(self, among: tuple[ops.Task, ...] = TASKS) -> tuple[ops.Task, ...]:
        """Return one to three tasks, a single one if plain."""
        return among[:1] if self.p.plain else tuple(self.p.random.choices(among, k=self.p.random.randrange(1, 4)))

    def write(
        self,
        *inside: ops.AnyOperation,
        fail: ops.Failure | None = None,
        ref: ops.MachineRef | None = None,
        cell: int = 0,
    ) -> ops.AccessWorkflow:
        """Return a write access that runs operations."""
        return ops.AccessWorkflow(cell, 0, "write", self.node, ops.Script(inside, (), fail), ref)

    def read(
        self, *inside: ops.AnyOperation, fail: ops.Failure | None = None, ref: ops.MachineRef | None = None
    ) -> ops.AccessWorkflow:
        """Return a read access that runs operations, or else exports the node."""
        return ops.AccessWorkflow(
            0, 0, "read", self.node, ops.Script(inside or (ops.Export(self.node),), (), fail), ref
        )

    def access(self, fail: ops.Failure | None = None, ref: ops.MachineRef | None = None) -> ops.AccessWorkflow:
        """Return a read or write access that exports the node."""
        inside = (ops.Export(self.node),)
        return self.p.pick(self.read, self.write)(*inside, fail=fail, ref=ref)

    def settled(self) -> None:
        """See what is stored until then."""
        self.p.do(*self.committed())

    def loaded(self) -> None:
        """Make sure that the workflow is in memory, and count loads and writes until then."""
        self.p.do(self.read(), self.count())

    def forgetting(self) -> ops.AnyOperation:
        """Return an operation after which the workflow is not in memory."""
        options: tuple[ops.AnyOperation, ...] = ops.Restart(0), ops.Evict(0, 0)
        return self.p.pick(*options)

    def committed(self) -> tuple[ops.AnyOperation, ...]:
        """Return operations that show what is stored."""
        return ops.Stored(0, 0), ops.StoredTasks(0, 0)

    def seen(self) -> tuple[ops.AnyOperation, ...]:
        """Return operations that show what is stored, and what the next access sees."""
        return *self.committed(), self.read()

    def count(self) -> ops.StoreCounts:
        """Return the operation that counts loads and writes."""
        return ops.StoreCounts(0)
