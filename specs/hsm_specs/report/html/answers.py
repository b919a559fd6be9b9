"""Expected and observed answers side by side, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hsm_specs.language import values
from hsm_specs.language.observations import Observation, at
from hsm_specs.language.operations import AnyOperation
from hsm_specs.report.html.film import Frame, Where
from hsm_specs.report.html.messages import answered
from hsm_specs.report.rendering import contrasted


class Answers(NamedTuple):
    """The answers of a step; ``observed`` is None if only the model ran.

    ``reference`` is the answer of the reference, None without one.
    """

    expected: str
    observed: str | None = None
    reference: str | None = None


class Contrast(NamedTuple):
    """The expected and the observed answers of a program, and the place of the first difference."""

    expected: Sequence[Observation]
    observed: Sequence[Observation]
    where: Where
    reference: Observation | None = None
    """The result of the reference at the place."""


def of_model(step: Frame, expected: tuple[Observation, ...]) -> Answers | None:
    """Return the answer of the model, None at the beginning of a function."""
    wanted = None if step.part == "begin" else at(expected, step.where)
    if wanted is None:
        return None
    operation, (said,) = answered(step.operation, (wanted,), step.dialect)
    return Answers(_said(said, operation))


def of_contrast(step: Frame, contrast: Contrast) -> Answers | None:
    """Return the expected and the observed answer, None if there is neither."""
    wanted, got = at(contrast.expected, step.where), at(contrast.observed, step.where)
    if step.part == "begin" or (wanted is None and got is None):
        return None
    operation, said = answered(step.operation, (wanted, got), step.dialect)
    return Answers(*(_said(each, operation) for each in said))


def at_difference(step: Frame, contrast: Contrast) -> Answers:
    """Return all answers at the step that a difference is shown at.

    If the difference is deeper inside, or only in the number of operations inside, they show what happened there.
    """
    results = [at(contrast.expected, contrast.where), at(contrast.observed, contrast.where)]
    if contrast.reference is not None:
        results.append(contrast.reference)
    if step.where != contrast.where:
        return Answers(*(f"inside: {_said(each, None)}" for each in results))
    operation, said = answered(step.operation, tuple(results), step.dialect)
    return Answers(*contrasted(operation, *said))


def difference(steps: tuple[Frame, ...], where: Where) -> int:
    """Return the index of the step to show a difference at: its own, or that of the operation around it."""
    while where:
        for index, step in enumerate(steps):
            if step.where == where and step.part != "begin":
                return index
        where = where[:-1]
    return len(steps) - 1


def _said(observation: Observation | None, operation: AnyOperation | None) -> str:
    return "nothing" if observation is None else values.answer(observation, operation)
