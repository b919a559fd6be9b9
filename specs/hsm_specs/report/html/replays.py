"""Saved findings in the report on a run: still failing, fixed, or not reproducible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, get_args

from hsm_specs.engine.replay_phase import KNOWN
from hsm_specs.report.html.templates import Tone
from hsm_specs.results.events import FindingReplayed, ReplayOutcome

OUTCOMES: tuple[ReplayOutcome, ...] = get_args(ReplayOutcome)
TONES: dict[ReplayOutcome, Tone] = {"still failing": "bad", "fixed": "good", "not reproducible": "known"}
OPEN = 12
"""The largest number of entries that are not folded."""


class ReplayEntry(NamedTuple):
    """A saved finding that ran again. ``link`` is the ID of the same finding on this page, empty if there is none."""

    name: str
    outcome: ReplayOutcome
    tone: Tone
    note: str
    link: str


class Replays(NamedTuple):
    """All entries by outcome, and the number of each outcome."""

    entries: tuple[ReplayEntry, ...]
    tally: tuple[tuple[ReplayOutcome, int, Tone], ...]

    @property
    def open(self) -> bool:
        """Return whether they are shown unfolded."""
        return len(self.entries) <= OPEN


def replays(replayed: Sequence[FindingReplayed], shown: Collection[str]) -> Replays:
    """Return the entries of saved findings; ``shown`` are the IDs of the findings on the page."""
    entries = [
        ReplayEntry(
            name=each.id or each.path,
            outcome=each.outcome,
            tone="known" if each.note == KNOWN else TONES[each.outcome],
            note="; ".join(_notes(each)),
            link=each.id if each.id in shown else "",
        )
        for each in replayed
    ]
    entries.sort(key=lambda entry: OUTCOMES.index(entry.outcome))
    counts = Counter(entry.outcome for entry in entries)
    return Replays(
        tuple(entries), tuple((outcome, counts[outcome], TONES[outcome]) for outcome in OUTCOMES if counts[outcome])
    )


def _notes(event: FindingReplayed) -> Iterator[str]:
    if event.note:
        yield event.note
    if event.outcome == "fixed":
        yield f"its file can be deleted: {event.path}"
