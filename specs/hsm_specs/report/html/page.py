"""The report on a run or on judged traces as one file, which a browser opens from disk."""

from __future__ import annotations

import gzip
import re
import shlex
from base64 import b64encode
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from hsm_specs.catalogue.requirements import load_areas, load_catalogue
from hsm_specs.files import write_atomically
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations
from hsm_specs.report import sentences
from hsm_specs.report.html.replays import replays
from hsm_specs.report.html.templates import Tone, markup, rendered, tone
from hsm_specs.report.html.views import FilmView, Pool, finding_view
from hsm_specs.report.result import SummaryReporter
from hsm_specs.report.summary import Found, Summary
from hsm_specs.report.traces import place_of
from hsm_specs.results.events import FindingLocated, Side
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import Judgement, Verdict

FINDINGS = 4_600_000
"""Bytes that all findings may take. Films fill a quarter of it as they are, then packed ones the rest; further findings
are listed without a film.
"""
_IDS = re.compile(r"\b([A-Z]+(?:-[A-Z]+)*-[0-9]+(?:-[0-9a-f]{8})?)\b")
BRIEF = 600
"""Approximate bytes of a finding without its film."""


class HtmlReporter(SummaryReporter):
    """Write the file at the end."""

    def __init__(self, path: Path, deviations: Deviations = NONE_KNOWN) -> None:
        super().__init__()
        self._path = path
        self._deviations = deviations

    def report(self, summary: Summary) -> None:
        """Write the page."""
        write_atomically(self._path, page(summary, self._deviations).encode("utf-8"))


class Row(NamedTuple):
    """A row of the table of requirements."""

    judgement: Judgement
    tone: Tone
    link: str
    known: str


class Area(NamedTuple):
    """The requirements of an area, and the number of them with each verdict."""

    name: str
    title: str
    verdicts: tuple[tuple[Verdict, int, Tone], ...]
    rows: tuple[Row, ...]


class SideOf(NamedTuple):
    """A side, in a few words for a badge and a filter, and its color."""

    side: Side
    brief: str
    tone: Tone


class FindingEntry(NamedTuple):
    """A finding in the list: with its film, with its film ``packed``, or without one, as the file has room."""

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


def page(summary: Summary, deviations: Deviations = NONE_KNOWN, room: int = FINDINGS) -> str:
    """Return the page; ``room`` is the number of bytes that findings may take."""
    pool = Pool()
    found = _ordered(summary)
    again = replays(summary.replayed, {one.id for one in found})
    earlier = rendered("replays.html", again=again) if again.entries else ""
    findings, left_out = _findings(found, summary.primary, pool, room - len(earlier))
    first = next((one for one in found if one.id == summary.primary), None)
    targets = {one.id for one in found} | {judgement.requirement for judgement in summary.requirements}
    return rendered(
        "run.html",
        of_run=summary.kind != "traces",
        summary=summary,
        place_of=place_of,
        tone={0: "good", 1: "bad"}.get(summary.exit_code, "known"),
        stderr=() if summary.trouble is None else summary.trouble.stderr,
        first=first,
        sentences=[_linked(sentence, targets) for sentence in _sentences(summary, first)],
        verdicts=_tally(summary.requirements),
        areas=list(_areas(summary, deviations)),
        replayed=markup(earlier),
        sides=[(SIDES[side], summary.sides[side]) for side in SIDES if summary.sides.get(side)],
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
"""The sides of findings."""


def _ordered(summary: Summary) -> tuple[Found, ...]:
    """Return the findings, the primary one first."""
    return tuple(sorted(summary.findings, key=lambda one: one.id != summary.primary))


def _sentences(summary: Summary, first: Found | None) -> Iterator[str]:
    """Yield what the head of the page does not say yet: it has the verdict and the finding to look at first."""
    for sentence in summary.sentences:
        if sentence != f"{summary.name} {summary.conclusion}." and (first is None or first.id not in sentence):
            yield sentence


def _linked(sentence: str, targets: Collection[str]) -> Markup:
    """Return a sentence whose IDs of requirements and findings are links, if they are on the page."""
    parts = _IDS.split(sentence)
    shown = [f'<a href="#{part}">{part}</a>' if part in targets else escape(part) for part in parts]
    return markup("".join(shown))


def _tally(judgements: Iterable[Judgement]) -> tuple[tuple[Verdict, int, Tone], ...]:
    said = Counter(judgement.verdict for judgement in judgements)
    return tuple((verdict, said[verdict], tone(verdict)) for verdict in Verdict if said[verdict])


def _areas(summary: Summary, deviations: Deviations) -> Iterator[Area]:
    rows: dict[str, list[Row]] = {}
    for row in _rows(summary, deviations):
        rows.setdefault(row.judgement.area, []).append(row)
    titles = load_areas()
    for name, below in rows.items():
        yield Area(name, titles[name].title, _tally(row.judgement for row in below), tuple(below))


def _rows(summary: Summary, deviations: Deviations) -> Iterator[Row]:
    known = {entry.requirement: f"{entry.observed} {entry.reason}" for entry in deviations.deviation}
    for judgement in summary.requirements:
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
    """Return the rendered findings, and how many have no film because the file would be too large."""
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
    """Return a film with its pictures, compressed."""
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
        remarks=tuple(_remarks(found)),
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
    return f"Compared with the reference: {sentences.SIDES[located.side]}{note}."


def _remarks(found: Found) -> Iterator[str]:
    finding, located = found.finding, found.located
    if located is not None:
        yield _compared(located)
    if not finding.documented:
        yield "The documentation is silent here: this is reported and is no failure."
    if finding.count > 1:
        which = "the smallest of them" if finding.shrunk else "one of them"
        yield f"{finding.count:,} programs fail like this, and this is {which}."
    if finding.outdated:
        yield "This conforms to the specification, but a known deviation states otherwise."
    elif finding.amendments:
        yield f"Held to the specification as amended: {', '.join(finding.amendments)}."
    if finding.rule:
        yield f"Predicted by the model's rule {finding.rule}."
    if finding.note:
        yield finding.note
