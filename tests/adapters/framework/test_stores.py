"""The two stores of the real history engine: whatever a random program does, it sees the same in both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hsm_specs.adapter import Adapter, Timeouts
from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.language.operations import Program
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.deviations import deviations_in
from hsm_specs.oracle.expectation import Expectation

REPOSITORY = Path(__file__).parents[3]
ENGINE = REPOSITORY / "build" / "engine-v1.25.1"
KNOWN = deviations_in(REPOSITORY / "adapters" / "temporal" / "framework" / "v1.25.1" / "deviations.toml")
BATCHES, PROGRAMS, LENGTH = 40, 50, 25


def batches(adapter: Adapter) -> Iterator[list[Program]]:
    """Yield the programs that a run would make of its seed, for what an adapter offers."""
    expectation = Expectation.of(KNOWN, adapter.greeting)
    offered = frozenset(adapter.greeting.capabilities)
    programs = ProgramGenerator("stores", expectation.amended, KNOWN.features, offered)
    yield from (programs.batch(PROGRAMS, LENGTH)[0] for _ in range(BATCHES))


@pytest.mark.slow
@pytest.mark.skipif(not ENGINE.exists(), reason="there is no build/engine-v1.25.1 (make build/engine-v1.25.1)")
def test_random_programs_see_the_same_in_both_stores() -> None:
    with ExitStack() as stack:
        memory, sqlite = (
            stack.enter_context(Adapter.start((str(ENGINE), "--store", store), Timeouts()))
            for store in ("memory", "sqlite")
        )
        assert memory.greeting == sqlite.greeting
        for programs in batches(memory):
            for program, one, other in zip(programs, memory.run(programs), sqlite.run(programs), strict=True):
                assert first_difference(program, one, other) is None
                assert len(one) == len(other) == len(program)
