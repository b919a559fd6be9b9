"""Judged traces as text, and their result as a summary."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language import operations as ops
from hsm_specs.language import rendering, values
from hsm_specs.language.messages import PROTOCOL_VERSION, Greeting
from hsm_specs.language.operations import AnyOperation
from hsm_specs.printable import printable
from hsm_specs.report.rendering import WIDTH, Style, Styled, contrasted, counted
from hsm_specs.report.summary import Found, Summary
from hsm_specs.results.verdicts import Judgement, Verdict
from hsm_specs.traces.figures import MachineFigures
from hsm_specs.traces.format.names import LoadChildren
from hsm_specs.traces.format.remarks import Remark
from hsm_specs.traces.judging.result import (
    EXIT_FORBIDDEN,
    EXIT_UNDECIDED,
    TRACE_VERDICTS,
    Departure,
    JudgingResult,
    RequirementJudgement,
    TraceJudgement,
)

LONGEST: Final = 1000
"""Characters of a value that are shown."""
SHOWN: Final = 10
"""The largest number of traces, and of problems, that are shown in full."""
MOST_PROBLEMS: Final = 20
"""The largest number of problems in a summary."""
SILENT: Final = frozenset({Verdict.NOT_EXERCISED, Verdict.NOT_OFFERED, Verdict.OWED})


def trace_lines(judgement: TraceJudgement) -> Iterator[Styled]:
    """Yield the lines of a trace that is not simply allowed, made printable."""
    for text, style in _trace_lines(judgement):
        yield Styled(printable(text), style)


def _trace_lines(judgement: TraceJudgement) -> Iterator[Styled]:
    found = judgement.departure or judgement.known
    departure = None if found is None else found.readable()
    trace = f", trace {values.quoted(judgement.trace)}" if judgement.trace else ""
    if departure is not None:
        yield from _departure(departure, f"{judgement.file}, line {departure.line}{trace}", judgement)
    if judgement.silence is not None:
        silence = judgement.silence
        unspecified = f"this is not specified ({silence.requirement}: {silence.reason})"
        why = unspecified if silence.requirement else silence.reason
        yield Styled(f"{judgement.file}, line {silence.line}{trace}: not judged from here on; {why}", "note")
    if judgement.unfinished is not None:
        why = _shortened(judgement.unfinished.because) or "no reason is given"
        place = f"{judgement.file}, line {judgement.unfinished.line}{trace}"
        yield Styled(f"{place}: recorded up to here ({why})", "note")


def _departure(departure: Departure, place: str, judgement: TraceJudgement) -> Iterator[Styled]:
    known = judgement.departure is None
    how = "a known deviation" if known else "forbidden" if departure.documented else "the documentation is silent"
    yield Styled(f"{place}: {how}", "note" if known or not departure.documented else "observed")
    yield from _wrapped(f"  {departure.requirement}  ", departure.statement, "title")
    operation = departure.operation
    inside = " inside of a function" if departure.inside else ""
    yield from _wrapped("    ", ("what a function saw" if operation is None else _call(operation)) + inside, "mark")
    wanted, got = contrasted(operation, departure.expected, departure.observed)
    yield from _wrapped("      expected: ", wanted, "expected")
    yield from _wrapped("      observed: ", got, "observed")
    if departure.at is not None:
        yield Styled(f"    at {departure.at}", "mark")
    if departure.amended:
        yield Styled("    held to the specification as amended by the known deviations", "faint")
    if departure.note:
        yield from _wrapped("    ", departure.note, "note")


def remark_lines(remark: Remark) -> Iterator[Styled]:
    """Yield the lines of a remark about a machine, made printable."""
    yield Styled(printable(f"{place_of(remark)}: {remark.rule}"), "warning")
    for line in _wrapped("  ", f"{remark.type}: {remark.what}", ""):
        yield Styled(printable(line.text), line.style)


def place_of(remark: Remark) -> str:
    """Return where a remark was made: in the program if that is known, else in the file of traces or of a machine."""
    if remark.at is not None and remark.at.file:
        return str(remark.at)
    place = f"{remark.file}, line {remark.line}" if remark.line else remark.file or remark.type
    return place if remark.at is None else f"{place} ({remark.at})"


def _call(operation: AnyOperation | LoadChildren) -> str:
    if isinstance(operation, LoadChildren):
        root = rendering.call(ops.Load("", operation.type, operation.data, operation.bind, operation.registry))
        return root.replace('""', values.value(operation.children))
    return rendering.call(operation)


def result_lines(result: JudgingResult, shown: int, silent: int) -> Iterator[Styled]:
    """Yield the figures and the verdict.

    ``shown`` traces were shown; ``silent`` ones are allowed, but were not judged or recorded to their ends.
    """
    other = sum(count for verdict, count in result.verdicts.items() if verdict != "conforms") + silent
    if other > shown:
        yield Styled(f"... and {other - shown:,} more; --json FILE has them all", "faint")
    broken = [entry for entry in result.requirements if entry.traces]
    if broken and other:
        yield Styled("")
    for entry in broken:
        style: Style = "bad" if entry.verdict is Verdict.DEVIATES else "note"
        row = f"{entry.requirement:<16} {entry.verdict:<16} {counted(entry.traces, 'trace'):>10}  {entry.statement}"
        yield Styled(row, style)
    for rule in result.machine:
        count = counted(rule.remarks, "remark")
        yield Styled(f"{rule.rule:<20} {rule.classification:<12} {count:>10}  {rule.statement}", "warning")
    if other or broken or result.machine:
        yield Styled("")
    if result.figures:
        yield from _of_machines(result.figures)
        yield Styled("")
    if result.verdicts:
        yield from _figures(result)
    yield _verdict(result)


def _of_machines(figures: Sequence[MachineFigures]) -> Iterator[Styled]:
    """Yield what the traces leave out of the machines in them."""
    for of in figures:
        states = ", ".join(f"{state or 'no state'} {count:,}" for state, count in of.states.items())
        head = f"{of.type or 'root'}: {counted(of.moves, 'transition')} tried; entered: {states}"
        yield from _printable(_wrapped("", head, "title"))
        for what, entries in (
            ("never left", of.never_left),
            ("never tried", of.never_tried),
            ("never tried from a declared source", of.untried_sources),
            ("tasks never executed", [f"{task}, emitted {_times(n)}" for task, n in of.never_executed.items()]),
        ):
            if entries:
                listed = "; ".join(entry or "no state" for entry in entries)
                yield from _printable(_wrapped("  ", f"{what} ({len(entries)}): {listed}", ""))


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _printable(lines: Iterable[Styled]) -> Iterator[Styled]:
    for line in lines:
        yield Styled(printable(line.text), line.style)


def _figures(result: JudgingResult) -> Iterator[Styled]:
    counts = (f"{result.verdicts[name]:,} {_NAMES[name]}" for name in TRACE_VERDICTS if name in result.verdicts)
    yield Styled(f"{counted(sum(result.verdicts.values()), 'trace')}: {', '.join(counts)}")
    rate = result.operations / max(result.seconds, 1e-3)
    agreeing = counted(sum(1 for entry in result.requirements if entry.operations), "requirement")
    operations = counted(result.operations, "operation")
    yield Styled(f"{operations}, about {agreeing}, {result.seconds:,.1f} s ({rate:,.0f}/s)", "faint")


def more_problems(result: JudgingResult) -> str:
    """Return the number of problems that were not shown, and where they are; empty if all were shown."""
    more = result.problem_count - SHOWN
    if more <= 0:
        return ""
    kept = len(result.problems)
    where = "has them" if kept == result.problem_count else f"has the first {kept:,} of all {result.problem_count:,}"
    return f"... and {counted(more, 'more problem')}; --json FILE {where}"


_NAMES: Final = {
    "conforms": "conform",
    "deviates (known)": "deviate as is known",
    "differs": "differ where the documentation is silent",
    "deviates": "deviate",
    "not judged": "not judged",
}


def _verdict(result: JudgingResult) -> Styled:
    count = result.problem_count
    if count:
        how = "not everything" if result.operations else "nothing"
        if result.verdicts.get("deviates"):
            how = f"the specification does not allow this, and {how}"
        said = "said above" if count <= SHOWN else f"the first {SHOWN} of them said above"
        how = f"{how[0].upper()}{how[1:]} could be judged: {counted(count, 'problem')}, {said}"
        return Styled(f"{how}{_broken_off(result)}.", "bad")
    if not result.operations:
        return Styled("Nothing could be judged: the specification says nothing about any recorded operation.", "bad")
    allowed = "does not allow" if result.verdicts.get("deviates") else "allows"
    machines = MACHINES if result.exit_code and allowed == "allows" else ""
    return Styled(
        f"The specification {allowed} this{machines}{_broken_off(result)}.", "bad" if result.exit_code else "good"
    )


def _broken_off(result: JudgingResult) -> str:
    """Return how many traces were not recorded to their ends, as the end of a sentence."""
    match result.unfinished:
        case 0:
            return ""
        case 1:
            return "; 1 trace was not recorded to its end"
        case count:
            return f"; {count:,} traces were not recorded to their ends"


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _wrapped(prefix: str, text: str, style: Style) -> Iterator[Styled]:
    indent = " " * len(prefix)
    text = _shortened(text)
    for piece in textwrap.wrap(text, WIDTH, initial_indent=prefix, subsequent_indent=indent, break_on_hyphens=False):
        yield Styled(piece, style)


MACHINES: Final = ", but rules about machines are broken"
CONCLUSIONS: Final = {0: "The specification allows this.", 1: "The specification does not allow this."}


def summary_of_traces(result: JudgingResult, without: tuple[str, ...] = ()) -> Summary:
    """Return the result of judging in the form that all reporters share.

    Requirements that the traces say nothing about are left out: no trace has to exercise them.
    """
    findings = {found.finding.requirement: found.finding for found in result.reproductions}
    traces = sum(result.verdicts.values())
    problems = _problems(result)
    conclusion = CONCLUSIONS.get(result.exit_code)
    if result.exit_code == EXIT_FORBIDDEN and not result.verdicts.get("deviates"):
        conclusion = f"{CONCLUSIONS[0].removesuffix('.')}{MACHINES}."
    return Summary(
        kind="traces",
        exit_code=result.exit_code,
        sentences=problems if conclusion is None else (conclusion, *problems),
        amount=(_amount(result),),
        partial=_partial(result),
        problems=problems,
        implementation=_greeting(result),
        programs=traces,
        operations=result.operations,
        seconds=result.seconds,
        requirements=tuple(
            _judgement(entry, () if entry.requirement not in findings else (findings[entry.requirement].id,))
            for entry in result.requirements
            if entry.verdict not in SILENT
        ),
        findings=tuple(Found(finding.id, "", finding) for finding in findings.values()),
        facts=tuple(_facts(result, without)),
        machine=result.machine,
        remarks=result.remarks,
        fails_on_remarks=result.fails_on_remarks,
    )


def _amount(result: JudgingResult) -> str:
    rate = result.operations / max(result.seconds, 1e-3)
    amount = f"{result.operations:,} operations in {sum(result.verdicts.values()):,} traces"
    return f"{amount}, {result.seconds:.1f} s ({rate:,.0f}/s)"


def _facts(result: JudgingResult, without: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield "Files", ", ".join(file.file for file in result.files)
    greeting = _greeting(result)
    if greeting is not None:
        yield "Implementation", f"{greeting.name} {greeting.version}".rstrip()
        if greeting.language:
            yield "Language", greeting.language
    if result.deviations:
        yield "Known deviations", result.deviations
    if result.amendments:
        yield "Held to the specification as amended", ", ".join(result.amendments)
    if without:
        yield "Without", ", ".join(without)
    yield "Amount", _amount(result)


def _partial(result: JudgingResult) -> str:
    if result.exit_code != EXIT_UNDECIDED:
        return ""
    count = result.problem_count
    if count:
        return f"{count:,} problem{'s' * (count > 1)} kept lines or files from being judged"
    return "there is no operation of which the specification says anything"


def _problems(result: JudgingResult) -> tuple[str, ...]:
    said = tuple(problem.message for problem in result.problems[:MOST_PROBLEMS])
    more = result.problem_count - len(said)
    return (*said, f"... and {more:,} more problem{'s' * (more > 1)}.") if more else said


def _greeting(result: JudgingResult) -> Greeting | None:
    """Return the implementation that the headers name, if it is the same in all."""
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
    traces = f"in {counted(entry.traces, 'trace')}" if entry.traces else ""
    return Judgement(
        requirement=entry.requirement,
        area=load_catalogue()[entry.requirement].area,
        statement=entry.statement,
        documented=entry.documented,
        verdict=entry.verdict,
        cases=entry.operations,
        note=traces,
        findings=findings,
        classification=load_catalogue()[entry.requirement].classification,
        owed_by=entry.owed_by,
        judges=load_catalogue()[entry.requirement].judges,
    )
