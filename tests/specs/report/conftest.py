"""A finding to report."""

from __future__ import annotations

import pytest

from hsm_specs import operations as ops
from hsm_specs.findings import FORMAT, Finding
from hsm_specs.observations import Observation
from hsm_specs.operations import Script
from hsm_specs.requirements import requirement
from hsm_specs.world import predict

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
    """A finding: a child stays that a failed transition added."""
    expected = predict(PROGRAM)
    return Finding(
        format=FORMAT,
        requirement="MT-ROLLBACK-5",
        statement=requirement("MT-ROLLBACK-5").statement,
        documented=True,
        program=PROGRAM,
        where=(6,),
        expected=expected,
        observed=(*expected[:6], Observation(ok=None), *expected[7:]),
        phase="directed",
        count=12,
        shrunk=True,
        command=("./adapter",),
        implementation="an implementation",
        version="1",
        dialect=None,
        amendments=(),
        seed=1,
        rule="transition_rolled_back",
    )
