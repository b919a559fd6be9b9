"""The report on mutants: a table of requirements and mutants, and what it amounts to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from msgspec import Struct

from hsm_specs.catalogue.requirements import Requirement, load_catalogue
from hsm_specs.engine import COULD_NOT_RUN
from hsm_specs.mutants.manifest import Mutant
from hsm_specs.mutants.scoring import Score
from hsm_specs.report.rendering import Styled
from hsm_specs.report.summary import Summary

ATTRIBUTED = 0.95
"""The part of the mutants that must be named by their own requirement."""
BEYOND, MEDIAN_BEYOND = 6, 4
"""The most operations beyond its set-up that a shrunk program may have, and that the median may have."""
SHOWN = 3
"""The number of other failed requirements that are shown."""
COLUMNS = ("requirement", "mutant", "result", "found by", "after", "program", "named", "also red")


class Report(Struct, frozen=True):
    """The scores and what they amount to.

    ``misattributed`` and ``survivors`` are names of mutants; ``unexplained`` are documented requirements that the
    mutants offer what is needed for and that no mutant shows to be checked, ``out_of_reach`` the other ones.
    """

    mutants: int
    killed: int
    attributed: int
    survivors: tuple[str, ...]
    misattributed: tuple[str, ...]
    too_long: tuple[str, ...]
    median_beyond: float
    most_beyond: int
    median_length: float
    longest: int
    unexplained: tuple[str, ...]
    out_of_reach: tuple[str, ...]
    scores: tuple[Score, ...]

    @classmethod
    def of(cls, scores: Sequence[Score]) -> Report:
        """Return the report on scores."""
        killed = [score for score in scores if score.killed]
        beyond, lengths = [score.beyond for score in killed] or [0], [score.length for score in killed] or [0]
        offered = {capability for score in scores for capability in score.capabilities}
        explained = {score.mutant.requirement for score in scores if score.explained}
        documented = [r for r in load_catalogue().values() if r.classification == "documented"]
        return cls(
            mutants=len(scores),
            killed=len(killed),
            attributed=sum(score.attributed for score in scores),
            survivors=tuple(score.mutant.name for score in scores if not score.killed and not score.not_run),
            misattributed=tuple(score.mutant.name for score in killed if not score.attributed),
            too_long=tuple(score.mutant.name for score in killed if score.beyond - score.mutant.operations > BEYOND),
            median_beyond=median(beyond),
            most_beyond=max(beyond),
            median_length=median(lengths),
            longest=max(lengths),
            unexplained=tuple(r.id for r in documented if r.id not in explained and _reachable(r, offered)),
            out_of_reach=tuple(r.id for r in documented if r.id not in explained and not _reachable(r, offered)),
            scores=tuple(scores),
        )

    @property
    def rate(self) -> float:
        """The share of the mutants that are named by their own requirement."""
        return self.attributed / self.mutants

    @property
    def escaped(self) -> tuple[str, ...]:
        """A sentence that says that mutants survive, empty if none do."""
        return (f"{_number(self.survivors, 'mutant survives', 'mutants survive')}.",) if self.survivors else ()

    @property
    def problems(self) -> tuple[str, ...]:
        """The reasons why the suite is not as strong as it should be, in sentences."""
        found = list(self.escaped)
        if self.rate < ATTRIBUTED:
            found.append(f"Fewer than {ATTRIBUTED:.0%} of the mutants are named by their own requirement.")
        if self.too_long:
            found.append(
                f"More than {BEYOND} operations beyond the set-up, and what a size needs: {', '.join(self.too_long)}."
            )
        if self.median_beyond > MEDIAN_BEYOND:
            found.append(f"The median of operations beyond the set-up is above {MEDIAN_BEYOND}.")
        if self.unexplained:
            found.append(f"Without a mutant that shows them to be checked: {', '.join(self.unexplained)}.")
        return tuple(found)

    def summary(self, problems: Sequence[str]) -> Summary:
        """Return the outcome in the form that all reporters share; ``problems`` are those that matter."""
        undecided = any(score.trouble and not score.killed for score in self.scores)
        return Summary(
            kind="mutants",
            exit_code=COULD_NOT_RUN if undecided else int(bool(problems)),
            sentences=tuple(problems),
            problems=tuple(problems),
            programs=self.mutants,
        )


def _reachable(requirement: Requirement, offered: set[str]) -> bool:
    return offered.issuperset(requirement.capabilities)


def heading(mutants: Sequence[Mutant]) -> Styled:
    """Return the heading of the table."""
    return Styled(_row(COLUMNS, mutants), "title")


def row(score: Score, mutants: Sequence[Mutant]) -> Styled:
    """Return the table row of a mutant."""
    others = [requirement for requirement in score.red if requirement != score.mutant.requirement]
    if not score.killed:
        result = "NOT RUN" if score.trouble else "SURVIVED"
        cells = (score.mutant.requirement, score.mutant.name, result, "", str(score.operations), "", "", "")
        return Styled(_row(cells, mutants) + f"  {score.trouble}".rstrip(), "observed")
    cells = (
        score.mutant.requirement,
        score.mutant.name,
        "killed",
        score.killed_by,
        str(score.after),
        f"{score.beyond} of {score.length}",
        "=" if score.attributed else score.named,
        _listed(others),
    )
    return Styled(_row(cells, mutants), "" if score.attributed else "note")


def report_lines(report: Report, summary: Summary | None = None) -> Iterator[Styled]:
    """Yield the report as text, with the problems of a summary, or all problems."""
    yield Styled("")
    yield Styled(
        f"score: {report.killed} of {report.mutants} mutants killed ({report.killed / report.mutants:.1%})", "title"
    )
    for name in report.survivors:
        yield Styled(f"  survived: {name}: {_mutant(report, name).sentence}", "observed")
    yield Styled(
        f"attribution: {report.attributed} of {report.mutants} named by their own requirement ({report.rate:.1%})"
    )
    for score in report.scores:
        if score.killed and not score.attributed:
            yield Styled(
                f"  misattributed: {score.mutant.name}: breaks {score.mutant.requirement}, named {score.named}", "note"
            )
    yield Styled(
        "shrunk programs: "
        f"{report.median_beyond:g} operations beyond the set-up in the median, {report.most_beyond} at most; "
        f"{report.median_length:g} and {report.longest} with it"
    )
    if report.out_of_reach:
        yield Styled(
            f"documented requirements that no mutant offers what is needed for: {', '.join(report.out_of_reach)}"
        )
    yield from (report.summary(report.problems) if summary is None else summary).closing()


def _mutant(report: Report, name: str) -> Mutant:
    return next(score.mutant for score in report.scores if score.mutant.name == name)


def _row(cells: Sequence[str], mutants: Sequence[Mutant]) -> str:
    requirement, name = (max(len(text) for text in texts) for texts in _texts(mutants))
    widths = (requirement, name, 8, 14, 7, 8, 14)
    padded = [
        cell.rjust(width) if column in ("after", "program") else cell.ljust(width)
        for cell, width, column in zip(cells, widths, COLUMNS, strict=False)
    ]
    return "  ".join([*padded, cells[-1]]).rstrip()


def _texts(mutants: Sequence[Mutant]) -> tuple[list[str], list[str]]:
    return (
        [COLUMNS[0], *(mutant.requirement for mutant in mutants)],
        [COLUMNS[1], *(mutant.name for mutant in mutants)],
    )


def _listed(requirements: Sequence[str]) -> str:
    if len(requirements) > SHOWN + 1:
        return f"{', '.join(requirements[:SHOWN])} and {len(requirements) - SHOWN} more"
    return ", ".join(requirements)


def _number(items: Sequence[object], one: str, many: str) -> str:
    return f"{len(items)} {one if len(items) == 1 else many}"
