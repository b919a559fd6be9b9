"""The coverage of soaks."""

from __future__ import annotations

from hsm_specs.engine.random_phase import KINDS, SAMPLE, Steps
from hsm_specs.generation.random_programs import ProgramGenerator


def seen(batches, noted=True):
    steps = Steps(noted)
    for batch in batches:
        steps.take(*batch)
    return steps.seen()


def test_steps_are_bounded_and_grow_with_what_is_run():
    soak = ProgramGenerator("steps")
    batches = [soak.batch(20, 25) for _ in range(3 * SAMPLE)]
    few, many = seen(batches[:1]), seen(batches)
    assert set(few) < set(many)
    assert list(many) == sorted(many)
    assert 0 <= many[0]
    assert many[-1] < KINDS**2


def test_one_of_several_batches_is_noted():
    soak = ProgramGenerator("steps")
    batches = [soak.batch(5, 25) for _ in range(SAMPLE + 1)]
    assert seen(batches[:SAMPLE]) == seen(batches[:1])
    assert seen(batches) == tuple(sorted({*seen(batches[:1]), *seen(batches[SAMPLE:])}))


def test_nothing_is_noted_where_nobody_asks():
    assert seen([ProgramGenerator("steps").batch(5, 25)], noted=False) == ()


def test_the_same_operations_with_another_outcome_are_another_step():
    (program,), (observations,) = ProgramGenerator("steps").batch(1, 25)
    failed = (*observations[:-1], observations[-1].__class__(error="not_registered"))
    assert seen([([program], [observations])]) != seen([([program], [failed])])
