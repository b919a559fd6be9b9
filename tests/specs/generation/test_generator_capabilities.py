"""Random programs keep to what an implementation offers, in functions too, and reach what is rare."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hsm_specs.generation.random_programs import ALL_CAPABILITIES, ProgramGenerator
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.language.messages import Capability
from hsm_specs.language.observations import DOCUMENTED_ERRORS, PALETTE_ERRORS, Observation


@pytest.mark.parametrize("missing", sorted(ALL_CAPABILITIES))
def test_programs_need_nothing_that_is_not_offered(missing: Capability) -> None:
    offered = ALL_CAPABILITIES - {missing}
    soak = ProgramGenerator("capabilities", capabilities=offered)
    for _ in range(100):
        assert capabilities_of(soak.program(25)[0]) <= offered


def errors(observations: tuple[Observation, ...]) -> Iterator[str]:
    for observation in observations:
        if isinstance(observation.error, str):
            yield observation.error
        if isinstance(observation.inner, tuple):
            yield from errors(observation.inner)


def test_programs_meet_every_error_that_there_is() -> None:
    soak = ProgramGenerator("errors")
    met = {error for _ in range(5000) for error in errors(soak.program(25)[1])}
    assert met == {*DOCUMENTED_ERRORS, *PALETTE_ERRORS}
