"""Plays programs on the model of the framework, as `plain_hsm.framework.player` does on the plain implementation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from hsm_model.errors import HsmError, InvalidTaskKind, NotRegistered
from hsm_model.executor import AccessType, Ref, StateMachineRef, WorkflowKey, register_executor
from hsm_model.framework import (
    FRAMEWORK_SPECIFICATION,
    Cell,
    Environment,
    Framework,
    FrameworkSemantics,
    OutboundTask,
    StoreError,
    TimerTask,
    When,
    instant,
    milliseconds,
)
from hsm_model.framework.environment import access
from hsm_model.framework.errors import FrameworkError, NotFound, Panic
from hsm_model.framework.state import StoredWorkflow
from hsm_model.framework.transaction import nodes_below
from hsm_model.node import Node, machine_transition
from hsm_model.persistence import Dialect, PersistedTask, unmarshal
from hsm_model.registry import MachineType, new_registry
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.state import Key, NodeState, Path
from hsm_model.tasks import TaskKind, TaskKindOutbound, TaskKindTimer, TaskType, TransitionOutput

Op = dict[str, Any]
UNABLE = -4
CONCURRENT = (3, 4)


class ScriptError(Exception):
    """An error of a script, a definition or a serializer. Its only argument is its code."""


@dataclass(frozen=True)
class ScriptTask:
    """A task as programs write it: its type, its payload, and a deadline in milliseconds or a destination."""

    number: int
    payload: int
    when: float | str

    def type(self) -> TaskType:
        return TaskType(self.number, str(self.number))

    def kind(self) -> TaskKind:
        return TaskKindOutbound(self.when) if isinstance(self.when, str) else TaskKindTimer(instant(self.when))

    def concurrent(self) -> bool:
        return self.number in CONCURRENT


@dataclass
class Machine:
    """The data of all machines."""

    number: int
    value: int

    def regenerate_tasks(self) -> list[ScriptTask]:
        if self.value == UNABLE:
            raise ScriptError("regenerate_error")
        return [[], [ScriptTask(1, self.value, 1000)], [ScriptTask(2, self.value, "dest")]][self.number % 3]


@dataclass
class Definition:
    """Does not serialize the value -1, nor deserialize the value -2."""

    number: int

    def type(self) -> MachineType:
        return MachineType(self.number, str(self.number))

    def serialize(self, data: Machine) -> bytes:
        if data.value == -1:
            raise ScriptError("serialize_error")
        return b"%d:%d" % (data.number, data.value)

    def deserialize(self, data: bytes) -> Machine:
        number, value = map(int, data.split(b":"))
        if value == -2:
            raise ScriptError("deserialize_error")
        return Machine(number, value)


@dataclass
class Serializer:
    """Serializes the tasks of one type, which are timers if it is odd."""

    number: int

    def serialize(self, task: ScriptTask) -> bytes:
        return b"%d" % task.payload

    def deserialize(self, data: bytes, kind: TaskKind) -> ScriptTask:
        if isinstance(kind, TaskKindTimer) != (self.number % 2 == 1):
            raise InvalidTaskKind
        when = milliseconds(kind.deadline) if isinstance(kind, TaskKindTimer) else kind.destination
        return ScriptTask(self.number, int(data), when)


ERRORS: dict[str, Callable[[], BaseException]] = {
    "panic": Panic,
    "not_found": NotFound,
    "not_registered": NotRegistered,
    "boom": lambda: ScriptError("boom"),
}


def fail(how: str | None) -> None:
    if how:
        raise ERRORS[how]()


def code(failure: BaseException) -> str:
    return str(failure) if isinstance(failure, ScriptError) else getattr(failure, "code", type(failure).__name__)


class ModelPlayer:
    """The state of one program."""

    def __init__(self, rules: FrameworkSemantics = FRAMEWORK_SPECIFICATION, tree: Semantics = SPECIFICATION) -> None:
        registry = new_registry(tree)
        for number in (1, 2):
            registry.register_machine(Definition(number))
        for number in range(1, 7):
            registry.register_task_serializer(number, Serializer(number))
        self.framework = Framework(registry, rules)
        self.cells: dict[str, Cell] = {}
        self.tasks: dict[str, list[OutboundTask | TimerTask]] = {}
        self.inner: list[Any] = []

    def run(self, op: Op, node: Node | None = None) -> Op:
        outer, self.inner = self.inner, []
        try:
            observation: Op = {
                "ok": OPERATIONS[op["op"]](self, op) if node is None else STEPS[op["op"]](op, node, self)
            }
        except (HsmError, FrameworkError, ScriptError) as error:
            observation = {"error": code(error)}
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

    def cell(self, op: Op, name: str = "cell") -> Cell:
        if op[name] not in self.cells:
            raise ScriptError("unbound")
        return self.cells[op[name]]

    def new_cell(self, op: Op) -> None:
        self.cells[op["cell"]] = self.framework.new_cell(op["cell"], op["cluster"])

    def access(self, op: Op) -> None:
        ref = None
        if op["ref"] is not None:
            path, version, count = op["ref"]
            ref = StateMachineRef(keys(path), version, 0, count)
        accessor = partial(self.play, op["script"])
        access(self.framework, self.cell(op).name, key(op), access_type(op["access"]), accessor, ref)

    def register_executor(self, op: Op) -> None:
        register_executor(self.framework.registry, op["type"], partial(self.execute, op["scripts"]))

    def execute(self, scripts: list[Op], environment: Environment, ref: Ref, task: ScriptTask) -> None:
        script = scripts[task.payload % len(scripts)]
        self.inner.append(
            {"ok": ["executes", milliseconds(environment.now()), plain(task), refs(ref.state_machine_ref)]}
        )
        fail(script["before"])
        if script["access"]:
            environment.access(ref, access_type(script["access"]), partial(self.play, script))
        fail(script["after"])

    def register_timer_executor(self, op: Op) -> None:
        self.framework.register_timer_executor(op["type"], partial(self.fire, op["scripts"]))

    def fire(self, scripts: list[Op], environment: Environment, node: Node, task: ScriptTask) -> None:
        seen = ["fires", milliseconds(environment.now()), plain(task), node.path(), node.transition_count()]
        self.inner.append({"ok": seen})
        self.play(scripts[task.payload % len(scripts)], node)

    def register_event(self, op: Op) -> None:
        def apply(root: Node, payload: bytes) -> None:
            self.play(op["scripts"][int(payload)], root)

        self.framework.events[op["type"]] = apply

    def inspect(self, op: Op) -> Any:
        seen = self.cell(op).inspect(key(op), keys(op["path"]))
        return [seen.data.number, seen.data.value, seen.transition_count, seen.versions, seen.timers]

    def deliver(self, cell: Cell, task: OutboundTask | TimerTask) -> Any:
        _, fate, failure = cell.run_task(task)
        return [described(task), fate, None if failure is None else code(failure)]

    def run_task(self, op: Op) -> Any:
        known = self.known(self.cell(op).state.cluster)
        return self.deliver(self.cell(op), known[op["task"] % len(known)]) if known else None

    def known(self, cluster: str) -> list[OutboundTask | TimerTask]:
        known = self.tasks.setdefault(cluster, [])
        stored = self.framework.world.stores[cluster].tasks
        known += [task for _, task in sorted(stored.items()) if task not in known]
        return known

    def pump(self, op: Op) -> Any:
        cell = self.cell(op)
        deliveries = cell.pump_timers() if op["queue"] == "timer" else cell.pump_outbound(op["destination"])
        return [[described(task), fate, None if failed is None else code(failed)] for task, fate, failed in deliveries]

    def machines(self, cell: str, workflow: str) -> list[Any]:
        """The paths and nodes of a stored workflow."""
        stored = self.framework.store(cell).workflows.get(key({"workflow": workflow}))
        nodes = {} if stored is None else nodes_below(unmarshal(stored.tree, Dialect.V1_25))
        return [*nodes.items()]

    def look(self) -> Any:
        world, stores = self.framework.world, {}
        for name, store in sorted(world.stores.items()):
            self.known(name)
            workflows = {key.workflow_id: outline(stored) for key, stored in sorted(store.workflows.items())}
            stores[name] = [workflows, [[number, described(task)] for number, task in sorted(store.tasks.items())]]
        locked = [sorted(key.workflow_id for key in cell.locked) for _, cell in sorted(world.cells.items())]
        return [stores, locked, self.framework.loads, self.framework.writes]


def key(op: Op) -> WorkflowKey:
    return WorkflowKey("namespace", op["workflow"], "run")


def keys(path: Any) -> Path:
    return tuple(Key(*key) for key in path)


def access_type(access: str) -> AccessType:
    return AccessType.WRITE if access == "write" else AccessType.READ


def plain(task: ScriptTask) -> Any:
    return [task.number, task.payload, task.when]


def refs(ref: StateMachineRef) -> Any:
    return [ref.path, ref.mutable_state_namespace_failover_version, ref.machine_transition_count]


def described(task: OutboundTask | TimerTask) -> Any:
    if isinstance(task, TimerTask):
        return ["timer", task.workflow.workflow_id, milliseconds(task.due)]
    return ["outbound", task.workflow.workflow_id, stored_task(task.task), task.destination]


def stored_task(task: PersistedTask) -> Any:
    return [refs(task.ref), task.type, task.data.decode()]


def tree(node: NodeState) -> Any:
    children = [[*key, tree(child)] for key, child in sorted(node.children.items())]
    return [node.transition_count, node.data.decode(), children]


def outline(stored: StoredWorkflow) -> Any:
    info = stored.info
    return {
        "tree": tree(unmarshal(stored.tree, Dialect.V1_25)),
        "record": stored.record,
        "last": info.last,
        "versions": [[path, *versions] for path, versions in sorted(info.versions.items())],
        "timers": [[milliseconds(due), [*map(stored_task, tasks)], on] for due, tasks, on in info.timers],
        "events": [[event.type, event.payload.decode(), event.at] for event in info.events],
        "rebuilt_at": info.rebuilt_at,
        "rebuilt_by": info.rebuilt_by,
        "closed": info.closed,
        "workflow_task": info.workflow_task,
    }


def add(op: Op, node: Node, player: ModelPlayer) -> None:
    *parent, last = keys(op["path"])
    node.child(parent).add_child(last, Machine(*op["data"]))


def transition(op: Op, node: Node, player: ModelPlayer) -> None:
    def function(machine: Machine) -> TransitionOutput:
        machine.number, machine.value = op["data"]
        player.play(op, node)
        return TransitionOutput(tuple(ScriptTask(*task) for task in op["tasks"]))

    machine_transition(node.child(keys(op["path"])), Machine, function)


def overwrite(op: Op, node: Node, player: ModelPlayer) -> None:
    player.framework.write_into(node.child(keys(op["path"])), Machine(*op["data"]))


STORE_ERRORS = {"condition_failed": StoreError.CONDITION, "unknown_outcome": StoreError.UNKNOWN}
STEPS: dict[str, Callable[[Op, Node, ModelPlayer], Any]] = {
    "add": add,
    "transition": transition,
    "write_into": overwrite,
}
OPERATIONS: dict[str, Callable[[ModelPlayer, Op], Any]] = {
    "cell": ModelPlayer.new_cell,
    "restart": lambda p, op: p.cell(op).restart(),
    "evict": lambda p, op: p.cell(op).evict(key(op)),
    "workflow": lambda p, op: p.cell(op).start(op["workflow"]) and None,
    "close": lambda p, op: p.cell(op).close(key(op)),
    "workflow_task": lambda p, op: p.cell(op).start_workflow_task(key(op)),
    "access": ModelPlayer.access,
    "inspect": ModelPlayer.inspect,
    "advance": lambda p, op: p.cell(op).advance(op["ms"]),
    "now": lambda p, op: milliseconds(p.cell(op).now()),
    "run_task": ModelPlayer.run_task,
    "pump": ModelPlayer.pump,
    "register_executor": ModelPlayer.register_executor,
    "register_timer_executor": ModelPlayer.register_timer_executor,
    "register_event": ModelPlayer.register_event,
    "fail_store": lambda p, op: p.cell(op).fail_store(When(op["when"]), STORE_ERRORS[op["error"]]),
    "failover": lambda p, op: p.framework.failover(op["cluster"], op["version"]),
    "refresh": lambda p, op: p.cell(op).refresh(key(op)),
    "event": lambda p, op: p.cell(op).event(key(op), op["type"], op["payload"].encode()),
    "replicate_events": lambda p, op: p.framework.replicate_events(p.cell(op, "from"), p.cell(op), key(op)),
    "sync": lambda p, op: p.framework.sync(p.cell(op, "from"), p.cell(op), key(op)),
}
