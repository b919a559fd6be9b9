"""Judges one file: its lines in order, traces side by side. What is kept is what is open."""

from __future__ import annotations

from typing import Final, Protocol
from zlib import crc32

from hsm_specs.engine.expectation import Expectation
from hsm_specs.harness import InputError
from hsm_specs.messages import Dialect
from hsm_specs.traces.lines import STDIN, Damaged, Lines, TooLong
from hsm_specs.traces.open import Open
from hsm_specs.traces.prefixes import Kind, Prefix, Prefixes
from hsm_specs.traces.record import ERRORS, End, Foreign, Header, Malformed, Palette, Step, Vocabulary, decode
from hsm_specs.traces.result import FORMAT, FileResult, Problem, TraceJudgement, TraceVerdict
from hsm_specs.traces.trace import CannotRun, Trace

MOST_RECORDINGS: Final = 100
"""How many headers of one file are kept."""
MOST_KNOWN: Final = 2**15
LONGEST_KNOWN: Final = 2**10
Language = tuple[Vocabulary, Prefixes]
"""The words of recordings, and what is known of them."""
Languages = dict[tuple[str, Dialect], Language]
"""The languages of what is judged together, by world and dialect."""
_NAMED: Final = b'{"trace":"'
_UNNAMED: Final = b'{"op":'
_OPERATION: Final = b'","op":'
_SAW: Final = b',"saw":'
_END: Final = b'","end":true}'
_SEPARATORS: Final = (b",", b"}")
_QUOTE: Final = b'"'
"""Before a name with escapes, of which it can be no part."""


class Sink(Protocol):
    """What is told about a file."""

    def problem(self, found: Problem, last: bool = False, /) -> None:
        """Something could not be understood; ``last`` if it is about the end of the file."""

    def judged(self, judgement: TraceJudgement, line: int, /) -> None:
        """What came of a trace, at the line where it ended."""

    def departs(self, trace: Trace, made: tuple[str, str], /) -> None:
        """A trace departs, and all is known of it still. ``made`` is what was recorded, and its version."""

    def agreed(self, counts: dict[Kind, int], /) -> None:
        """How many operations were answered as they had to be."""

    def read(self, file: FileResult, /) -> None:
        """The file was read."""


class Walk:
    """A trace that has followed known beginnings so far."""

    __slots__ = ("doubt", "line", "name", "prefix")

    def __init__(self, name: str, line: int, prefix: Prefix) -> None:
        self.name = name
        self.line = line
        self.prefix = prefix
        self.doubt = 0


class Share:
    """Which traces are judged: those whose names fall to one of so many shares, as which the others are passed over."""

    def __init__(self, index: int = 0, of: int = 1) -> None:
        self.index = index
        self.of = of

    def has(self, name: bytes) -> bool:
        """Whether a trace is one of the share's."""
        return self.of == 1 or crc32(name) % self.of == self.index


