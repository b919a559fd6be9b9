"""Findings of earlier runs, as the report on a run has them: still failing, fixed, or not reproducible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, get_args

from hsm_diagrams.html.implementations import Tone
from hsm_specs.engine.replay_phase import KNOWN
from hsm_specs.results.events import FindingReplayed, Outcome

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
TONES: dict[Outcome, Tone] = {"still failing": "bad", "fixed": "good", "not reproducible": "known"}
OPEN = 12
"""Up to so many are shown at once; more are folded."""


class ReplayEntry(NamedTuple):
    """A saved finding that was run again. ``link`` is the finding on this page that it still is, empty if none."""

    name: str
    outcome: Outcome
    tone: Tone
    note: str
    link: str


class Replays(NamedTuple):
    """All of them by outcome, and how many have which."""

    entries: tuple[ReplayEntry, ...]
    tally: tuple[tuple[Outcome, int, Tone], ...]

    @property
    def open(self) -> bool:
        """Whether they are few enough to be shown at once."""
        return len(self.entries) <= OPEN


def replays(replayed: Sequence[FindingReplayed], shown: Collection[str]) -> Replays:
    """What became of saved findings; ``shown`` are the IDs of the findings on the page."""
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
        yield f"its file may go: {event.path}"
