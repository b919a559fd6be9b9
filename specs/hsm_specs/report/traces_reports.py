"""The result of judging as that of a run, for those that write runs to files: JUnit, GitHub, a page for a browser."""

from __future__ import annotations

from typing import Final

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language.messages import PROTOCOL_VERSION, Greeting
from hsm_specs.report import result as runs
from hsm_specs.results.events import RunStarted
from hsm_specs.results.verdicts import Judgement, Verdict
from hsm_specs.traces.judging.result import EXIT_UNDECIDED, RequirementJudgement, Result

COMMAND: Final = ("hsmspec", "judge")
MOST_PROBLEMS: Final = 20
"""How many problems are said in words."""
SILENT: Final = frozenset({Verdict.NOT_EXERCISED, Verdict.NOT_OFFERED})


def started(files: tuple[str, ...], deviations: str) -> RunStarted:
    """That judging begins."""
    return RunStarted((*COMMAND, *files), 0, "", 1, 0, (), deviations)


def as_run(result: Result, without: tuple[str, ...] = ()) -> runs.Result:
    """The result of judging as that of a run.

    Requirements that the traces say nothing about are left out: what a trace does not do is no fault of it.
    """
    findings = {found.finding.requirement: found.finding for found in result.reproductions}
    return runs.Result(
        format=runs.FORMAT,
        exit_code=result.exit_code,
        partial=_partial(result),
        problems=_problems(result),
        trouble=None,
        command=(*COMMAND, *(file.file for file in result.files)),
        seed=0,
        budget="",
        selection=(),
        deviations=result.deviations,
        implementation=_greeting(result),
        amendments=result.amendments,
        without=without,
        programs=sum(result.verdicts.values()),
        operations=result.operations,
        seconds=result.seconds,
        scope="",
        pairs=0,
        tried=0,
        requirements=tuple(
            _judgement(entry, () if entry.requirement not in findings else (findings[entry.requirement].id,))
            for entry in result.requirements
            if entry.verdict not in SILENT
        ),
        findings=tuple(runs.Found(finding.id, "", finding) for finding in findings.values()),
        replayed=(),
        reference=None,
        sides={},
    )


def _partial(result: Result) -> str:
    if result.exit_code != EXIT_UNDECIDED:
        return ""
    count = result.problem_count
    if count:
        return f"{count:,} problem{'s' * (count > 1)} kept lines or files from being judged"
    return "there is no operation of which the specification says anything"


def _problems(result: Result) -> tuple[str, ...]:
    said = tuple(problem.message for problem in result.problems[:MOST_PROBLEMS])
    more = result.problem_count - len(said)
    return (*said, f"... and {more:,} more problem{'s' * (more > 1)}.") if more else said


def _greeting(result: Result) -> Greeting | None:
    """Who is named in the headers, if it is one implementation."""
    headers = {(header.implementation, header.version): header for file in result.files for header in file.recordings}
    if len(headers) != 1:
        return None
    [header] = headers.values()
    if not header.implementation:
        return None
    return Greeting(
        protocol=PROTOCOL_VERSION,
        name=header.implementation,
        version=header.version,
        language=header.language,
        capabilities=header.capabilities or (),
        dialect=header.dialect,
    )


def _judgement(entry: RequirementJudgement, findings: tuple[str, ...]) -> Judgement:
    traces = f"in {entry.traces:,} trace{'s' * (entry.traces != 1)}" if entry.traces else ""
    return Judgement(
        requirement=entry.requirement,
        area=load_catalogue()[entry.requirement].area,
        statement=entry.statement,
        documented=entry.documented,
        verdict=entry.verdict,
        cases=entry.operations,
        note=traces,
        findings=findings,
    )
