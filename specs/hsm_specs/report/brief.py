"""A run in a few lines: its areas, and what to run next."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from hsm_specs.catalogue.requirements import load_areas
from hsm_specs.report.rendering import Styled
from hsm_specs.report.sentences import SHORT
from hsm_specs.report.summary import Summary
from hsm_specs.results.verdicts import Judgement, Verdict


def area_lines(judgements: Sequence[Judgement]) -> Iterator[Styled]:
    """Yield a line for each area: how many of its requirements have each verdict. Those that fail are in capitals.

    Areas of which nothing is offered share the last line.
    """
    areas = {area: list(group) for area, group in groupby(judgements, lambda judgement: judgement.area)}
    lacking = [area for area, members in areas.items() if {each.verdict for each in members} == {Verdict.NOT_OFFERED}]
    titles = {area: load_areas()[area].title for area in areas}
    width = max((len(title) for area, title in titles.items() if area not in lacking), default=0)
    for area, members in areas.items():
        if area in lacking:
            continue
        failing = Counter(judgement.verdict for judgement in members if judgement.fails)
        others = Counter(judgement.verdict for judgement in members if not judgement.fails)
        said = [f"{failing[each]} {SHORT[each].upper()}" for each in Verdict if failing[each]]
        said += [f"{others[each]} {SHORT[each].lower()}" for each in Verdict if others[each]]
        yield Styled(f"{titles[area]:<{width}}  {', '.join(said)}", "bad" if failing else "")
    if lacking:
        number = sum(len(areas[area]) for area in lacking)
        yield Styled(f"{number} {SHORT[Verdict.NOT_OFFERED].lower()}: {'; '.join(titles[area] for area in lacking)}")


def next_lines(summary: Summary, most: int) -> Iterator[Styled]:
    """Yield what to run next for each requirement that fails, that of the primary finding first."""
    failing = [judgement for judgement in summary.requirements if judgement.fails]
    if summary.partial:
        failing = [judgement for judgement in failing if judgement.findings]
    failing.sort(key=lambda judgement: summary.primary not in judgement.findings if summary.primary else False)
    files = {found.id: found.file for found in summary.findings if found.file}
    for judgement in failing[:most]:
        file = next((files[name] for name in judgement.findings if name in files), "")
        command = f"hsmspec replay {shlex.quote(file)}" if file else f"hsmspec explain {judgement.requirement}"
        yield Styled(f"  {judgement.requirement:<16} {command}")
        if judgement.note and not file:
            yield Styled(f"  {'':<16} {judgement.note}", "note")
    if len(failing) > most:
        yield Styled(f"  and {len(failing) - most} more; -v lists every requirement", "faint")


def shortened(lines: Sequence[Styled], longest: int) -> list[Styled]:
    """Return lines without those in the middle, if there are more than ``longest``."""
    left_out = len(lines) - longest + 1
    if left_out <= 1:
        return list(lines)
    begin = longest // 3
    return [*lines[:begin], Styled(f"        ... {left_out} lines more", "faint"), *lines[begin + left_out :]]
