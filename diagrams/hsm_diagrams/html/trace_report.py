"""The report on recorded traces: the page of a run, with the first departure of each requirement as a film."""

from __future__ import annotations

from collections.abc import Iterator

from hsm_diagrams.html.run_report import HtmlReport, laid_out
from hsm_specs.files import write_atomically
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.report.result import Result
from hsm_specs.traces.judging.result import EXIT_ALLOWED, EXIT_FORBIDDEN

CONCLUSIONS = {EXIT_ALLOWED: "The specification allows this.", EXIT_FORBIDDEN: "The specification does not allow this."}


class HtmlTraceReport(HtmlReport):
    """Writes the file at the end."""

    def finish(self, result: Result) -> None:
        """Writes the result."""
        write_atomically(self._path, page(result, self._deviations).encode("utf-8"))


def page(result: Result, deviations: Deviations) -> str:
    """The report as one page."""
    sentences = [text for text in (CONCLUSIONS.get(result.exit_code, ""), *result.problems) if text]
    return laid_out(result, deviations, sentences, list(_facts(result)), of_run=False)


def _facts(result: Result) -> Iterator[tuple[str, str]]:
    yield "Files", ", ".join(result.command[2:])
    greeting = result.implementation
    if greeting is not None:
        yield "Implementation", f"{greeting.name} {greeting.version}".rstrip()
        if greeting.language:
            yield "Language", greeting.language
    if result.deviations:
        yield "Known deviations", result.deviations
    if result.amendments:
        yield "Held to the specification as amended", ", ".join(result.amendments)
    rate = result.operations / max(result.seconds, 1e-3)
    amount = f"{result.operations:,} operations in {result.programs:,} traces"
    yield "Amount", f"{amount}, {result.seconds:.1f} s ({rate:,.0f}/s)"
