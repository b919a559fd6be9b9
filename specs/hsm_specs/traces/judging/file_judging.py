"""Judges one file: its lines in order, traces side by side. What is kept is what is open."""

from __future__ import annotations

from typing import Final
from zlib import crc32

from msgspec import UNSET
from msgspec.structs import replace

from hsm_specs.errors import InputError
from hsm_specs.language.operations import AnyOperation
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.traces.format.languages import Languages, refuse_others
from hsm_specs.traces.format.lines import TOO_LONG, Damaged, Lines, shown_name, too_long
from hsm_specs.traces.format.record import ERRORS, End, Foreign, Header, Malformed, decode, incomplete
from hsm_specs.traces.format.unparsed_lines import Doubts
from hsm_specs.traces.format.vocabulary import Known, Observed
from hsm_specs.traces.judging.prefix_cache import CachedTrace, Kind, Prefix
from hsm_specs.traces.judging.result import FORMAT, FileResult, Problem, TraceJudgement, TraceVerdict, Unfinished
from hsm_specs.traces.judging.sink import Sink
from hsm_specs.traces.judging.trace import CannotRun, Trace

MOST_RECORDINGS: Final = 100
"""How many headers of one file are kept."""
_NAMED: Final = b'{"trace":"'
_UNNAMED: Final = b'{"op":'
_OPERATION: Final = b'","op":'
_SAW: Final = b',"saw":'
_END: Final = b'","end":true}'
_CLOSED: Final = b"}"
_SEPARATORS: Final = (b",", b"}")
_ESCAPE: Final = b"\\"
_QUOTE: Final = b'"'
"""Around a name; before one with escapes, of which it can be no part."""


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
        self._file = shown_name(name)
        self._expectation = expectation
        self._share = share or Share()
        self._number = 0
        self._open: dict[bytes, Trace | CachedTrace] = {}
        self._agreed: dict[type, int] = {}
        """How many operations of each class were answered with what they had to answer, other than an error."""
        self._refused: dict[Kind, int] = {}
        """How many were answered with the error that they had to answer."""
        self._headers: list[Header] = []
        self._foreign = False
        self._doubts = Doubts()
        self._languages = languages or Languages()
        self._words, self._prefixes = self._languages.of(Header(FORMAT, dialect=expectation.dialect))
        self._known: Known = self._words.operation
        self._observed = Observed()

    def run(self) -> None:
        """Judges the file to its end."""
        try:
            self._read()
        except Damaged as damage:
            self._problem(f"the file {damage}" if self._number else f"it {damage}", last=True)
        except InputError as error:
            self._number = 0
            self._problem(str(error).removesuffix("."))
        # Behind one that ends with the last line.
        self._end_all(self._number + 1)
        self._sink.agreed(self._prefixes.counted())
        self._sink.agreed({(operation, UNSET): count for operation, count in self._agreed.items()})
        self._sink.agreed(self._refused)
        self._sink.read(FileResult(self._file, self._number, tuple(self._headers)))

    def _read(self) -> None:
        opened, shared, has = self._open, self._share.of > 1, self._share.has
        number, lines = 0, self._lines
        begun, name = b"", b""
        for batch in lines:
            if lines.marked:
                lines.marked, self._number = False, 1
                self._problem("the file begins with a byte order mark, which UTF-8 does not need")
            for line in batch:
                number += 1
                if line == TOO_LONG:
                    self._number = number
                    self._not_understood(Malformed(too_long()))
                    continue
                # The rest of a line is what does not depend on the name of its trace. A name has no escapes here.
                # Most lines are of the trace that the line before them is of.
                size = len(begun)
                if size and line[:size] == begun:
                    rest = line[size - 1 :]
                else:
                    begun = name = rest = b""
                    if line[:10] == _NAMED:
                        end = line.find(_QUOTE, 10)
                        name, rest = line[10:end], line[end:]
                        if name.find(_ESCAPE) >= 0:
                            name = rest = b""
                        else:
                            begun = line[: end + 1]
                    elif line[:6] == _UNNAMED:
                        rest = line
                if shared and name and rest[1:2] in _SEPARATORS and not has(name):
                    continue
                trace = opened.get(name)
                if isinstance(trace, CachedTrace):
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

    def _line(self, line: bytes, name: bytes, rest: bytes, trace: Trace | CachedTrace | None) -> None:
        """Judges a line that is no known one. ``trace`` is the one that it seems to belong to. Raises Malformed."""
        if trace is None:
            if self._begins(name, rest):
                return
        elif rest == _END:
            self._end(End(trace.name), name)
            return
        elif self._put_together(name, rest, trace):
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
            name = key if key.find(_ESCAPE) < 0 else _QUOTE + key
        if isinstance(record, End):
            self._end(record, name)
            return
        self._observed.add(record.saw)
        found = self._open.get(name)
        if found is None:
            found = self._open[name] = self._begun(record.trace, self._prefixes.root)
            longer = found.prefix.next.get(rest)
            if longer is not None:
                found.prefix = longer
                return
        self._step(record.op, record.saw, record.written, name, rest, found)

    def _put_together(self, name: bytes, rest: bytes, trace: Trace | CachedTrace) -> bool:
        """Judges a line of a trace that has begun, if it is written as most are. Says whether it is.

        Put together from parts each of which is JSON, the line is JSON too, and has no member twice.
        """
        start = 7 if rest[:7] == _OPERATION else 6
        if (start == 6 and rest[:6] != _UNNAMED) or rest[-1:] != _CLOSED:
            return False
        written, _, saw = rest[start:-1].partition(_SAW)
        if not self._observed.has(saw):
            return False
        try:
            operation = self._known(written)
        except ERRORS:
            return False
        self._step(operation, saw, written, name, rest, trace)
        return True

    def _begins(self, name: bytes, rest: bytes) -> bool:
        """Begins a trace whose first line is a known one, if it is."""
        longer = None if self._foreign else self._prefixes.root.next.get(rest)
        if longer is None or not self._share.has(name):
            return False
        try:
            self._open[name] = self._begun(name.decode(), longer)
        except UnicodeDecodeError:
            return False
        return True

    def _begun(self, name: str, prefix: Prefix) -> CachedTrace:
        """A trace that begins. What was not understood before may have been its first line."""
        walk = CachedTrace(name, self._number, prefix)
        walk.doubt = self._doubts.take(name)
        return walk

    def _step(
        self, operation: AnyOperation, saw: bytes, written: bytes, name: bytes, rest: bytes, trace: Trace | CachedTrace
    ) -> None:
        if isinstance(trace, CachedTrace):
            trace = self._open[name] = self._caught_up(trace)
        elif trace.over:
            return
        prefix, trace.prefix = trace.prefix, None
        try:
            expected = trace.step(operation, saw, written, self._number)
        except Malformed as problem:
            problem.trace = trace.name
            raise
        except CannotRun as problem:
            trace.doubt = trace.doubt or self._number
            self._problem(str(problem), trace.name)
            expected = None
        if expected is not None:
            error = expected.error
            if error is UNSET:
                kind_of = type(operation)
                self._agreed[kind_of] = self._agreed.get(kind_of, 0) + 1
            else:
                kind = (type(operation), error)
                self._refused[kind] = self._refused.get(kind, 0) + 1
            if prefix is not None and rest and trace.plain:
                trace.prefix = self._prefixes.grow(prefix, rest, operation, written, error)
        elif trace.over:
            header = self._headers[-1] if self._headers else Header(FORMAT)
            self._sink.departs(trace, (header.implementation, header.version))
            trace.release()

    def _caught_up(self, walk: CachedTrace) -> Trace:
        """The trace that has followed known beginnings, with its model where it is now."""
        trace = Trace(self._file, walk.name, walk.line, self._expectation, self._words)
        trace.doubt = walk.doubt
        trace.prefix = walk.prefix
        if walk.prefix.depth:
            trace.catch_up(walk.prefix.lines())
            self._prefixes.leaves(walk.prefix)
        return trace

    def _judged(self, trace: Trace | CachedTrace, line: int, because: str | None = None) -> None:
        if isinstance(trace, CachedTrace):
            self._prefixes.leaves(trace.prefix)
            depth = trace.prefix.depth
            verdict: TraceVerdict = "conforms" if depth else "not judged"
            judgement = TraceJudgement(
                self._file, trace.name, trace.line, depth, verdict, None, None, None, trace.doubt
            )
        else:
            judgement = trace.judgement()
            trace.release()
        if because is not None:
            judgement = replace(judgement, unfinished=Unfinished(line, because))
        self._sink.judged(judgement, line)

    def _end(self, end: End, name: bytes) -> None:
        trace = self._open.pop(name, None)
        if trace is None:
            if end.because is None:
                self._problem(f"a trace ends that has not begun ({end.trace!r})", end.trace)
                return
            # Of which nothing at all was recorded.
            trace = CachedTrace(end.trace, self._number, self._prefixes.root)
        self._judged(trace, self._number, end.because)

    def _end_all(self, line: int) -> None:
        for trace in self._open.values():
            self._judged(trace, line)
        self._open.clear()

    def _header(self, header: Header) -> None:
        refuse_others(header, self._expectation.deviations)
        self._end_all(self._number)
        self._foreign = False
        self._doubts = Doubts()
        self._expectation = Expectation(self._expectation.deviations, header.dialect)
        self._sink.agreed(self._prefixes.counted())
        self._words, self._prefixes = self._languages.of(header)
        self._known = self._words.operation
        if len(self._headers) < MOST_RECORDINGS:
            self._headers.append(header)

    def _malformed(self, line: bytes, problem: Malformed) -> None:
        if not line or line.isspace():
            return
        if isinstance(problem, Foreign):
            self._end_all(self._number)
            self._foreign = True
            self._problem(f"{problem}; the lines behind it are not judged")
        elif self._foreign:
            return
        elif not self._lines.whole and incomplete(line):
            self._problem("the file ends in the middle of this line", problem.trace)
        else:
            self._not_understood(problem)

    def _not_understood(self, problem: Malformed) -> None:
        """A line is left out, so that its trace is incomplete: one of the open ones, or one that has yet to begin."""
        self._problem(str(problem), problem.trace)
        of, begun = problem.trace, False
        for trace in self._open.values():
            if of is None or trace.name == of:
                trace.doubt = trace.doubt or self._number
                begun = True
        if of is None or (not begun and self._share.has(_bytes(of))):
            self._doubts.add(self._number, of)

    def _problem(self, message: str, trace: str | None = None, *, last: bool = False) -> None:
        """Takes note of a problem, if it is one of the share: those of no trace are of the first."""
        mine = self._share.index == 0 if trace is None else self._share.has(_bytes(trace))
        if mine:
            place = f"{self._file}, line {self._number}" if self._number else self._file
            end = "" if message.endswith("?") else "."
            self._sink.problem(Problem(self._file, self._number, f"{place}: {message}{end}"), last)


def _bytes(name: str) -> bytes:
    """A name as it was written, which may have been no Unicode."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogatepass")
