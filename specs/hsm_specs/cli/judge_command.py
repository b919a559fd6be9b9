"""``hsmspec judge``: judge recorded traces."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import click

from hsm_specs.catalogue.requirements import select
from hsm_specs.cli.common import existing_file, scheduler_option
from hsm_specs.cli.reports import STDIN, Reports, report_options
from hsm_specs.errors import keeping_verdict
from hsm_specs.machines.names import find_machine
from hsm_specs.optional_dependencies import load
from hsm_specs.oracle.deviations import NONE_KNOWN, deviations_in
from hsm_specs.parallel.cancellation import Cancellation
from hsm_specs.parallel.cluster import cluster
from hsm_specs.parallel.processes import local
from hsm_specs.parallel.worker_pool import WorkerPool
from hsm_specs.report.reporter import (
    JudgingEnded,
    JudgingStarted,
    MachineRemarked,
    ProblemFound,
    ReportEvent,
    TraceDeparted,
    TraceJudged,
)
from hsm_specs.results.events import WorkersLost
from hsm_specs.traces import Judging, JudgingOptions
from hsm_specs.traces.figures import machine_figures
from hsm_specs.traces.format.remarks import Remark

HELP = """Judge the traces in FILES (- for stdin): does the specification allow these observations?

A trace is a program with its observations, as JSON Lines. Each line has an operation and its observation, both as in
the adapter protocol (PROTOCOL.md); "trace" tells interleaved traces apart, "end" ends one:

\b
  {"hsmspec":1,"implementation":"mine","dialect":"v1.25","capabilities":["outputs"]}
  {"trace":"a","op":{"op":"new_registry"},"saw":{"ok":null}}
  {"trace":"a","end":true}

The first line, "trace" and the ends are optional. Files may be compressed with gzip or zstd, and of any size: they are
read line by line, and only traces that have not ended are in memory.

With --workers several files are judged in parallel, and a large file by its traces: in processes of this machine or,
with --scheduler, on an existing Dask cluster (extra `dask`), where all workers need this hsmspec and the files at the
same paths. The result is the same. The share of a lost worker is judged again. Stdin is judged in this process.

Ctrl-C and SIGTERM end judging with a report of everything judged so far.

Each trace is judged up to the first line that the specification does not allow, which is shown with the requirement
that forbids it, or up to where the specification is silent.

