"""Operations that read or change machines: data, transitions, transition objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hsm_model.framework.state import WORKFLOW_TYPE
from hsm_model.node import Node, machine_data, machine_transition
from hsm_model.state import new
from hsm_model.tasks import TransitionOutput
from hsm_model.transition import Transition
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.palette import MachineA, PaletteError, PaletteMachine, PaletteTask, ScriptPanic, class_of
from hsm_specs.oracle.world.core import BOOLEAN, NULL, Unbound, World, runs
from hsm_specs.oracle.world.queues import later
from hsm_specs.oracle.world.tree import collection, was_never_loaded
from hsm_specs.oracle.world.unspecified import Excluded, Frame, Slot, Unspecified

NO_TASKS: Final = TransitionOutput()


def wanted_class(node: Node, cast: ops.Cast) -> type[PaletteMachine]:
    """Return the class of a node's data, or the other one. Raise `Unspecified` for the root of a workflow's tree."""
    type_id = node.definition.type().id
    if type_id == WORKFLOW_TYPE.id:
        raise Unspecified("ENV-ROOT-1", "the data of the root of a workflow's tree is used")
    return class_of(type_id, cast)


def frame_of(world: World, node: Node) -> Frame | None:
    """Return the innermost transition of this node that is under way. Raise `Unspecified` if it changed its data."""
    for frame in reversed(world.frames):
        if frame.tree is node.tree and frame.path == node.path():
            if frame.changed:
                raise Unspecified("MT-NESTED-3", "data that a transition has changed is looked at inside it")
            return frame
    return None


def deserialized(world: World, node: Node, error: PaletteError) -> PaletteError:
    """Return the error, if deserialization was due. Raise `Unspecified` if the data may well have been in memory."""
    if error.code == "deserialize_error" and not was_never_loaded(world, node):
        raise Unspecified("DATA-CACHE-1", "data in memory that would not deserialize is looked at") from error
    return error


def read(world: World, node: Node, wanted: type[PaletteMachine]) -> Observation:
    """Run MachineData."""
    if world.frames:
        frame_of(world, node)
    try:
        data = machine_data(node, wanted)
    except PaletteError as error:
        raise deserialized(world, node, error) from error
    return Observation(ok=(data._state, data.value))


@runs(ops.MachineData)
def machine_data_(world: World, op: ops.MachineData) -> Observation:
    node = world.node(op.node)
    return read(world, node, wanted_class(node, op.cast))


@runs(ops.CollectionData)
def collection_data(world: World, op: ops.CollectionData) -> Observation:
    return read(world, collection(world, op).node(op.id), class_of(op.type, op.cast))


class Transitioning:
    """MachineTransition under way: its function, and the guards that notice where the specification ends."""

    __slots__ = ("_frame", "_inner", "_node", "_operation", "_outer", "_slot", "_wanted", "_world")

    def __init__(
        self,
        world: World,
        node: Node,
        wanted: type[PaletteMachine],
        operation: ops.MachineTransition | ops.CollectionTransition,
    ) -> None:
        self._world = world
        self._node = node
        self._wanted = wanted
        self._operation = operation
        self._outer = frame_of(world, node) if world.frames else None
        self._frame = Frame(node.tree, node.path())
        self._slot: Slot | None = None
        self._inner: list[Observation] = []

    def call(self, inner: list[Observation]) -> Observation:
        """Make the transition; what its function observes goes to ``inner``."""
        self._inner = inner
        succeeded = False
        try:
            machine_transition(self._node, self._wanted, self._function)
            succeeded = True
        except PaletteError as error:
            if self._slot is None:
                raise deserialized(self._world, self._node, error) from error
            raise
        except ScriptPanic:
            if "panic-in-transition" in self._world.without:
                raise Excluded("panic-in-transition") from None
            raise
        finally:
            self._end(succeeded)
        return NULL

    def _function(self, data: PaletteMachine) -> TransitionOutput:
        world, frame, script = self._world, self._frame, self._operation.script
        self._slot = Slot(data, frame)
        if self._operation.machine is not None:
            world.machines[self._operation.machine] = self._slot
        world.frames.append(frame)
        try:
            if script.ops or script.fail is not None:
                world.perform(script, self._inner)
        finally:
            world.frames.pop()
        if frame.overtaken and not (frame.state_known and frame.value_known):
            raise Unspecified("MT-NESTED-3", "whose data persists after a nested transition of the same node")
        if frame.inner_failed and "swallowed-inner-failure" in world.without:
            raise Excluded("swallowed-inner-failure")
        tasks = script.tasks
        if world.fraction and tasks:
            return TransitionOutput(later(tasks, world.fraction))
        return new(TransitionOutput, (tuple([new(PaletteTask, task) for task in tasks]),)) if tasks else NO_TASKS

    def _end(self, succeeded: bool) -> None:
        slot, outer = self._slot, self._outer
        if slot is None:
            return
        # After a failure too: a rollback may restore the object in place (MT-ROLLBACK-10).
        slot.spent = True
        slot.frame = None
        if outer is not None:
            outer.state_known = outer.value_known = False
            if succeeded:
                outer.overtaken = True
            else:
                outer.inner_failed = True


@runs(ops.MachineTransition)
def machine_transition_(world: World, op: ops.MachineTransition) -> Observation:
    node = world.node_to_change(op.node)
    wanted = wanted_class(node, op.cast)
    return world.attempt(Transitioning(world, node, wanted, op).call)


@runs(ops.CollectionTransition)
def collection_transition(world: World, op: ops.CollectionTransition) -> Observation:
    world.node_to_change(op.node)
    node = collection(world, op).node(op.id)
    return world.attempt(Transitioning(world, node, class_of(op.type, op.cast), op).call)


@runs(ops.StateMachine)
def state_machine(world: World, op: ops.StateMachine) -> Observation:
    world.machines[op.machine] = Slot(MachineA(*op.data))
    return NULL


@runs(ops.ReadMachine)
def read_machine(world: World, op: ops.ReadMachine) -> Observation:
    slot = world.machine(op.machine)
    slot.check_readable()
    return Observation(ok=(slot.data.state(), slot.data.value))


@runs(ops.SetState)
def set_state(world: World, op: ops.SetState) -> Observation:
    slot = world.machine(op.machine)
    slot.check_changeable(world.frames)
    if slot.frame is not None:
        slot.frame.state_known = True
    slot.data.set_state(op.state)
    return NULL


@runs(ops.SetValue)
def set_value(world: World, op: ops.SetValue) -> Observation:
    slot = world.machine(op.machine)
    slot.check_changeable(world.frames)
    if slot.frame is not None:
        slot.frame.value_known = True
    slot.data.value = op.value
    return NULL


@runs(ops.RegenerateTasks)
def regenerate_tasks(world: World, op: ops.RegenerateTasks) -> Observation:
    slot = world.machine(op.machine)
    slot.check_readable()
    return Observation(ok=slot.data.regenerate_tasks())


Function = Callable[[PaletteMachine, int], TransitionOutput]


@runs(ops.NewTransition)
def new_transition(world: World, op: ops.NewTransition) -> Observation:
    def function(machine: PaletteMachine, event: int) -> TransitionOutput:
        output: TransitionOutput = world.scripts[-1](machine, event)
        return output

    spec = op.transition
    kept = Transition(spec.sources, spec.destination, function, world.semantics)
    world.transitions[op.kept] = spec, kept
    return NULL


def transition(world: World, op: ops.Possible | ops.Apply, function: Function) -> Transition[int, PaletteMachine, int]:
    """Return the transition that an operation names, or a new one. Raise `Unbound`, `Unspecified`."""
    spec = op.transition
    if op.kept is None:
        return Transition(spec.sources, spec.destination, function, world.semantics)
    kept = world.transitions.get(op.kept)
    if kept is None:
        raise Unbound
    made_of, found = kept
    if made_of != spec:
        raise Unspecified("TRANS-KEEP-2", "a kept transition is named with other states")
    return found  # type: ignore[no-any-return]  # a transition of the palette's machines


@runs(ops.Possible)
def possible(world: World, op: ops.Possible) -> Observation:
    slot = world.machine(op.machine)
    slot.check_readable()
    return BOOLEAN[transition(world, op, _unused).possible(slot.data)]


def _unused(machine: PaletteMachine, event: int) -> TransitionOutput:
    return TransitionOutput()


@runs(ops.Apply)
def apply(world: World, op: ops.Apply) -> Observation:
    slot = world.machine(op.machine)
    slot.check_readable()
    slot.check_changeable(world.frames)
    script = op.script

    def call(inner: list[Observation]) -> Observation:
        def function(machine: PaletteMachine, event: int) -> TransitionOutput:
            inner.append(Observation(ok=(machine.state(), machine.value, event)))
            world.perform(script, inner)
            return TransitionOutput(tuple(PaletteTask(*task) for task in script.tasks))

        applied = transition(world, op, function)
        world.scripts.append(function)
        try:
            return Observation(ok=applied.apply(slot.data, op.event).tasks)
        finally:
            world.scripts.pop()

    return world.attempt(call)
