"""Shards: a file, or those of its traces whose names fall to a shard, judged in any process.

A shard is a function from bytes to bytes, so that any executor can carry it. Each reads the whole file, and skips lines
of other shards after a look at their beginning. Put together, the shards of a file come to what judging all of it in
one process comes to. On another machine the same file has to be there, which is checked.
"""

from __future__ import annotations

import hashlib
import platform
from collections import Counter
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from hsm_specs.engine.random_phase import generator
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.oracle.world import HANDLERS
from hsm_specs.parallel.processes import stopping
from hsm_specs.traces.format.lines import STDIN, Lines
from hsm_specs.traces.format.remarks import Remark
from hsm_specs.traces.judging.file import FileJudging, Shard
from hsm_specs.traces.judging.prefix_cache import OperationKind
from hsm_specs.traces.judging.result import FileResult, Problem, Reproduction, TraceJudgement, TraceVerdict
from hsm_specs.traces.judging.trace import Trace

MOST_PROBLEMS: Final = 1000
"""The number of problems that are kept."""
MOST_REMARKS: Final = 1000
"""The number of remarks about machines that are kept."""
DIVIDED: Final = 8 * 2**20
"""The size in bytes from which a file is divided into shards."""
SAMPLE: Final = 2**16
"""Bytes of a file's beginning, and of its end, that identify it."""
SHARE_STORAGE: Final = (
    "all workers need it at this very path, on storage that they share; without --scheduler it is judged here"
)
_CLASSES: Final[dict[str, type]] = {str(op.__struct_config__.tag): op for op in HANDLERS}  # type: ignore[attr-defined]  # structs


class FileIdentity(Struct, frozen=True):
    """A file by its absolute path, its size in bytes and a hash of its beginning and end."""

    path: str
    size: int
    digest: str

    @classmethod
    def of(cls, path: Path) -> FileIdentity:
        """Return the identity of the file at a path. Raise OSError if it cannot be read."""
        path = path.absolute()
        with path.open("rb") as file:
            size = file.seek(0, 2)
            digest = hashlib.sha256()
            for start in (0, max(0, size - SAMPLE)):
                file.seek(start)
                digest.update(file.read(SAMPLE))
        return cls(str(path), size, digest.hexdigest())

    def mismatch(self) -> str:
        """Return what is wrong with this machine's file, as part of a sentence; empty if it is the one meant."""
        here = f"the worker on {platform.node() or 'another machine'}"
        try:
            found = FileIdentity.of(Path(self.path))
        except OSError as error:
            return f"{here} cannot read {self.path} ({error.strerror or error}); {SHARE_STORAGE}"
        if found.size != self.size:
            size = f"{found.size:,} bytes instead of {self.size:,}"
            return f"{here} has another file at {self.path}, of {size}; {SHARE_STORAGE}"
        if found != self:
            return f"{here} has another file at {self.path}, of the same size; {SHARE_STORAGE}"
        return ""


class ShardJob(Struct, frozen=True):
    """A shard to judge. ``every`` asks for the judgement of each trace, not only of those to be shown; ``without`` are
    rules about machines that are switched off.

    For another machine ``elsewhere`` is the file that it has to have, and ``model`` identifies the model that judges.
    """

    file: str
    index: int
    of: int
    deviations: Deviations
    reproduce: bool
    every: bool
    without: tuple[str, ...] = ()
    elsewhere: FileIdentity | None = None
    model: str = ""


class TraceShardResult(Struct, frozen=True):
    """The result of a shard. ``ended`` is why reading ended before the end of the file, if it did.

    ``problems`` are the first of ``problem_count``, each with its line and whether it is one of the file's end.
    ``judged`` has the line where a trace ended, and what came of it; ``verdicts`` and ``operations`` are those of
    traces that are not there. ``departed`` has the first departure of each requirement by its line. ``remarks`` are the
    first of those that ``remark_counts`` counts by their rules.
    """

    file: FileResult
    problems: tuple[tuple[int, bool, Problem], ...]
    problem_count: int
    judged: tuple[tuple[int, TraceJudgement], ...]
    verdicts: dict[TraceVerdict, int]
    operations: int
    agreed: tuple[tuple[str, str | None, int], ...]
    departed: tuple[tuple[int, str, Reproduction | None], ...]
    remarks: tuple[Remark, ...] = ()
    remark_counts: dict[str, int] = {}
    ended: str = ""

    def kinds(self) -> dict[OperationKind, int]:
        """Return how many operations were answered as expected, by their kind and the error."""
        return {(_CLASSES[name], UNSET if error is None else error): count for name, error, count in self.agreed}


