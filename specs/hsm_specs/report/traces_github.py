"""The result of judging for GitHub's workflows: an annotation for each place in a file that is not as it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from hsm_specs.report import summary
from hsm_specs.report.annotation import Level, annotation, in_repository
from hsm_specs.report.github_report import GitHubReport, ending
from hsm_specs.report.result import Found, Result
from hsm_specs.report.traces_text import trace_lines
from hsm_specs.results.findings import Finding
from hsm_specs.traces.judging.result import Departure, Problem, TraceJudgement

MOST: Final = 50
"""Departures, and problems, that become annotations. GitHub shows ten of a step, the log all."""


class GitHubTraces(GitHubReport):
    """Is told what came of each trace too, and says of departures and problems where they are."""

    def __init__(self, write: Callable[[str], None], environment: Mapping[str, str]) -> None:
        super().__init__(write, environment)
        self._environment = environment
        self._first: dict[str, tuple[TraceJudgement, Departure]] = {}
        self._more: list[tuple[TraceJudgement, Departure]] = []
        self._problems: list[Problem] = []

    def judged(self, judgement: TraceJudgement) -> None:
        """Takes note of what came of a trace."""
        departure = judgement.departure
        if departure is None:
            return
        if departure.requirement not in self._first:
            self._first[departure.requirement] = judgement, departure
        elif len(self._first) + len(self._more) < MOST:
            self._more.append((judgement, departure))

    def problem(self, problem: Problem) -> None:
        """Takes note of something that could not be understood."""
        if len(self._problems) < MOST:
            self._problems.append(problem)

    def commands(self, result: Result) -> Iterator[str]:
        """A command for each departure, those of different requirements first, for each problem, and for the end."""
        findings = {found.finding.requirement: found.finding for found in result.findings}
        for requirement, (judgement, departure) in self._first.items():
            yield self._departure(judgement, departure, findings.get(requirement))
        for judgement, departure in self._more:
            yield self._departure(judgement, departure)
        for problem in self._problems:
            yield annotation("error", "hsmspec", problem.message, file=self._path(problem.file), line=problem.line)
        yield from ending(result)

    def _departure(self, judgement: TraceJudgement, departure: Departure, finding: Finding | None = None) -> str:
        if finding is None:
            text = "\n".join(line.text for line in trace_lines(judgement))
        else:
            text = summary.whole_text(Found(finding.id, "", finding))
        level: Level = "error" if departure.documented else "notice"
        return annotation(level, departure.requirement, text, file=self._path(judgement.file), line=departure.line)

    def _path(self, file: str) -> str:
        return "" if file == "stdin" else in_repository(file, self._environment)
