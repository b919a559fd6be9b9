"""What is said about a soak, in sentences, whoever prints them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from hsm_specs.language.messages import Greeting
from hsm_specs.report import summary
from hsm_specs.results.events import (
    RECENT,
    Ending,
    Greeted,
    RunEnded,
    RunStarted,
    ShardsDone,
    Soaked,
    SoakStarted,
    WorkersLost,
)
from hsm_specs.results.verdicts import Judgement

JOURNAL: Final = ".hsmspec/soak.jsonl"
"""The journal of a soak that is given none."""
ENDED: dict[Ending, str] = {
    "time": "its time was over",
    "shards": "its shards were done",
    "interrupted": "it was interrupted",
    "trouble": "something went wrong",
}


def opening(event: RunStarted) -> str:
    """The line that a soak begins with."""
    return f"hsmspec: soak with seed {event.seed}, {event.budget}"


def introduction(event: Greeted) -> Iterator[str]:
    """Who was introduced, and what it is held to."""
    for line in summary.introduction(event):
        yield line.replace("tours and soak", "soak", 1)


def started(event: SoakStarted) -> Iterator[str]:
    """Who runs what."""
    yield f"shards of {event.size:,} operations on {event.where}, journal {event.journal}"
    if event.resumed:
        yield f"going on after {counted(event.resumed, 'shard')} of the journal"


def progress(event: ShardsDone) -> str:
    """How far it is, how fast, and what has grown."""
    found = f", {counted(event.findings, 'finding')} in {counted(event.failing, 'failing program')}"
    return (
        f"{counted(event.shards, 'shard')}: {event.operations:,} operations ({event.rate:,.0f}/s), "
        f"{event.steps:,} steps (+{event.new_steps}){found * bool(event.failing)}"
    )


def lost(event: WorkersLost) -> str:
    """That workers were lost."""
    return f"{counted(event.lost, 'worker')} lost so far; what they ran is run again"


INTERRUPTED = "interrupted: shards under way are ended (another interrupt ends all at once)"


def amount(event: Soaked, ended: RunEnded) -> Iterator[str]:
    """What was done, and what coverage that came to."""
    if not event.shards:
        yield "no shard was done"
        return
    yield (
        f"{rows(event.done)}: {ended.operations:,} operations in {ended.programs:,} programs, "
        f"{ended.seconds:.1f} s ({event.rate:,.0f}/s)"
    )
    grown = f"{event.new_steps:,} of them new in the last {RECENT} shards"
    yield f"{event.steps:,} steps from an operation to the next, {grown}"


def closing(
    event: Soaked, ended: RunEnded, greeting: Greeting | None, judgements: Sequence[Judgement]
) -> Iterator[str]:
    """The result in sentences."""
    match ended.exit_code:
        case 0 if judgements:
            yield f"{summary.name(greeting)}: nothing that does not conform was found."
        case 0:
            yield f"{summary.name(greeting)}: nothing was found."
        case 1:
            yield f"{summary.name(greeting)} does not conform."
        case _:
            yield "The soak could not be finished, so nothing can be said about conformance."
    yield from ended.problems
    if ended.primary and len({finding for judgement in judgements for finding in judgement.findings}) > 1:
        yield f"The finding to look at first is {ended.primary}: others may come of the same cause."
    yield f"The soak ended since {ENDED[event.ended]}{_going_on(event.journal) if event.shards else ''}."
    if ended.trouble is not None:
        yield ended.trouble.message


def _going_on(journal: str) -> str:
    if journal == JOURNAL:
        return f"; with `--resume` it goes on from {journal}"
    return f"; with `--resume --journal {shlex.quote(journal)}` it goes on"


def rows(done: Sequence[tuple[int, int]]) -> str:
    """Which shards were done."""
    names = ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in done)
    count = sum(last - first + 1 for first, last in done)
    return f"shard{'s' * (count > 1)} {names} done"


def counted(count: int, what: str) -> str:
    """A number of things."""
    return f"{count:,} {what}{'s' * (count != 1)}"
