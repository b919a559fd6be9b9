"""Mutants and findings that exist in these tests alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hsm_specs.language import operations as ops
from hsm_specs.mutants import Mutant
from hsm_specs.results.findings import Finding

from ...findings import made

BEGIN: ops.Program = (ops.NewRegistry(), ops.RegisterMachine(1), ops.NewRoot(1, (0, 0), 0))
FindingOf = Callable[..., Finding]
MutantOf = Callable[..., Mutant]


@pytest.fixture
def finding_of() -> FindingOf:
    """Make a finding about a requirement, in a program whose last operation answers wrongly."""

    def make(requirement: str, *operations: ops.AnyOperation, phase: str = "directed") -> Finding:
        program = (*BEGIN, *operations)
        return made(requirement, program, phase=phase, implementation="wrong")

    return make


@pytest.fixture
def mutant_of() -> MutantOf:
    """Make a mutant that breaks a requirement."""

    def make(requirement: str, name: str = "") -> Mutant:
        return Mutant(name or f"breaks-{requirement.lower()}", requirement, f"It breaks {requirement}.", ("true",))

    return make
