"""``hsmspec judge``: whether the specification allows what was recorded."""

from __future__ import annotations

import gc
import os
from importlib import import_module
from pathlib import Path

import click

from hsm_specs.cli.common import Color, color_option, existing_file, show, written_file
from hsm_specs.deviations import NONE_KNOWN, Deviations
from hsm_specs.engine.known import deviations_in
from hsm_specs.engine.workers import executor
from hsm_specs.report.github_report import GitHubReport
from hsm_specs.report.junit_report import JUnitReport
from hsm_specs.report.result import Gathering
from hsm_specs.traces import Judging, Options
from hsm_specs.traces.reports import as_run, started
from hsm_specs.traces.result import Problem, TraceJudgement
from hsm_specs.traces.text import SHOWN, result_lines, trace_lines

HELP = """Judge the traces in FILES (- for stdin): does the specification allow what was seen?

A trace is a program with its observations, as JSON Lines. Each line has an operation and what was seen of it, both as
in the adapter protocol (PROTOCOL.md); "trace" tells interleaved traces apart, "end" ends one:

\b
  {"hsmspec":1,"implementation":"mine","dialect":"v1.25","capabilities":["outputs"]}
  {"trace":"a","op":{"op":"new_registry"},"saw":{"ok":null}}
  {"trace":"a","end":true}

The first line, "trace" and the ends are optional. Files may be compressed by gzip or zstd. They are read line by line,
so that they may be of any size; what is kept are the traces that have not ended. With --workers, files are judged side
by side, and a large one by its traces.

Each trace is judged up to the first line that the specification does not allow, which is shown with the requirement
that forbids it, or up to where the specification says nothing any more.

\b
Examples:
  hsmspec judge trace.jsonl
  zcat traces/*.gz | hsmspec judge -
  hsmspec judge --deviations known.toml --json result.json trace.jsonl
  hsmspec judge --junit result.xml --html result.html trace.jsonl
  hsmspec judge --workers 4 traces/*.jsonl.zst

Exit code 0: all that could be judged is allowed, or a known deviation. 1: something is not allowed. 2: a line or a file
was not understood (all else is judged), or nothing could be judged.
"""
COLLECTED = 50_000
"""How many objects are made before the garbage collector looks for cycles: ended traces are few of them."""


@click.command("judge", help=HELP)
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@existing_file(
    "--deviations", metavar="FILE", help="Known deviations (TOML): what the specification as they amend it allows, too."
)
@written_file("--json", "json_file", help="Writes the result as JSON.")
@written_file("--junit", "junit_file", help="Writes the result as JUnit XML, a test case for each requirement.")
@written_file("--html", "html_file", help="Writes the result as one page for a browser (extra `diagrams`).")
@click.option("--github", is_flag=True, help="Annotations and a job summary for a workflow of GitHub.")
@click.option(
    "--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes, for many or large files."
)
@color_option
def command(
    files: tuple[str, ...],
    deviations: Path | None,
    json_file: Path | None,
    junit_file: Path | None,
    html_file: Path | None,
    github: bool,
    workers: int,
    color: Color,
) -> int:
    """Judges traces and answers the exit code."""
    known = NONE_KNOWN if deviations is None else deviations_in(deviations)
    shown = silent = told = 0

    def on_trace(judgement: TraceJudgement) -> None:
        nonlocal shown, silent
        if judgement.silence is not None and judgement.verdict == "conforms":
            silent += 1
        if (judgement.verdict != "conforms" or judgement.silence is not None) and shown < SHOWN:
            shown += 1
            show(trace_lines(judgement), color)

    def on_problem(problem: Problem) -> None:
        nonlocal told
        told += 1
        if told <= SHOWN:
            click.echo(f"hsmspec: {problem.message}", err=True)

    named = "" if deviations is None else str(deviations)
    consumers: list[Gathering] = []
    if junit_file is not None:
        consumers.append(JUnitReport(junit_file, known))
    if html_file is not None:
        consumers.append(html_report(html_file, known))
    if github:
        consumers.append(GitHubReport(click.echo, os.environ))
    for consume in consumers:
        consume(started(files, named))
    options = Options(files, known, named, json_file, reproduce=bool(consumers) or json_file is not None)
    before = gc.get_threshold()
    gc.set_threshold(COLLECTED)
    try:
        with executor(workers) as pool:
            result = Judging(options, on_trace, on_problem).run(None if workers == 1 else pool, workers)
    finally:
        gc.set_threshold(*before)
    if result.problem_count > SHOWN:
        click.echo(f"hsmspec: ... and {result.problem_count - SHOWN} more problems; --json FILE has them", err=True)
    show(result_lines(result, shown, silent), color)
    if consumers:
        run = as_run(result, tuple(sorted(known.features)))
        for consume in consumers:
            consume.finish(run)
    return result.exit_code


def html_report(path: Path, deviations: Deviations) -> Gathering:
    """The consumer that writes a page. Named, not imported: its package builds on this one, and needs an extra."""
    module = import_module("hsm_diagrams.extra").load("hsm_diagrams.html.trace_report")
    consumer: Gathering = module.HtmlTraceReport(path, deviations)
    return consumer
