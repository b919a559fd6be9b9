"""What is said at the end of a run, in sentences, whoever prints them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from hsm_specs.errors import Trouble
from hsm_specs.language import values
from hsm_specs.language.messages import Greeting
from hsm_specs.report.finding_text import finding_lines
from hsm_specs.report.result import Found
from hsm_specs.results.events import (
    FindingLocated,
    FindingReplayed,
    Greeted,
    ReferenceGreeted,
    RunEnded,
    RunStarted,
    Side,
    Toured,
)
from hsm_specs.results.verdicts import Judgement, Verdict

SHORT = {
    Verdict.CONFORMS: "conforms",
    Verdict.DEVIATES: "DEVIATES",
    Verdict.KNOWN: "deviates (known)",
    Verdict.OUTDATED: "OUTDATED",
    Verdict.AGREES: "agrees",
    Verdict.DIFFERS: "differs",
    Verdict.DIFFERS_KNOWN: "differs (known)",
    Verdict.NOT_OFFERED: "not offered",
    Verdict.NOT_EXERCISED: "NOT EXERCISED",
}
"""The verdicts as they stand in a table; what fails is in capitals."""


def name(greeting: Greeting | None) -> str:
    """The implementation as it introduced itself."""
    return "The implementation" if greeting is None else f"{greeting.name} {greeting.version}"


def opening(event: RunStarted) -> str:
    """The line that a run begins with: what makes it again."""
    selection = f", only {', '.join(event.selection)}" if event.selection else ""
    return f"hsmspec: seed {event.seed}, budget {event.budget}, {event.requirements} requirements{selection}"


def introduction(event: Greeted) -> Iterator[str]:
    """Who was introduced, and what it is held to."""
    greeting = event.greeting
    offers = ", ".join(greeting.capabilities) or "nothing beyond the core"
    yield f"{name(greeting)} ({greeting.language}) offers {offers}"
    if event.amendments:
        yield f"tours and soak held to the specification as amended: {', '.join(event.amendments)}"
    if event.without:
        yield f"tours and soak without: {', '.join(event.without)}"


def coverage(event: Toured) -> str:
    """How much of a scope the tours tried."""
    share = 100 * event.tried / event.pairs if event.pairs else 100
    return f"tours of {event.scope}: {event.tried:,} of {event.pairs:,} pairs of a state and an action ({share:.1f} %)"


def replayed(event: FindingReplayed) -> str:
    """What became of a saved finding."""
    note = f" ({event.note})" if event.note else ""
    file = f"; its file may go: {event.path}" if event.outcome == "fixed" else ""
    return f"  {event.id or event.path}: {event.outcome}{note}{file}"


SIDES = {
    Side.IMPLEMENTATION: "model and reference agree, the implementation is wrong",
    Side.SHARED: "implementation and reference agree, a weakness of both or of the model",
    Side.ALL_DIFFER: "model, reference and implementation all differ",
    Side.UNKNOWN: "not compared",
}


def reference(event: ReferenceGreeted) -> str:
    """Who findings are compared with."""
    return f"findings are compared with {name(event.greeting)} ({event.greeting.language})"


def located(event: FindingLocated) -> str:
    """What the reference makes of a finding."""
    note = f" ({event.note})" if event.note else ""
    answer = "" if event.observed is None else f"; the reference: {values.answer(event.observed)}"
    return f"  {SIDES[event.side]}{note}{answer}"


def sides(found: Sequence[Side]) -> Iterator[str]:
    """How many findings there are on which side."""
    tally = Counter(found)
    for side, words in SIDES.items():
        if tally[side]:
            yield f"{tally[side]} finding{'s' * (tally[side] > 1)}: {words}."


def shown(event: RunEnded, judgements: Sequence[Judgement]) -> list[Judgement]:
    """The verdicts that are shown: all of a complete run, of a partial one those that it came to."""
    unseen = {Verdict.NOT_EXERCISED, Verdict.NOT_OFFERED} if event.partial else set[Verdict]()
    return [judgement for judgement in judgements if judgement.verdict not in unseen]


def counts(judgements: Sequence[Judgement]) -> str:
    """How many requirements have which verdict, documented ones first."""
    parts: list[str] = []
    for documented, words in ((True, "documented"), (False, "characterization")):
        tally = Counter(j.verdict for j in judgements if j.documented is documented)
        if tally:
            said = ", ".join(f"{tally[verdict]} {SHORT[verdict].lower()}" for verdict in Verdict if tally[verdict])
            parts.append(f"{words}: {said}")
    return "; ".join(parts)


def amount(event: RunEnded) -> str:
    """How much was run, and how fast."""
    rate = event.operations / event.seconds if event.seconds else 0.0
    return f"{event.operations:,} operations in {event.programs:,} programs, {event.seconds:.1f} s ({rate:,.0f}/s)"


def closing(event: RunEnded, greeting: Greeting | None, judgements: Sequence[Judgement]) -> Iterator[str]:
    """The result in sentences."""
    known = sum(judgement.verdict in (Verdict.KNOWN, Verdict.DIFFERS_KNOWN) for judgement in judgements)
    match event.exit_code:
        case 0 if known:
            yield f"{name(greeting)} conforms; its {known} known deviations show as stated."
        case 0:
            yield f"{name(greeting)} conforms."
        case 1:
            yield f"{name(greeting)} does not conform."
        case _:
            yield "The run could not be finished, so nothing can be said about conformance."
    yield from event.problems
    if event.primary and len({finding for judgement in judgements for finding in judgement.findings}) > 1:
        yield f"The finding to look at first is {event.primary}: others may come of the same cause."
    if event.partial:
        missing = len(judgements) - len(shown(event, judgements))
        reached = f"; it did not come to {missing} requirements" if missing else ""
        yield f"The run is partial: {event.partial}{reached}."
    if event.trouble is not None:
        yield event.trouble.message


def whole_text(found: Found) -> str:
    """A finding, and what the reference makes of it."""
    lines = [line.text for line in finding_lines(found.finding, found.file)]
    if found.located is not None:
        lines += ["", located(found.located)]
    return "\n".join(lines)


def trouble_lines(trouble: Trouble | None) -> Iterator[str]:
    """What a harness error says, and the last lines of the adapter's stderr."""
    if trouble is not None:
        yield trouble.message
        for line in trouble.stderr:
            yield f"stderr: {line}"
