"""The sentences about events of a run or a soak, shared by all reporters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from hsm_model.amendments import READINGS
from hsm_specs.catalogue.requirements import DEBTORS
from hsm_specs.language import values
from hsm_specs.language.messages import Greeting
from hsm_specs.report.rendering import counted
from hsm_specs.results.events import (
    FindingLocated,
    FindingReplayed,
    Greeted,
    Phase,
    ReferenceGreeted,
    RunStarted,
    ShardsDone,
    Side,
    SoakStarted,
    SummaryKind,
    Toured,
    WorkersLost,
)
from hsm_specs.results.verdicts import Judgement, Verdict

PHASES: Final[dict[Phase, str]] = {
    "saved": "saved findings",
    "directed": "directed properties",
    "tours": "tours of the model, and walks",
    "walks": "walks over the model",
    "soak": "random soak",
}
SHORT: Final = {
    Verdict.CONFORMS: "conforms",
    Verdict.DEVIATES: "DEVIATES",
    Verdict.KNOWN: "deviates (known)",
    Verdict.OUTDATED: "OUTDATED",
    Verdict.AGREES: "agrees",
    Verdict.DIFFERS: "differs",
    Verdict.DIFFERS_KNOWN: "differs (known)",
    Verdict.NOT_OFFERED: "not offered",
    Verdict.NOT_EXERCISED: "NOT EXERCISED",
    Verdict.OWED: "owed by others",
    Verdict.CHANGED: "CHANGED",
}
"""The verdicts in a table. Capitals mark those that fail."""
FIXTURES: Final = "the adapter's own fixtures"
"""The group of requirements that judge the adapter rather than the implementation."""
OBLIGATIONS: Final = "obligations, shown by the above"
"""The group of obligations that the requirements of the framework show."""
_CLASSES: Final = {True: "documented", False: "characterization"}
SIDES: Final = {
    Side.IMPLEMENTATION: "model and reference agree, the implementation is wrong",
    Side.SHARED: "implementation and reference agree, a weakness of both or of the model",
    Side.ALL_DIFFER: "model, reference and implementation all differ",
    Side.UNKNOWN: "not compared",
}
INTERRUPTED: Final = "interrupted: finishing the shards under way (interrupt again to stop at once)"


def name(greeting: Greeting | None) -> str:
    """Return the name and version of an implementation."""
    return "The implementation" if greeting is None else f"{greeting.name} {greeting.version}"


def opening(event: RunStarted) -> str:
    """Return the first line, which has what reproduces the run."""
    if event.kind == "soak":
        return f"hsmspec: soak with seed {event.seed}, {event.budget}"
    selection = f", only {', '.join(event.selection)}" if event.selection else ""
    return f"hsmspec: seed {event.seed}, budget {event.budget}, {event.requirements} requirements{selection}"


def introduction(greeting: Greeting) -> str:
    """Return a line about the implementation and what it offers."""
    offers = ", ".join(greeting.capabilities) or "nothing beyond the core"
    return f"{name(greeting)} ({greeting.language}) offers {offers}"


def expectations(
    kind: SummaryKind, amendments: Sequence[str], without: Sequence[str], readings: Sequence[str] = ()
) -> Iterator[tuple[str, str]]:
    """Yield what programs are held to, where it is not simply the specification: a heading and its value."""
    for name in readings:
        yield f"reading {name}", READINGS[name].statement
    which = "soak" if kind == "soak" else "tours and random programs"
    if amendments:
        yield f"{which} held to the specification as amended", ", ".join(amendments)
    if without:
        yield f"{which} without", ", ".join(without)


def greeted(event: Greeted, kind: SummaryKind) -> Iterator[str]:
    """Yield who the implementation is, and what it is held to."""
    yield introduction(event.greeting)
    for heading, value in expectations(kind, event.amendments, event.without, event.readings):
        yield f"{heading}: {value}"


def coverage(event: Toured) -> str:
    """Return how much of a scope the tours covered."""
    if not event.pairs:
        return f"tours of {event.scope}: none was run"
    share = 100 * event.tried / event.pairs
    return f"tours of {event.scope}: {event.tried:,} of {event.pairs:,} pairs of a state and an action ({share:.1f} %)"


def switches(pairs: float, triples: float) -> str:
    """Return the n-switch coverage of walks."""
    return f"walks: about {pairs:.1%} of the pairs and {triples:.2%} of the triples of consecutive actions"


def replayed(event: FindingReplayed) -> str:
    """Return the outcome of a saved finding."""
    note = f" ({event.note})" if event.note else ""
    file = f"; its file can be deleted: {event.path}" if event.outcome == "fixed" else ""
    return f"  {event.id or event.path}: {event.outcome}{note}{file}"


def reference(event: ReferenceGreeted) -> str:
    """Return what findings are compared with."""
    return f"findings are compared with {name(event.greeting)} ({event.greeting.language})"


def located(event: FindingLocated) -> str:
    """Return which side the reference is on."""
    note = f" ({event.note})" if event.note else ""
    answer = "" if event.observed is None else f"; the reference: {values.answer(event.observed)}"
    return f"  {SIDES[event.side]}{note}{answer}"


def sides(tally: dict[Side, int]) -> Iterator[str]:
    """Yield how many findings there are on each side."""
    for side, words in SIDES.items():
        if count := tally.get(side):
            yield f"{counted(count, 'finding')}: {words}."


def verdict_counts(judgements: Iterable[Judgement]) -> str:
    """Return the number of requirements with each verdict by group."""
    return "; ".join(f"{group}: {counts}" for group, counts in verdict_groups(judgements))


def verdict_groups(judgements: Iterable[Judgement]) -> Iterator[tuple[str, str]]:
    """Yield the groups of requirements, each with the number of them with each verdict.

    First those that judge the implementation, by class, then those that judge the adapter's own fixtures, then
    obligations: those that other requirements have shown, and the rest by who owes them.
    """
    groups = *_CLASSES.values(), FIXTURES, OBLIGATIONS
    tallies: dict[str, Counter[Verdict]] = {name: Counter() for name in groups}
    owed: Counter[str] = Counter()
    for judgement in judgements:
        if judgement.owed_by is None:
            group = FIXTURES if judgement.judges == "fixtures" else _CLASSES[judgement.documented]
            tallies[group][judgement.verdict] += 1
        elif judgement.verdict is Verdict.OWED:
            owed[judgement.owed_by] += 1
        else:
            tallies[OBLIGATIONS][judgement.verdict] += 1
    for group, tally in tallies.items():
        if tally:
            yield group, ", ".join(f"{tally[said]} {SHORT[said].lower()}" for said in Verdict if tally[said])
    if owed:
        by = ", ".join(f"{owed[debtor]} by {words}" for debtor, words in DEBTORS.items() if owed[debtor])
        yield "obligations of others, not exercised", by


def soak_started(event: SoakStarted) -> Iterator[str]:
    """Yield the size of the shards, the workers and the journal."""
    yield f"shards of {event.size:,} operations on {event.where}, journal {event.journal}"
    if event.resumed:
        yield f"continuing after {counted(event.resumed, 'shard')} of the journal"


def progress(event: ShardsDone) -> str:
    """Return the progress of a soak: shards, rate, coverage and findings."""
    found = f", {counted(event.findings, 'finding')} in {counted(event.failing, 'failing program')}"
    return (
        f"{counted(event.shards, 'shard')}: {event.operations:,} operations ({event.rate:,.0f}/s), "
        f"{event.steps:,} steps (+{event.new_steps}){found * bool(event.failing)}"
    )


def lost(event: WorkersLost) -> str:
    """Return how many workers were lost."""
    return f"{counted(event.lost, 'worker')} lost so far; their work is repeated"


def ranges(done: Sequence[tuple[int, int]]) -> str:
    """Return which shards were done."""
    names = ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in done)
    count = sum(last - first + 1 for first, last in done)
    return f"shard{'s' * (count > 1)} {names} done"
