"""The base of the rule-based state machines: a program that grows with each rule, and its trial at the end."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, ClassVar, TypeVar

from hypothesis.control import current_build_context
from hypothesis.stateful import MultipleResults, RuleBasedStateMachine, invariant, multiple, precondition

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.language import operations as ops
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.language.messages import Capability
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world import Excluded, Unspecified, World
from hsm_specs.stateful.comparison import Comparison
from hsm_specs.stateful.implementation import Implementation

M = TypeVar("M", bound="Trial")
ROOT = 0
"""The handle that the first node is bound to."""


class Trial(RuleBasedStateMachine):
    """A state machine whose rules write a program, operation by operation, for an implementation to run.

    Each operation is run on the model at once, which predicts its observation and knows what there is for the next rule
    to use. No rule looks at the implementation, so what the rules do depends on their arguments alone: leaving one out
    never changes what another means, and nothing is flaky.

    The implementation runs whole programs, each in a fresh world, and it is given the whole program so far after every
    rule that added to it. That runs an operation as often as there are rules after it, which is little next to what
    Hypothesis takes to choose a rule; in return an example ends with the rule that fails. Comparing once, at the end,
    would leave the shrinker to find out by trial which of the rules mean nothing: measured, that takes up to five times
    as many examples, and some programs stay long.

    Hypothesis makes the steps few. The program of the failure that it reports is then made as small as can be.
    """

    implementation: ClassVar[Implementation]
    """The implementation under test."""
    semantics: ClassVar[Semantics] = SPECIFICATION
    """The semantics that it is held to."""
    without: ClassVar[frozenset[str]] = frozenset()
    """Features (`hsm_specs.oracle.world.FEATURES`) that it is known to deviate in, so that programs do not use them."""

    def __init__(self) -> None:
        super().__init__()
        self.program: list[ops.AnyOperation] = []
        self.expected: list[Observation] = []
        self._capabilities = self.implementation.capabilities
        self._compared = 0
        self._failed = False
        self._handles = count(ROOT)
        self.world = self._new_world()

    def do(self, operation: ops.AnyOperation) -> Observation | None:
        """Append an operation to the program, unless the implementation does not offer it or the model does not say
        what it answers. Return the prediction, None where the operation was left out.
        """
        if not capabilities_of([operation]) <= self._capabilities:
            return None
        try:
            expected = self.world.observe(operation)
        except (Unspecified, Excluded):
            # The world cannot be used after that. Making it again takes less time than giving up the example.
            self.world = self._new_world()
            for earlier in self.program:
                self.world.observe(earlier)
            return None
        self.program.append(operation)
        self.expected.append(expected)
        return expected

    def bind(self, operation: Callable[[int], ops.AnyOperation]) -> MultipleResults[int]:
        """Run an operation that binds a fresh handle. Return the handle for a bundle, if it was bound."""
        handle = next(self._handles)
        self.do(operation(handle))
        return multiple(handle) if handle in self.world.nodes else multiple()

    @invariant()
    def answers_as_predicted(self) -> None:
        """Have the implementation run the program so far. Raise `NonConformance` for the first difference."""
        if self._compared == len(self.program):
            return
        self._compared = len(self.program)
        self._failed = True
        comparison = Comparison(self.implementation, self.semantics, self.without)
        found = comparison.compare(tuple(self.program), self.expected)
        if found is not None:
            raise comparison.smallest(found) if current_build_context().is_final else found
        self._failed = False

    def finish(self) -> None:
        """Run what comes at the end of every program."""

    def teardown(self) -> None:
        """End the program, unless it has failed."""
        if not self._failed:
            self.finish()
            self.answers_as_predicted()

    def _new_world(self) -> World:
        return World(self.semantics, self.without, self.implementation.dialect)


def offered(*capabilities: Capability) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a rule one that is used only where the implementation offers these capabilities."""

    def offers(trial: Trial) -> bool:
        return trial.implementation.capabilities.issuperset(capabilities)

    return precondition(offers)


def machine_for(
    kind: type[M], implementation: Implementation, semantics: Semantics, without: frozenset[str]
) -> type[M]:
    """Return a subclass that tries an implementation."""
    members = {"implementation": implementation, "semantics": semantics, "without": without, "__doc__": kind.__doc__}
    return type(kind.__name__, (kind,), {"__module__": kind.__module__, **members})
