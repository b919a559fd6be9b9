"""Made-up findings: a program with one answer that differs from the model's."""

from __future__ import annotations

from typing import Any

from hsm_specs.catalogue.requirements import requirement
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program
from hsm_specs.oracle.world import predict
from hsm_specs.results.findings import FORMAT, Finding

WRONG = Observation(error="other")


def made(name: str, program: Program, got: Observation = WRONG, where: tuple[int, ...] = (), **more: Any) -> Finding:
    """Return a finding about a requirement: the operation at a place, by default the last one, was answered so.

    ``more`` are members of the finding with other values than usual.
    """
    expected, demanded = predict(program), requirement(name)
    where = where or (len(program) - 1,)
    usual: dict[str, Any] = {
        "format": FORMAT,
        "requirement": name,
        "statement": demanded.statement,
        "documented": demanded.classification == "documented",
        "program": program,
        "where": where,
        "expected": expected,
        "observed": (*expected[: where[0]], got, *expected[where[0] + 1 :]),
        "phase": "directed",
        "count": 1,
        "shrunk": True,
        "command": ("./adapter",),
        "implementation": "an implementation",
        "version": "1",
        "dialect": None,
        "amendments": (),
        "seed": 1,
    }
    return Finding(**(usual | more))
