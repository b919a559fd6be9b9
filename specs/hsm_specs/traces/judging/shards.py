"""Shares: a file, or those of its traces whose names fall to a share, judged by whatever process.

A share is a function from bytes to bytes, so that any executor can carry it. Each reads the whole file, and passes over
lines of other shares at the cost of looking at their beginning; so the shares of a file tell, put together, what one
judge of all of it tells. On another machine the file has to be there too, which is made sure of.
"""

from __future__ import annotations

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
from hsm_specs.traces.format.file_identity import Copy, copy_at, trouble_with
from hsm_specs.traces.format.lines import STDIN, Lines
from hsm_specs.traces.judging.file_judging import FileJudging, Share
from hsm_specs.traces.judging.prefix_cache import Kind
from hsm_specs.traces.judging.result import FileResult, Problem, Reproduction, TraceJudgement, TraceVerdict
from hsm_specs.traces.judging.trace import Trace

MOST_PROBLEMS: Final = 1000
"""How many problems are kept."""
DIVIDED: Final = 8 * 2**20
"""From how many bytes on a file is divided into shares."""
_CLASSES: Final[dict[str, type]] = {str(op.__struct_config__.tag): op for op in HANDLERS}  # type: ignore[attr-defined]  # structs


class Job(Struct, frozen=True):
    """A share to judge. ``every`` says whether what came of each trace is wanted, or only of those to be told.

    ``elsewhere`` is, for another machine, the copy of the file that it has to have, and ``model`` says which model
    judges.
    """

    file: str
    index: int
    of: int
    deviations: Deviations
    reproduce: bool
    every: bool
    elsewhere: Copy | None = None
    model: str = ""


class Part(Struct, frozen=True):
    """What came of a share. ``ended`` says why reading ended before the end of the file, if it did.

    ``problems`` are the first of ``problem_count``, each with its line and whether it is one of the file's end.
    ``judged`` has the line where a trace ended, and what came of it; ``verdicts`` and ``operations`` are those of
    traces that are not there. ``departed`` has the first departure of each requirement by its line.
    """

    file: FileResult
    problems: tuple[tuple[int, bool, Problem], ...]
    problem_count: int
    judged: tuple[tuple[int, TraceJudgement], ...]
    verdicts: dict[TraceVerdict, int]
    operations: int
    agreed: tuple[tuple[str, str | None, int], ...]
    departed: tuple[tuple[int, str, Reproduction | None], ...]
    ended: str = ""

    def kinds(self) -> dict[Kind, int]:
        """How many operations were answered as they had to be, by their kind and the error."""
        return {(_CLASSES[name], UNSET if error is None else error): count for name, error, count in self.agreed}


def shares(pattern: Job, files: int, workers: int, *, remote: bool) -> list[Job]:
    """The shares of the file of a job, of which there are so many; none of one that can be read only here.

    Each is the job but for the index. A file is divided if it is large, and there are not enough files for all workers
    to have something to do. ``remote`` workers run on other machines.
    """
    path = Path(pattern.file)
    try:
        if pattern.file == STDIN or not path.is_file():
            return []
        of = workers if files < 2 * workers and path.stat().st_size >= DIVIDED else 1
        if remote:
            pattern = replace(pattern, elsewhere=copy_at(path), model=generator())
    except OSError:
        return []
    return [replace(pattern, index=index, of=of) for index in range(of)]


def judge_share(job: bytes) -> bytes:
    """Judges an encoded share. Answers what came of it, encoded."""
    wanted = msgspec.json.decode(job, type=Job)
    collecting = Collecting(wanted)
    trouble = _trouble(wanted)
    if trouble:
        if wanted.index == 0:
            collecting.problem(left_out(wanted.file, trouble))
        collecting.read(FileResult(wanted.file, 0, ()))
        return msgspec.json.encode(replace(collecting.part(), ended=trouble))
    lines = Lines(wanted.file if wanted.elsewhere is None else wanted.elsewhere.path, stopping)
    share = Share(wanted.index, wanted.of)
    FileJudging(collecting, wanted.file, Expectation(wanted.deviations), share, lines=lines).run()
    return msgspec.json.encode(replace(collecting.part(), ended=lines.ended))


def _trouble(job: Job) -> str:
    """What keeps this machine from judging a share as the one that sent it would; empty if nothing does."""
    if job.elsewhere is None:
        return ""
    if job.model != generator():
        return "a worker has another hsmspec, with another model; the same one belongs on all machines"
    return trouble_with(job.elsewhere)


def left_out(file: str, why: str) -> Problem:
    """That not all of a file was judged."""
    return Problem(file, 0, f"{file}: not all of it was judged, as {why}.")


def decoded(part: bytes) -> Part:
    """What came of a share."""
    return msgspec.json.decode(part, type=Part)


class Collecting:
    """Gathers what is told about a share of a file."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._file: FileResult | None = None
        self._problems: list[tuple[int, bool, Problem]] = []
        self._problem_count = 0
        self._judged: list[tuple[int, TraceJudgement]] = []
        self._verdicts: dict[TraceVerdict, int] = {}
        self._operations = 0
        self._agreed: dict[Kind, int] = {}
        self._departed: dict[str, tuple[int, str, Reproduction | None]] = {}

    def problem(self, found: Problem, last: bool = False) -> None:
        """Something could not be understood."""
        self._problem_count += 1
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append((found.line, last, found))

    def judged(self, judgement: TraceJudgement, line: int) -> None:
        """What came of a trace."""
        if self._job.every or judgement.verdict != "conforms" or judgement.noted:
            self._judged.append((line, judgement))
        else:
            self._verdicts[judgement.verdict] = self._verdicts.get(judgement.verdict, 0) + 1
            self._operations += judgement.operations

    def departs(self, trace: Trace, made: tuple[str, str]) -> None:
        """A trace departs."""
        departure = trace.departure
        if self._job.reproduce and departure is not None and departure.requirement not in self._departed:
            requirement = departure.requirement
            self._departed[requirement] = departure.line, requirement, trace.reproduction(made)

    def agreed(self, counts: dict[Kind, int]) -> None:
        """How many operations were answered as they had to be."""
        for kind, count in counts.items():
            self._agreed[kind] = self._agreed.get(kind, 0) + count

    def read(self, file: FileResult) -> None:
        """The file was read."""
        self._file = file

    def part(self) -> Part:
        """All of it."""
        if self._file is None:
            raise ValueError("nothing was judged")
        return Part(
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
        )


def _tag(kind: Any) -> str:
    return str(kind.__struct_config__.tag)
