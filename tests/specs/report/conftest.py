"""A finding to report."""

from __future__ import annotations

import pytest

from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Script
from hsm_specs.results.findings import Finding

from ...findings import made

ADDING = ops.MachineTransition(1, Script((ops.AddChild(1, (2, "inside"), (0, 0)),), fail="user_1"))
PROGRAM = (
    ops.NewRegistry(),
    ops.RegisterMachine(1),
    ops.RegisterMachine(2),
    ops.NewRoot(1, (0, 0), 1),
    ops.TransitionCount(1),
    ADDING,
    ops.Child(1, ((2, "inside"),)),
    ops.Dirty(1),
)


@pytest.fixture
def finding() -> Finding:
    """Return a finding: a child stays that a failed transition added."""
    rule = "transition_rolled_back"
    return made("MT-ROLLBACK-5", PROGRAM, Observation(ok=None), (6,), count=12, rule=rule)
