"""The state of implementations: from lists of known deviations, and from the results of runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from hsm_specs.catalogue.requirements import Requirement, load_catalogue
from hsm_specs.errors import InputError
from hsm_specs.files import read
from hsm_specs.oracle.deviations import Deviation, Deviations
from hsm_specs.report.html.templates import Tone, tone
from hsm_specs.report.result import FORMAT, Result
from hsm_specs.results.verdicts import Verdict


class Cell(NamedTuple):
    """The state of one implementation in respect of one requirement."""

    text: str
    tone: Tone


@dataclass(slots=True)
class JudgedImplementation:
    """An implementation, its known deviations by requirement, and its verdicts.

    Without a list of deviations, or without a run, these are None. ``partial`` says why the run ended early.
    ``lacks`` are sets of capabilities of which the implementation does not offer all.
    """

    name: str
    version: str
    deviations: dict[str, Deviation] | None = None
    verdicts: dict[str, Verdict] | None = None
    partial: str = ""
    lacks: frozenset[frozenset[str]] = frozenset()

    @property
    def title(self) -> str:
        """Return the name with the version."""
        return f"{self.name} {self.version}".strip()

    def cell(self, requirement: Requirement) -> Cell:
        """Return the state of a requirement."""
        verdict = (self.verdicts or {}).get(requirement.id)
        if verdict is not None:
            return Cell(str(verdict), tone(verdict))
        if requirement.id in (self.deviations or {}):
            return Cell("known deviation", "known")
        offered = not any(capabilities.issubset(requirement.capabilities) for capabilities in self.lacks)
        if not requirement.judged or self.deviations is None or not offered:
            return Cell("not judged", "quiet")
        return Cell("none known", "quiet")


def implementations(lists: Iterable[Deviations], results: Iterable[Result]) -> list[JudgedImplementation]:
    """Return the implementations that lists and results are about, in their order."""
    found: dict[tuple[str, str], JudgedImplementation] = {}
    for known in lists:
        key = (known.implementation or "an implementation", known.version)
        own = found.setdefault(key, JudgedImplementation(*key))
        own.deviations = (own.deviations or {}) | {entry.requirement: entry for entry in known.deviation}
        own.lacks |= lacking(known)
    for result in results:
        greeting = result.implementation
        key = ("an implementation", "") if greeting is None else (greeting.name, greeting.version)
        own = found.setdefault(key, JudgedImplementation(*key))
        own.verdicts = (own.verdicts or {}) | {judged.requirement: judged.verdict for judged in result.requirements}
        own.partial = result.partial
    return list(found.values())


def lacking(known: Deviations) -> frozenset[frozenset[str]]:
    """Return what the characterizations need that an implementation does not offer: those that its list does not pin.

    A list pins all that are offered, or none.
    """
    if known.pinned is None:
        return frozenset()
    pinned = {*known.pinned.requirements, *known.requirements}
    silent = (entry for entry in load_catalogue().values() if entry.classification == "characterization")
    return frozenset(frozenset(entry.capabilities) for entry in silent if entry.capabilities and entry.id not in pinned)


def load_result(path: Path) -> Result:
    """Read the JSON report on a run. Raise `InputError` if the file is not one."""
    try:
        result = msgspec.json.decode(read(path), type=Result)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(f"{path} is no result of `hsmspec run --json` ({error}).") from None
    if result.format != FORMAT:
        raise InputError(f"{path} is a result of format {result.format}, and this hsmspec reads format {FORMAT}.")
    return result


class Shared(NamedTuple):
    """A deviation that several implementations share."""

    deviation: Deviation
    titles: tuple[str, ...]


def shared(requirement: str, found: Sequence[JudgedImplementation]) -> list[Shared]:
    """Return the known deviations from a requirement, each with the implementations that have it."""
    titles: dict[tuple[str, str], list[str]] = {}
    entries: dict[tuple[str, str], Deviation] = {}
    for implementation in found:
        entry = (implementation.deviations or {}).get(requirement)
        if entry is not None:
            key = (entry.observed, entry.amendment)
            entries.setdefault(key, entry)
            titles.setdefault(key, []).append(implementation.title)
    return [Shared(entry, tuple(titles[key])) for key, entry in entries.items()]
