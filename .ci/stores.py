"""Runs random programs on the real history engine over both of its stores, and fails where their answers differ.

``python .ci/stores.py ENGINE DEVIATIONS``
"""

from __future__ import annotations

import sys
from pathlib import Path

from hsm_specs.adapter import Adapter
from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.deviations import deviations_in
from hsm_specs.oracle.expectation import Expectation

BATCHES, PROGRAMS, LENGTH = 60, 50, 25

engine, known = sys.argv[1], deviations_in(Path(sys.argv[2]))
operations = differing = 0
with Adapter.start((engine, "--store", "memory")) as memory, Adapter.start((engine, "--store", "sqlite")) as sqlite:
    expectation = Expectation.of(known, memory.greeting)
    offered = frozenset(memory.greeting.capabilities)
    generator = ProgramGenerator("stores", expectation.amended, known.features, offered)
    for _ in range(BATCHES):
        programs, _ = generator.batch(PROGRAMS, LENGTH)
        for program, one, other in zip(programs, memory.run(programs), sqlite.run(programs), strict=True):
            operations += len(program)
            difference = first_difference(program, one, other)
            if difference is not None or len(one) != len(other):
                differing += 1
                print(f"{program}\nmemory and sqlite differ: {difference}")
print(f"{differing} of {BATCHES * PROGRAMS:,} programs differ, of {operations:,} operations.")
sys.exit(bool(differing))
