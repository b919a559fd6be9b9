"""A program traced on the model: each operation with where it was, what it had to return and which rules it asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import wraps
from typing import Any, Final, TypeVar

from msgspec import UNSET

from hsm_model.framework.semantics import FrameworkSemantics, framework_rules
from hsm_model.node import Tree
from hsm_model.semantics import SPECIFICATION, Semantics, requirements_of
from hsm_model.state import Key, Path
from hsm_specs.language import operations as ops
from hsm_specs.language.functions import notes
from hsm_specs.language.messages import Dialect
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world import Excluded, Unspecified, World

S = TypeVar("S", Semantics, FrameworkSemantics)
Where = tuple[int, ...]
"""The place of an operation: its index in the program, then the index of its observation in each ``inner``."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the semantics by its name, and the requirements that it states."""

    name: str
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodePlace:
    """A node: the number of its tree, in the order in which trees are first used, and its path."""

    tree: int
    path: Path

    def below(self, other: NodePlace) -> bool:
        """Return whether the node is the other one or below it."""
        return self.tree == other.tree and self.path[: len(other.path)] == other.path


@dataclass(slots=True)
class TracedOperation:
    """An operation that was run: the node that it is about and what it must return.

    ``expected`` is None where the specification says nothing. ``began`` and ``ended`` are how many rules had been asked
    before and after it.
    """

    where: Where
    operation: ops.AnyOperation
    place: NodePlace | None
    expected: Observation | None = None
    began: int = 0
    ended: int = 0

    @property
    def failed(self) -> bool:
        """Whether the operation must end in an error or a panic."""
        expected = self.expected
        return expected is not None and (expected.error is not UNSET or expected.panic is not UNSET)


class TracedWorld(World):
    """A world that takes note of what is run in it, and with ``rules`` of the rules that are asked."""

    __slots__ = ("_open", "_trees", "rules", "steps")

    def __init__(
        self,
        program: ops.Program,
        semantics: Semantics = SPECIFICATION,
        dialect: Dialect = "v1.25",
        *,
        rules: bool = False,
    ) -> None:
        self.rules: list[Rule] = []
        framework = framework_rules(semantics)
        super().__init__(traced(semantics, self.rules.append) if rules else semantics, dialect=dialect)
        self.framework_rules = traced(framework, self.rules.append) if rules else framework
        self.steps: list[TracedOperation] = []
        self._trees: dict[int, tuple[int, Tree]] = {}
        self._open: list[tuple[TracedOperation | None, int]] = [(None, 0)]
        try:
            for operation in program:
                self.observe(operation)
        except (Unspecified, Excluded):
            pass

    def observe(self, operation: ops.AnyOperation) -> Observation:
        """Return the predicted observation of the operation."""
        around, count = self._open[-1]
        self._open[-1] = around, count + 1
        where = (count,) if around is None else (*around.where, notes(around.operation) + count)
        step = TracedOperation(where, operation, self._place(operation), began=len(self.rules))
        self.steps.append(step)
        self._open.append((step, 0))
        try:
            step.expected = super().observe(operation)
        finally:
            self._open.pop()
            step.ended = len(self.rules)
        return step.expected

    def _place(self, operation: ops.AnyOperation) -> NodePlace | None:
        node = self.nodes.get(getattr(operation, "node", -1))
        if node is None:
            return None
        tree, _ = self._trees.setdefault(id(node.tree), (len(self._trees), node.tree))
        match operation:
            case ops.CollectionTransition() | ops.CollectionData() | ops.CollectionNode():
                return NodePlace(tree, (*node.path(), Key(operation.type, operation.id)))
            case _:
                return NodePlace(tree, node.path())

    # --- looking back -----------------------------------------------------------------------------------------------

    def at(self, where: Where) -> TracedOperation | None:
        """Return the step at a place."""
        return next((step for step in self.steps if step.where == where), None)

    def around(self, where: Where) -> list[TracedOperation]:
        """Return the steps whose functions a place is in, from the outside in."""
        return [step for step in self.steps if len(step.where) < len(where) and where[: len(step.where)] == step.where]

    def inside(self, step: TracedOperation) -> list[TracedOperation]:
        """Return the steps in the functions of a step, at any depth."""
        size = len(step.where)
        return [other for other in self.steps if len(other.where) > size and other.where[:size] == step.where]

    def before(self, where: Where) -> list[TracedOperation]:
        """Return the steps that had ended before a place. Inside functions, only those of executors count."""
        return list(self._before(where))

    def _before(self, where: Where) -> Iterator[TracedOperation]:
        executing: Where = ()
        for step in self.steps:
            at = step.where
            depth = len(at)
            if depth <= len(where) and at[:-1] == where[: depth - 1] and at[-1] < where[depth - 1]:
                executing = at if isinstance(step.operation, (ops.Execute, ops.AccessWorkflow)) else ()
                yield step
            elif executing and depth == len(executing) + 1 and at[:-1] == executing:
                yield step


def traced(semantics: S, asked: Callable[[Rule], None]) -> S:
    """Return the semantics with each rule recording that it is asked."""
    recording = {rule.name: _recording(getattr(semantics, rule.name), asked) for rule in fields(semantics)}
    return replace(semantics, **recording)


def _recording(rule: Callable[..., Any], asked: Callable[[Rule], None]) -> Callable[..., Any]:
    known = Rule(rule.__name__, requirements_of(rule))

    @wraps(rule)
    def record(*arguments: Any) -> Any:
        asked(known)
        return rule(*arguments)

    return record


def rules_behind(program: ops.Program, where: Where, semantics: Semantics = SPECIFICATION) -> tuple[Rule, ...]:
    """Return the rules that predicted the answer at a place, the nearest first, each once.

    Those that the operation itself asked come before those of the operations that led there. Last are the model's own
    operations, which stand for what the model does without asking a rule. The program is run once more for it, with a
    record of rules that are asked.
    """
    trace = TracedWorld(program[: where[0] + 1], semantics, rules=True)
    step, around = trace.at(where), trace.around(where)
    nearest = [*([] if step is None else [step]), *reversed(around), *reversed(trace.before(where))]
    if step is not None:
        end = step.ended
    else:
        # A function has seen something itself, before it ran any operation.
        end = next((inside.began for inside in trace.inside(around[-1])), around[-1].ended) if around else 0
    models = [MODEL[type(near.operation)] for near in nearest if type(near.operation) in MODEL]
    return tuple(dict.fromkeys([*reversed(trace.rules[:end]), *models]))


MODEL: Final[dict[type, Rule]] = {
    operation: Rule(*specification.modelled)
    for operation, specification in ops.SPECIFICATIONS.items()
    if specification.modelled is not None
}
"""The model's own operations, with the requirements that no rule states."""
