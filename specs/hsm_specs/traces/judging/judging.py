"""Judges files of traces line by line. What is kept is what is open: a trace that is over is only counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from hsm_specs.attribution.tables import DEFAULT_REQUIREMENT, REFUSALS
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.errors import ToolError
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.cancellation import Stop
from hsm_specs.parallel.worker_pool import Crew
from hsm_specs.results.verdicts import Tally, verdict
from hsm_specs.traces.format.languages import Languages
from hsm_specs.traces.format.lines import STOPPED, Lines, shown_name
from hsm_specs.traces.format.record import Header
from hsm_specs.traces.judging.file_judging import FileJudging
from hsm_specs.traces.judging.result import (
    EXIT_ALLOWED,
    EXIT_FORBIDDEN,
    EXIT_UNDECIDED,
    FORMAT,
    TRACE_VERDICTS,
    FileResult,
    Problem,
    Reproduction,
    RequirementJudgement,
    Result,
    Spool,
    TraceJudgement,
    TraceVerdict,
)
from hsm_specs.traces.judging.sharding import Came, Handing
from hsm_specs.traces.judging.shards import MOST_PROBLEMS, Job, Part, left_out
from hsm_specs.traces.judging.trace import Trace


@dataclass(frozen=True)
class Options:
    """What is to be judged, and by what."""

    files: Sequence[str]
    deviations: Deviations = NONE_KNOWN
    deviations_file: str = ""
    json_file: Path | None = None
    reproduce: bool = False
    """Whether the first departure of each requirement is to be made small."""


class Judging:
    """Judges files.

    ``on_trace`` is told what came of each trace, ``on_problem`` what could not be understood, and ``on_lost`` how many
    worker processes were lost so far. Once ``stop`` is asked for, nothing more is read, and there is a result of what
    was.
    """

    def __init__(
        self,
        options: Options,
        on_trace: Callable[[TraceJudgement], None] = lambda _: None,
        on_problem: Callable[[Problem], None] = lambda _: None,
        on_lost: Callable[[int], None] = lambda _: None,
        stop: Stop | None = None,
    ) -> None:
        self.options = options
        self._on_lost, self._stop = on_lost, stop or Stop()
        self._on_trace, self._on_problem = on_trace, on_problem
        self._spool = Spool(options.json_file)
        self._problems: list[Problem] = []
        self._problem_count = 0
        self._files: list[FileResult] = []
        self._verdicts: Counter[TraceVerdict] = Counter()
        self._departed: Counter[str] = Counter()
        self._known: Counter[str] = Counter()
        self._agreed: dict[tuple[type, Any], int] = {}
        self._operations = 0
        self._unfinished = 0
        self._found = False
        """Whether there is an operation in the file that is being judged."""
        self._offered: set[str] | None = set()
        self._reproductions: dict[str, Reproduction | None] = {}

    def run(self, crew: Crew | None = None) -> Result:
        """Judges all files, by a crew if there is one, and writes the result. Who judges changes no result."""
        with self:
            result = self.judge(crew)
            self.write(result)
        return result

    def __enter__(self) -> Judging:
        return self

    def __exit__(self, *error: object) -> None:
        """Lets go of what was kept."""
        self._spool.close()

    def judge(self, crew: Crew | None = None) -> Result:
        """Judges all files, and writes nothing."""
        started = perf_counter()
        if crew is None:
            languages = Languages()
            for name in self.options.files:
                with self._having_operations(name):
                    self._judge_here(name, languages)
        else:
            self._judge_by(crew)
        return self._result(perf_counter() - started)

    def write(self, result: Result) -> None:
        """Writes the file, if one is wanted. Raises InputError if that is not possible."""
        self._spool.write(result)

    def _judge_here(self, name: str, languages: Languages | None = None) -> None:
        if self._stop.asked:
            shown = shown_name(name)
            self._files.append(FileResult(shown, 0, ()))
            self._left_out(shown, STOPPED)
            return
        lines = Lines(name, lambda: self._stop.asked, self._stop.waiting)
        FileJudging(self, name, Expectation(self.options.deviations), languages=languages, lines=lines).run()

    def _judge_by(self, crew: Crew) -> None:
        options = self.options
        pattern = Job("", 0, 1, options.deviations, options.reproduce, every=options.json_file is not None)
        for name, shares in Handing(crew, self._stop, self._on_lost).run(options.files, pattern):
            with self._having_operations(name):
                if shares:
                    self._came(name, shares)
                else:
                    self._judge_here(name)

    def _came(self, name: str, shares: Sequence[Came]) -> None:
        """Takes note of what came of the shares of a file."""
        parts = [share for share in shares if isinstance(share, Part)]
        if parts:
            self._merge(parts)
        else:
            self._files.append(FileResult(name, 0, ()))
        ends = dict.fromkeys(share.ended if isinstance(share, Part) else share for share in shares)
        # All shares end reading where the file does. Where it does not, the first of them has told that already.
        told = shares[0].ended if isinstance(shares[0], Part) else ""
        for why in ends:
            if why not in ("", told):
                self._left_out(name, why)

    @contextmanager
    def _having_operations(self, name: str) -> Generator[None]:
        """Takes it for a problem if there is no operation in a file, unless another problem may be why."""
        self._found, before = False, self._problem_count
        yield
        if not self._found and self._problem_count == before:
            shown = shown_name(name)
            self.problem(Problem(shown, 0, f"{shown} has no operation."))

    def _merge(self, parts: Sequence[Part]) -> None:
        """Takes note of all shares of a file, in the order in which one judge of all of it tells it."""
        problems = sorted((entry for part in parts for entry in part.problems), key=lambda entry: entry[:2])
        for _, _, found in problems[:MOST_PROBLEMS]:
            self.problem(found)
        self._problem_count += sum(part.problem_count for part in parts) - len(problems[:MOST_PROBLEMS])
        judged = [entry for part in parts for entry in part.judged]
        for line, judgement in sorted(judged, key=lambda entry: (entry[0], entry[1].line)):
            self.judged(judgement, line)
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
        """Takes note of a file that was not judged to its end, or not at all."""
        if isinstance(why, ToolError):
            self.problem(Problem(file, 0, f"{file}: not all of it was judged. {why}"))
        else:
            self.problem(left_out(file, why))

    def problem(self, found: Problem, last: bool = False) -> None:
        """Takes note of something that could not be understood."""
        self._problem_count += 1
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(found)
        self._on_problem(found)

    def read(self, file: FileResult) -> None:
        """Takes note of a file that was read."""
        self._files.append(file)
        if self._offered is not None:
            for header in file.recordings or (Header(FORMAT),):
                if header.capabilities is None:
                    self._offered = None
                    break
                self._offered |= set(header.capabilities)

    def judged(self, judgement: TraceJudgement, line: int) -> None:
        """Takes note of what came of a trace, at the line where it ended."""
        self._verdicts[judgement.verdict] += 1
        self._operations += judgement.operations
        self._found = self._found or judgement.operations > 0 or judgement.silence is not None
        self._unfinished += judgement.unfinished is not None
        if judgement.departure is not None:
            self._departed[judgement.departure.requirement] += 1
        if judgement.known is not None:
            self._known[judgement.known.requirement] += 1
        self._spool.add(judgement)
        self._on_trace(judgement)

    def departs(self, trace: Trace, made: tuple[str, str]) -> None:
        """Takes note of a trace that departs, as long as all is known of it."""
        if self.options.reproduce and trace.departure is not None:
            requirement = trace.departure.requirement
            if requirement not in self._reproductions:
                self._reproductions[requirement] = trace.reproduction(made)

    def agreed(self, counts: dict[tuple[type, Any], int]) -> None:
        """Takes note of how many operations were answered as they had to be, by their kind and the error."""
        for kind, count in counts.items():
            self._agreed[kind] = self._agreed.get(kind, 0) + count

    def _result(self, seconds: float) -> Result:
        deviating = bool(self._verdicts["deviates"])
        undecided = self._problem_count or not self._operations
        return Result(
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
            requirements=tuple(self._requirements()),
            reproductions=tuple(found for found in self._reproductions.values() if found is not None),
        )

    def _requirements(self) -> list[RequirementJudgement]:
        shown: Counter[str] = Counter()
        for (operation, error), count in self._agreed.items():
            shown[REFUSALS.get((operation, error), DEFAULT_REQUIREMENT[operation])] += count
        judged: list[RequirementJudgement] = []
        for entry in load_catalogue().values():
            if entry.classification == "unspecified":
                continue
            tally = Tally(exercised=shown[entry.id], known=self._known[entry.id], deviating=self._departed[entry.id])
            documented = entry.classification == "documented"
            offered = self._offered is None or set(entry.capabilities) <= self._offered or tally != Tally()
            says = verdict(tally, documented=documented, offered=offered, expected_to_deviate=False)
            traces = tally.known + tally.deviating
            judged.append(RequirementJudgement(entry.id, entry.statement, documented, says, tally.exercised, traces))
        return judged
