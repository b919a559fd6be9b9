"""Expected and observed answers side by side, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hsm_diagrams.html.film import Step, Where
from hsm_specs.language import values
from hsm_specs.language.observations import Observation, at
from hsm_specs.language.operations import AnyOperation


class Answers(NamedTuple):
    """What a step should have answered and what it did; ``observed`` is None where nothing but the model answered.

    ``reference`` is what another implementation answered, None where none was asked.
    """

    expected: str
    observed: str | None = None
    reference: str | None = None


class Contrast(NamedTuple):
    """What a program should have answered, what it did, and the place of the first difference."""

    expected: Sequence[Observation]
    observed: Sequence[Observation]
    where: Where
    reference: Observation | None = None
    """What another implementation answered at the place."""


def of_model(step: Step, expected: tuple[Observation, ...]) -> Answers | None:
    """What the model answers, None at the beginning of a function."""
    wanted = None if step.part == "begin" else at(expected, step.where)
    return None if wanted is None else Answers(values.answer(wanted, step.operation))


def of_contrast(step: Step, contrast: Contrast) -> Answers | None:
    """What was expected and what was observed, None where neither says anything."""
    wanted, got = at(contrast.expected, step.where), at(contrast.observed, step.where)
    if step.part == "begin" or (wanted is None and got is None):
        return None
    return Answers(_said(wanted, step.operation), _said(got, step.operation))


def at_difference(step: Step, contrast: Contrast) -> Answers:
    """All answers at the step that a difference is shown at.

    Where the difference is deeper inside, or only in how much happened inside, they say what happened there.
    """
    answered = [at(contrast.expected, contrast.where), at(contrast.observed, contrast.where)]
    if contrast.reference is not None:
        answered.append(contrast.reference)
    if step.where != contrast.where:
        return Answers(*(f"inside: {_said(each, None)}" for each in answered))
    texts = [_said(each, step.operation) for each in answered]
    if texts[0] == texts[1]:
        texts = [f"{text}, {_inside(each)}" for text, each in zip(texts, answered, strict=True)]
    return Answers(*texts)


def difference(steps: tuple[Step, ...], where: Where) -> int:
    """The index of the step that a difference is shown at: its own, or that of the operation around it."""
    while where:
        for index, step in enumerate(steps):
            if step.where == where and step.part != "begin":
                return index
        where = where[:-1]
    return len(steps) - 1


def _said(observation: Observation | None, operation: AnyOperation | None) -> str:
    return "nothing" if observation is None else values.answer(observation, operation)


def _inside(observation: Observation | None) -> str:
    inner = () if observation is None else observation.inner or ()
    if not inner:
        return "with nothing inside"
    return f"with {len(inner)} answer{'s' * (len(inner) > 1)} inside: " + "; ".join(map(values.answer, inner))