class FileJudging:
    """Judges one file, or the share of its traces that is wanted."""

    def __init__(
        self,
        sink: Sink,
        name: str,
        expectation: Expectation,
        share: Share | None = None,
        languages: Languages | None = None,
        lines: Lines | None = None,
    ) -> None:
        self._sink = sink
        self._lines = lines or Lines(name)
        self._file = "stdin" if name == STDIN else name
        self._expectation = expectation
        self._share = share or Share()
        self._number = 0
        self._open: dict[bytes, Trace | Walk] = {}
        self._agreed: dict[Kind, int] = {}
        self._headers: list[Header] = []
        self._foreign = False
        self._languages: Languages = {} if languages is None else languages
        self._words, self._prefixes = self._language(Header(FORMAT, dialect=expectation.dialect))
        self._values: set[bytes] = set()
        """Bytes that are a value in JSON, so that a line made of them is one too."""

    def run(self) -> None:
        """Judges the file to its end."""
        try:
            self._read()
        except Damaged as damage:
            self._problem(f"the file {damage}" if self._number else f"it {damage}", last=True)
        except InputError as error:
            self._number = 0
            self._problem(str(error).removesuffix("."))
        self._end_all()
        for _, prefixes in self._languages.values():
            self._sink.agreed(prefixes.counted())
        self._sink.agreed(self._agreed)
        self._sink.read(FileResult(self._file, self._number, tuple(self._headers)))

    def _read(self) -> None:
        opened, shared, has = self._open, self._share.of > 1, self._share.has
        number, lines = 0, self._lines
        for batch in lines:
            if lines.marked:
                lines.marked, self._number = False, 1
                self._problem("the file begins with a byte order mark, which UTF-8 does not need")
            for line in batch:
                number += 1
                if isinstance(line, TooLong):
                    self._number = number
                    self._not_understood(Malformed(str(line)))
                    continue
                # The rest of a line is what does not depend on the name of its trace. A name has no escapes here.
                name = rest = b""
                if line[:10] == _NAMED:
                    end = line.find(b'"', 10)
                    name, rest = line[10:end], line[end:]
                    if b"\\" in name:
                        name = rest = b""
                    elif shared and rest[1:2] in _SEPARATORS and not has(name):
                        continue
                elif line[:6] == _UNNAMED:
                    rest = line
                trace = opened.get(name)
                if isinstance(trace, Walk):
                    longer = trace.prefix.next.get(rest)
                    if longer is not None:
                        trace.prefix = longer
                        continue
                self._number = number
                try:
                    self._line(line, name, rest, trace)
                except Malformed as problem:
                    self._malformed(line, problem)
            self._number = number

    def _line(self, line: bytes, name: bytes, rest: bytes, trace: Trace | Walk | None) -> None:
        """Judges a line that is no known one. ``trace`` is the one that it seems to belong to. Raises Malformed."""
        if trace is None:
            if self._begins(name, rest):
                return
        elif name:
            if rest == _END:
                self._end(End(trace.name), name)
                return
            step = self._put_together(trace.name, rest)
            if step is not None:
                self._step(step, name, rest, trace)
                return
        record = decode(line, self._words)
        if isinstance(record, Header):
            self._header(record)
            return
        key = record.trace.encode()
        if self._foreign or not self._share.has(key):
            return
        if key != name:
            rest = b""
            # Escapes in a line may look like another name.
            name = key if b"\\" not in key else _QUOTE + key
        if isinstance(record, End):
            self._end(record, name)
            return
        if len(record.saw) <= LONGEST_KNOWN:
            if len(self._values) >= MOST_KNOWN:
                self._values.clear()
            self._values.add(record.saw)
        self._step(record, name, rest, self._open.get(name))

    def _put_together(self, trace: str, rest: bytes) -> Step | None:
        """What a line says, if it is written as most are and an observation like it was read before.

        Put together from parts each of which is JSON, the line is JSON too, and has no member twice.
        """
        if rest[:7] != _OPERATION or rest[-1:] != b"}":
            return None
        written, _, saw = rest[7:-1].partition(_SAW)
        if saw not in self._values:
            return None
        try:
            return Step(trace, self._words.operation(written), saw, written)
        except ERRORS:
            return None

    def _begins(self, name: bytes, rest: bytes) -> bool:
        """Begins a trace whose first line is a known one, if it is."""
        longer = None if self._foreign else self._prefixes.root.next.get(rest)
        if longer is None or not self._share.has(name):
            return False
        try:
            self._open[name] = Walk(name.decode(), self._number, longer)
        except UnicodeDecodeError:
            return False
        return True

    def _step(self, step: Step, name: bytes, rest: bytes, trace: Trace | Walk | None) -> None:
        if trace is None:
            trace = self._open[name] = Walk(step.trace, self._number, self._prefixes.root)
            longer = trace.prefix.next.get(rest)
            if longer is not None:
                trace.prefix = longer
                return
        if isinstance(trace, Walk):
            trace = self._open[name] = self._caught_up(trace)
        elif trace.over:
            return
        prefix, trace.prefix = trace.prefix, None
        try:
            expected = trace.step(step, self._number)
        except Malformed as problem:
            problem.trace = step.trace
            raise
        except CannotRun as problem:
            trace.doubt = trace.doubt or self._number
            self._problem(str(problem), step.trace)
            expected = None
        if expected is not None:
            kind = (step.op.__class__, expected.error)
            self._agreed[kind] = self._agreed.get(kind, 0) + 1
            if prefix is not None and rest and trace.plain:
                trace.prefix = self._prefixes.grow(prefix, rest, step.op, step.written, kind)
        elif trace.over:
            header = self._headers[-1] if self._headers else Header(FORMAT)
            self._sink.departs(trace, (header.implementation, header.version))
            trace.release()

    def _caught_up(self, walk: Walk) -> Trace:
        """The trace that has followed known beginnings, with its model where it is now."""
        trace = Trace(self._file, walk.name, walk.line, self._expectation, self._words)
        trace.doubt = walk.doubt
        trace.prefix = walk.prefix
        if walk.prefix.depth:
            trace.catch_up(walk.prefix.lines())
            self._prefixes.leaves(walk.prefix)
        return trace

    def _judged(self, trace: Trace | Walk) -> None:
        if isinstance(trace, Walk):
            self._prefixes.leaves(trace.prefix)
            depth = trace.prefix.depth
            verdict: TraceVerdict = "conforms" if depth else "not judged"
            judgement = TraceJudgement(
                self._file, trace.name, trace.line, depth, verdict, None, None, None, trace.doubt
            )
        else:
            judgement = trace.judgement()
            trace.release()
        self._sink.judged(judgement, self._number)

    def _end(self, end: End, name: bytes) -> None:
        trace = self._open.pop(name, None)
        if trace is None:
            raise Malformed(f"a trace ends that has not begun ({end.trace!r})", end.trace)
        self._judged(trace)

    def _end_all(self) -> None:
        for trace in self._open.values():
            self._judged(trace)
        self._open.clear()

    def _header(self, header: Header) -> None:
        self._end_all()
        self._foreign = False
        self._expectation = Expectation(self._expectation.deviations, header.dialect)
        self._words, self._prefixes = self._language(header)
        if len(self._headers) < MOST_RECORDINGS:
            self._headers.append(header)

    def _language(self, header: Header) -> Language:
        place = (header.world, header.dialect)
        if place not in self._languages:
            words = Open(header.dialect) if header.world == "open" else Palette()
            self._languages[place] = words, Prefixes()
        return self._languages[place]

    def _malformed(self, line: bytes, problem: Malformed) -> None:
        if not line or line.isspace():
            return
        if isinstance(problem, Foreign):
            self._end_all()
            self._foreign = True
            self._problem(f"{problem}; the lines behind it are not judged")
        elif self._foreign:
            return
        elif not self._lines.whole:
            self._problem("the file ends in the middle of this line", problem.trace)
        else:
            self._not_understood(problem)

    def _not_understood(self, problem: Malformed) -> None:
        """A line is left out, so that its trace, which may be any of the open ones, is incomplete from here on."""
        self._problem(str(problem), problem.trace)
        for trace in self._open.values():
            if problem.trace is None or trace.name == problem.trace:
                trace.doubt = trace.doubt or self._number

    def _problem(self, message: str, trace: str | None = None, *, last: bool = False) -> None:
        """Takes note of a problem, if it is one of the share: those of no trace are of the first."""
        mine = self._share.index == 0 if trace is None else self._share.has(_bytes(trace))
        if mine:
            place = f"{self._file}, line {self._number}" if self._number else self._file
            self._sink.problem(Problem(self._file, self._number, f"{place}: {message}."), last)


def _bytes(name: str) -> bytes:
    """A name as it was written, which may have been no Unicode."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogatepass")
