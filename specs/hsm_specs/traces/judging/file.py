"""Judges one file: its lines in order, traces side by side. Only open traces are kept."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Protocol
from zlib import crc32

from msgspec import UNSET
from msgspec.structs import replace

from hsm_specs.errors import InputError
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Dialect
from hsm_specs.language.operations import AnyOperation
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.traces.format.lines import TOO_LONG, Damaged, Lines, UnparsedLines, shown_name, too_long
from hsm_specs.traces.format.record import (
    ERRORS,
    End,
    Foreign,
    Header,
    Malformed,
    decode,
    incomplete,
    refuse_others,
)
from hsm_specs.traces.format.remarks import (
    EXCUSES,
    PositionCache,
    Remark,
    ShownValues,
    shown_values,
)
from hsm_specs.traces.format.vocabulary import ObservationCache, OperationCache, Vocabulary, vocabulary_of
from hsm_specs.traces.judging.joining import Joined
from hsm_specs.traces.judging.prefix_cache import OperationKind, Prefix, PrefixCache
from hsm_specs.traces.judging.result import FORMAT, FileResult, Problem, TraceJudgement, Unfinished
from hsm_specs.traces.judging.trace import CannotRun, Trace, TraceJudge

MOST_RECORDINGS: Final = 100
"""The number of headers of one file that are kept."""
Shared = dict[Dialect, tuple[Vocabulary, PrefixCache]]
"""The state that recordings of the palette share across files."""
_NAMED: Final = b'{"trace":"'
_UNNAMED: Final = b'{"op":'
_OPERATION: Final = b'","op":'
_SAW: Final = b',"saw":'
_AT: Final = b',"at":'
_END: Final = b'","end":true}'
_CLOSED: Final = b"}"
_UNBOUND: Final = b'"unbound"'
_SEPARATORS: Final = (b",", b"}")
_ESCAPE: Final = b"\\"
_QUOTE: Final = b'"'
"""Around a name; before one with escapes, of which it can be no part."""


class Sink(Protocol):
    """Receives what is found in a file."""

    def problem(self, found: Problem, last: bool = False, /) -> None:
        """Receive a problem: something that could not be understood; ``last`` if it is about the end of the file."""

    def judged(self, judgement: TraceJudgement, line: int, /) -> None:
        """Receive the result for a trace, at the line where it ended."""

    def departs(self, trace: Trace, file: str, made: tuple[str, str], /) -> None:
        """Receive a trace that departs, before it drops its model. ``made`` names the recorded implementation."""

    def remarked(self, found: Remark, /) -> None:
        """Receive a remark about a machine."""

    def agreed(self, counts: dict[OperationKind, int], /) -> None:
        """Receive how many operations were answered as expected."""

    def read(self, file: FileResult, /) -> None:
        """Receive the file, which was read."""


class Shard:
    """Which traces are judged: those whose names fall to one of so many shards. Lines of the others are skipped."""

    def __init__(self, index: int = 0, of: int = 1) -> None:
        self.index = index
        self.of = of

    def has(self, name: bytes) -> bool:
        """Return whether a trace is one of the shard's."""
        return self.of == 1 or crc32(name) % self.of == self.index


