"""Play programs on the framework: each operation is a JSON object and returns an observation.

The steps of a script operate on the node that the script runs on, and their paths start there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from plain_hsm.framework.cell import Framework
from plain_hsm.framework.queues import Environment, QueueCell
from plain_hsm.framework.replication import ReplicatingCell
from plain_hsm.framework.store import Outbound, Panic, Ref, Timer, keys
from plain_hsm.machine import HsmError, Registry, Task
from plain_hsm.node import Key, Node
from plain_hsm.palette import Definition, MachineA, PaletteError, Serializer

Op = dict[str, Any]
UNABLE = -4
"""The value with which a machine fails to regenerate its tasks."""


class Machine(MachineA):
    """The data of all machines."""

    def regenerate_tasks(self) -> list[Task]:
        if self.value == UNABLE:
            raise PaletteError("regenerate_error")
        return super().regenerate_tasks()


class TimeSerializer(Serializer):
    """Serialize tasks whose deadlines have fractions of milliseconds."""

    def deserialize(self, data: bytes, kind: Any) -> Task:
        timer = isinstance(kind, float)
        return super().deserialize(data, int(kind) if timer else kind)._replace(kind=kind)


class Player:
    """The state of one program."""

    cell_type = ReplicatingCell

    def __init__(self) -> None:
        registry = Registry()
        for type_ in (1, 2):
            registry.machines.register(type_, Definition(Machine, 0))
        for type_ in range(1, 7):
            registry.task_serializers.register(type_, TimeSerializer(type_, 0))
        self.framework = Framework(registry, frozenset((3, 4)))
        self.cells: dict[str, ReplicatingCell] = {}
        self.tasks: dict[str, list[Outbound | Timer]] = {}
        self.inner: list[Any] = []
        self.accessed: list[tuple[QueueCell, str]] = []

    def run(self, op: Op, node: Node | None = None) -> Op:
        outer, self.inner = self.inner, []
        try:
            observation: Op = {
                "ok": OPERATIONS[op["op"]](self, op) if node is None else STEPS[op["op"]](self, op, node)
            }
        except (HsmError, PaletteError) as error:
            observation = {"error": str(error)}
        except Panic:
            observation = {"panic": True}
        if self.inner:
            observation["inner"] = self.inner
        self.inner = outer
        return observation

    def play(self, script: Op, node: Node) -> None:
        for step in script["steps"]:
            self.inner.append(self.run(step, node if step["op"] in STEPS else None))
        fail(script["fail"])

    def cell(self, op: Op, name: str = "cell") -> ReplicatingCell:
        if op[name] not in self.cells:
            raise HsmError("unbound")
        return self.cells[op[name]]

    def new_cell(self, op: Op) -> None:
        self.cells[op["cell"]] = self.cell_type(self.framework, op["cluster"])

    def failover(self, op: Op) -> None:
        self.framework.active, self.framework.version = op["cluster"], op["version"]

    def access(self, op: Op) -> None:
        ref = None if op["ref"] is None else Ref(keys(op["ref"][0]), *op["ref"][1:])
        self.accessing(self.cell(op), op["workflow"], op["script"], ref, op["access"] == "write")

    def accessing(self, cell: QueueCell, name: str, script: Op, ref: Ref | None, write: bool) -> None:
        cell.access(name, ref, write, partial(self.given, cell, name, script))

    def given(self, cell: QueueCell, name: str, script: Op, node: Node) -> None:
        self.accessed.append((cell, name))
        try:
            self.play(script, node)
        finally:
            self.accessed.pop()

    def register_executor(self, op: Op) -> None:
        self.framework.registry.executors.register(op["type"], partial(self.execute, op["scripts"]))

    def execute(self, scripts: list[Op], environment: Environment, ref: Ref, task: Task) -> None:
        script = scripts[task.payload % len(scripts)]
        self.inner.append({"ok": ["executes", environment.now() / 1000, task, ref]})
        fail(script["before"])
        if script["access"]:
            play = partial(self.given, environment.cell, environment.task.workflow, script)
            environment.access(ref, script["access"] == "write", play)
        fail(script["after"])

    def register_timer_executor(self, op: Op) -> None:
        if op["type"] in self.framework.timer_executors:
            raise HsmError("duplicate_registration")
        self.framework.timer_executors[op["type"]] = partial(self.fire, op["scripts"])

    def fire(self, scripts: list[Op], cell: Any, node: Node, task: Task) -> None:
        self.inner.append({"ok": ["fires", cell.now() / 1000, task, node.path(), node.count]})
        self.play(scripts[task.payload % len(scripts)], node)

    def register_event(self, op: Op) -> None:
        self.framework.events[op["type"]] = lambda root, payload: self.play(op["scripts"][int(payload)], root)

    def advance(self, op: Op) -> None:
        self.cell(op).clock += round(op["ms"] * 1000)

    def add(self, op: Op, node: Node) -> None:
        *parent, key = keys(op["path"])
        node.child(parent).add_child(key, Machine(*op["data"]))

    def transition(self, op: Op, node: Node) -> None:
        def function(machine: Machine) -> tuple[Task, ...]:
            machine.state, machine.value = op["data"]
            self.play(op, node)
            return tuple(Task._make(task) for task in op["tasks"])

        node.child(map(Key._make, op["path"])).machine_transition(Machine, function)

    def write_into(self, op: Op, node: Node) -> None:
        cell, name = self.accessed[-1]
        cell.write_into(name, node.child(map(Key._make, op["path"])), Machine(*op["data"]))

    def inspect(self, op: Op) -> Any:
        seen: list[Any] = []

        def look(root: Node) -> None:
            node = root.child(map(Key._make, op["path"]))
            machine = node.machine_data(Machine)
            seen.extend([machine.state, machine.value, node.count])

        cell = self.cell(op)
        cell.access(op["workflow"], None, False, look)
        workflow = cell.loaded[op["workflow"]]
        groups = [[group.deadline / 1000, len(group.tasks), group.scheduled] for group in workflow.timers]
        return [*seen, workflow.versions[keys(op["path"])], groups]

    def deliver(self, cell: QueueCell, task: Outbound | Timer) -> Any:
        fate, failure = cell.run(task)
        code = failure and ("panic" if isinstance(failure, Panic) else str(failure))
        return [described(task), fate, code]

    def run_task(self, op: Op) -> Any:
        known = self.known(self.cell(op).cluster)
        return self.deliver(self.cell(op), known[op["task"] % len(known)]) if known else None

    def known(self, cluster: str) -> list[Outbound | Timer]:
        """Return all tasks that the store of a cluster has had, if this was called after each operation."""
        known = self.tasks.setdefault(cluster, [])
        known += [task for id_, task in sorted(self.framework.stores[cluster].tasks.items()) if task not in known]
        return known

    def pump(self, op: Op) -> Any:
        cell = self.cell(op)
        if op["queue"] == "timer":
            now = cell.now()
            return [self.deliver(cell, task) for task in cell.timer_queue() if task.due <= now]
        return [self.deliver(cell, task) for task in cell.outbound_queue(op["destination"])]

    def look(self) -> Any:
        """Return everything in the stores, and how often workflows were loaded and written."""
        stores: Any = {}
        for name, store in sorted(self.framework.stores.items()):
            self.known(name)
            workflows = {key: self.outline(json.loads(text)) for key, text in sorted(store.workflows.items())}
            stores[name] = [workflows, [[id_, described(task)] for id_, task in sorted(store.tasks.items())]]
        locked = [sorted(cell.locked) for _, cell in sorted(self.cells.items())]
        counted = self.framework.stores.values()
        return [stores, locked, sum(store.loads for store in counted), sum(store.writes for store in counted)]

    def outline(self, workflow: Any) -> Any:
        workflow["timers"] = [
            [due / 1000, [[task[0], *task[1:]] for task in tasks], on] for due, tasks, on in workflow["timers"]
        ]
        return workflow


def fail(how: str | None) -> None:
    if how == "panic":
        raise Panic("script")
    if how:
        raise HsmError(how)


def described(task: Outbound | Timer) -> Any:
    return ["timer", task.workflow, task.due / 1000] if isinstance(task, Timer) else ["outbound", *task[1:]]


STEPS: dict[str, Callable[[Player, Op, Node], Any]] = {
    "add": Player.add,
    "transition": Player.transition,
    "write_into": Player.write_into,
}
OPERATIONS: dict[str, Callable[[Player, Op], Any]] = {
    "cell": Player.new_cell,
    "restart": lambda p, op: p.cell(op).restart(),
    "evict": lambda p, op: p.cell(op).evict(op["workflow"]),
    "workflow": lambda p, op: p.cell(op).start(op["workflow"]),
    "close": lambda p, op: p.cell(op).close(op["workflow"]),
    "workflow_task": lambda p, op: p.cell(op).start_workflow_task(op["workflow"]),
    "access": Player.access,
    "inspect": Player.inspect,
    "advance": Player.advance,
    "now": lambda p, op: p.cell(op).now() / 1000,
    "run_task": Player.run_task,
    "pump": Player.pump,
    "register_executor": Player.register_executor,
    "register_timer_executor": Player.register_timer_executor,
    "register_event": Player.register_event,
    "fail_store": lambda p, op: setattr(p.cell(op).store, "fault", (op["when"], op["error"])),
    "failover": Player.failover,
    "refresh": lambda p, op: p.cell(op).refresh(op["workflow"]),
    "event": lambda p, op: p.cell(op).event(op["workflow"], op["type"], op["payload"]),
    "replicate_events": lambda p, op: p.cell(op).replicate_events(p.cell(op, "from"), op["workflow"]),
    "sync": lambda p, op: p.cell(op).sync(p.cell(op, "from"), op["workflow"]),
}
