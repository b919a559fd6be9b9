"""Candidates where trees are wrong: lookups, additions, transitions and what is seen of nodes."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET
from msgspec.structs import replace

from hsm_specs.attribution import contents
from hsm_specs.attribution.contents import TreePart
from hsm_specs.attribution.effects import effects
from hsm_specs.attribution.failure_context import ADDITIONS, LOADS, LOOKUPS, TRANSITIONS, FailureContext, key_of, keys
from hsm_specs.attribution.trace import NodePlace
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import at
from hsm_specs.oracle.comparison import same_outcome
from hsm_specs.oracle.world import predict

SHORT = 40
"""How long a program may be for it to be asked what would happen if a function ran twice."""


def candidate_requirements(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of an operation on a tree."""
    operation = context.operation
    if any(isinstance(step.operation, ops.Execute) for step in context.around):
        yield "ENV-ACCESS-1"
    if ran_twice(context):
        yield "MT-RUN-1"
    match operation:
        case ops.AddChild() | ops.CollectionAdd():
            yield from added(context)
        case ops.Child() | ops.CollectionNode():
            yield from found(context)
        case ops.MachineTransition() | ops.CollectionTransition():
            yield from transitioned(context)
        case ops.MachineData() | ops.CollectionData():
            yield from read(context)
        case ops.CollectionList():
            yield from listed(context)
        case ops.KeyOf() | ops.Parent() | ops.PathOf():
            yield from named(context, operation)
        case ops.TransitionCount():
            yield from shown(context, [TreePart("count", ())])
        case ops.Dirty():
            yield from shown(context, [TreePart("dirty", (), "missing" if context.expected.ok else "extra")])
        case ops.Outputs():
            yield from shown(context, list(contents.of_outputs(context.expected.ok, context.observed.ok)))
        case ops.Export():
            yield from shown(context, list(contents.of_exports(context.expected.ok, context.observed.ok)))
        case ops.NewRoot() | ops.Rehydrate():
            yield from made(context)
        case _:
            pass
    origin = context.origin(getattr(operation, "node", -1))
    if origin is not None and isinstance(origin.operation, ops.CollectionNode):
        yield from ("COLL-NODE-1", "NODE-CHILD-1")
    elif origin is not None and isinstance(origin.operation, ops.Child):
        yield "NODE-CHILD-1"


def shown(context: FailureContext, parts: list[TreePart]) -> Iterator[str]:
    """Yield the candidates where a part of a tree is not what it should be."""
    place = context.place
    if place is None or context.observed.ok is UNSET:
        return
    for part in parts:
        at = part.path if isinstance(context.operation, ops.Outputs) else (*place.path, *part.path)
        yield from effects(context, part, NodePlace(place.tree, at))


def ran_twice(context: FailureContext) -> bool:
    """Return whether the outcome is that of a program in which one function runs its operations twice."""
    where, program = context.difference.where, context.program[: context.difference.where[0] + 1]
    if len(program) > SHORT:
        return False
    for index, operation in enumerate(program):
        if not isinstance(operation, TRANSITIONS) or not operation.script.ops or where == (index,):
            continue
        script = replace(operation.script, ops=operation.script.ops * 2)
        twice = (*program[:index], replace(operation, script=script), *program[index + 1 :])
        place = (index, len(operation.script.ops) + where[1], *where[2:]) if where[0] == index else where
        found = at(predict(twice, context.trace.semantics), place)
        if found is not None and same_outcome(context.operation, found, context.observed):
            return True
    return False


