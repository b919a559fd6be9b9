"""``hsmspec judge``: whether the specification allows what was recorded."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path

import click
from msgspec.structs import replace

from hsm_specs.catalogue.requirements import select
from hsm_specs.cli.common import Color, color_option, existing_file, scheduler_option, show
from hsm_specs.cli.consumers import (
    TRACES_PAGE,
    each,
    emitting,
    gathering,
    github_option,
    html_option,
    json_option,
    junit_option,
)
from hsm_specs.cli.outputs import check_paths
from hsm_specs.oracle.deviations import NONE_KNOWN
from hsm_specs.oracle.known_deviations import deviations_in
from hsm_specs.parallel.cancellation import Stop
from hsm_specs.parallel.worker_pool import Crew, cluster, local
from hsm_specs.report import soak_text
from hsm_specs.report.traces_github import GitHubTraces
from hsm_specs.report.traces_reports import as_run, started
from hsm_specs.report.traces_text import SHOWN, more_problems, result_lines, trace_lines
from hsm_specs.results.events import WorkersLost
from hsm_specs.traces import Judging, Options
from hsm_specs.traces.format.lines import STDIN
from hsm_specs.traces.judging.result import Problem, TraceJudgement

HELP = """Judge the traces in FILES (- for stdin): does the specification allow what was seen?

A trace is a program with its observations, as JSON Lines. Each line has an operation and what was seen of it, both as
in the adapter protocol (PROTOCOL.md); "trace" tells interleaved traces apart, "end" ends one:

\b
  {"hsmspec":1,"implementation":"mine","dialect":"v1.25","capabilities":["outputs"]}
  {"trace":"a","op":{"op":"new_registry"},"saw":{"ok":null}}
  {"trace":"a","end":true}

The first line, "trace" and the ends are optional. Files may be compressed by gzip or zstd. They are read line by line,
so that they may be of any size; what is kept are the traces that have not ended.

With --workers files are judged side by side, and a large one by its traces: on processes of this machine or, with
--scheduler, on an existing cluster of Dask (extra `dask`), where all workers need this hsmspec, and the files at the
same paths. What comes of it is the same. What a lost worker had is judged again. Stdin is judged here.

Ctrl-C and SIGTERM end judging with a report of what was judged so far.

Each trace is judged up to the first line that the specification does not allow, which is shown with the requirement
that forbids it, or up to where the specification says nothing any more.

\b
Examples:
  hsmspec judge trace.jsonl
  zcat traces/*.gz | hsmspec judge -
  hsmspec judge --deviations known.toml --json result.json trace.jsonl
  hsmspec judge --junit result.xml --html result.html trace.jsonl
  hsmspec judge --workers 4 traces/*.jsonl.zst
  hsmspec judge --scheduler tcp://10.0.0.1:8786 /shared/traces/*.jsonl.zst

--complete, --min-traces and --require demand more of the traces than that they are allowed.

Exit code 0: all that could be judged is allowed, or a known deviation. 1: something is not allowed. 2: a line or a file
was not understood (all else is judged), a demand is not met, or nothing could be judged.
"""
COLLECTED = 50_000
"""How many objects are made before the garbage collector looks for cycles: ended traces are few of them."""


@click.command("judge", help=HELP)
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@existing_file(
    "--deviations", metavar="FILE", help="Known deviations (TOML): what the specification as they amend it allows, too."
)
@json_option
@junit_option
@html_option
@github_option
@click.option("--workers", type=click.IntRange(1, 256), help="Processes here, for many or large files.  [default: 1]")
@scheduler_option
@click.option("--complete", is_flag=True, help="Demand that no trace broke off.")
@click.option("--min-traces", type=click.IntRange(0), default=0, metavar="N", help="Demand N judged traces at least.")
@click.option("--require", multiple=True, metavar="IDS", help="Demand that these requirements are exercised.")
@color_option
def command(  # noqa: PLR0915  # the callbacks share counters
    files: tuple[str, ...],
    deviations: Path | None,
    json_file: Path | None,
    junit_file: Path | None,
    html_file: Path | None,
    github: bool,
    workers: int | None,
    scheduler: str | None,
    complete: bool,
    min_traces: int,
    require: tuple[str, ...],
    color: Color,
) -> int:
    """Judges traces and answers the exit code."""
    if scheduler is not None and workers is not None:
        raise click.UsageError("A cluster has its own workers: `--scheduler` goes without `--workers`.")
    if files.count(STDIN) > 1:
        raise click.UsageError("Stdin can be read once: `-` stands among the files once at most.")
    check_paths({"--json": json_file, "--junit": junit_file, "--html": html_file}, (*files, deviations))
    required = tuple(entry.id for entry in select(",".join(require))) if require else ()
    known = NONE_KNOWN if deviations is None else deviations_in(deviations)
    differing = silent = told = 0

    def on_departure(judgement: TraceJudgement) -> None:
        nonlocal differing
        differing += 1
        if differing <= SHOWN:
            show(trace_lines(judgement), color)

    def on_trace(judgement: TraceJudgement) -> None:
        nonlocal differing, silent
        if annotating is not None:
            annotating.judged(judgement)
        if judgement.departure is not None:
            # It was shown when it departed.
            if judgement.noted and differing <= SHOWN:
                show(trace_lines(replace(judgement, departure=None, known=None)), color)
        elif judgement.verdict != "conforms":
            differing += 1
            if differing <= SHOWN:
                show(trace_lines(judgement), color)
        elif judgement.noted:
            # Counted apart, so that however many they are, they are in no departure's place.
            silent += 1
            if silent <= SHOWN:
                show(trace_lines(judgement), color)

    def on_problem(problem: Problem) -> None:
        nonlocal told
        told += 1
        if annotating is not None:
            annotating.problem(problem)
        if told <= SHOWN:
            click.echo(f"hsmspec: {problem.message}", err=True)

    def on_lost(count: int) -> None:
        click.echo(f"hsmspec: {soak_text.lost(WorkersLost(count))}", err=True)

    named = "" if deviations is None else str(deviations)
    consumers = gathering(known, junit_file=junit_file, html_file=html_file, page=TRACES_PAGE)
    annotating = GitHubTraces(click.echo, os.environ) if github else None
    if annotating is not None:
        consumers.append(annotating)
    emitting(consumers)(started(files, named))
    options = Options(
        files,
        known,
        named,
        json_file,
        reproduce=bool(consumers) or json_file is not None,
        complete=complete,
        min_traces=min_traces,
        require=required,
    )
    stop = Stop()
    with Judging(options, on_trace, on_problem, on_lost, stop, on_departure) as judging:
        with _crew(workers or 1, scheduler) as crew, stop.listening(), _seldom_collected():
            result = judging.judge(crew)
        if more := more_problems(result):
            click.echo(f"hsmspec: {more}", err=True)
        show(result_lines(result, min(differing, SHOWN) + min(silent, SHOWN), silent), color)
        run = as_run(result, tuple(sorted(known.features)))
        each([partial(judging.write, result), *(partial(consumer.finish, run) for consumer in consumers)])
    return result.exit_code


@contextmanager
def _seldom_collected() -> Generator[None]:
    before = gc.get_threshold()
    gc.set_threshold(COLLECTED)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _crew(workers: int, scheduler: str | None) -> AbstractContextManager[Crew | None]:
    """Who judges: others, or nobody but this process."""
    if scheduler is not None:
        return cluster(scheduler)
    return nullcontext() if workers == 1 else local(workers)
