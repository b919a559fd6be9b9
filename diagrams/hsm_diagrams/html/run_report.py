"""The report on a run: one file that a browser opens from disk, made of the engine's events at the end of the run."""

from __future__ import annotations

import gzip
import shlex
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from hsm_diagrams.html.implementations import Tone, tone
from hsm_diagrams.html.pages import markup, rendered
from hsm_diagrams.html.replays import replays
from hsm_diagrams.html.views import FilmView, Pool, finding_view
from hsm_specs.catalogue.requirements import load_areas, load_catalogue
from hsm_specs.files import write_atomically
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations
from hsm_specs.report import summary
from hsm_specs.report.result import Found, Result, ResultCollector
from hsm_specs.results.events import FindingLocated, Greeted, RunEnded, Side, Toured
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import Judgement, Verdict

FINDINGS = 4_600_000
"""Bytes that all findings may take. When films have taken a quarter of it, the others are packed; when those have taken
the rest, findings are listed without films.
"""
BRIEF = 600
"""Bytes, more or less, that a finding without its film takes."""


class HtmlReport(ResultCollector):
    """Writes the file at the end."""

    def __init__(self, path: Path, deviations: Deviations = NONE_KNOWN) -> None:
        super().__init__()
        self._path = path
        self._deviations = deviations

    def finish(self, result: Result) -> None:
        """Writes the result."""
        write_atomically(self._path, page(result, self._deviations).encode("utf-8"))


class Row(NamedTuple):
    """A requirement in the table."""

    judgement: Judgement
    tone: Tone
    link: str
    known: str


class SideOf(NamedTuple):
    """Who is alone with an answer: in a few words for a badge and a filter, and how that looks."""

    side: Side
    brief: str
    tone: Tone


class FindingEntry(NamedTuple):
    """A finding as it is listed: with its film, with its film ``packed``, or without, as the file has room."""

    found: Found
    area: str
    remarks: tuple[str, ...]
    link: str
    symbol: str
    replay: str
    film: FilmView | None
    packed: str
    first: bool
    side: SideOf | None

    @property
    def finding(self) -> Finding:
        """The finding itself."""
        return self.found.finding


def page(result: Result, deviations: Deviations = NONE_KNOWN, room: int = FINDINGS) -> str:
    """The report as one page."""
    ended = RunEnded(
        exit_code=result.exit_code,
        programs=result.programs,
        operations=result.operations,
        seconds=result.seconds,
        problems=result.problems,
        partial=result.partial,
        trouble=result.trouble,
        primary=result.primary,
    )
    sentences = summary.closing(ended, result.implementation, result.requirements)
    return laid_out(result, deviations, list(sentences), list(_facts(result, ended)), room)


def laid_out(
    result: Result,
    deviations: Deviations,
    sentences: Sequence[str],
    facts: Sequence[tuple[str, str]],
    room: int = FINDINGS,
    *,
    of_run: bool = True,
) -> str:
    """The page, of a run or of traces, with its sentences and facts."""
    pool = Pool()
    found = _ordered(result)
    again = replays(result.replayed, {one.id for one in found})
    earlier = rendered("replays.html", again=again) if again.entries else ""
    findings, left_out = _findings(found, result.primary, pool, room - len(earlier))
    titles = {area: file.title for area, file in load_areas().items()}
    present = dict.fromkeys(judgement.area for judgement in result.requirements)
    said = Counter(judgement.verdict for judgement in result.requirements)
    return rendered(
        "run.html",
        of_run=of_run,
        result=result,
        name=summary.name(result.implementation),
        conclusion={0: "conforms", 1: "does not conform"}.get(result.exit_code, "could not be judged"),
        tone={0: "good", 1: "bad"}.get(result.exit_code, "known"),
        sentences=sentences,
        stderr=() if result.trouble is None else result.trouble.stderr,
        facts=facts,
        verdicts=[(verdict, said[verdict], tone(verdict)) for verdict in Verdict if said[verdict]],
        areas=[(area, titles[area]) for area in present],
        titles=titles,
        rows=list(_rows(result, deviations)),
        replayed=markup(earlier),
        sides=[(SIDES[side], result.sides[side]) for side in SIDES if result.sides.get(side)],
        findings=[markup(html) for html in findings],
        left_out=left_out,
        pictures=pool.pictures,
    )


SIDES: dict[Side, SideOf] = {
    Side.IMPLEMENTATION: SideOf(Side.IMPLEMENTATION, "model and reference agree", "bad"),
    Side.SHARED: SideOf(Side.SHARED, "implementation and reference agree", "known"),
    Side.ALL_DIFFER: SideOf(Side.ALL_DIFFER, "all differ", "bad"),
    Side.UNKNOWN: SideOf(Side.UNKNOWN, "not compared", "quiet"),
}
"""What a reference makes of findings."""


def _ordered(result: Result) -> tuple[Found, ...]:
    """The findings, the one to look at first before all others."""
    return tuple(sorted(result.findings, key=lambda one: one.id != result.primary))


