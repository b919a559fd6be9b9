"""Attribution: which requirement a difference breaks.

The operation that answered wrongly says what was observed; the last operation before it that changes something, or
that should have changed nothing, says what caused it. In a shrunk program that is the one operation that matters.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import UNSET

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.state import Key, Path
from hsm_specs import operations as ops
from hsm_specs.attribution_tables import (
    ADD_EFFECTS,
    CLEAR_EFFECTS,
    COMMIT_EFFECTS,
    LOAD_EFFECTS,
    OBSERVERS,
    OTHER_EFFECTS,
    REFUSALS,
    ROLLBACK_EFFECTS,
)
from hsm_specs.judge import Difference
from hsm_specs.observations import Observation
from hsm_specs.world import Excluded, Unspecified, World

TRANSITIONS = (ops.MachineTransition, ops.CollectionTransition)
ADDITIONS = (ops.AddChild, ops.CollectionAdd)
CAUSES = (
    *TRANSITIONS,
    *ADDITIONS,
    ops.Clear,
    ops.Rehydrate,
    ops.Load,
    ops.NewRoot,
    ops.Apply,
    ops.SetState,
    ops.SetValue,
    ops.RegisterMachine,
    ops.RegisterTaskSerializer,
    ops.RegisterExecutor,
    ops.NewRegistry,
)
"""Operations that change something, or change nothing only since they fail."""


@dataclass(frozen=True, slots=True)
class Step:
    """An operation that was run before the difference, with what it had to answer and the place of its node."""

    operation: ops.AnyOperation
    expected: Observation
    place: Path | None


def attribute(program: ops.Program, difference: Difference, semantics: Semantics = SPECIFICATION) -> str:
    """The ID of the requirement that a difference breaks; most telling of a shrunk program."""
    operation, expected = difference.operation, difference.expected
    steps, place = retrace(program, difference, semantics)
    if operation is None:
        return told_to_function(program[difference.where[0]], difference)
    if isinstance(operation, CAUSES):
        return answered(operation, expected, difference.observed, steps)
    if len(difference.where) > 1 and isinstance(operation, ops.TransitionCount | ops.Export):
        return "MT-NESTED-1"
    cause = next((step for step in reversed(steps) if relevant(step.operation, operation)), None)
    if cause is not None:
        requirement = effect(cause, steps, operation, expected, place)
        if requirement is not None:
            return requirement
    if expected.error is not UNSET:
        return REFUSALS.get((type(operation), expected.error), OBSERVERS[type(operation)])
    return OBSERVERS[type(operation)]


def relevant(cause: ops.AnyOperation, observer: ops.AnyOperation) -> bool:
    """Whether an operation can have caused what another one observes: machines in no tree are apart from trees."""
    if not isinstance(cause, CAUSES):
        return False
    of_machine = isinstance(cause, ops.Apply | ops.SetState | ops.SetValue)
    match observer:
        case ops.ReadMachine() | ops.Possible() | ops.RegenerateTasks():
            return of_machine
        case ops.Machine():
            return isinstance(cause, ops.RegisterMachine | ops.NewRegistry)
        case ops.TaskSerializer() | ops.SerializeTask() | ops.DeserializeTask():
            return isinstance(cause, ops.RegisterTaskSerializer | ops.NewRegistry)
        case ops.Execute():
            return isinstance(cause, ops.RegisterExecutor)
        case _:
            return not isinstance(
                cause, ops.RegisterMachine | ops.RegisterTaskSerializer | ops.RegisterExecutor | ops.NewRegistry | ops.Apply
            )


def retrace(
    program: ops.Program, difference: Difference, semantics: Semantics
) -> tuple[list[Step], Path | None]:
    """The steps that led to the difference, and the place of the node of the operation that differs."""
    world, steps = World(semantics), list[Step]()
    try:
        for operation in program[: difference.where[0]]:
            place = place_of(world, operation)
            steps.append(Step(operation, world.observe(operation), place))
    except (Unspecified, Excluded):
        return steps, None
    last = program[difference.where[0]]
    for index in difference.where[1:]:
        script: ops.Script = getattr(last, "script", ops.Script())
        offset = 1 if isinstance(last, ops.Apply) else 0
        done = script.ops[: max(0, index - offset)]
        steps.extend(Step(operation, Observation(ok=None), place_of(world, operation)) for operation in done)
        if index - offset >= len(script.ops):
            break
        last = script.ops[index - offset]
    return steps, None if difference.operation is None else place_of(world, difference.operation)


def place_of(world: World, operation: ops.AnyOperation) -> Path | None:
    """The path of the node that an operation is about."""
    node = world.nodes.get(getattr(operation, "node", -1))
    if node is None:
        return None
    if isinstance(operation, ops.CollectionTransition | ops.CollectionData | ops.CollectionNode):
        return (*node.path(), Key(operation.type, operation.id))
    return node.path()


def told_to_function(operation: ops.AnyOperation, difference: Difference) -> str:
    """A function saw something else than it should have."""
    if isinstance(operation, ops.Execute):
        return "ENV-ACCESS-2" if isinstance(difference.expected.ok, str) else "EXEC-ARGS-1"
    wanted, got = difference.expected.ok, difference.observed.ok
    if isinstance(wanted, tuple) and isinstance(got, list | tuple) and len(got) == 3 and wanted[2] != got[2]:
        return "TRANS-APPLY-9"
    return "TRANS-APPLY-4"


def answered(
    operation: ops.AnyOperation, expected: Observation, observed: Observation, steps: list[Step]
) -> str:
    """An operation that changes something gave the wrong answer itself."""
    kind = type(operation)
    if expected.error is not UNSET:
        if isinstance(operation, ops.Apply) and expected.error == observed.error:
            return "TRANS-APPLY-3"
        if isinstance(operation, TRANSITIONS) and expected.error in ("user_1", "user_2"):
            return "MT-FAIL-1" if kind is ops.MachineTransition else "COLL-TRANS-2"
        return REFUSALS.get((kind, expected.error), OBSERVERS[kind])
    if isinstance(operation, ADDITIONS) and observed.error == "state_machine_already_exists":
        former = next((step for step in reversed(steps) if isinstance(step.operation, CAUSES)), None)
        failed = former is not None and former.expected.ok is UNSET
        if failed and former is not None:
            return "MT-ROLLBACK-5" if isinstance(former.operation, TRANSITIONS) else "NODE-ADD-5"
        return "NODE-ADD-7"
    if isinstance(operation, ADDITIONS) and any(isinstance(s.operation, ops.Rehydrate | ops.Load) for s in steps):
        return "NODE-ADD-8"
    return OBSERVERS[kind]


def effect(
    cause: Step, steps: list[Step], observer: ops.AnyOperation, expected: Observation, place: Path | None
) -> str | None:
    """The requirement about what a cause does to what an observer sees, or None if there is none."""
    kind, failed = type(observer), cause.expected.ok is UNSET
    operation = cause.operation
    match operation:
        case ops.MachineTransition() | ops.CollectionTransition():
            return rolled_back(cause, kind) if failed else committed(cause, observer, expected, place, steps)
        case ops.AddChild() | ops.CollectionAdd():
            if failed:
                return "NODE-ADD-5" if kind in ADD_EFFECTS else None
            return ADD_EFFECTS.get(kind)
        case ops.Clear():
            if kind in (ops.Outputs, ops.Dirty) and expected.ok:
                return "CLEAR-TREE-3"
            return CLEAR_EFFECTS.get(kind)
        case ops.Rehydrate() | ops.Load():
            return LOAD_EFFECTS.get(kind)
        case ops.SetState() | ops.SetValue():
            if kind in (ops.MachineData, ops.Export):
                return "MT-ROLLBACK-10"
            return OTHER_EFFECTS.get((type(operation), kind))
        case ops.Apply():
            if kind is not ops.ReadMachine:
                return None
            if failed:
                return "TRANS-APPLY-3" if cause.expected.error == "invalid_transition" else "TRANS-APPLY-5"
            overrides = any(isinstance(inside, ops.SetState) for inside in operation.script.ops)
            return "TRANS-APPLY-8" if overrides else "TRANS-APPLY-1"
        case ops.RegisterMachine() | ops.RegisterTaskSerializer() | ops.RegisterExecutor():
            return OTHER_EFFECTS.get((type(operation), kind)) if failed else None
        case _:
            return OTHER_EFFECTS.get((type(operation), kind))


def rolled_back(cause: Step, observer: type) -> str | None:
    """The requirement that a failed transition did not keep."""
    operation, error = cause.operation, cause.expected.error
    if cause.expected.panic is not UNSET:
        return "MT-ROLLBACK-9"
    if error == "incompatible_type":
        return "MT-FAIL-3"
    if error == "deserialize_error":
        return "MT-FAIL-4"
    inside: tuple[ops.AnyOperation, ...] = getattr(operation, "script", ops.Script()).ops
    for nested in inside:
        if isinstance(nested, ADDITIONS) and observer in (ops.Child, ops.CollectionNode, ops.CollectionList, ops.Export):
            return "MT-ROLLBACK-5"
        if isinstance(nested, TRANSITIONS):
            return "MT-ROLLBACK-7" if nested.node == getattr(operation, "node", None) else "MT-ROLLBACK-6"
        if isinstance(nested, ops.Clear):
            return "MT-ROLLBACK-12"
        if isinstance(nested, ADDITIONS) and observer in (ops.Dirty, ops.Outputs):
            return "MT-ROLLBACK-5"
    if error == "serialize_error":
        return "MT-ROLLBACK-11"
    return ROLLBACK_EFFECTS.get(observer)


def committed(
    cause: Step, observer: ops.AnyOperation, expected: Observation, place: Path | None, steps: list[Step]
) -> str | None:
    """The requirement that a successful transition did not keep, or that what is said of it did not."""
    kind = type(observer)
    script: ops.Script = getattr(cause.operation, "script", ops.Script())
    for nested in script.ops:
        if isinstance(nested, TRANSITIONS):
            failed = nested.script.fail is not None
            return "MT-ROLLBACK-8" if failed else "MT-NESTED-2"
    transitions = [step for step in steps if isinstance(step.operation, TRANSITIONS)]
    below = place is not None and cause.place is not None and cause.place[: len(place)] == place
    if kind is ops.Dirty:
        if not expected.ok:
            return "DIRTY-TREE-2"
        return "MT-COMMIT-3" if place == cause.place else "DIRTY-TREE-1"
    if kind is ops.Outputs:
        if any(isinstance(step.operation, ops.Clear) for step in steps):
            return "CLEAR-TREE-5" if expected.ok else "CLEAR-TREE-1"
        if not below:
            return "OUT-LIST-4"
        if place != cause.place:
            return "OUT-LIST-1"
        if len(transitions) > 1:
            return "OUT-LIST-2"
        return "MT-COMMIT-4" if script.tasks else "OUT-LIST-3"
    return COMMIT_EFFECTS.get(kind)
