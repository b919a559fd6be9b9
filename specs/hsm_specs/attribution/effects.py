"""Candidates where the state of a tree is wrong: what the last operation should have done to it, or left alone."""

from __future__ import annotations

from collections.abc import Iterator

from hsm_specs.attribution.contents import TreePart
from hsm_specs.attribution.failure_context import ADDITIONS, LOOKUPS, TRANSITIONS, FailureContext, key_of
from hsm_specs.attribution.tables import ADDED, PRESENT, ROLLED_BACK
from hsm_specs.attribution.trace import NodePlace, TracedOperation
from hsm_specs.language import operations as ops


def effects(context: FailureContext, part: TreePart, place: NodePlace) -> Iterator[str]:
    """Yield the requirements about a part of a tree, after what has been done to it."""
    under_way = [step for step in context.around if isinstance(step.operation, TRANSITIONS) and step.place == place]
    if under_way and part.what == "count":
        yield "MT-NESTED-1"
    if part.what == "children":
        yield from stray(context, part, place)
    cause = context.cause
    match None if cause is None else cause.operation:
        case ops.MachineTransition() | ops.CollectionTransition() if cause is not None:
            yield from (rolled_back if cause.failed else committed)(context, cause, part, place)
        case ops.AddChild() | ops.CollectionAdd() if cause is not None:
            if cause.failed:
                yield from ("COLL-ADD-3",) * isinstance(cause.operation, ops.CollectionAdd)
                yield "NODE-ADD-5"
            if part.what in ("data", "children") and isinstance(cause.operation, ops.CollectionAdd):
                yield "COLL-ADD-1"
            yield ADDED[part.what]
            if part.what == "dirty" and part.kind == "missing":
                yield "DIRTY-TREE-1"
        case ops.Clear():
            yield cleared(part)
        case ops.Rehydrate() | ops.Load():
            yield "ROOT-LOAD-2" if part.what in ("outputs", "dirty") else "ROOT-LOAD-1"
        case ops.NewRoot() if part.what == "data":
            yield "ROOT-NEW-1"
        case _ if part.what in ("outputs", "dirty") and part.kind == "extra" and untouched(context, place):
            yield "ROOT-LOAD-2"
        case _:
            pass
    if part.what == "outputs":
        yield from listed(context, part, place)
    yield PRESENT[part.what]


def untouched(context: FailureContext, place: NodePlace) -> bool:
    """Return whether machines have transitioned in other trees only, so that this one must be clean."""
    trees = {step.place.tree for step in context.each(*TRANSITIONS) if step.place is not None}
    return bool(trees) and place.tree not in trees


def stray(context: FailureContext, part: TreePart, place: NodePlace) -> Iterator[str]:
    """Yield the requirement about a node that is there although a lookup has just not found it."""
    lookup = context.last(*LOOKUPS)
    if lookup is None or not lookup.failed or part.kind != "extra":
        return
    if context.cause is None or lookup.where > context.cause.where:
        yield "NODE-CHILD-8"


def cleared(part: TreePart) -> str:
    """Return the requirement about what clearing does to a part of a tree."""
    match part.what:
        case "outputs" | "dirty" if part.kind == "missing":
            return "CLEAR-TREE-3"
        case "outputs":
            return "CLEAR-TREE-1"
        case "dirty":
            return "CLEAR-TREE-2"
        case _:
            return "CLEAR-TREE-4"


def rolled_back(context: FailureContext, cause: TracedOperation, part: TreePart, place: NodePlace) -> Iterator[str]:
    """Yield the requirements about what a failed transition leaves as it was."""
    if isinstance(cause.operation, ops.CollectionTransition):
        yield "COLL-TRANS-2"
    expected = cause.expected
    error = None if expected is None else expected.error
    if cause.failed and not isinstance(error, str):
        yield "MT-ROLLBACK-9"
    if error == "incompatible_type":
        yield "MT-FAIL-3"
    if error == "deserialize_error":
        yield "MT-FAIL-4"
    if error == "serialize_error":
        yield "MT-ROLLBACK-11"
    nested = context.trace.inside(cause)
    if part.what == "children":
        yield "MT-ROLLBACK-5"
    if part.what in ("outputs", "dirty") and any(isinstance(step.operation, ops.Clear) for step in nested):
        yield "MT-ROLLBACK-12"
    for step in nested:
        if isinstance(step.operation, TRANSITIONS):
            yield "MT-ROLLBACK-7" if step.place == cause.place and place == cause.place else "MT-ROLLBACK-6"
    yield ROLLED_BACK[part.what]


