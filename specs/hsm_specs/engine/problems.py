"""Why an implementation does not conform, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hsm_specs.engine.ledger import Ledger
from hsm_specs.results.verdicts import Judgement, Verdict


def of_verdicts(judgements: Sequence[Judgement]) -> Iterator[str]:
    """What is wrong with requirements."""
    if deviating := failing(judgements, Verdict.DEVIATES):
        yield f"{number(deviating)} violated: {', '.join(deviating)}."
    if outdated := failing(judgements, Verdict.OUTDATED):
        yield f"Known deviations that do not show as stated: {', '.join(outdated)}."


def of_programs(ledger: Ledger) -> Iterator[str]:
    """What is wrong with programs of which no verdict tells."""
    if count := sum(ledger.counts[id] for id, finding in ledger.findings.items() if finding.outdated):
        yield f"A known deviation does not show as stated in {count} program{'s' * (count > 1)}."


def of_uninvestigated(ledger: Ledger) -> Iterator[str]:
    """That there is more than what was looked into."""
    if ledger.failing:
        yield f"{ledger.failing} more failing programs were not looked into."


def failing(judgements: Sequence[Judgement], verdict: Verdict) -> list[str]:
    """The requirements that fail with a verdict."""
    return [judgement.requirement for judgement in judgements if judgement.fails and judgement.verdict is verdict]


def number(requirements: list[str]) -> str:
    """How many there are, as the beginning of a sentence."""
    count = len(requirements)
    return "1 documented requirement is" if count == 1 else f"{count} documented requirements are"