\b
Examples:
  hsmspec judge trace.jsonl
  zcat traces/*.gz | hsmspec judge -
  hsmspec judge --deviations known.toml --json result.json trace.jsonl
  hsmspec judge --junit result.xml --html result.html trace.jsonl
  hsmspec judge --workers 4 traces/*.jsonl.zst
  hsmspec judge --scheduler tcp://10.0.0.1:8786 /shared/traces/*.jsonl.zst

Remarks of the recorder about your own machines are shown apart, by the rules of TRACES.md. They leave the exit code as
it is, unless --fail-on-remarks is given; --without-rule switches a rule off. --machine compares the machines of the
traces with a machine of yours, with remarks on its states, edges, terminal states, tasks and timers. --figures prints
what all traces together leave out of the machines in them.

--complete, --min-traces and --require demand more of the traces than that they are allowed.

Exit code 0: everything is allowed, or a known deviation. 1: something is not allowed. 2: a line or a file was not
understood (everything else is judged), a demand is not met, or nothing could be judged.
"""
COLLECTED = 50_000
"""Allocations between two runs of the garbage collector. Ended traces leave few cycles."""


@click.command("judge", help=HELP)
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@existing_file(
    "--deviations",
    metavar="FILE",
    help="Known deviations (TOML); what the specification as amended by them allows is allowed too.",
)
@report_options()
@click.option(
    "--workers", type=click.IntRange(1, 256), help="Processes on this machine, for many or large files.  [default: 1]"
)
@scheduler_option
@click.option("--complete", is_flag=True, help="Demand that no trace broke off.")
@click.option("--min-traces", type=click.IntRange(0), default=0, metavar="N", help="Demand at least N judged traces.")
@click.option("--require", multiple=True, metavar="IDS", help="Demand that these requirements are exercised.")
@click.option(
    "--without-rule", "without_rules", multiple=True, metavar="ID", help="Switch off a rule about machines; repeatable."
)
@click.option(
    "--machine", "name", default="", metavar="NAME", help="Compare with this machine, named as for `diagram machine`."
)
@click.option("--type", "type_name", default="", metavar="TYPE", help="The type of machine to compare with it.")
@click.option(
    "--figures", is_flag=True, help="Print what the traces leave out: states never left, transitions never tried, ..."
)
@click.option("--fail-on-remarks", is_flag=True, help="Exit with 1 if a rule about machines is broken.")
def command(
    files: tuple[str, ...],
    deviations: Path | None,
    workers: int | None,
    scheduler: str | None,
    complete: bool,
    min_traces: int,
    require: tuple[str, ...],
    without_rules: tuple[str, ...],
    name: str,
    type_name: str,
    figures: bool,
    fail_on_remarks: bool,
    reports: Reports,
) -> int:
    """Judge traces and return the exit code."""
    if scheduler is not None and workers is not None:
        raise click.UsageError("A cluster has its own workers: use `--scheduler` without `--workers`.")
    if files.count(STDIN) > 1:
        raise click.UsageError("Stdin can be read only once: name `-` at most once.")
    if type_name and not name:
        raise click.UsageError("`--type` chooses what is compared with `--machine`.")
    if name and STDIN in files:
        raise click.UsageError("Files are read twice to compare them with a machine: name no `-` with `--machine`.")
    if figures and STDIN in files:
        raise click.UsageError("Files are read twice for `--figures`: name no `-` with it.")
    compare = _comparison(files, type_name, name) if name else tuple
    reports.check((*files, deviations))
    required = tuple(entry.id for entry in select(",".join(require))) if require else ()
    known = NONE_KNOWN if deviations is None else deviations_in(deviations)
    named = "" if deviations is None else str(deviations)
    cancellation = Cancellation()

    def write_json(event: ReportEvent) -> None:
        if isinstance(event, JudgingEnded):
            judging.write(event.result)

    emit = reports.reporter(known, None if reports.json_file is None else write_json)
    options = JudgingOptions(
        files,
        known,
        named,
        reports.json_file,
        reproduce=reports.files,
        complete=complete,
        min_traces=min_traces,
        require=required,
        without_rules=without_rules,
        fail_on_remarks=fail_on_remarks,
    )
    judging = Judging(
        options,
        on_trace=lambda judgement: emit(TraceJudged(judgement)),
        on_problem=lambda problem: emit(ProblemFound(problem)),
        on_lost=lambda count: emit(WorkersLost(count)),
        cancellation=cancellation,
        on_departure=lambda judgement: emit(TraceDeparted(judgement)),
        on_remark=lambda remark: emit(MachineRemarked(remark)),
        compare=compare,
        figures=(lambda: machine_figures(files)) if figures else tuple,
    )
    emit(JudgingStarted())
    with judging:
        with _pool(workers or 1, scheduler) as pool, cancellation.listening(), _seldom_collected():
            result = judging.judge(pool)
        with keeping_verdict(result.exit_code):
            emit(JudgingEnded(result, tuple(sorted(known.features))))
    return result.exit_code


def _comparison(files: tuple[str, ...], type_name: str, name: str) -> Callable[[], Iterable[Remark]]:
    reference = find_machine(name)
    comparison = load("hsm_diagrams.trace.comparison")
    return lambda: comparison.machine_remarks(files, type_name, reference)


@contextmanager
def _seldom_collected() -> Generator[None]:
    before = gc.get_threshold()
    gc.set_threshold(COLLECTED)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _pool(workers: int, scheduler: str | None) -> AbstractContextManager[WorkerPool | None]:
    """Return the workers, None to judge in this process."""
    if scheduler is not None:
        return cluster(scheduler)
    return nullcontext() if workers == 1 else local(workers)