def committed(context: FailureContext, cause: TracedOperation, part: TreePart, place: NodePlace) -> Iterator[str]:
    """Yield the requirements about what a transition that succeeded does, and what it leaves alone."""
    if any(isinstance(step.operation, TRANSITIONS) for step in context.around):
        # The transition is one that a function made, and the function has seen what came of it.
        yield "MT-NESTED-2"
    nested = [step for step in context.trace.inside(cause) if isinstance(step.operation, TRANSITIONS)]
    if nested:
        yield "MT-ROLLBACK-8" if any(step.failed for step in nested) else "MT-NESTED-2"
    if isinstance(cause.operation, ops.CollectionTransition):
        yield "COLL-TRANS-1"
    own = place == cause.place
    match part.what:
        case "count":
            yield from ("MT-COMMIT-2",) if own else ()
        case "data":
            yield from ("MT-COMMIT-1",) if own else ()
            # What the function does not change is what it was handed.
            yield from ("MT-RUN-1",) if own and not context.trace.inside(cause) else ()
        case "dirty" if part.kind == "extra":
            yield "DIRTY-TREE-2"
            if any(step.where < cause.where for step in context.each(ops.Clear)):
                yield "CLEAR-TREE-2"
        case "dirty" if own:
            yield from after_others(context, cause)
            yield "MT-COMMIT-3"
        case "dirty":
            yield "DIRTY-TREE-1"
        case "outputs":
            yield from after_others(context, cause)
        case "children" if part.kind == "missing":
            # A commit writes its node alone: a child that it takes away was never kept.
            key = part.path[-1:]
            added = any(key == (key_of(step),) for step in context.trace.steps if isinstance(step.operation, ADDITIONS))
            yield from ("NODE-ADD-1",) if added else ()
        case _:
            pass


def after_others(context: FailureContext, cause: TracedOperation) -> Iterator[str]:
    """Yield the requirements about outputs that are wrong only since something else came before, or in the function."""
    inside = any(isinstance(step.operation, ops.Clear) for step in context.trace.inside(cause))
    if inside or any(step.where < cause.where for step in context.each(ops.Clear)):
        yield "CLEAR-TREE-5"
    if any(step.where < cause.where and step.failed for step in context.each(*TRANSITIONS)):
        yield "TASK-ATOMIC-1"


def listed(context: FailureContext, part: TreePart, place: NodePlace) -> Iterator[str]:
    """Yield the requirements about how outputs are listed."""
    asked = context.place
    if asked is not None and not place.below(asked):
        yield "OUT-LIST-4"
    match part.kind:
        case "moved":
            yield from ("OUT-LIST-5",) if asked is not None and asked.path else ()
            yield from ("OUT-LIST-1", "NODE-PATH-1", "NODE-KEY-1", "NODE-PARENT-1")
        case "order":
            yield "OUT-LIST-2"
        case "content":
            yield "TASK-CARRY-1"
        case "tasks":
            yield "MT-COMMIT-4"
        case "number":
            yield "OUT-LIST-3"
        case "missing" if asked == place:
            yield from missing(context, place)
        case _:
            yield "OUT-LIST-1"


def missing(context: FailureContext, place: NodePlace) -> Iterator[str]:
    """Yield the requirements where a node that is asked has no outputs at all."""
    made = [step for step in context.each(*TRANSITIONS) if step.place == place and not step.failed]
    if made and not any(getattr(step.operation, "script", ops.Script()).tasks for step in made):
        yield "OUT-LIST-3"
    yield "MT-COMMIT-4"
