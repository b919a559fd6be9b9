"""Reads the lines of a file of traces, which is decompressed while it is read."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from hsm_specs.errors import InputError
from hsm_specs.parallel.cancellation import Stopped

STDIN: Final = "-"
LONGEST: Final = 16 * 2**20
"""The length in bytes beyond which a line is skipped, so that one without an end does not fill the memory."""
MOST_UNPARSED: Final = 10_000
"""Of how many traces that have not begun an unparsed line is kept by name. Later ones are of any trace."""
_GZIP: Final = b"\x1f\x8b"
_MARK: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
"""The byte order marks, of which neither can begin a line in UTF-8."""
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_SKIPPED: Final = bytes(range(0x50, 0x60))
_BUFFER: Final = 2**17
_CHUNK: Final = 1024
"""Few compressed bytes at a time: they may stand for thirty thousand times as many."""


STOPPED: Final = "judging was interrupted"
"""Why a file was not read to its end, or not at all."""


def shown_name(name: str) -> str:
    """Return how messages name a file."""
    return "stdin" if name == STDIN else name


class Damaged(Exception):
    """The file cannot be read from here on. The text is a sentence whose subject, the file, is left out."""


def _never() -> bool:
    return False


TOO_LONG: Final = b"\n"
"""Stands for a line that is too long. No line contains a line end."""
Batch = list[bytes]
"""Lines that were read together, without line ends."""


class Lines:
    """The lines of a file, in batches, as they arrive.

    Before each batch ``asked`` says whether to stop. Whatever may block runs in the context ``waiting``.
    """

    def __init__(
        self,
        name: str,
        asked: Callable[[], bool] = _never,
        waiting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.name = name
        self.ended = ""
        """Why reading ended, where that was not at the end of the file."""
        self.marked = False
        """Whether a byte order mark was removed from the first line."""
        self.whole = True
        """Whether the last line had an end."""
        self._asked = asked
        self._waiting = waiting

    def __iter__(self) -> Iterator[Batch]:
        """Yield the lines. Raise `Damaged` after all that could be read, and InputError for what cannot be opened."""
        try:
            yield from self._read()
        except Damaged as damage:
            self.ended = self.ended or f"it {damage}"
            raise
        except InputError as error:
            self.ended = str(error).removesuffix(".")
            raise

    def _read(self) -> Iterator[Batch]:
        try:
            with ExitStack() as stack:
                binary = sys.stdin.buffer if self.name == STDIN else stack.enter_context(Path(self.name).open("rb"))
                # stdin may be a stream without peek.
                file = binary if isinstance(binary, io.BufferedReader) else io.BufferedReader(_Kept(binary))
                with self._waiting():
                    content = _decompressed(file, self.name)
                yield from self._batches(stack.enter_context(content))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            what = "ends in the middle of its compressed data" if isinstance(error, EOFError) else "is damaged"
            raise Damaged(f"{what} ({error})") from None
        except Stopped:
            raise self._cut() from None
        except OSError as error:
            raise Damaged(f"cannot be read ({error.strerror or error})") from None

    def _batches(self, stream: io.BufferedReader) -> Iterator[Batch]:
        with self._waiting():
            start = stream.peek(len(_MARK))
        if start.startswith(_UTF_16) or start[:2] in (b"{\0", b"\0{"):
            raise Damaged("is UTF-16, and traces are UTF-8")
        if start.startswith(_MARK):
            stream.read(len(_MARK))
            self.marked = True
        rest, skipping = b"", False
        while block := self._block(stream):
            lines = (rest + block).split(b"\n")
            rest = lines.pop()
            if lines and (skipping or len(lines[0]) > LONGEST):
                lines[0], skipping = TOO_LONG, False
            if skipping or len(rest) > LONGEST:
                rest, skipping = b"", True
            yield lines
        if rest or skipping:
            self.whole = False
            yield [TOO_LONG if skipping else rest]

    def _block(self, stream: io.BufferedReader) -> bytes:
        if self._asked():
            raise self._cut()
        with self._waiting():
            return stream.read1(_BUFFER)

    def _cut(self) -> Damaged:
        self.ended = STOPPED
        return Damaged(f"was not read on, as {STOPPED}")


class UnparsedLines:
    """The first line that was not understood of each trace that has not begun, and of any such trace."""

    __slots__ = ("_any", "_named")

    def __init__(self) -> None:
        self._any = 0
        self._named: dict[str, int] = {}

    def add(self, line: int, name: str | None) -> None:
        """Remember a line; without a name it may be of any trace."""
        if name in self._named:
            return
        if name is None or len(self._named) >= MOST_UNPARSED:
            self._any = self._any or line
        else:
            self._named[name] = line

    def take(self, name: str) -> int:
        """Return the first line that may have been of a trace that begins now, 0 if there is none."""
        lines = (self._any, self._named.pop(name, 0))
        return min(filter(None, lines), default=0)


def too_long() -> str:
    """Return what is wrong with a line that is too long."""
    return f"it is longer than {LONGEST // 2**20} MiB"


def _decompressed(file: Any, name: str) -> io.BufferedReader:
    """Return the content of a file, decompressed."""
    start = file.peek(len(_ZSTD))[: len(_ZSTD)]
    if start.startswith(_GZIP):
        return io.BufferedReader(_Kept(gzip.GzipFile(fileobj=file)), _BUFFER)
    # A skippable frame may come first; no text begins like one.
    packed = start == _ZSTD or (start[:1] in _SKIPPED and start[1:] == b"\x2a\x4d\x18")
    return io.BufferedReader(_Zstd(file, name) if packed else _Kept(file), _BUFFER)


class _Kept(io.RawIOBase):
    """Another stream, which stays open when this one is closed."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what fits into the buffer."""
        # Unlike read1, readinto1 goes on to wait for more where the buffer is larger than the stream's own.
        data = self._stream.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Zstd(io.RawIOBase):
    """Decompresses zstd, frame by frame. Raises EOFError in the middle of a frame."""

    def __init__(self, file: Any, name: str) -> None:
        try:
            self._zstandard = import_module("zstandard")
        except ImportError:
            raise InputError(
                f"{name} is compressed with zstd, and the package zstandard is not installed.",
                remedy="`pip install hsmspec[zstd]` installs it.",
            ) from None
        self._file = file
        self._frame = self._zstandard.ZstdDecompressor().decompressobj()
        self._compressed = b""
        self._begun = False
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what fits into the buffer."""
        while not self._ready:
            if self._frame.eof:
                self._compressed = self._frame.unused_data
                self._frame = self._zstandard.ZstdDecompressor().decompressobj()
                self._begun = False
            self._compressed = self._compressed or self._file.read(_CHUNK)
            if not self._compressed:
                if self._begun:
                    raise EOFError("a frame is not complete")
                return 0
            self._begun = True
            try:
                self._ready = memoryview(self._frame.decompress(self._compressed))
            except self._zstandard.ZstdError as error:
                raise zlib.error(str(error)) from None
            self._compressed = b""
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size
