"""Who is told what comes of a run, a soak or of judging, beside the terminal: files, and GitHub's workflows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

from hsm_specs.cli.common import written_file
from hsm_specs.errors import InputError, ToolError
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.report.github_report import GitHubReport
from hsm_specs.report.json_report import JsonReport
from hsm_specs.report.junit_report import JUnitReport
from hsm_specs.report.result import ResultCollector
from hsm_specs.results.events import Consumer, Event

RUN_PAGE: Final = "hsm_diagrams.html.run_report", "HtmlReport"
TRACES_PAGE: Final = "hsm_diagrams.html.trace_report", "HtmlTraceReport"
"""The consumers that write pages. Named, not imported: their package builds on this one, and needs an extra."""

json_option = written_file("--json", "json_file", help="Writes the result as JSON.")
junit_option = written_file(
    "--junit", "junit_file", help="Writes the result as JUnit XML, a test case for each requirement."
)
html_option = written_file(
    "--html", "html_file", help="Writes the result as one page for a browser (extra `diagrams`)."
)
github_option = click.option("--github", is_flag=True, help="Annotations and a job summary for a workflow of GitHub.")


def gathering(
    deviations: Deviations,
    *,
    json_file: Path | None = None,
    junit_file: Path | None = None,
    html_file: Path | None = None,
    page: tuple[str, str] = RUN_PAGE,
    github: bool = False,
) -> list[ResultCollector]:
    """Those that options ask for. They write when all is over."""
    found: list[ResultCollector] = []
    if json_file is not None:
        found.append(JsonReport(json_file))
    if junit_file is not None:
        found.append(JUnitReport(junit_file, deviations))
    if html_file is not None:
        found.append(_page(*page)(html_file, deviations))
    if github:
        found.append(GitHubReport(click.echo, os.environ))
    return found


def emitting(consumers: Sequence[Consumer]) -> Consumer:
    """Hands an event on to all."""

    def emit(event: Event) -> None:
        each(partial(consume, event) for consume in consumers)

    return emit


def each(calls: Iterable[Callable[[], None]]) -> None:
    """Makes all calls: if a file cannot be written, others are all the same. What went wrong is raised afterwards."""
    errors: list[ToolError] = []
    for call in calls:
        try:
            call()
        except ToolError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise InputError(" ".join(map(str, errors)))


def _page(module: str, name: str) -> Any:
    return getattr(import_module("hsm_diagrams.optional_dependencies").load(module), name)
