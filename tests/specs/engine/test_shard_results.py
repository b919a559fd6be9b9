"""Results of shards: answers as expected, also in other words, and those that are judged."""

from __future__ import annotations

import pytest

from hsm_specs.engine.shards import Answered, Batch, ShardResultBuilder
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.oracle.world import predict

PANICKING: ops.Program = (
    ops.NewRegistry(),
    ops.RegisterMachine(1),
    ops.NewRoot(1, (0, 0), 0),
    ops.MachineTransition(0, ops.Script((), (), "panic")),
)


def unable(*arguments: object) -> tuple[Observation, ...]:
    raise AssertionError("the model was asked")


def test_answers_as_expected_in_other_words_are_told_without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    *before, panicked = expected = predict(PANICKING)
    observed = (*before, Observation(panic="in other words"))
    assert panicked != observed[-1]
    monkeypatch.setattr(Expectation, "predict", unable)
    answered = Answered(Batch([PANICKING], [expected], None), [observed])
    assert [True] == ShardResultBuilder("soak").take(Expectation(), answered)


def test_an_answer_that_is_not_as_expected_is_judged_by_the_model() -> None:
    expected = predict(PANICKING)
    answered = Answered(Batch([PANICKING], [expected], None), [(*expected[:-1], Observation(ok=None))])
    result = ShardResultBuilder("soak")
    assert [False] == result.take(Expectation(), answered)
    assert len(result.result(0, None).failures) == 1
