"""Functions inside of functions: the sizes that are tried, and what a mutant that is right up to one shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hsm_specs.adapter import Adapter
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.properties.cases import cases
from hsm_specs.properties.property import Case
from hsm_specs.properties.sizes import QUICK, SIZES_TRIED, TWICE


def of_sizes(requirement: str) -> list[Case]:
    """Return the cases of a requirement at quick that say something only if those of smaller sizes are right."""
    return [case for case in cases(requirement, 0, 0, 0, QUICK) if case.follows]


@pytest.mark.parametrize("requirement", ["MT-NESTED-2", "MT-ROLLBACK-6"])
def test_functions_nest_at_each_size_up_to_257(requirement: str) -> None:
    deep = ["deep_scripts" in capabilities_of(case.program) for case in of_sizes(requirement)]
    assert [size > 33 for size in SIZES_TRIED if TWICE < size <= QUICK] == deep


@pytest.mark.parametrize(
    ("mutant", "requirement", "right"),
    [
        ("outputs-of32-open-transitions", "MT-NESTED-2", 32),
        ("sixty-four-open-transitions-are-undone", "MT-ROLLBACK-6", 64),
    ],
)
def test_a_mutant_that_is_right_up_to_a_depth_is_found_beyond_it(
    mutant_command: Callable[[str], tuple[str, ...]], mutant: str, requirement: str, right: int
) -> None:
    programs = [case.program for case in of_sizes(requirement)]
    with Adapter.start(mutant_command(mutant)) as adapter:
        observed = adapter.run(programs)
    differs = [
        first_difference(*each) is not None for each in zip(programs, map(predict, programs), observed, strict=True)
    ]
    assert [size > right for size in SIZES_TRIED if TWICE < size <= QUICK] == differs
