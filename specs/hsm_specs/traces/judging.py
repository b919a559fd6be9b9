"""Judges files of traces line by line. What is kept is what is open: a trace that is over is only counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from hsm_specs.attribution.tables import FOREMOST, REFUSALS
from hsm_specs.deviations import NONE_KNOWN, Deviations
from hsm_specs.engine.expectation import Expectation
from hsm_specs.harness import InputError
from hsm_specs.requirements import load_catalogue
from hsm_specs.traces.lines import STDIN, Damaged, Lines, TooLong
from hsm_specs.traces.open import Open
from hsm_specs.traces.record import End, Foreign, Header, Malformed, Palette, Record, Step, Vocabulary, decode
from hsm_specs.traces.result import (
    EXIT_ALLOWED,
    EXIT_FORBIDDEN,
    EXIT_UNDECIDED,
    FORMAT,
    FileResult,
    Problem,
    Reproduction,
    RequirementJudgement,
    Result,
    Spool,
    TraceJudgement,
    TraceVerdict,
)
from hsm_specs.traces.trace import CannotRun, Trace
from hsm_specs.verdicts import Tally, verdict

PALETTE: Final = Palette()
MOST_PROBLEMS: Final = 1000
"""How many problems are kept."""
MOST_RECORDINGS: Final = 100
"""How many headers of one file are kept."""


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
    """Judges files. ``on_trace`` is told what came of each trace, ``on_problem`` what could not be understood."""

    def __init__(
        self,
        options: Options,
        on_trace: Callable[[TraceJudgement], None] = lambda _: None,
        on_problem: Callable[[Problem], None] = lambda _: None,
    ) -> None:
        self.options = options
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
        self._offered: set[str] | None = set()
        self._reproductions: dict[str, Reproduction | None] = {}

    def run(self) -> Result:
        """Judges all files."""
        started = perf_counter()
        try:
            for name in self.options.files:
                FileJudging(self, name).run()
            result = self._result(perf_counter() - started)
            self._spool.write(result)
        finally:
            self._spool.close()
        return result

    def problem(self, file: str, line: int, message: str) -> None:
        """Takes note of something that could not be understood."""
        place = f"{file}, line {line}" if line else file
        found = Problem(file, line, f"{place}: {message}.")
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

    def judged(self, judgement: TraceJudgement) -> None:
        """Takes note of what came of a trace."""
        self._verdicts[judgement.verdict] += 1
        self._operations += judgement.operations
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
            verdicts=dict(self._verdicts),
            files=tuple(self._files),
            problem_count=self._problem_count,
            problems=tuple(self._problems),
            requirements=tuple(self._requirements()),
            reproductions=tuple(found for found in self._reproductions.values() if found is not None),
        )

    def _requirements(self) -> list[RequirementJudgement]:
        shown: Counter[str] = Counter()
        for (operation, error), count in self._agreed.items():
            shown[REFUSALS.get((operation, error), FOREMOST[operation])] += count
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


class FileJudging:
    """Judges one file: its lines in order, traces side by side."""

    def __init__(self, judging: Judging, name: str) -> None:
        self._judging = judging
        self._lines = Lines(name)
        self._file = "stdin" if name == STDIN else name
        self._expectation = Expectation(judging.options.deviations)
        self._open: dict[str, Trace] = {}
        self._agreed: dict[tuple[type, Any], int] = {}
        self._headers: list[Header] = []
        self._foreign = False
        self._words: Vocabulary = PALETTE

    def run(self) -> None:
        """Judges the file to its end."""
        try:
            for line in self._lines:
                if self._lines.number == 1 and self._lines.marked:
                    self._problem("the file begins with a byte order mark, which UTF-8 does not need")
                if isinstance(line, TooLong):
                    self._not_understood(Malformed(str(line)))
                    continue
                try:
                    record = decode(line, self._words)
                    if isinstance(record, Step) and not self._foreign:
                        self._step(record)
                    else:
                        self._other(record)
                except Malformed as problem:
                    self._malformed(line, problem)
        except Damaged as damage:
            self._problem(f"the file {damage}" if self._lines.number else f"it {damage}")
        except InputError as error:
            self._judging.problem(self._file, 0, str(error).removesuffix("."))
        self._end_all()
        self._judging.agreed(self._agreed)
        self._judging.read(FileResult(self._file, self._lines.number, tuple(self._headers)))

    def _other(self, record: Record) -> None:
        if isinstance(record, Header):
            self._header(record)
        elif isinstance(record, End) and not self._foreign:
            self._end(record)

    def _step(self, step: Step) -> None:
        trace = self._open.get(step.trace)
        number = self._lines.number
        if trace is None:
            trace = self._open[step.trace] = Trace(self._file, step.trace, number, self._expectation, self._words)
        elif trace.over:
            return
        try:
            expected = trace.step(step, number)
        except CannotRun as problem:
            trace.doubt = trace.doubt or number
            self._problem(str(problem))
            expected = None
        if expected is not None:
            kind = (step.op.__class__, expected.error)
            self._agreed[kind] = self._agreed.get(kind, 0) + 1
        elif trace.over:
            header = self._headers[-1] if self._headers else Header(FORMAT)
            self._judging.departs(trace, (header.implementation, header.version))
            trace.release()

    def _end(self, end: End) -> None:
        trace = self._open.pop(end.trace, None)
        if trace is None:
            raise Malformed(f"a trace ends that has not begun ({end.trace!r})")
        self._judging.judged(trace.judgement())

    def _end_all(self) -> None:
        for trace in self._open.values():
            self._judging.judged(trace.judgement())
        self._open.clear()

    def _header(self, header: Header) -> None:
        self._end_all()
        self._foreign = False
        self._expectation = Expectation(self._judging.options.deviations, header.dialect)
        self._words = Open(header.dialect) if header.world == "open" else PALETTE
        if len(self._headers) < MOST_RECORDINGS:
            self._headers.append(header)

    def _malformed(self, line: bytes, problem: Malformed) -> None:
        if line.isspace():
            return
        if isinstance(problem, Foreign):
            self._end_all()
            self._foreign = True
            self._problem(f"{problem}; the lines behind it are not judged")
        elif self._foreign:
            return
        elif not self._lines.whole:
            self._problem("the file ends in the middle of this line")
        else:
            self._not_understood(problem)

    def _not_understood(self, problem: Malformed) -> None:
        """A line is left out, so that its trace, which may be any of the open ones, is incomplete from here on."""
        self._problem(str(problem))
        touched = self._open.values() if problem.trace is None else [self._open.get(problem.trace)]
        for trace in touched:
            if trace is not None:
                trace.doubt = trace.doubt or self._lines.number

    def _problem(self, message: str) -> None:
        self._judging.problem(self._file, self._lines.number, message)
