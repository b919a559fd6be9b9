"""The result of judging traces, as values and as a JSON file."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hsm_specs.catalogue.requirements import Debtor
from hsm_specs.errors import InputError
from hsm_specs.files import write_atomically
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import AnyOperation
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import Verdict
from hsm_specs.traces.figures import MachineFigures
from hsm_specs.traces.format.names import Names, named, readable
from hsm_specs.traces.format.record import Header
from hsm_specs.traces.format.remarks import MachineRule, Position, Remark

FORMAT: Final = 1
EXIT_ALLOWED, EXIT_FORBIDDEN, EXIT_UNDECIDED = 0, 1, 2
TraceVerdict = Literal["conforms", "deviates", "deviates (known)", "differs", "not judged"]
"""The verdict of the specification on a trace. One that ``differs`` does so where the documentation is silent."""
TRACE_VERDICTS: Final[tuple[TraceVerdict, ...]] = (
    "conforms",
    "deviates (known)",
    "differs",
    "deviates",
    "not judged",
)


class Departure(Struct, frozen=True, gc=False):
    """The first line of a trace that is not as the specification says, and the requirement that forbids it.

    ``operation`` is null where the function itself saw something else; ``inside`` has the indexes in ``inner`` that
    lead to the place. ``amended`` says that the amended semantics forbids it. In an open world ``names`` has what
    numbers stand for, which `shown` puts in their place. ``at`` is the place in the program that was recorded, null if
    it is not known; ``values`` is what to show for values.
    """

    line: int
    requirement: str
    statement: str
    documented: bool
    operation: AnyOperation | None
    inside: tuple[int, ...]
    expected: Observation
    observed: Observation
    amended: bool
    note: str = ""
    names: Names | None = None
    at: Position | None = None
    values: dict[str, str] = {}

    def shown(self) -> Departure:
        """Return the departure in the words of the recording."""
        return self._named(self.names)

    def readable(self) -> Departure:
        """Return the departure in the words of the recording, with values as they are to be shown."""
        return self._named(readable(self.names, self.values))

    def _named(self, names: Names | None) -> Departure:
        if names is None:
            return self
        operation, wanted, got = (named(one, names) for one in (self.operation, self.expected, self.observed))
        return replace(self, operation=operation, expected=wanted, observed=got, names=None)


class Silence(Struct, frozen=True):
    """The line from which on a trace is not judged, and why nothing more can be expected of it.

    ``requirement`` is empty where the reason is not that the specification is silent.
    """

    line: int
    requirement: str
    reason: str


class Unfinished(Struct, frozen=True):
    """The end of a trace that was not recorded to its end, and why."""

    line: int
    because: str


class TraceJudgement(Struct, frozen=True):
    """The result for a trace that begins at a line: ``operations`` of it were judged.

    ``departure`` is the first line that is not allowed, ``known`` the first that a known deviation explains. ``doubt``
    is the first line that was not understood and may belong to the trace, 0 if there is none. A trace that broke off,
    as ``unfinished`` says, is judged as far as it goes.
    """

    file: str
    trace: str
    line: int
    operations: int
    verdict: TraceVerdict
    departure: Departure | None
    known: Departure | None
    silence: Silence | None
    doubt: int
    unfinished: Unfinished | None = None

    @property
    def noted(self) -> bool:
        """Return whether there is more to report than the verdict."""
        return self.silence is not None or self.unfinished is not None


class Reproduction(Struct, frozen=True):
    """The first departure of a requirement, as a program that is as small as it could be made."""

    file: str
    trace: str
    line: int
    finding: Finding


class RequirementJudgement(Struct, frozen=True):
    """The verdict on a requirement. ``operations`` were answered as it demands; ``traces`` broke it.

    An obligation names its debtor in ``owed_by``; unless executions showed that it was kept or broken, its verdict is
    ``OWED``.
    """

    requirement: str
    statement: str
    documented: bool
    verdict: Verdict
    operations: int
    traces: int
    owed_by: Debtor | None = None


class Problem(Struct, frozen=True):
    """A line that could not be understood, 0 if it is the whole file, with a sentence that says why."""

    file: str
    line: int
    message: str


class FileResult(Struct, frozen=True):
    """A file that was read, and the headers in it."""

    file: str
    lines: int
    recordings: tuple[Header, ...]


class JudgingResult(Struct, frozen=True):
    """The result of judging.

    ``exit_code`` is 0 if all that was judged is allowed, 1 if something is not, 2 if a line, a file or everything could
    not be judged. ``unfinished`` traces were not recorded to their ends. ``problems`` are the first of
    ``problem_count``. ``reproductions`` has one for each requirement from which a trace departs, if the trace was not
    too long. ``machine`` has the rules about machines that were broken, and ``remarks`` the first remarks about them;
    they make the exit code 1 only if it ``fails_on_remarks``. ``figures`` say what the traces leave out of the machines
    in them, if that was asked for.
    """

    format: int
    exit_code: int
    deviations: str
    amendments: tuple[str, ...]
    operations: int
    seconds: float
    verdicts: dict[TraceVerdict, int]
    unfinished: int
    files: tuple[FileResult, ...]
    problem_count: int
    problems: tuple[Problem, ...]
    requirements: tuple[RequirementJudgement, ...]
    reproductions: tuple[Reproduction, ...]
    machine: tuple[MachineRule, ...] = ()
    remarks: tuple[Remark, ...] = ()
    fails_on_remarks: bool = False
    figures: tuple[MachineFigures, ...] = ()
    traces: tuple[TraceJudgement, ...] = ()


def encode(judgement: TraceJudgement) -> bytes:
    """Return a judgement as the JSON file has it."""
    if judgement.departure is None and judgement.known is None:
        return msgspec.json.encode(judgement)
    form = msgspec.to_builtins(judgement)
    for member, departure in (("departure", judgement.departure), ("known", judgement.known)):
        if departure is not None:
            form[member] = msgspec.to_builtins(departure.shown())
            del form[member]["names"]
    return msgspec.json.encode(form)


class Spool:
    """The judgements of traces on their way into the JSON file, kept on disk since there may be very many.

    If the disk is full, judging goes on and only the file is not written.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._kept: IO[bytes] | None = None
        self._refused: OSError | None = None
        self._separator = b""
        if path is not None:
            with self._unless_refused():
                self._kept = tempfile.TemporaryFile()  # noqa: SIM115  # see close

    def add(self, judgement: TraceJudgement) -> None:
        """Keep a judgement."""
        if self._kept is not None and self._refused is None:
            with self._unless_refused():
                self._kept.write(self._separator + encode(judgement))
                self._separator = b",\n"

    def write(self, result: JudgingResult) -> None:
        """Write the file, if one is wanted. Raise InputError if that is not possible."""
        if self._path is None:
            return
        kept = self._kept
        with self._unless_refused():
            if kept is not None and self._refused is None:
                kept.seek(0)
        if kept is None or self._refused is not None:
            why = "" if self._refused is None else f" ({self._refused.strerror or self._refused})"
            raise InputError(
                f"{self._path} is not written, as what it is to hold did not fit into a temporary file{why}.",
                remedy="The variable TMPDIR names the folder of such files.",
            )
        # The list of traces is the last member, and empty.
        head = msgspec.json.encode(result).removesuffix(b"]}")
        write_atomically(self._path, head, self._parts(kept), b"]}\n")

    def close(self) -> None:
        """Delete what was kept."""
        if self._kept is not None:
            with self._unless_refused():
                self._kept.close()

    @contextmanager
    def _unless_refused(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            self._refused = error

    def _parts(self, kept: IO[bytes]) -> Iterator[bytes]:
        while part := kept.read(2**20):
            yield part
