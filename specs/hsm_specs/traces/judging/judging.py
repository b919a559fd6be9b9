"""Judges files of traces line by line. Only open traces are kept; one that is over is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from hsm_specs.attribution.tables import DEFAULT_REQUIREMENT, REFUSALS
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.errors import InputError, ToolError
from hsm_specs.language import operations as ops
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.cancellation import Cancellation
from hsm_specs.parallel.worker_pool import WorkerPool
from hsm_specs.results.verdicts import Tally, Verdict, verdict
from hsm_specs.traces.figures import MachineFigures
from hsm_specs.traces.format.lines import STOPPED, Lines, shown_name
from hsm_specs.traces.format.record import Header
from hsm_specs.traces.format.remarks import OTHER_RULE, STATEMENTS, MachineRule, Remark
from hsm_specs.traces.judging.executions import OBLIGATIONS
from hsm_specs.traces.judging.file import FileJudging, Shared
from hsm_specs.traces.judging.result import (
    EXIT_ALLOWED,
    EXIT_FORBIDDEN,
    EXIT_UNDECIDED,
    FORMAT,
    TRACE_VERDICTS,
    FileResult,
    JudgingResult,
    Problem,
    Reproduction,
    RequirementJudgement,
    Spool,
    TraceJudgement,
    TraceVerdict,
    Unfinished,
)
from hsm_specs.traces.judging.sharding import JudgedShard, Sharding
from hsm_specs.traces.judging.shards import MOST_PROBLEMS, MOST_REMARKS, ShardJob, TraceShardResult, left_out
from hsm_specs.traces.judging.trace import Trace

_SHOWN = REFUSALS | {(ops.Execute, obligation): obligation for obligation in OBLIGATIONS}
"""The requirements that counts of operations are evidence of, where it is not the default one."""


@dataclass(frozen=True)
class JudgingOptions:
    """The recordings to judge, the semantics to judge them by, and the requirements on them."""

    files: Sequence[str]
    deviations: Deviations = NONE_KNOWN
    deviations_file: str = ""
    json_file: Path | None = None
    reproduce: bool = False
    """Whether to shrink the first departure of each requirement."""
    complete: bool = False
    """Whether a trace that broke off is a problem."""
    min_traces: int = 0
    """The least number of traces to judge."""
    require: tuple[str, ...] = ()
    """The requirements that have to be exercised."""
    without_rules: tuple[str, ...] = ()
    """The rules about machines that are switched off."""
    fail_on_remarks: bool = False
    """Whether a remark about a machine makes the exit code 1."""


class Judging:
    """Judges files.

    ``on_departure`` receives each trace that departs as soon as it does, ``on_trace`` each trace once it is over,
    ``on_problem`` what could not be understood, ``on_remark`` remarks about machines, and ``on_lost`` how many worker
    processes were lost so far. ``compare`` returns remarks on all files, after they were judged, and ``figures`` what
    they leave out. Once ``cancellation`` is requested, nothing more is read, and the result is of what was.
    """

    def __init__(
        self,
        options: JudgingOptions,
        on_trace: Callable[[TraceJudgement], None] = lambda _: None,
        on_problem: Callable[[Problem], None] = lambda _: None,
        on_lost: Callable[[int], None] = lambda _: None,
        cancellation: Cancellation | None = None,
        on_departure: Callable[[TraceJudgement], None] = lambda _: None,
        on_remark: Callable[[Remark], None] = lambda _: None,
        compare: Callable[[], Iterable[Remark]] = tuple,
        figures: Callable[[], tuple[MachineFigures, ...]] = tuple,
    ) -> None:
        self.options = options
        self._on_lost, self._cancellation = on_lost, cancellation or Cancellation()
        self._on_trace, self._on_problem, self._on_departure = on_trace, on_problem, on_departure
        self._on_remark, self._compare, self._find_figures = on_remark, compare, figures
        self._figures: tuple[MachineFigures, ...] = ()
        self._spool = Spool(options.json_file)
        self._problems: list[Problem] = []
        self._problem_count = 0
        self._remarks: list[Remark] = []
        self._remark_counts: Counter[str] = Counter()
        self._files: list[FileResult] = []
        self._verdicts: Counter[TraceVerdict] = Counter()
        self._departed: Counter[str] = Counter()
        self._forbidding: set[str] = set()
        """Requirements by which a trace is not allowed."""
        self._known: Counter[str] = Counter()
        self._agreed: dict[tuple[type, Any], int] = {}
        self._operations = 0
        self._unfinished = 0
        self._found = False
        """Whether the file that is being judged has an operation."""
        self._offered: set[str] | None = set()
        self._reproductions: dict[str, Reproduction | None] = {}

    def run(self, pool: WorkerPool | None = None) -> JudgingResult:
        """Judge all files, on a worker pool if there is one, and write the result. The workers do not affect it."""
        with self:
            result = self.judge(pool)
            self.write(result)
        return result

    def __enter__(self) -> Judging:
        return self

    def __exit__(self, *error: object) -> None:
        """Delete what was kept."""
        self._spool.close()

    def judge(self, pool: WorkerPool | None = None) -> JudgingResult:
        """Judge all files, and write nothing."""
        started = perf_counter()
        if pool is None:
            shared: Shared = {}
            for name in self.options.files:
                with self._having_operations(name):
                    self._judge_here(name, shared)
        else:
            self._judge_by(pool)
        self._remark_on_differences()
        self._take_figures()
        return self._result(perf_counter() - started)

    def _remark_on_differences(self) -> None:
        if self._cancellation.requested:
            return
        try:
            for remark in self._compare():
                if remark.rule not in self.options.without_rules:
                    self.remarked(remark)
        except InputError as error:
            self.problem(
                Problem(shown_name(self.options.files[0]), 0, f"Nothing was compared with the machine: {error}")
            )

    def _take_figures(self) -> None:
        if self._cancellation.requested:
            return
        try:
            self._figures = self._find_figures()
        except InputError as error:
            self.problem(Problem(shown_name(self.options.files[0]), 0, f"There are no figures of machines: {error}"))

    def write(self, result: JudgingResult) -> None:
        """Write the file, if one is wanted. Raise InputError if that is not possible."""
        self._spool.write(result)

    def _judge_here(self, name: str, shared: Shared | None = None) -> None:
        if self._cancellation.requested:
            shown = shown_name(name)
            self._files.append(FileResult(shown, 0, ()))
            self._left_out(shown, STOPPED)
            return
        lines = Lines(name, lambda: self._cancellation.requested, self._cancellation.waiting)
        expectation, without = Expectation(self.options.deviations), self.options.without_rules
        FileJudging(self, name, expectation, shared=shared, lines=lines, without=without).run()

    def _judge_by(self, pool: WorkerPool) -> None:
        options = self.options
        every = options.json_file is not None
        pattern = ShardJob("", 0, 1, options.deviations, options.reproduce, every, options.without_rules)
        for name, shards in Sharding(pool, self._cancellation, self._on_lost).run(options.files, pattern):
            with self._having_operations(name):
                if shards:
                    self._came(name, shards)
                else:
                    self._judge_here(name)

    def _came(self, name: str, shards: Sequence[JudgedShard]) -> None:
        """Merge the results of the shards of a file."""
        parts = [shard for shard in shards if isinstance(shard, TraceShardResult)]
        if parts:
            self._merge(parts)
        else:
            self._files.append(FileResult(name, 0, ()))
        ends = dict.fromkeys(shard.ended if isinstance(shard, TraceShardResult) else shard for shard in shards)
        # All shards stop reading where the file ends. If it breaks off before, the first one has reported that already.
        reported = shards[0].ended if isinstance(shards[0], TraceShardResult) else ""
        for why in ends:
            if why not in ("", reported):
                self._left_out(name, why)

    @contextmanager
    def _having_operations(self, name: str) -> Generator[None]:
        """Report a file without operations as a problem, unless another problem may be the reason."""
        self._found, before = False, self._problem_count
        yield
        if not self._found and self._problem_count == before:
            shown = shown_name(name)
            self.problem(Problem(shown, 0, f"{shown} has no operation."))

    def _merge(self, parts: Sequence[TraceShardResult]) -> None:
        """Merge all shards of a file, in the order in which judging it in one process reports them."""
        problems = sorted((entry for part in parts for entry in part.problems), key=lambda entry: entry[:2])
        for _, _, found in problems[:MOST_PROBLEMS]:
            self.problem(found)
        self._problem_count += sum(part.problem_count for part in parts) - len(problems[:MOST_PROBLEMS])
        for line, judgement, ends in sorted(_events(parts), key=lambda event: (event[0], event[1].line)):
            if ends:
                self.judged(judgement, line)
            else:
                self._on_departure(judgement)
        for remark in sorted((remark for part in parts for remark in part.remarks), key=lambda remark: remark.line):
            self._keep(remark)
        for part in parts:
            self._remark_counts.update(part.remark_counts)
        departed = [entry for part in parts for entry in part.departed]
        for _, requirement, reproduction in sorted(departed, key=lambda entry: entry[0]):
            self._reproductions.setdefault(requirement, reproduction)
        for part in parts:
            self._verdicts.update(part.verdicts)
            self._operations += part.operations
            self._found = self._found or part.operations > 0
            self.agreed(part.kinds())
        self.read(max((part.file for part in parts), key=lambda file: file.lines))

    def _left_out(self, file: str, why: ToolError | str) -> None:
        """Report a file that was not judged to its end, or not at all."""
        if isinstance(why, ToolError):
            self.problem(Problem(file, 0, f"{file}: not all of it was judged. {why}"))
        else:
            self.problem(left_out(file, why))

    def problem(self, found: Problem, last: bool = False) -> None:
        """Keep and report a problem."""
        self._problem_count += 1
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(found)
        self._on_problem(found)

    def read(self, file: FileResult) -> None:
        """Keep a file that was read."""
        self._files.append(file)
        if self._offered is not None:
            for header in file.recordings or (Header(FORMAT),):
                if header.capabilities is None:
                    self._offered = None
                    break
                self._offered |= set(header.capabilities)

    def judged(self, judgement: TraceJudgement, line: int) -> None:
        """Count and report the result for a trace, at the line where it ended."""
        self._verdicts[judgement.verdict] += 1
        self._operations += judgement.operations
        self._found = self._found or judgement.operations > 0 or judgement.silence is not None
        if judgement.unfinished is not None:
            self._unfinished += 1
            if self.options.complete:
                self.problem(_broken_off(judgement, judgement.unfinished))
        if judgement.departure is not None:
            self._departed[judgement.departure.requirement] += 1
            if judgement.departure.documented:
                self._forbidding.add(judgement.departure.requirement)
        if judgement.known is not None:
            self._known[judgement.known.requirement] += 1
        self._spool.add(judgement)
        self._on_trace(judgement)

    def departs(self, trace: Trace, file: str, made: tuple[str, str]) -> None:
        """Report a departure, and reproduce the first of each requirement if wanted."""
        departure = None if trace.judge is None else trace.judge.departure
        if departure is not None:
            self._on_departure(trace.judgement(file))
        if self.options.reproduce and departure is not None and departure.requirement not in self._reproductions:
            self._reproductions[departure.requirement] = trace.reproduction(file, made)

    def remarked(self, found: Remark) -> None:
        """Count and report a remark about a machine."""
        self._remark_counts[found.rule] += 1
        self._keep(found)

    def _keep(self, found: Remark) -> None:
        if len(self._remarks) < MOST_REMARKS:
            self._remarks.append(found)
            self._on_remark(found)

    def agreed(self, counts: dict[tuple[type, Any], int]) -> None:
        """Count operations that were answered as expected, by their kind and the error."""
        for kind, count in counts.items():
            self._agreed[kind] = self._agreed.get(kind, 0) + count

    def _unmet(self, requirements: Sequence[RequirementJudgement]) -> Iterator[str]:
        """Yield the demands on the traces that are not met."""
        judged = sum(count for name, count in self._verdicts.items() if name != "not judged")
        if judged < self.options.min_traces:
            were = "1 trace was" if judged == 1 else f"{judged:,} traces were"
            yield f"{were} judged, and --min-traces demands {self.options.min_traces:,}."
        exercised = {entry.requirement for entry in requirements if entry.operations or entry.traces}
        for requirement in self.options.require:
            if requirement not in exercised:
                yield f"no trace exercises {requirement}, which --require demands."

    def _result(self, seconds: float) -> JudgingResult:
        requirements = tuple(self._requirements())
        for message in self._unmet(requirements):
            self.problem(Problem(shown_name(self.options.files[0]), 0, message))
        deviating = self._verdicts["deviates"] or (self.options.fail_on_remarks and self._remark_counts)
        undecided = self._problem_count or not self._operations
        return JudgingResult(
            format=FORMAT,
            exit_code=EXIT_UNDECIDED if undecided else EXIT_FORBIDDEN if deviating else EXIT_ALLOWED,
            deviations=self.options.deviations_file,
            amendments=self.options.deviations.amendments,
            operations=self._operations,
            seconds=round(seconds, 3),
            verdicts={name: self._verdicts[name] for name in TRACE_VERDICTS if name in self._verdicts},
            unfinished=self._unfinished,
            files=tuple(self._files),
            problem_count=self._problem_count,
            problems=tuple(self._problems),
            requirements=requirements,
            reproductions=tuple(found for found in self._reproductions.values() if found is not None),
            machine=tuple(
                MachineRule(rule=rule, statement=STATEMENTS.get(rule, OTHER_RULE), remarks=count)
                for rule, count in sorted(self._remark_counts.items())
            ),
            remarks=tuple(self._remarks),
            fails_on_remarks=self.options.fail_on_remarks,
            figures=self._figures,
        )

    def _requirements(self) -> list[RequirementJudgement]:
        shown: Counter[str] = Counter()
        for (operation, error), count in self._agreed.items():
            shown[_SHOWN.get((operation, error), DEFAULT_REQUIREMENT[operation])] += count
        judged: list[RequirementJudgement] = []
        for entry in load_catalogue().values():
            if entry.classification == "unspecified" and not self._departed[entry.id]:
                continue
            tally = Tally(exercised=shown[entry.id], known=self._known[entry.id], deviating=self._departed[entry.id])
            documented = entry.classification == "documented" or entry.id in self._forbidding
            offered = self._offered is None or set(entry.capabilities) <= self._offered or tally != Tally()
            says = verdict(tally, documented=documented, offered=offered, expected_to_deviate=False)
            traces = tally.known + tally.deviating
            if entry.owed_by is not None and says is Verdict.NOT_EXERCISED:
                says = Verdict.OWED
            numbers = tally.exercised, traces
            judged.append(RequirementJudgement(entry.id, entry.statement, documented, says, *numbers, entry.owed_by))
        return judged


def _events(parts: Sequence[TraceShardResult]) -> Iterator[tuple[int, TraceJudgement, bool]]:
    """Yield the departures and the ends of traces, which are true: each with its line."""
    for part in parts:
        for line, judgement in part.judged:
            if judgement.departure is not None:
                yield judgement.departure.line, judgement, False
            yield line, judgement, True


def _broken_off(judgement: TraceJudgement, unfinished: Unfinished) -> Problem:
    trace = f"trace {judgement.trace!r}" if judgement.trace else "the trace"
    why = unfinished.because or "no reason is given"
    place = f"{judgement.file}, line {unfinished.line}"
    return Problem(judgement.file, unfinished.line, f"{place}: {trace} was recorded only up to here ({why}).")
