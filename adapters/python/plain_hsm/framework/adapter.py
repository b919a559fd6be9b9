"""The adapter of the framework: trees as in `plain_hsm.adapter`, and transactions on workflows in a store."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, TypeVar

from plain_hsm.adapter import CAPABILITIES, GREETING, OPERATIONS, Handles, Members, Unbound, World
from plain_hsm.framework.cell import Cell, Framework
from plain_hsm.framework.queues import Environment
from plain_hsm.framework.replication import ReplicatingCell
from plain_hsm.framework.store import ROOT_TYPE, Outbound, Panic, Ref, StoredTask, Timer, keys
from plain_hsm.machine import HsmError, Registry, Task, TransitionOutput
from plain_hsm.node import Key, Node
from plain_hsm.palette import Machine

CLUSTERS = "cluster 0", "cluster 1"
Q = TypeVar("Q", Outbound, Timer)

FRAMEWORK_CAPABILITIES = [*CAPABILITIES, "transactions", "refresh", "timers", "outbound", "failover", "replication"]
CHILD_ADDED = 1
"""The type of the events that add a machine."""
FRAMEWORK_GREETING = {**GREETING, "name": "plain-framework", "capabilities": FRAMEWORK_CAPABILITIES}


class LaterTask(Task):
    """A timer whose deadline is some microseconds later than its kind says."""

    fraction: int


class FrameworkWorld(World):
    """The bindings of one program. Mutants are subclasses with another type of cells."""

    cell_type = ReplicatingCell
    greeting = FRAMEWORK_GREETING

    def __init__(self) -> None:
        super().__init__()
        self.frameworks: dict[int, Framework] = {}
        self.cells = Handles[ReplicatingCell]()
        self.workflows: set[int] = set()
        self.fraction = 0
        self.calls: list[Any] = []

    def framework(self, registry: Registry) -> Framework:
        if id(registry) not in self.frameworks:
            if ROOT_TYPE in registry.machines:
                raise HsmError("duplicate_registration")
            self.frameworks[id(registry)] = framework = Framework(registry, whole=True, active=CLUSTERS[0])
            framework.events[CHILD_ADDED] = self.add_child_of_event
        return self.frameworks[id(registry)]

    def new_cell(self, op: Members) -> None:
        self.cells[op["cell"]] = self.cell_type(self.framework(self.registry(op)), CLUSTERS[op["cluster"]])

    def workflow(self, op: Members) -> str:
        if op["workflow"] not in self.workflows:
            raise Unbound
        return f"w{op['workflow']}"

    def start_workflow(self, op: Members) -> None:
        cell = self.cells[op["cell"]]
        try:
            cell.start(f"w{op['workflow']}")
        except HsmError as error:
            if str(error) == "workflow_exists":
                self.workflows.add(op["workflow"])
            raise
        self.workflows.add(op["workflow"])

    def access(self, op: Members) -> None:
        cell, name, ref = self.cells[op["cell"]], self.workflow(op), op.get("ref")
        wanted = ref and Ref(keys(ref[0]), ref[1], ref[2])
        try:
            cell.access(name, wanted, op["access"] == "write", partial(self.accessed, op))
        except Panic as panic:
            raise RuntimeError(str(panic)) from None

    def play(self, script: Members) -> TransitionOutput:
        tasks = super().play(script)
        return tuple(map(self.later, tasks)) if self.fraction else tasks

    def later(self, task: Task) -> Task:
        found = LaterTask(*task)
        found.fraction = self.fraction
        return found

    def accessed(self, op: Members, node: Node) -> None:
        outside = dict(self.nodes)
        self.nodes[op["bind"]] = node
        try:
            self.play(op["script"])
        except RuntimeError as panic:
            raise Panic(str(panic)) from None
        finally:
            self.nodes.clear()
            self.nodes.update(outside)

    def stored(self, op: Members) -> Any:
        cell, name = self.cells[op["cell"]], self.workflow(op)
        if name not in cell.store.workflows:
            raise HsmError("not_found")
        return json.loads(cell.store.workflows[name])

    def stored_tasks(self, op: Members) -> list[Any]:
        name, workflow = self.workflow(op), self.stored(op)
        outbound = [task for task in self.cells[op["cell"]].outbound_queue(None) if task.workflow == name]
        timers = [
            [*described(StoredTask(Ref(*ref), type_, data)), due // 1000]
            for due, tasks, _ in workflow["timers"]
            for ref, type_, data in tasks
        ]
        return [*([*described(task.task), task.destination] for task in outbound), *timers]

    def failover(self, op: Members) -> None:
        cell = self.cells[op["cell"]]
        cell.framework.fail_over(cell.cluster, CLUSTERS.index(cell.cluster) + 1)

    # --- replication --------------------------------------------------------------------------------------------------

    def event_child(self, op: Members) -> None:
        self.cells[op["cell"]].event(self.workflow(op), CHILD_ADDED, json.dumps([op["key"], op["data"]]))

    def add_child_of_event(self, root: Node, payload: str) -> None:
        """Add a machine and let it transition with the tasks that its state calls for."""
        (type_, id_), data = json.loads(payload)
        node = root.add_child(Key(type_, id_), self.machine_types[type_ % 2](*data))
        node.machine_transition(Machine, lambda machine: tuple(machine.regenerate_tasks()))

    def replicate_events(self, op: Members) -> int:
        return self.cells[op["cell"]].replicate_events(self.cells[op["source"]], self.workflow(op))

    def sync(self, op: Members) -> bool:
        return self.cells[op["cell"]].sync(self.cells[op["source"]], self.workflow(op))

    # --- queues -------------------------------------------------------------------------------------------------------

    def set_fraction(self, op: Members) -> None:
        self.fraction = op["microseconds"]

    def advance(self, op: Members) -> None:
        self.cells[op["cell"]].clock += op["microseconds"]

    def register_timer_executor(self, op: Members) -> None:
        executors = self.cells[op["cell"]].framework.timer_executors
        if op["type"] in executors:
            raise HsmError("duplicate_registration")
        executors[op["type"]] = partial(self.fire, op)

    def fire(self, op: Members, cell: Cell, node: Node, task: Task) -> None:
        self.calls.append([op["tag"], cell.now(), task, node.path(), node.count])
        self.accessed(op, node)
        if op["ending"] != "script":
            raise HsmError(op["ending"])

    def execute(self, op: Members, environment: Any, ref: Any, task: Task) -> None:
        if not isinstance(environment, Environment):
            super().execute(op, environment, ref, task)
            return
        self.calls.append([op["tag"], environment.now(), task, *ref])
        if op["access"]:
            environment.access(ref, op["access"] == "write", partial(self.accessed, op))
        elif op["script"]["fail"] == "panic":
            raise Panic("panic")
        else:
            self.play(Members(fail=op["script"]["fail"]))

    def deliver(self, cell: ReplicatingCell, task: Outbound | Timer) -> tuple[str, list[Any]]:
        """Deliver a task. Return its fate and what executors were given; what they observe is forgotten."""
        outer, inner, self.calls, self.inner = self.calls, self.inner, [], []
        try:
            return cell.run(task)[0], self.calls
        finally:
            self.calls, self.inner = outer, inner

    def queued(self, op: Members, queue: list[Q]) -> list[Q]:
        self.stored(op)
        return [task for task in queue if task.workflow == self.workflow(op)]

    def pump_timers(self, op: Members) -> list[Any]:
        cell = self.cells[op["cell"]]
        tasks = self.queued(op, cell.timer_queue())
        due = [task for task in tasks if task.due <= cell.now() or op["delivery"] == "early"]
        return [call for task in due for _ in range(times(op)) for call in self.deliver(cell, task)[1]]

    def pump_outbound(self, op: Members) -> list[Any]:
        cell = self.cells[op["cell"]]
        tasks = self.queued(op, cell.outbound_queue(op["destination"]))
        tasks.sort(key=lambda task: [*described(task.task), task.destination])
        return [[task.task.type, task.task.data, *self.deliver(cell, task)] for task in tasks for _ in range(times(op))]


def times(op: Members) -> int:
    return 2 if op["delivery"] == "twice" else 1


def described(task: StoredTask) -> list[Any]:
    return [*task.ref, task.type, task.data]


FrameworkWorld.operations = OPERATIONS | {
    "new_cell": FrameworkWorld.new_cell,
    "start_workflow": FrameworkWorld.start_workflow,
    "close_workflow": lambda w, op: w.cells[op["cell"]].close(w.workflow(op)),
    "access": FrameworkWorld.access,
    "fail_store": lambda w, op: setattr(w.cells[op["cell"]].store, "fault", (op["when"], op["error"])),
    "restart": lambda w, op: w.cells[op["cell"]].restart(),
    "evict": lambda w, op: w.cells[op["cell"]].evict(w.workflow(op)),
    "stored": lambda w, op: w.stored(op)["tree"],
    "stored_tasks": FrameworkWorld.stored_tasks,
    "refresh": lambda w, op: w.cells[op["cell"]].refresh(w.workflow(op)),
    "event_child": FrameworkWorld.event_child,
    "replicate_events": FrameworkWorld.replicate_events,
    "sync": FrameworkWorld.sync,
    "now": lambda w, op: w.cells[op["cell"]].now(),
    "advance": FrameworkWorld.advance,
    "deadline_fraction": FrameworkWorld.set_fraction,
    "register_timer_executor": FrameworkWorld.register_timer_executor,
    "timer_tasks": lambda w, op: [task.due // 1000 for task in w.queued(op, w.cells[op["cell"]].timer_queue())],
    "pump_timers": FrameworkWorld.pump_timers,
    "pump_outbound": FrameworkWorld.pump_outbound,
    "failover": FrameworkWorld.failover,
    "start_workflow_task": lambda w, op: w.cells[op["cell"]].start_workflow_task(w.workflow(op)),
    "store_counts": lambda w, op: [w.cells[op["cell"]].store.loads, w.cells[op["cell"]].store.writes],
}