def made(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of a root that is not made, or made although it should not be."""
    operation, error = context.operation, context.expected.error
    unserializable = isinstance(operation, ops.NewRoot | ops.Rehydrate) and operation.data[1] == -1
    if error == "not_registered" and unserializable and context.observed.error == "serialize_error":
        yield "ROOT-NEW-5"


def left_behind(context: FailureContext, key: ops.Key | None) -> Iterator[str]:
    """Yield the candidates where a node is there that should not be: what failed before it and was to leave nothing."""
    for step in context.each(*TRANSITIONS, *ADDITIONS, *LOOKUPS):
        if isinstance(step.operation, TRANSITIONS) and step.failed:
            inside = context.trace.inside(step)
            if any(isinstance(other.operation, ADDITIONS) and key_of(other) == key for other in inside):
                yield "MT-ROLLBACK-5"
        if step.failed and key_of(step) == key:
            match step.operation:
                case ops.AddChild():
                    yield "NODE-ADD-5"
                case ops.CollectionAdd():
                    yield "COLL-ADD-3"
                    yield "NODE-ADD-5"
                case _:
                    yield "NODE-CHILD-8"


def loaded(context: FailureContext) -> bool:
    """Return whether a tree came from persistence."""
    return context.last(*LOADS) is not None


def added(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of an addition that itself has a wrong outcome."""
    operation, expected, observed = context.operation, context.expected, context.observed
    step = context.trace.at(context.difference.where)
    key = None if step is None else key_of(step)
    unserializable = isinstance(operation, ADDITIONS) and operation.data[1] == -1
    if expected.error is not UNSET:
        if expected.error != "serialize_error" and unserializable and observed.error == "serialize_error":
            yield "NODE-ADD-6"
        yield from context.refusals()
        if loaded(context):
            yield "NODE-ADD-8"
        return
    if observed.error == "state_machine_already_exists":
        yield from left_behind(context, key)
    if observed.error == "not_registered" and context.last(ops.RegisterMachine) is not None:
        late = context.last(ops.RegisterMachine, ops.NewRoot, *LOADS)
        if late is not None and isinstance(late.operation, ops.RegisterMachine):
            yield "REG-LATE-1"
    if loaded(context):
        yield "NODE-ADD-8"
        yield "NODE-ADD-9"
    if observed.error == "state_machine_already_exists":
        yield "NODE-ADD-7"
    if isinstance(operation, ops.CollectionAdd):
        yield "COLL-ADD-1"
    yield "NODE-ADD-1"


def found(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of a lookup that itself has a wrong outcome."""
    operation, expected, observed = context.operation, context.expected, context.observed
    step = context.trace.at(context.difference.where)
    key = None if step is None else key_of(step)
    if expected.error == "state_machine_not_found":
        yield from left_behind(context, key)
        if observed.error == "not_registered" and isinstance(operation, ops.Child) and len(operation.path) > 1:
            yield "NODE-CHILD-6"
    if expected.error is not UNSET:
        return
    if isinstance(operation, ops.Child) and not operation.path:
        yield "NODE-CHILD-3"
    if observed.error == "deserialize_error":
        yield "NODE-CHILD-7"
    if context.cause is not None and isinstance(context.cause.operation, LOADS):
        yield "ROOT-LOAD-1"
    if isinstance(operation, ops.CollectionNode):
        yield "COLL-NODE-1"
    if isinstance(operation, ops.Child) and len(operation.path) > 1:
        yield "NODE-CHILD-1"
    if context.place is not None:
        path = operation.path if isinstance(operation, ops.Child) else ()
        way = NodePlace(context.place.tree, (*context.place.path, *keys(path)))
        yield from effects(context, TreePart("children", path, "missing"), way)  # type: ignore[arg-type]  # a path is one


def transitioned(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of a transition that itself has a wrong outcome."""
    expected, observed = context.expected, context.observed
    of_collection = isinstance(context.operation, ops.CollectionTransition)
    step = context.trace.at(context.difference.where)
    if expected.error == "state_machine_not_found" and step is not None:
        yield from left_behind(context, key_of(step))
    if expected.error == "serialize_error":
        yield from ("MT-FAIL-2", "MT-COMMIT-1")
    if context.same_outcome and expected.error not in ("incompatible_type", "deserialize_error"):
        yield from ("COLL-TRANS-1", "MT-RUN-1") if of_collection else ("MT-RUN-1",)
    if expected.panic is not UNSET:
        yield "MT-ROLLBACK-9"
    if expected.ok is not UNSET and observed.error in ("state_machine_not_found", "not_registered"):
        yield "COLL-NODE-1"


def read(context: FailureContext) -> Iterator[str]:
    """Yield the candidates where data is not what it should be, or not handed out as it should be."""
    operation, expected, observed = context.operation, context.expected, context.observed
    if expected.error is not UNSET:
        other = getattr(operation, "cast", "own") == "other"
        if expected.error == "deserialize_error" and other and observed.error == "incompatible_type":
            yield "DATA-CAST-3"
        step = context.trace.at(context.difference.where)
        if expected.error == "state_machine_not_found" and step is not None:
            yield from left_behind(context, key_of(step))
        return
    if context.place is None:
        return
    for earlier in context.each(ops.MachineData, ops.CollectionData):
        if earlier.place == context.place and getattr(earlier.operation, "cast", "own") == "other":
            yield "DATA-CAST-2"
    if isinstance(operation, ops.CollectionData):
        yield "COLL-DATA-1"
    if any(step.place == context.place and not step.failed for step in context.each(ops.MachineData)):
        yield "DATA-READ-1"
    yield from effects(context, TreePart("data", ()), context.place)


def listed(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of a list that has too much or too little."""
    wanted, got = keys(context.expected.ok or ()), keys(context.observed.ok or ())
    extra = [path for path in got if path not in wanted]
    for path in extra:
        if path:
            yield from left_behind(context, path[-1])
    if context.place is not None and context.cause is not None and isinstance(context.cause.operation, ops.Clear):
        yield "CLEAR-TREE-4"
    missing = [path for path in wanted if path not in got]
    if missing and context.cause is not None and isinstance(context.cause.operation, LOADS):
        yield "ROOT-LOAD-1"
    yield "COLL-LIST-1" if missing else "COLL-LIST-2"
    if missing and loaded(context):
        yield "ROOT-LOAD-1"
    if missing and extra:
        yield from ("NODE-PATH-1", "NODE-KEY-1", "NODE-PARENT-1")


def named(context: FailureContext, operation: ops.KeyOf | ops.Parent | ops.PathOf) -> Iterator[str]:
    """Yield the candidates where a node does not say where it is: it may be another node than it should be."""
    if context.place is not None and not context.place.path and not isinstance(operation, ops.PathOf):
        yield "ROOT-NEW-2"
    if isinstance(operation, ops.PathOf):
        yield from ("NODE-PATH-1", "NODE-KEY-1", "NODE-PARENT-1", "NODE-ADD-1")
    origin = context.origin(operation.node)
    match None if origin is None else origin.operation:
        case ops.Child(path=()):
            yield "NODE-CHILD-3"
        case ops.Child(path=path) if len(path) > 1:
            yield "NODE-CHILD-1"
        case ops.Parent():
            yield "NODE-PARENT-1"
        case ops.CollectionAdd():
            yield "COLL-ADD-1"
        case ops.CollectionNode():
            yield "COLL-NODE-1"
        case _:
            pass
