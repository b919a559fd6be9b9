"""The context of a difference: the operation with the wrong outcome, and the operations before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from msgspec import UNSET

from hsm_model.semantics import Semantics
from hsm_specs.attribution.tables import DEFAULT_REQUIREMENT, DELEGATES_TO, REFUSALS
from hsm_specs.attribution.trace import NodePlace, TracedOperation, TracedWorld
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.comparison import Difference

TRANSITIONS = (ops.MachineTransition, ops.CollectionTransition)
ADDITIONS = (ops.AddChild, ops.CollectionAdd)
LOADS = (ops.Rehydrate, ops.Load)
LOOKUPS = (ops.Child, ops.CollectionNode, ops.CollectionData, ops.CollectionTransition)
EFFECTS = (*TRANSITIONS, *ADDITIONS, *LOADS, ops.NewRoot, ops.Clear)
"""Operations that change a tree, or should have changed nothing since they fail."""


class NoMoreCandidates(Exception):
    """The candidates named so far are all that there can be."""


@dataclass(frozen=True)
class FailureContext:
    """A difference with the trace of its program."""

    program: ops.Program
    difference: Difference
    trace: TracedWorld

    @classmethod
    def of(cls, program: ops.Program, difference: Difference, semantics: Semantics) -> FailureContext:
        """Return the context of a difference."""
        return cls(program, difference, TracedWorld(program[: difference.where[0] + 1], semantics))

    @property
    def operation(self) -> ops.AnyOperation | None:
        """The operation with the wrong outcome, None if it was a function itself that saw something wrong."""
        return self.difference.operation

    @property
    def expected(self) -> Observation:
        """The expected observation."""
        return self.difference.expected

    @property
    def observed(self) -> Observation:
        """The observation of the implementation."""
        return self.difference.observed

    @cached_property
    def before(self) -> list[TracedOperation]:
        """The steps before the operation, without those inside functions that had ended."""
        return self.trace.before(self.difference.where)

    @cached_property
    def around(self) -> list[TracedOperation]:
        """The steps in whose functions the difference is, from the outside in."""
        return self.trace.around(self.difference.where)

    @cached_property
    def place(self) -> NodePlace | None:
        """The node that the operation is about."""
        step = self.trace.at(self.difference.where)
        return None if step is None else step.place

    @cached_property
    def cause(self) -> TracedOperation | None:
        """The last operation before that did something to a tree, or tried to."""
        return self.last(*EFFECTS)

    def last(self, *kinds: type) -> TracedOperation | None:
        """Return the last step before whose operation is one of a kind."""
        return next((step for step in reversed(self.before) if isinstance(step.operation, kinds)), None)

    def each(self, *kinds: type) -> Iterator[TracedOperation]:
        """Yield the steps before whose operations are of a kind, the last one first."""
        return (step for step in reversed(self.before) if isinstance(step.operation, kinds))

    def origin(self, handle: int) -> TracedOperation | None:
        """Return the step that bound a node's handle."""
        bound = (step for step in reversed(self.before) if getattr(step.operation, "bind", None) == handle)
        return next((step for step in bound if not step.failed), None)

    def refusals(self) -> Iterator[str]:
        """Yield the requirement that the operation fails as it had to, and that of the operation that it is made of."""
        for kind in (type(self.operation), DELEGATES_TO.get(type(self.operation))):
            if kind is not None and (kind, self.expected.error) in REFUSALS:
                yield REFUSALS[kind, str(self.expected.error)]

    def default_requirement(self) -> str:
        """Return the requirement that a wrong value of the operation breaks first of all."""
        operation = self.program[self.difference.where[0]] if self.operation is None else self.operation
        return DEFAULT_REQUIREMENT[type(operation)]

    @property
    def same_outcome(self) -> bool:
        """Whether the answers differ only in what functions saw or how often they were called."""
        mine, theirs = self.expected, self.observed
        return (mine.ok, mine.error) == (theirs.ok, theirs.error) and (mine.panic is UNSET) == (theirs.panic is UNSET)


def keys(value: Any) -> tuple[Any, ...]:
    """Return a path or list of paths as tuples, so that it can be compared."""
    return tuple(keys(item) for item in value) if isinstance(value, list | tuple) else value


def key_of(step: TracedOperation) -> ops.Key | None:
    """Return the key that an operation adds or looks up last."""
    match step.operation:
        case ops.AddChild(key=key):
            return key
        case ops.Child(path=path) if path:
            return path[-1]
        case ops.CollectionAdd() | ops.CollectionNode() | ops.CollectionData() | ops.CollectionTransition():
            return step.operation.type, step.operation.id
        case _:
            return None
