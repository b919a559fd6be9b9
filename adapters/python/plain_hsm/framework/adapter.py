"""The adapter of the framework: trees as in `plain_hsm.adapter`, and transactions on workflows in a store."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from plain_hsm.adapter import CAPABILITIES, GREETING, OPERATIONS, Handles, Members, Unbound, World
from plain_hsm.framework.cell import Framework
from plain_hsm.framework.replication import ReplicatingCell
from plain_hsm.framework.store import ROOT_TYPE, Panic, Ref, StoredTask, keys
from plain_hsm.machine import HsmError, Registry
from plain_hsm.node import Node

FRAMEWORK_GREETING = {**GREETING, "name": "plain-framework", "capabilities": [*CAPABILITIES, "transactions"]}


class FrameworkWorld(World):
    """The bindings of one program. Mutants are subclasses with another type of cells."""

    cell_type = ReplicatingCell
    greeting = FRAMEWORK_GREETING

    def __init__(self) -> None:
        super().__init__()
        self.frameworks: dict[int, Framework] = {}
        self.cells = Handles[ReplicatingCell]()
        self.workflows: set[int] = set()

    def framework(self, registry: Registry) -> Framework:
        if id(registry) not in self.frameworks:
            if ROOT_TYPE in registry.machines:
                raise HsmError("duplicate_registration")
            self.frameworks[id(registry)] = Framework(registry)
        return self.frameworks[id(registry)]

    def new_cell(self, op: Members) -> None:
        self.cells[op["cell"]] = self.cell_type(self.framework(self.registry(op)), "cluster")

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
    "store_counts": lambda w, op: [w.cells[op["cell"]].framework.loads, w.cells[op["cell"]].store.writes],
}