class FileJudging:
    """Judges one file, or a shard of its traces."""

    def __init__(
        self,
        sink: Sink,
        name: str,
        expectation: Expectation,
        shard: Shard | None = None,
        shared: Shared | None = None,
        lines: Lines | None = None,
        without: Collection[str] = (),
    ) -> None:
        self._sink = sink
        self._lines = lines or Lines(name)
        self._file = shown_name(name)
        self._expectation = expectation
        self._shard = shard or Shard()
        self._number = 0
        self._open: dict[bytes, Trace] = {}
        self._agreed: dict[type, int] = {}
        """The number of operations of each class that were answered as expected, with a value or a panic."""
        self._refused: dict[OperationKind, int] = {}
        """The number that were answered with the expected error."""
        self._headers: list[Header] = []
        self._foreign = False
        self._unparsed = UnparsedLines()
        self._shared: Shared = {} if shared is None else shared
        self._observed = ObservationCache()
        self._without = without
        """The rules about machines that are switched off."""
        self._positions = PositionCache()
        self._shown = ShownValues()
        self._vocabulary, self._cache = self._speaking(Header(FORMAT, dialect=expectation.dialect))
        self._operations: OperationCache = self._vocabulary.operation

    def _speaking(self, header: Header) -> tuple[Vocabulary, PrefixCache]:
        """Return the vocabulary of a recording, and the interpretations of recordings in it.

        Which types there are, and whether they can be distinguished, differs between recordings of open worlds;
        those of the palette share both.
        """
        if header.world == "open":
            return vocabulary_of(header), PrefixCache()
        if header.dialect not in self._shared:
            self._shared[header.dialect] = vocabulary_of(header), PrefixCache()
        return self._shared[header.dialect]

    def run(self) -> None:
        """Judge the file to its end."""
        try:
            self._read()
        except Damaged as damage:
            self._problem(f"the file {damage}" if self._number else f"it {damage}", last=True)
        except InputError as error:
            self._number = 0
            self._problem(str(error).removesuffix("."))
        # The line after a trace that ends with the last line.
        self._end_all(self._number + 1)
        self._sink.agreed(self._cache.counted())
        self._sink.agreed({(operation, UNSET): count for operation, count in self._agreed.items()})
        self._sink.agreed(self._refused)
        self._sink.read(FileResult(self._file, self._number, tuple(self._headers)))

    def _read(self) -> None:
        opened, shared, has = self._open, self._shard.of > 1, self._shard.has
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
                # The rest of a line does not depend on the name of its trace. A name has no escapes here.
                # Most lines belong to the same trace as the line before them.
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
                if trace is not None:
                    cached = trace.cached
                    if cached is not None:
                        cached = cached.next.get(rest)
                        if cached is not None:
                            trace.cached = cached
                            continue
                self._number = number
                try:
                    self._line(line, name, rest, trace)
                except Malformed as problem:
                    self._malformed(line, problem)
            self._number = number

    def _line(self, line: bytes, name: bytes, rest: bytes, trace: Trace | None) -> None:
        """Judge a line that is not cached. ``trace`` is the one that it seems to belong to. Raise Malformed."""
        if trace is None:
            if self._begins(name, rest):
                return
        elif rest == _END:
            self._end(End(trace.name), name)
            return
        elif self._put_together(name, rest, trace):
            return
        record = decode(line, self._operations)
        if isinstance(record, Header):
            self._header(record)
            return
        key = record.trace.encode()
        if self._foreign or not self._shard.has(key):
            return
        if key != name:
            rest = b""
            # Escapes in a line may look like another name.
            name = key if key.find(_ESCAPE) < 0 else _QUOTE + key
        if isinstance(record, Remark):
            self._remark(record, name)
            return
        if isinstance(record, End):
            self._end(record, name)
            return
        self._observed.add(record.saw)
        found = self._open.get(name)
        if found is None:
            found = self._open[name] = self._begun(record.trace, self._cache.root)
        if record.shown:
            found.show(shown_values(record.shown))
        if found.cached is self._cache.root:
            longer = self._cache.root.next.get(rest)
            if longer is not None:
                found.cached = longer
                return
        self._step(record.op, record.saw, record.written, record.at, rest, found)

    def _put_together(self, name: bytes, rest: bytes, trace: Trace) -> bool:
        """Judge a line of a trace that has begun, if it is written as most are. Return whether it is.

        Put together from parts each of which is JSON, the line is JSON too, and has no duplicate member.
        """
        start = 7 if rest[:7] == _OPERATION else 6
        if (start == 6 and rest[:6] != _UNNAMED) or rest[-1:] != _CLOSED:
            return False
        written, _, saw = rest[start:-1].partition(_SAW)
        # In a text there are no quotes that are not escaped.
        saw, _, at = saw.partition(_AT)
        if not self._observed.has(saw) or (at and not self._positions.has(at)):
            return False
        try:
            operation = self._operations(written)
        except ERRORS:
            return False
        self._step(operation, saw, written, at, rest, trace)
        return True

    def _begins(self, name: bytes, rest: bytes) -> bool:
        """Begin a trace if its first line is cached. Return whether it is."""
        longer = None if self._foreign else self._cache.root.next.get(rest)
        if longer is None or not self._shard.has(name):
            return False
        try:
            self._open[name] = self._begun(name.decode(), longer)
        except UnicodeDecodeError:
            return False
        return True

    def _begun(self, name: str, cached: Prefix) -> Trace:
        """Return a trace that begins. What was not understood before may have been its first line."""
        trace = Trace(name, self._number, cached, self._shown)
        trace.doubt = self._unparsed.take(name)
        return trace

    def _step(self, operation: AnyOperation, saw: bytes, written: bytes, at: bytes, rest: bytes, trace: Trace) -> None:
        judge = trace.judge
        if judge is None:
            if trace.cached is not None and trace.cached.depth:
                self._cache.leave(trace.cached)
            judge = trace.leave_cache(self._expectation, self._vocabulary)
            if type(operation) is ops.Load and not judge.operations and _UNBOUND not in saw:
                trace.joined, trace.prefix = Joined(written, self._expectation.dialect), None
                self._assume(trace.joined.beginning(), judge)
        elif judge.over:
            return
        elif trace.joined is not None:
            self._assume(trace.joined.before(written, saw), judge)
        prefix, trace.prefix = trace.prefix, None
        judge.history.at = at
        try:
            expected = judge.step(operation, saw, written, self._number, trace.doubt, trace.excuse)
        except Malformed as problem:
            problem.trace = trace.name
            raise
        except CannotRun as problem:
            trace.doubt = trace.doubt or self._number
            self._problem(str(problem), trace.name)
            expected = None
        if expected is not None:
            error = expected.error
            if trace.joined is not None and type(operation) is ops.Load and judge.operations == 1:
                judge.join(operation)
            if error is UNSET:
                kind_of = type(operation)
                self._agreed[kind_of] = self._agreed.get(kind_of, 0) + 1
            else:
                kind = (type(operation), error)
                self._refused[kind] = self._refused.get(kind, 0) + 1
            if prefix is not None and rest and judge.plain:
                trace.prefix = self._cache.grow(prefix, rest, operation, written, error)
        elif judge.over:
            header = self._headers[-1] if self._headers else Header(FORMAT)
            self._sink.departs(trace, self._file, (header.implementation, header.version))
            self._release(judge)

    def _assume(self, lines: list[bytes], judge: TraceJudge) -> None:
        """Have the model do what a trace takes for granted."""
        for line in lines:
            judge.assume(self._operations(line), line)

    def _remark(self, remark: Remark, name: bytes) -> None:
        trace = self._open.get(name)
        if trace is not None and not trace.excuse and remark.rule in EXCUSES:
            trace.excuse = f"{EXCUSES[remark.rule]} (line {self._number}: {remark.rule})"
        if remark.rule not in self._without:
            self._sink.remarked(replace(remark, file=self._file, line=self._number))

    def _judged(self, trace: Trace, line: int, because: str | None = None) -> None:
        judgement = trace.judgement(self._file)
        if trace.judge is not None:
            self._release(trace.judge)
        elif trace.cached is not None:
            self._cache.leave(trace.cached)
        if because is not None:
            judgement = replace(judgement, unfinished=Unfinished(line, because))
        self._sink.judged(judgement, line)

    def _release(self, judge: TraceJudge) -> None:
        kept = judge.release()
        if kept:
            self._sink.agreed({(ops.Execute, obligation): count for obligation, count in kept.items()})

    def _end(self, end: End, name: bytes) -> None:
        trace = self._open.pop(name, None)
        if trace is None:
            if end.because is None:
                self._problem(f"a trace ends that has not begun ({end.trace!r})", end.trace)
                return
            # Nothing at all was recorded of it.
            trace = Trace(end.trace, self._number, self._cache.root, self._shown)
        self._judged(trace, self._number, end.because)

    def _end_all(self, line: int) -> None:
        for trace in self._open.values():
            self._judged(trace, line)
        self._open.clear()

    def _header(self, header: Header) -> None:
        refuse_others(header, self._expectation.deviations)
        self._end_all(self._number)
        self._foreign = False
        self._unparsed = UnparsedLines()
        self._shown = ShownValues()
        self._expectation = Expectation(self._expectation.deviations, header.dialect)
        self._sink.agreed(self._cache.counted())
        self._vocabulary, self._cache = self._speaking(header)
        self._operations = self._vocabulary.operation
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
        """Leave a line out, so that its trace is incomplete: one of the open ones, or one that has yet to begin."""
        self._problem(str(problem), problem.trace)
        of, begun = problem.trace, False
        for trace in self._open.values():
            if of is None or trace.name == of:
                trace.doubt = trace.doubt or self._number
                begun = True
        if of is None or (not begun and self._shard.has(_bytes(of))):
            self._unparsed.add(self._number, of)

    def _problem(self, message: str, trace: str | None = None, *, last: bool = False) -> None:
        """Report a problem, if it is one of the shard: those of no trace are of the first."""
        mine = self._shard.index == 0 if trace is None else self._shard.has(_bytes(trace))
        if mine:
            place = f"{self._file}, line {self._number}" if self._number else self._file
            end = "" if message.endswith("?") else "."
            self._sink.problem(Problem(self._file, self._number, f"{place}: {message}{end}"), last)


def _bytes(name: str) -> bytes:
    """Return a name as it was written, which may have been no Unicode."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogatepass")
