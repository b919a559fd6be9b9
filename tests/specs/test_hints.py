"""Hints that a difference gives: the adapter's bookkeeping, or a call that nobody awaits."""

from __future__ import annotations

import pytest

from hsm_specs.adapter import answers
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.comparison import Difference
from hsm_specs.results.failures import BOOKKEEPING, NOT_AWAITED, hint

TRANSITION = ops.MachineTransition(0, ops.Script((ops.Dirty(0), ops.Dirty(0))))
SEEN = (Observation(ok=(1, 2)), Observation(ok=False))
UNBOUND = Observation(unbound=True)


def looks(expected: Observation, observed: Observation, operation: ops.AnyOperation = TRANSITION) -> str:
    return hint(Difference((0,), operation, expected, observed))


def test_an_unexpected_unbound_is_the_adapters_bookkeeping() -> None:
    assert BOOKKEEPING == looks(Observation(ok=False), UNBOUND, ops.Dirty(0))
    assert looks(UNBOUND, Observation(ok=False), ops.Dirty(0)) == ""


@pytest.mark.parametrize("found", [(), SEEN[:1]])
def test_missing_observations_of_a_function_look_like_a_missing_await(found: tuple[Observation, ...]) -> None:
    assert NOT_AWAITED == looks(Observation(ok=None, inner=SEEN), Observation(ok=None, inner=found))
    listed = tuple(Observation(ok=list(seen.ok) if isinstance(seen.ok, tuple) else seen.ok) for seen in found)
    assert NOT_AWAITED == looks(Observation(ok=None, inner=SEEN), Observation(ok=None, inner=listed))


def test_a_missing_failure_of_a_function_looks_like_a_missing_await() -> None:
    assert NOT_AWAITED == looks(Observation(error="user_1", inner=SEEN), Observation(ok=None, inner=SEEN))


def test_other_differences_look_like_nothing() -> None:
    assert looks(Observation(ok=None, inner=SEEN), Observation(ok=None, inner=SEEN[::-1])) == ""
    assert looks(Observation(ok=None, inner=SEEN), Observation(error="user_1", inner=())) == ""
    assert looks(Observation(error="not_registered"), Observation(ok=None)) == ""
    assert looks(Observation(ok=True), Observation(ok=False), ops.Dirty(0)) == ""


def test_a_malformed_observation_is_shown_with_its_operation_and_with_what_encoders_drop() -> None:
    with pytest.raises(answers.Malformed) as raised:
        answers.decode_observations(b'[[{"ok":null},{}]]', [(ops.NewRegistry(), ops.Dirty(0))])
    said = str(raised.value)
    assert "operation 2 of program 1, `dirty`: {}" in said
    assert "undefined" in said
