"""What comes of judging traces, in words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from hsm_specs.language import operations as ops
from hsm_specs.language import rendering, values
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import AnyOperation
from hsm_specs.report.finding_text import WIDTH, Style, Styled
from hsm_specs.results.verdicts import Verdict
from hsm_specs.traces.format.names import LoadChildren
from hsm_specs.traces.judging.result import TRACE_VERDICTS, Departure, Result, TraceJudgement

LONGEST: Final = 1000
"""How much of a value is shown."""
SHOWN: Final = 10
"""How many traces and problems are shown in full."""


def trace_lines(judgement: TraceJudgement) -> Iterator[Styled]:
    """A trace that is not simply allowed. What comes from the trace is made fit to be printed."""
    for text, style in _trace_lines(judgement):
        yield Styled("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text), style)


def _trace_lines(judgement: TraceJudgement) -> Iterator[Styled]:
    found = judgement.departure or judgement.known
    departure = None if found is None else found.shown()
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
    wanted, got = values.answer(departure.expected, operation), values.answer(departure.observed, operation)
    if wanted == got:
        wanted, got = f"{wanted}, {_inner(departure.expected)}", f"{got}, {_inner(departure.observed)}"
    yield from _wrapped("      expected: ", wanted, "expected")
    yield from _wrapped("      observed: ", got, "observed")
    if departure.amended:
        yield Styled("    held to the specification as amended by the known deviations", "faint")
    if departure.note:
        yield from _wrapped("    ", departure.note, "note")


def _call(operation: AnyOperation | LoadChildren) -> str:
    if isinstance(operation, LoadChildren):
        root = rendering.call(ops.Load("", operation.type, operation.data, operation.bind, operation.registry))
        return root.replace('""', values.value(operation.children))
    return rendering.call(operation)


def result_lines(result: Result, shown: int, silent: int) -> Iterator[Styled]:
    """The figures and the verdict. ``shown`` traces were shown, and of ``silent`` that are allowed not all
    was judged, or recorded.
    """
    told = sum(count for verdict, count in result.verdicts.items() if verdict != "conforms") + silent
    if told > shown:
        yield Styled(f"... and {told - shown:,} more; --json FILE has them all", "faint")
    broken = [entry for entry in result.requirements if entry.traces]
    if broken and told:
        yield Styled("")
    for entry in broken:
        style: Style = "bad" if entry.verdict is Verdict.DEVIATES else "note"
        row = f"{entry.requirement:<16} {entry.verdict:<16} {_many(entry.traces, 'trace'):>10}  {entry.statement}"
        yield Styled(row, style)
    if told or broken:
        yield Styled("")
    if result.verdicts:
        yield from _figures(result)
    yield _verdict(result)


def _figures(result: Result) -> Iterator[Styled]:
    counts = (f"{result.verdicts[name]:,} {_NAMES[name]}" for name in TRACE_VERDICTS if name in result.verdicts)
    yield Styled(f"{_many(sum(result.verdicts.values()), 'trace')}: {', '.join(counts)}")
    rate = result.operations / max(result.seconds, 1e-3)
    agreeing = _many(sum(1 for entry in result.requirements if entry.operations), "requirement")
    operations = _many(result.operations, "operation")
    yield Styled(f"{operations}, about {agreeing}, {result.seconds:,.1f} s ({rate:,.0f}/s)", "faint")


def more_problems(result: Result) -> str:
    """How many problems there are that were not said, and where they are; empty if there are none."""
    more = result.problem_count - SHOWN
    if more <= 0:
        return ""
    kept = len(result.problems)
    where = "has them" if kept == result.problem_count else f"has the first {kept:,} of all {result.problem_count:,}"
    return f"... and {_many(more, 'more problem')}; --json FILE {where}"


_NAMES: Final = {
    "conforms": "conform",
    "deviates (known)": "deviate as is known",
    "differs": "differ where the documentation is silent",
    "deviates": "deviate",
    "not judged": "not judged",
}


def _verdict(result: Result) -> Styled:
    count = result.problem_count
    if count:
        how = "not everything" if result.operations else "nothing"
        if result.verdicts.get("deviates"):
            how = f"the specification does not allow this, and {how}"
        said = "said above" if count <= SHOWN else f"the first {SHOWN} of them said above"
        how = f"{how[0].upper()}{how[1:]} could be judged: {_many(count, 'problem')}, {said}"
        return Styled(f"{how}{_broken_off(result)}.", "bad")
    if not result.operations:
        return Styled("Nothing could be judged: there is no operation of which the specification says anything.", "bad")
    allowed = "does not allow" if result.exit_code else "allows"
    return Styled(f"The specification {allowed} this{_broken_off(result)}.", "bad" if result.exit_code else "good")


def _broken_off(result: Result) -> str:
    """Return how many traces were not recorded to their ends, as the end of a sentence."""
    match result.unfinished:
        case 0:
            return ""
        case 1:
            return "; 1 trace was not recorded to its end"
        case count:
            return f"; {count:,} traces were not recorded to their ends"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _inner(observation: Observation) -> str:
    inner = observation.inner or ()
    return f"with {_many(len(inner), 'answer')} inside: " + "; ".join(map(values.answer, inner))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _wrapped(prefix: str, text: str, style: Style) -> Iterator[Styled]:
    indent = " " * len(prefix)
    text = _shortened(text)
    for piece in textwrap.wrap(text, WIDTH, initial_indent=prefix, subsequent_indent=indent, break_on_hyphens=False):
        yield Styled(piece, style)
