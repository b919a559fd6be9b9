"""The journal of a soak: JSON Lines, one for each shard that is done, each on disk before the next one.

The first line identifies the soak. A killed soak resumes from there: an incomplete last line is what the kill left,
and is cut off. Only failures that are worth investigating are written with their programs, so that a journal stays
small however much fails.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec
from msgspec import Struct

from hsm_specs.adapter import Timeouts
from hsm_specs.errors import InputError
from hsm_specs.explore.walks import Walked
from hsm_specs.files import write_atomically
from hsm_specs.language.messages import Greeting
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations
from hsm_specs.results.failures import Failure
from hsm_specs.results.findings import Finding
from hsm_specs.results.redaction import is_redacted, redacted

FORMAT = 1
_OWN = "Without `--deviations`, it continues with its own. "
_ANEW = "Without `--resume`, a new soak begins and this journal is renamed."


class JournalHeader(Struct, frozen=True, forbid_unknown_fields=True):
    """The first line: everything that the shards of a soak, and so its findings, depend on.

    ``generator`` and ``deviations`` are hashes. ``known`` deviations, the name of their file and the time-outs are what
    a resumed soak uses unless others are given.
    """

    hsmspec_soak: int
    command: tuple[str, ...]
    seed: int
    size: int
    first: int
    generator: str
    deviations: str
    implementation: Greeting
    known: Deviations = NONE_KNOWN
    deviations_file: str = ""
    timeouts: Timeouts = Timeouts()


class ShardDone(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag="shard", tag_field="is"):
    """A shard that is done: its failures, the steps that no shard before it in the journal made, and what it walked."""

    index: int
    programs: int
    operations: int
    failures: tuple[Failure, ...] = ()
    steps: tuple[int, ...] = ()
    walked: Walked | None = None
    withheld: int = 0


class Investigated(Struct, frozen=True, forbid_unknown_fields=True, tag="finding", tag_field="is"):
    """The finding that a failure of a shard led to, by its number among them."""

    shard: int
    number: int
    finding: Finding


JournalLine = ShardDone | Investigated
_ENCODER = msgspec.json.Encoder()
_HEAD = msgspec.json.Decoder(JournalHeader)
_LINE = msgspec.json.Decoder(JournalLine)


class Journal:
    """A journal that is being written, locked against other processes."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file

    @classmethod
    def begin(cls, path: Path, header: JournalHeader) -> Journal:
        """Begin a new journal. Keep an existing one next to it, as `.old`, `.old.2` and so on."""
        if path.exists() and not path.is_file():
            raise InputError(f"The journal {path} is not a file.")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError), path.open("r+b") as earlier:
                _lock(path, earlier)
                path.replace(_aside(path))
            journal = cls(path, path.open("xb", buffering=0))
            _sync(path.parent)
        except OSError as error:
            raise InputError(f"The journal {path} cannot be written ({error.strerror or error}).") from None
        with journal._unless_refused():
            journal.append(header)
        return journal

    @classmethod
    def resume(cls, path: Path, header: JournalHeader) -> Journal:
        """Open the journal of the same soak to continue it, without an incomplete last line."""
        found = read_header(path)
        try:
            journal = cls(path, path.open("r+b", buffering=0))
        except OSError as error:
            raise InputError(f"The journal {path} cannot be written ({error.strerror or error}).") from None
        with journal._unless_refused():
            _check(path, found, header)
            journal._file.truncate(_whole(path))
            journal._file.seek(0, os.SEEK_END)
        return journal

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    @contextmanager
    def _unless_refused(self) -> Generator[None]:
        """Lock the journal, and close it if it turns out to be of no use."""
        try:
            _lock(self.path, self._file)
            yield
        except BaseException:
            self._file.close()
            raise

    def append(self, line: JournalHeader | JournalLine) -> None:
        """Write a line, which is on disk when this returns."""
        try:
            data = memoryview(_ENCODER.encode(line) + b"\n")
            while data:
                data = data[self._file.write(data) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise InputError(f"The journal {self.path} cannot be written ({error.strerror or error}).") from None

    def lines(self) -> Iterator[JournalLine]:
        """Yield its lines but the first. Raise `InputError` for a line that is not one of a journal."""
        try:
            with self.path.open("rb") as file:
                file.readline()
                for number, line in enumerate(file, start=2):
                    try:
                        yield _LINE.decode(line)
                    except (msgspec.MsgspecError, RecursionError) as error:
                        raise InputError(
                            f"{self.path}, line {number}, is no line of a journal ({error}).",
                            remedy="`--repair` leaves such lines out, and says what is run again.",
                        ) from None
        except OSError as error:
            raise InputError(f"The journal {self.path} cannot be read ({error.strerror or error}).") from None


class Repaired(Struct, frozen=True):
    """A journal without its damaged lines: their numbers, the shards that are run again, and where it is kept whole."""

    damaged: tuple[int, ...]
    again: tuple[int, ...]
    kept: Path


def repair(path: Path) -> Repaired | None:
    """Leave the damaged lines out of a journal, and keep it as it was beside it. Return None if there are none.

    The shards that run again are those below the last one that are not in it. Raise `InputError` for a journal without
    a first line, since nothing says what its shards are made from.
    """
    header = read_header(path)
    try:
        with path.open("r+b") as file:
            _lock(path, file)
            head, *lines = file.read().splitlines(keepends=True)
            found = [(number, line, _decoded(line)) for number, line in enumerate(lines, start=2)]
            # What a kill left of the last line is no damage: resuming cuts it off.
            damaged = tuple(number for number, line, read in found if read is None and line.endswith(b"\n"))
            if not damaged:
                return None
            done = {read.index for _, _, read in found if isinstance(read, ShardDone)}
            kept = _aside(path)
            os.link(path, kept)
            write_atomically(path, head, *(line for number, line, _ in found if number not in damaged))
    except OSError as error:
        raise InputError(f"The journal {path} cannot be repaired ({error.strerror or error}).") from None
    missing = set(range(header.first, max(done, default=header.first - 1) + 1)) - done
    return Repaired(damaged, tuple(sorted(missing)), kept)


def _decoded(line: bytes) -> JournalLine | None:
    try:
        found: JournalLine = _LINE.decode(line)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return found


def read_header(path: Path) -> JournalHeader:
    """Return the first line of a journal. Raise `InputError` if it is missing or has another format."""
    try:
        with path.open("rb") as file:
            line = file.readline()
    except FileNotFoundError:
        raise InputError(
            f"There is no journal {path} to resume.", remedy="Leave out `--resume` to begin a soak."
        ) from None
    except OSError as error:
        raise InputError(f"The journal {path} cannot be read ({error.strerror or error}).") from None
    try:
        found = _HEAD.decode(line)
    except (msgspec.MsgspecError, RecursionError):
        raise InputError(f"{path} is no journal of a soak: its first line is not a header.") from None
    if found.hsmspec_soak != FORMAT:
        raise InputError(f"{path} is a journal of format {found.hsmspec_soak}, and this hsmspec writes {FORMAT}.")
    return found


def digest(deviations: Deviations) -> str:
    """Return a hash that differs between lists of known deviations."""
    return hashlib.sha256(_ENCODER.encode(deviations)).hexdigest()[:16]


def _check(path: Path, found: JournalHeader, mine: JournalHeader) -> None:
    """Raise `InputError` for the journal of another soak, naming the difference."""
    for what, was, is_now in (
        ("seed", str(found.seed), str(mine.seed)),
        ("size", str(found.size), str(mine.size)),
        ("first shard", str(found.first), str(mine.first)),
        ("command", *_commands(found.command, mine.command)),
        ("implementation", _name(found.implementation), _name(mine.implementation)),
    ):
        if was != is_now:
            raise InputError(f"{path} is the journal of a soak with another {what}: {was}, and this one has {is_now}.")
    for what, same, more in (
        ("an implementation that introduced itself otherwise", found.implementation == mine.implementation, ""),
        ("other known deviations", found.deviations == mine.deviations, _OWN),
        ("another version of hsmspec, which makes other programs of a seed", found.generator == mine.generator, ""),
    ):
        if not same:
            raise InputError(f"{path} is the journal of a soak with {what}.", remedy=f"{more}{_ANEW}")


def _commands(found: tuple[str, ...], mine: tuple[str, ...]) -> Iterator[str]:
    """Yield two commands in words, without arguments if one of them is redacted."""
    hidden = is_redacted(found) or is_redacted(mine)
    for command in (found, mine):
        yield f"`{shlex.join(redacted(command) if hidden else command)}`"


def _aside(path: Path) -> Path:
    """Return the first free name for an earlier journal."""
    aside = path.with_name(f"{path.name}.old")
    for number in count(2):
        if not aside.exists():
            break
        aside = path.with_name(f"{path.name}.old.{number}")
    return aside


def _name(greeting: Greeting) -> str:
    return f"{greeting.name} {greeting.version}"


def _whole(path: Path) -> int:
    """Return how many bytes of the file are complete lines."""
    end = 0
    with path.open("rb") as file:
        for line in file:
            end += len(line) if line.endswith(b"\n") else 0
    return end


def _sync(folder: Path) -> None:
    """Make sure that a new name in a folder is on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lock(path: Path, file: BinaryIO) -> None:
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(
            f"Another soak is writing the journal {path}.", remedy="Give this one its own with `--journal`."
        ) from None
