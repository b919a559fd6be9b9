"""A machine in two cells of the framework's model: what can happen to it next, and what happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import product
from typing import Any, Literal, NamedTuple

from hsm_model.errors import InvalidTransition
from hsm_model.executor import AccessType, Ref, register_executor
from hsm_model.framework import Cell, Environment, Framework
from hsm_model.framework.errors import NoSerializer, NotFound, Panic
from hsm_model.framework.state import EPOCH, OutboundTask, World
from hsm_model.machines.attempts import NOW
from hsm_model.node import Node, machine_data, machine_transition
from hsm_model.persistence import PersistedTask
from hsm_model.registry import MachineType, new_registry
from hsm_model.state import Key
from hsm_model.tasks import Task, TaskKindOutbound, TaskKindTimer, TransitionOutput
from hsm_specs.machines.check.subject import (
    Choice,
    Fired,
    GuardGap,
    Interned,
    Subject,
    frozen,
    independent_copy,
    state_name,
)

ADDED = 1
"""The event that adds the machine to its tree, so that it can be replicated."""
TYPE = MachineType(1, "machine")
CASE = "a machine of the case "
"""The beginning of the first step of a machine with several cases."""
Fault = Literal["restart", "refresh", "failover"]
FAULTS: tuple[Fault, ...] = ("restart", "refresh", "failover")
Trouble = Literal["", "refused", "gap", "failed", "no serializer"]
Signature = tuple[str, str, Any]
"""A task: its type, its queue and all that it holds. Deadlines are relative to the clock."""


class Pending(NamedTuple):
    """A task that is still valid. ``due`` is None for one of the outbound queue."""

    signature: Signature
    type: str
    due: datetime | None
    queued: OutboundTask | None
    concurrent: bool


class Configuration(NamedTuple):
    """A state with its data and its pending tasks: the future of a machine depends on nothing else."""

    case: str
    state: str
    data: Any
    pending: tuple[Signature, ...]


class Step(NamedTuple):
    """Something that can happen, and whether executing tasks is all that it needs.

    ``choices`` are the outcomes of tasks by their type, or that of the event from outside alone.
    """

    kind: Literal["event", "task", "timers", "restart", "refresh", "failover"]
    choices: Mapping[str, Choice | None]
    task: Pending | None = None

    @property
    def words(self) -> str:
        """The step in words."""
        if self.kind in FAULTS:
            return self.kind
        said = [f"{name} sends {choice}" if choice else f"{name} executed" for name, choice in self.choices.items()]
        if self.kind == "event":
            return str(self.choices[""])
        return f"timer {', '.join(said)}" if self.kind == "timers" else ", ".join(said)

    @property
    def open(self) -> bool:
        """Whether a guard of which nothing is known decides."""
        return any(choice is not None and choice.open for choice in self.choices.values())


class Transitioned(NamedTuple):
    """The effect of a transition, with the tasks that it emitted and those that its new state regenerates."""

    source: str
    target: str
    fired: Fired
    emitted: Counter[Signature]
    regenerated: Counter[Signature]


class StepOutcome(NamedTuple):
    """The outcome of a step. ``fired`` are the types of timers that were executed."""

    trouble: Trouble
    error: str
    transitions: tuple[Transitioned, ...]
    fired: frozenset[str]
    repeated: tuple[str, ...] = ()


class Simulation:
    """A machine of one case in the framework. ``world`` of the framework is assigned to go back."""

    def __init__(self, subject: Subject, case: str) -> None:
        self.subject, self.case = subject, case
        self._definition = subject.definition or Interned(independent_copy)
        registry = new_registry()
        registry.register_machine(_Registered(self._definition))
        self._tasks = Interned()
        self._registry = registry
        self._registered: set[int] = set()
        self._names: dict[int, str] = {}
        self.framework = Framework(registry)
        self.framework.register_event(ADDED, self._add)
        self._path = (Key(TYPE.id, "m"),)
        self._plan: Mapping[str, Choice | None] = {}
        self._transitions: list[Transitioned] = []
        self._effects: list[str] = []
        self.losses: dict[str, str] = {}
        """Values before and after serializing lost something, by type of task; the machine itself has none."""
        self._cells = [self.framework.new_cell("east"), self.framework.new_cell("west")]
        self._advance((NOW - EPOCH) / timedelta(milliseconds=1))
        self.workflow = self._cells[0].start("w")

    def begin(self) -> StepOutcome:
        """Add the machine to the tree, in both cells."""
        east, west = self._cells

        def add() -> None:
            east.event(self.workflow, ADDED)

        outcome = self._attempt(add)
        if not outcome.trouble:
            self.framework.replicate_events(east, west, self.workflow)
        return outcome

    # --- what is ------------------------------------------------------------------------------------------------------

    @property
    def world(self) -> World:
        """The whole state, a value."""
        return self.framework.world

    @world.setter
    def world(self, world: World) -> None:
        self.framework.world = world

    @property
    def cell(self) -> Cell:
        """The active cell."""
        return next(cell for cell in self._cells if cell.state.active())

    def machine(self) -> Any:
        """Return a copy of the machine."""
        return self.cell.read(self.workflow, lambda root: machine_data(root.child(self._path), object))

    def configuration(self) -> Configuration:
        """Return what the future depends on."""
        machine = self.machine()
        pending = tuple(sorted((task.signature for task in self.pending()), key=repr))
        return Configuration(self.case, state_name(machine.state()), frozen(machine), pending)

    def pending(self) -> list[Pending]:
        """Return the tasks in the queues that are still valid."""
        cell = self.cell
        stored = cell.store.workflows[self.workflow]
        count = cell.read(self.workflow, lambda root: root.child(self._path).transition_count())
        found: list[Pending] = []
        for group in stored.info.timers:
            valid = (task for task in group.tasks if task.ref.machine_transition_count in (0, count))
            found += (self._pending(task, group.deadline, None) for task in valid)
        newest = (queued for queued in cell.outbound_tasks() if queued.id >= stored.info.rebuilt_at)
        valid_ones = (queued for queued in newest if queued.task.ref.machine_transition_count in (0, count))
        found += (self._pending(queued.task, None, queued) for queued in valid_ones)
        return found

    def _pending(self, task: PersistedTask, due: datetime | None, queued: OutboundTask | None) -> Pending:
        kind = TaskKindTimer(due) if due is not None else TaskKindOutbound(queued.destination if queued else "")
        serializer: Any = self._registry.task_serializer(task.type)
        concurrent = task.ref.machine_transition_count == 0
        return Pending(
            self.signature(serializer.deserialize(task.data, kind)), self._names[task.type], due, queued, concurrent
        )

    def signature(self, task: Task) -> Signature:
        """Return the values that tell a task from others."""
        kind = task.kind()
        if isinstance(kind, TaskKindTimer):
            due = (kind.deadline - self.cell.now()) / timedelta(milliseconds=1)
            return task.type().name, f"timer in {due:.15g} ms", ""
        return task.type().name, f"outbound to {kind.destination}", frozen(task)  # type: ignore[attr-defined]

    # --- what can happen ----------------------------------------------------------------------------------------------

    def steps(self) -> Iterator[Step]:
        """Yield what can happen next without a fault."""
        machine, pending = self.machine(), self.pending()
        for event in self.subject.outside:
            for choice in self.subject.choices(machine, event):
                yield Step("event", {"": choice})
        for task in pending:
            if task.due is None:
                for outcome in self._outcomes(machine, task):
                    yield Step("task", {task.type: outcome}, task)
        timers = [task for task in pending if task.due is not None]
        if timers:
            first = min(task.due for task in timers if task.due is not None)
            types = {task.type: task for task in timers if task.due == first}
            for choices in product(*(self._outcomes(machine, task) for task in types.values())):
                yield Step("timers", dict(zip(types, choices, strict=True)))

    def _outcomes(self, machine: Any, task: Pending) -> list[Choice | None]:
        """Return what executing a task may lead to: None for no transition.

        A concurrent task whose transition is not possible any more is dropped.
        """
        executors = self.subject.executors
        if executors is None or task.type not in executors:
            return []
        found: list[Choice | None] = []
        for event in executors[task.type]:
            choices = self.subject.choices(machine, event)
            if not choices and not task.concurrent:
                choices = [Choice(event, "", _refuse)]
            found += choices
        return found or [None]

    # --- what happens -------------------------------------------------------------------------------------------------

    def take(self, step: Step) -> StepOutcome:
        """Take a step."""
        self._plan = step.choices
        match step.kind:
            case "event":
                return self._attempt(lambda: self.cell.write(self.workflow, lambda root: self._fire(root, "")))
            case "task":
                return self._deliver(step)
            case "timers":
                due = min(task.due for task in self.pending() if task.due is not None)
                if due > self.cell.now():
                    self._advance((due - self.cell.now()) / timedelta(milliseconds=1))
                return self._attempt(self._pump)
            case "restart":
                return self._attempt(self.cell.restart)
            case "refresh":
                return self._attempt(lambda: self.cell.refresh(self.workflow))
            case "failover":
                return self._attempt(self._fail_over)

    def _advance(self, milliseconds: float) -> None:
        for cell in self._cells:
            cell.advance(milliseconds)

    def _fail_over(self) -> None:
        active = self.cell
        passive = next(cell for cell in self._cells if cell.name != active.name)
        self.framework.sync(active, passive, self.workflow)
        self.framework.failover(passive.state.cluster, active.state.namespace.version + 1)
        passive.refresh(self.workflow)

    def _pump(self) -> None:
        for delivery in self.cell.pump_timers():
            if delivery.failure is not None and not isinstance(delivery.failure, NotFound):
                raise delivery.failure

    def _deliver(self, step: Step) -> StepOutcome:
        """Deliver a task of the outbound queue, and try whether it takes effect again when it is delivered again."""
        task = step.task.queued if step.task is not None else None

        def deliver() -> None:
            delivery = self.cell.run_task(task) if task is not None else None
            if delivery is not None and delivery.failure is not None:
                raise delivery.failure

        outcome = self._attempt(deliver)
        if outcome.trouble:
            return outcome
        after = self.world
        again = self._attempt(deliver)
        self.world = after
        return outcome._replace(repeated=tuple(again.fired))

    def _attempt(self, action: Any) -> StepOutcome:
        self._transitions, self._effects = [], []
        trouble: Trouble = ""
        said = ""
        try:
            action()
        except GuardGap as error:
            trouble, said = "gap", str(error)
        except InvalidTransition as error:
            trouble, said = "refused", str(error)
        except NoSerializer as error:
            trouble, said = "no serializer", str(error)
        except (Exception, Panic) as error:
            trouble, said = "failed", f"{type(error).__name__}: {error}"
        return StepOutcome(trouble, said, tuple(self._transitions), frozenset(self._effects))

    def _add(self, root: Node, payload: bytes) -> None:
        machine = self.subject.cases[self.case]()
        self._look_for_losses(machine)
        node = root.add_child(self._path[0], machine)

        def create(machine: Any) -> TransitionOutput:
            source = state_name(machine.state())
            fired = self.subject.create(machine, self._cells[0].now())
            self._note(source, machine, fired)
            return fired.output

        machine_transition(node, object, create)

    def _fire(self, root: Node, task: str) -> None:
        self._fire_node(root.child(self._path), task)

    def _fire_node(self, node: Node, task: str) -> None:
        choice = self._plan[task]
        if choice is None:
            return

        def fire(machine: Any) -> TransitionOutput:
            source = state_name(machine.state())
            fired = choice.fire(machine, self.cell.now())
            self._note(source, machine, fired)
            return fired.output

        machine_transition(node, object, fire)

    def _note(self, source: str, machine: Any, fired: Fired) -> None:
        """Register what the tasks of a transition need, and note what it did."""
        regenerated = list(machine.regenerate_tasks())
        for task in (*fired.output.tasks, *regenerated):
            self._register(task)
        emitted, expected = (Counter(map(self.signature, tasks)) for tasks in (fired.output.tasks, regenerated))
        target = state_name(machine.state())
        self._transitions.append(Transitioned(source, target, fired, emitted, expected))
        self._look_for_losses(machine)

    def _look_for_losses(self, machine: Any) -> None:
        copy = self._definition.deserialize(self._definition.serialize(machine))
        if frozen(copy) != frozen(machine):
            self.losses[""] = f"{machine} becomes {copy}"

    def _register(self, task: Task) -> None:
        number, name = task.type()
        self._names[number] = name
        serializers = self.subject.serializers
        if number not in self._registered:
            self._registered.add(number)
            if serializers is None or name in serializers:
                serializer: Any = self._tasks if serializers is None else serializers[name]
                self._registry.register_task_serializer(number, serializer)
            register_executor(self._registry, number, self._execute)
            self.framework.register_timer_executor(number, self._execute_timer)
        serializer = self._registry.task_serializer(number)
        if serializer is not None:
            copy = serializer.deserialize(serializer.serialize(task), task.kind())
            if frozen(copy) != frozen(task):
                self.losses[name] = f"{task} becomes {copy}"

    def _execute(self, env: Any, ref: Ref, task: Task) -> None:
        """Execute a task: look at the machine, take effect, then apply the outcome."""
        name = task.type().name
        env.access(ref, AccessType.READ, _look)
        self._effects.append(name)

        def fire(node: Node) -> None:
            self._fire_node(node, name)

        if self._plan.get(name) is not None:
            env.access(ref, AccessType.WRITE, fire)

    def _execute_timer(self, env: Environment, node: Node, task: Any) -> None:
        name = task.type().name
        self._effects.append(name)
        if name in self._plan:
            self._fire_node(node, name)


def _look(node: Node) -> None:
    """Access a machine and do nothing."""


class _Registered:
    """A definition under the type of the simulation."""

    def __init__(self, definition: Any) -> None:
        self._definition = definition

    def type(self) -> MachineType:
        return TYPE

    def serialize(self, data: Any) -> bytes:
        serialized: bytes = self._definition.serialize(data)
        return serialized

    def deserialize(self, data: bytes) -> Any:
        return self._definition.deserialize(data)

    def compare_state(self, here: Any, there: Any) -> int:
        return 0


def _refuse(machine: Any, now: datetime) -> Fired:
    raise InvalidTransition(f"not possible in {state_name(machine.state())}")
