"""The rules behind an expectation: those of the model that predicted what an operation must return."""

from __future__ import annotations

from typing import Final

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.attribution.trace import Rule, Trace, Where
from hsm_specs.language import operations as ops


def rules_behind(program: ops.Program, where: Where, semantics: Semantics = SPECIFICATION) -> tuple[Rule, ...]:
    """Return the rules that predicted the answer at a place, the nearest first, each once.

    Those that the operation itself asked come before those of the operations that led there. Last are the model's own
    operations, which stand for what the model does without asking a rule. The program is run once more for it, with a
    record of rules that tell when they are asked.
    """
    trace = Trace(program[: where[0] + 1], semantics, rules=True)
    step, around = trace.at(where), trace.around(where)
    nearest = [*([] if step is None else [step]), *reversed(around), *reversed(trace.before(where))]
    if step is not None:
        end = step.ended
    else:
        # A function has seen something itself, before it ran any operation.
        end = next((inside.began for inside in trace.inside(around[-1])), around[-1].ended) if around else 0
    models = [MODEL[type(near.operation)] for near in nearest if type(near.operation) in MODEL]
    return tuple(dict.fromkeys([*reversed(trace.rules[:end]), *models]))


MODEL: Final[dict[type, Rule]] = {
    operation: Rule(*specification.modelled)
    for operation, specification in ops.SPECIFICATIONS.items()
    if specification.modelled is not None
}
"""The model's own operations, with the requirements that no rule states."""
