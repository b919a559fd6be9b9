"""A small world to follow a task in: one cell, one workflow, one machine, which asks for one task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from hsm_diagrams.life.task_trials import Ending, Kind, Move, Outcome, Trial
from hsm_model.executor import AccessType, register_executor
from hsm_model.framework import (
    Cell,
    Delivery,
    Framework,
    FrameworkSemantics,
    OutboundTask,
    StoreError,
    TimerTask,
    When,
    World,
    instant,
)
from hsm_model.framework.errors import FrameworkError, NotFound, Panic
from hsm_model.framework.state import Namespace, QueueTask, StoredWorkflow, WorkflowInfo
from hsm_model.node import Node, machine_data, machine_transition
from hsm_model.persistence import PersistedTask
from hsm_model.registry import MachineType, new_registry
from hsm_model.state import Key
from hsm_model.tasks import TaskKind, TaskKindOutbound, TaskKindTimer, TaskType, TransitionOutput

DEADLINE = 1000
"""The deadline of timers, in milliseconds since the Unix epoch."""
MACHINE = MachineType(1, "Machine")
PLACE = (Key(1, "a"),)
NEW, PENDING, FINISHED = "new", "pending", "finished"
"""The states of the machine. In `PENDING` it calls for the task."""


class Refused(Exception):
    """The error of functions, accessors and executors that fail."""


@dataclass(frozen=True)
class Asked:
    """The task."""

    kind_of: TaskKind

    def type(self) -> TaskType:
        """Return the only type of tasks."""
        return TaskType(1, "Task")

    def kind(self) -> TaskKind:
        """Return its kind."""
        return self.kind_of


@dataclass
class Machine:
    """A machine that calls for the task while it is pending."""

    kind: Kind
    name: str = NEW

    def state(self) -> str:
        """Return the state."""
        return self.name

    def set_state(self, state: str) -> None:
        """Set the state."""
        self.name = state

    def regenerate_tasks(self) -> list[Asked]:
        """Return the task if the state calls for it."""
        of = TaskKindTimer(instant(DEADLINE)) if self.kind is Kind.TIMER else TaskKindOutbound("destination")
        return [Asked(of)] if self.name == PENDING else []


class Definition(NamedTuple):
    """The definition of the machine."""

    kind: Kind

    def type(self) -> MachineType:
        """Return the only type of machines."""
        return MACHINE

    def serialize(self, data: Machine) -> bytes:
        """Return the state."""
        return data.name.encode()

    def deserialize(self, data: bytes) -> Machine:
        """Return a machine in the state."""
        return Machine(self.kind, data.decode())


class Serializer:
    """The serializer of the task, which has no payload."""

    def serialize(self, task: Any) -> bytes:
        """Return no bytes."""
        return b""

    def deserialize(self, data: bytes, kind: TaskKind) -> Asked:
        """Return the task with its kind."""
        return Asked(kind)


class Followed(NamedTuple):
    """The task that is followed: as its machine asked for it, and the task of the queue that delivers it."""

    task: PersistedTask
    delivered: QueueTask


class Seen(NamedTuple):
    """The state that a trial led to. ``called`` says whether an executor was called."""

    world: World
    failure: BaseException | None
    delivery: Delivery | None
    called: bool


class Stage:
    """A place to perform trials in any state of the world."""

    def __init__(self, kind: Kind, rules: FrameworkSemantics) -> None:
        self.kind = kind
        self._outcome = Outcome.SUCCEEDS
        self._called = False
        self._framework, self._cell = self._started(rules, executing=True)
        self._unable = self._started(rules, executing=False)[1]
        self.workflow = self._cell.start("workflow")
        self._cell.write(self.workflow, lambda root: root.add_child(PLACE[0], Machine(kind)))
        self.first = self._framework.world

    def _started(self, rules: FrameworkSemantics, *, executing: bool) -> tuple[Framework, Cell]:
        registry = new_registry()
        registry.register_machine(Definition(self.kind))
        registry.register_task_serializer(1, Serializer())
        framework = Framework(registry, rules)
        cell = framework.new_cell("cell")
        if executing and self.kind is Kind.TIMER:
            framework.register_timer_executor(1, lambda env, node, task: self._execute(lambda act: act(node)))
        elif executing:
            register_executor(
                registry,
                1,
                lambda env, ref, task: self._execute(lambda act: env.access(ref, AccessType.WRITE, act)),
            )
        return framework, cell

    def _execute(self, access: Callable[[Callable[[Node], None]], None]) -> None:
        """Do what the outcome says. ``access`` calls a function with the machine's node."""
        outcome = self._outcome

        def act(node: Node) -> None:
            self._called = True
            if outcome in (Outcome.SUCCEEDS, Outcome.FAILS_LATER, Outcome.REFUSED):
                transition(node, FINISHED)

        access(act)
        match outcome:
            case Outcome.FAILS | Outcome.FAILS_LATER:
                raise Refused("the executor fails")
            case Outcome.PANICS:
                raise Panic("the executor panics")
            case Outcome.FINDS_NOTHING:
                raise NotFound("the executor finds nothing")
            case _:
                pass

    def perform(self, world: World, trial: Trial, followed: Followed | None) -> Seen:
        """Return what a trial leads to in a state of the world."""
        cell = self._unable if trial is Outcome.UNKNOWN else self._cell
        cell.framework.world = world
        self._called = False
        failure: BaseException | None = None
        delivery: Delivery | None = None
        try:
            match trial:
                case Ending():
                    self._ask(trial)
                case Outcome():
                    delivery = self._deliver(cell, trial, followed)
                    failure = None if delivery is None else delivery.failure
                case Move():
                    self._move(trial)
        except (Refused, FrameworkError) as raised:
            failure = raised
        store = cell.store._replace(fault=None)
        cell.framework.set_store(cell.name, store)
        return Seen(cell.framework.world, failure, delivery, self._called)

    def _ask(self, ending: Ending) -> None:
        cell = self._cell
        if fault := FAULTS.get(ending):
            cell.fail_store(*fault)

        def accessor(root: Node) -> None:
            node = root.child(PLACE)
            transition(node, PENDING, fails=ending is Ending.FUNCTION)
            if ending is Ending.SUPERSEDED:
                transition(node, FINISHED)
            if ending is Ending.ACCESSOR:
                raise Refused("the accessor fails")

        cell.write(self.workflow, accessor)

    def _deliver(self, cell: Cell, outcome: Outcome, followed: Followed | None) -> Delivery | None:
        if followed is None:
            return None
        self._outcome = outcome
        here = cell.state.namespace
        if outcome is Outcome.REFUSED:
            cell.fail_store(When.BEFORE, StoreError.CONDITION)
        if outcome is Outcome.PASSIVE:
            cell.framework.set_cell(cell.name, cell.state._replace(namespace=Namespace("elsewhere", here.version)))
        delivery = cell.run_task(followed.delivered)
        cell.framework.set_cell(cell.name, cell.state._replace(namespace=here))
        return delivery

    def _move(self, move: Move) -> None:
        cell = self._cell
        match move:
            case Move.TIME:
                cell.advance(DEADLINE)
            case Move.TRANSITION:
                cell.write(self.workflow, lambda root: transition(root.child(PLACE), FINISHED))
            case Move.RESTART:
                cell.restart()
            case Move.REFRESH | Move.FAILED_REFRESH:
                if move is Move.FAILED_REFRESH:
                    cell.fail_store(When.BEFORE, StoreError.CONDITION)
                cell.refresh(self.workflow)

    # --- looking ------------------------------------------------------------------------------------------------------

    def machine(self, world: World) -> Machine:
        """Return the machine as it is stored."""
        self._cell.framework.world = world
        return self._cell.read(self.workflow, lambda root: machine_data(root.child(PLACE), Machine))

    def newest(self, world: World) -> Followed | None:
        """Return the task that was stored last."""
        queued = [task for _, task in tasks(world).items()]
        if not queued:
            return None
        last = max(queued, key=lambda task: task.id)
        if isinstance(last, OutboundTask):
            return Followed(last.task, last)
        timers = [task for group in self.info(world).timers for task in group.tasks]
        return Followed(timers[-1], last) if timers else None

    def stored(self, world: World) -> StoredWorkflow:
        """Return the workflow as it is stored."""
        return world.stores["cell"].workflows[self.workflow]

    def info(self, world: World) -> WorkflowInfo:
        """Return what is stored of the workflow apart from its tree."""
        return self.stored(world).info

    def there(self, world: World, followed: Followed) -> bool:
        """Return whether the task is still stored."""
        if isinstance(followed.delivered, OutboundTask):
            return followed.delivered.id in tasks(world)
        return any(followed.task in group.tasks for group in self.info(world).timers)

    def awaited(self, world: World) -> bool:
        """Return whether a task in the timer queue will fire the workflow's timers."""
        oldest = self.info(world).rebuilt_at
        return any(isinstance(task, TimerTask) and task.id >= oldest for _, task in tasks(world).items())

    def fresh(self, world: World, followed: Followed) -> bool:
        """Return whether the machine is still the one that asked for the task, and this is what it asked for last."""
        self._cell.framework.world = world
        count = self._cell.inspect(self.workflow, PLACE).transition_count
        older = isinstance(followed.delivered, OutboundTask) and followed.delivered.id < self.info(world).rebuilt_at
        return not older and followed.task.ref.machine_transition_count in (0, count)


FAULTS = {
    Ending.REFUSED: (When.BEFORE, StoreError.CONDITION),
    Ending.LOST: (When.BEFORE, StoreError.UNKNOWN),
    Ending.UNKNOWN: (When.AFTER, StoreError.UNKNOWN),
}
"""The faults of the store that endings need."""


def tasks(world: World) -> Any:
    """Return the tasks of both queues, by ID."""
    return world.stores["cell"].tasks


def due(world: World) -> bool:
    """Return whether the deadline of timers has come."""
    return world.cells["cell"].now >= instant(DEADLINE)


def transition(node: Node, state: str, *, fails: bool = False) -> None:
    """Transition the machine, which asks for the tasks of its new state."""

    def function(machine: Machine) -> TransitionOutput:
        machine.set_state(state)
        if fails:
            raise Refused("the transition function fails")
        return TransitionOutput(tuple(machine.regenerate_tasks()))

    machine_transition(node, Machine, function)