def shards_of(pattern: ShardJob, files: int, workers: int, *, remote: bool) -> list[ShardJob]:
    """Return the shards of the file of a job, one of so many files; none if it can be read only here.

    Each is the job but for the index. A file is divided if it is large and there are too few files to keep all workers
    busy. ``remote`` workers run on other machines.
    """
    path = Path(pattern.file)
    try:
        if pattern.file == STDIN or not path.is_file():
            return []
        of = workers if files < 2 * workers and path.stat().st_size >= DIVIDED else 1
        if remote:
            pattern = replace(pattern, elsewhere=FileIdentity.of(path), model=generator())
    except OSError:
        return []
    return [replace(pattern, index=index, of=of) for index in range(of)]


def judge_shard(job: bytes) -> bytes:
    """Judge an encoded shard. Return what came of it, encoded."""
    wanted = msgspec.json.decode(job, type=ShardJob)
    collector = ResultCollector(wanted)
    trouble = _trouble(wanted)
    if trouble:
        if wanted.index == 0:
            collector.problem(left_out(wanted.file, trouble))
        collector.read(FileResult(wanted.file, 0, ()))
        return msgspec.json.encode(replace(collector.part(), ended=trouble))
    lines = Lines(wanted.file if wanted.elsewhere is None else wanted.elsewhere.path, stopping)
    shard = Shard(wanted.index, wanted.of)
    expectation = Expectation(wanted.deviations)
    FileJudging(collector, wanted.file, expectation, shard, lines=lines, without=wanted.without).run()
    return msgspec.json.encode(replace(collector.part(), ended=lines.ended))


def _trouble(job: ShardJob) -> str:
    """Return what keeps this machine from judging a shard as the sender would; empty if nothing does."""
    if job.elsewhere is None:
        return ""
    if job.model != generator():
        return "a worker has another hsmspec, with another model; the same one belongs on all machines"
    return job.elsewhere.mismatch()


def left_out(file: str, why: str) -> Problem:
    """Return the problem that not all of a file was judged."""
    return Problem(file, 0, f"{file}: not all of it was judged, as {why}.")


def decoded(part: bytes) -> TraceShardResult:
    """Return what came of a shard."""
    return msgspec.json.decode(part, type=TraceShardResult)


class ResultCollector:
    """Collects what is found in a shard of a file."""

    def __init__(self, job: ShardJob) -> None:
        self._job = job
        self._file: FileResult | None = None
        self._problems: list[tuple[int, bool, Problem]] = []
        self._problem_count = 0
        self._judged: list[tuple[int, TraceJudgement]] = []
        self._verdicts: dict[TraceVerdict, int] = {}
        self._operations = 0
        self._agreed: dict[OperationKind, int] = {}
        self._departed: dict[str, tuple[int, str, Reproduction | None]] = {}
        self._remarks: list[Remark] = []
        self._remark_counts: Counter[str] = Counter()

    def problem(self, found: Problem, last: bool = False) -> None:
        """Keep a problem, if there are not too many."""
        self._problem_count += 1
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append((found.line, last, found))

    def judged(self, judgement: TraceJudgement, line: int) -> None:
        """Keep a judgement that is wanted, and count the others."""
        if self._job.every or judgement.verdict != "conforms" or judgement.noted:
            self._judged.append((line, judgement))
        else:
            self._verdicts[judgement.verdict] = self._verdicts.get(judgement.verdict, 0) + 1
            self._operations += judgement.operations

    def departs(self, trace: Trace, file: str, made: tuple[str, str]) -> None:
        """Keep the first departure of each requirement."""
        departure = None if trace.judge is None else trace.judge.departure
        if self._job.reproduce and departure is not None and departure.requirement not in self._departed:
            requirement = departure.requirement
            self._departed[requirement] = departure.line, requirement, trace.reproduction(file, made)

    def remarked(self, found: Remark) -> None:
        """Count a remark, and keep it if there are not too many."""
        self._remark_counts[found.rule] += 1
        if len(self._remarks) < MOST_REMARKS:
            self._remarks.append(found)

    def agreed(self, counts: dict[OperationKind, int]) -> None:
        """Count operations that were answered as expected."""
        for kind, count in counts.items():
            self._agreed[kind] = self._agreed.get(kind, 0) + count

    def read(self, file: FileResult) -> None:
        """Keep the file, which was read."""
        self._file = file

    def part(self) -> TraceShardResult:
        """Return everything collected."""
        if self._file is None:
            raise ValueError("nothing was judged")
        return TraceShardResult(
            file=self._file,
            problems=tuple(self._problems),
            problem_count=self._problem_count,
            judged=tuple(self._judged),
            verdicts=self._verdicts,
            operations=self._operations,
            agreed=tuple(
                (_tag(kind), error if isinstance(error, str) else None, count)
                for (kind, error), count in self._agreed.items()
            ),
            departed=tuple(self._departed.values()),
            remarks=tuple(self._remarks),
            remark_counts=dict(self._remark_counts),
        )


def _tag(kind: Any) -> str:
    return str(kind.__struct_config__.tag)
