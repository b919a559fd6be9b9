"""Any declared machine can be checked, and its sequences lead where they say."""

from __future__ import annotations

from hypothesis import given, settings

from hsm_specs.machines.check.checking import check
from hsm_specs.machines.check.exploration import Bounds
from hsm_specs.machines.names import NamedMachine

from ..test_machine_exports import declarations


@given(declarations())
@settings(max_examples=60, deadline=None)
def test_any_declared_machine_is_checked(machine):
    named = NamedMachine("mine", machine.describe(), "here", imported=False, declaration=machine)
    checked, findings = check(named, Bounds(60, 6))
    assert checked.configurations >= 1
    # Nothing that is only declared can fail to execute.
    assert not {"transition-fails", "data-serializer-loses", "task-serializer-loses"} & {f.rule for f in findings}
