"""The programs that PROTOCOL.md shows. The observations next to them are what the model predicts."""

from __future__ import annotations

from typing import Final, NamedTuple

from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program, Script
from hsm_specs.oracle.world import predict

SETTING: Final[Program] = (
    ops.NewRegistry(),
    ops.RegisterMachine(1, 10),
    ops.RegisterMachine(2, 20),
    ops.NewRoot(1, (0, 5), 0),
    ops.AddChild(0, (2, "a"), (0, 7), 1),
    ops.StateMachine(0, (0, 5)),
)
"""The operations that the example of each operation begins with, which are not shown."""

FIRST: Final[Program] = (
    ops.NewRegistry(),
    ops.RegisterMachine(1, 10),
    ops.NewRoot(1, (0, 5), 0),
    ops.AddChild(0, (1, "ä"), (0, 7), 1),
    ops.MachineTransition(1, Script((ops.SetState(0, 1),), ((1, 7, 1000),)), 0),
    ops.MachineTransition(1, Script((ops.SetState(0, 2), ops.AddChild(1, (1, "b"), (0, 0), 2)), (), "user_1"), 0),
    ops.Outputs(0),
    ops.Export(0),
)
"""The first program of the sample session: a transition that succeeds and one that is rolled back."""
SECOND: Final[Program] = (ops.Dirty(0), ops.NewRegistry(), ops.Machine(1))
"""The second one, which shows that its world is fresh."""


class Example(NamedTuple):
    """An example as it is shown: its operations after the setting, and the observation of each."""

    operations: Program
    observations: tuple[Observation, ...]


def program(operation: type[ops.Operation]) -> Program:
    """Return the example of an operation with its setting."""
    return (*SETTING, *ops.SPECIFICATIONS[operation].example())


def example(operation: type[ops.Operation]) -> Example:
    """Return what is shown of an operation's example."""
    whole = program(operation)
    return Example(whole[len(SETTING) :], predict(whole)[len(SETTING) :])