def _facts(result: Result, ended: RunEnded) -> Iterator[tuple[str, str]]:
    """What the run was, as pairs of a name and a value."""
    greeting = result.implementation
    yield "Command", shlex.join(result.command)
    yield "Seed", str(result.seed)
    yield "Budget", result.budget
    if result.selection:
        yield "Only", ", ".join(result.selection)
    if greeting is not None:
        yield "Language", greeting.language
        yield "Capabilities", ", ".join(greeting.capabilities) or "none beyond the core"
        for line in list(summary.introduction(Greeted(greeting, result.amendments, result.without)))[1:]:
            name, _, value = line.partition(": ")
            yield name[:1].upper() + name[1:], value
    if result.deviations:
        yield "Known deviations", result.deviations
    if result.reference is not None:
        yield "Reference", f"{summary.name(result.reference.greeting)}: {shlex.join(result.reference.command)}"
    if result.scope:
        name, _, value = summary.coverage(Toured(result.scope, result.pairs, result.tried)).partition(": ")
        yield name[:1].upper() + name[1:], value
    yield "Amount", summary.amount(ended)


def _rows(result: Result, deviations: Deviations) -> Iterator[Row]:
    known = {entry.requirement: f"{entry.observed} {entry.reason}" for entry in deviations.deviation}
    for judgement in result.requirements:
        requirement = load_catalogue().get(judgement.requirement)
        source = None if requirement is None else requirement.source
        quiet = judgement.verdict is Verdict.NOT_EXERCISED and not judgement.fails
        yield Row(
            judgement,
            "quiet" if quiet else tone(judgement.verdict),
            "" if source is None else source.link,
            known.get(judgement.requirement, ""),
        )


def _findings(found: tuple[Found, ...], primary: str, pool: Pool, room: int) -> tuple[list[str], int]:
    """The findings, rendered, and how many have no film since the file would be too large."""
    parts: list[str] = []
    plain, rest, left_out = room // 4, room, 0
    for number, one in enumerate(found):
        first = one.id == primary
        view = finding_view(one.finding, pool, _reference(one)) if plain > 0 else None
        html = rendered("finding.html", entry=_entry(one, first=first, film=view))
        if view is None or plain - pool.size < len(html):
            plain = 0
            packed = _packed(one, f"f{number}-")
            html = rendered("finding.html", entry=_entry(one, first=first, packed=packed))
        else:
            plain -= len(html)
        if rest - pool.size - BRIEF * (len(found) - number) < len(html):
            html = rendered("finding.html", entry=_entry(one, first=first))
            left_out += 1
        else:
            rest -= len(html)
        parts.append(html)
    return parts, left_out


def _reference(found: Found) -> Observation | None:
    return None if found.located is None else found.located.observed


def _packed(found: Found, prefix: str) -> str:
    """A film with its pictures, compressed."""
    pool = Pool(prefix)
    view = finding_view(found.finding, pool, _reference(found))
    html = rendered("packed.html", film=view, pictures=pool.pictures)
    return b64encode(gzip.compress(html.encode("utf-8"), mtime=0)).decode()


def _entry(found: Found, *, first: bool, film: FilmView | None = None, packed: str = "") -> FindingEntry:
    finding = found.finding
    requirement = load_catalogue().get(finding.requirement)
    source = None if requirement is None else requirement.source
    return FindingEntry(
        found=found,
        area="" if requirement is None else requirement.area,
        remarks=tuple(_remarks(found, first=first)),
        link="" if source is None else source.link,
        symbol="" if source is None else source.symbol,
        replay=f"hsmspec replay {shlex.quote(found.file)}" if found.file else "",
        film=film,
        packed=packed,
        first=first,
        side=None if found.located is None else SIDES[found.located.side],
    )


def _compared(located: FindingLocated) -> str:
    if located.side is Side.UNKNOWN:
        return f"Not compared with the reference{f': {located.note}' if located.note else ''}."
    note = f" ({located.note})" if located.note else ""
    return f"Compared with the reference: {summary.SIDES[located.side]}{note}."


def _remarks(found: Found, *, first: bool) -> Iterator[str]:
    finding, located = found.finding, found.located
    if first:
        yield "The finding to look at first: others may come of the same cause."
    if located is not None:
        yield _compared(located)
    if not finding.documented:
        yield "The documentation is silent about this; it is reported and no failure."
    if finding.count > 1:
        which = "the smallest of them" if finding.shrunk else "one of them"
        yield f"{finding.count:,} programs fail like this, and this is {which}."
    if finding.outdated:
        yield "The specification is kept here, but a known deviation says that it is not."
    elif finding.amendments:
        yield f"Held to the specification as amended: {', '.join(finding.amendments)}."
    if finding.rule:
        yield f"Predicted by the model's rule {finding.rule}."
    if finding.note:
        yield finding.note
