"""Reading files of users, and writing files completely or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import BinaryIO, TextIO

from hsm_specs.errors import InputError


def write_atomically(path: Path, *parts: bytes | Iterable[bytes]) -> None:
    """Write a file and its parent folders. A reader sees the old file or the new one, never a part.

    A file that is replaced keeps its permissions. A symbolic link is followed. A pipe, a device, and the file that
    stdout or stderr goes to are written directly.
    """
    try:
        stream = _stream(path)
        if stream is not None:
            with stream:
                stream.writelines(_flat(parts))
            return
        target = target_of(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(_flat(parts))
            Path(name).chmod(stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask())
            Path(name).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror or error}).") from None


def discard(stream: TextIO | FileIO | None) -> None:
    """Discard what is still written to a broken stream, also at the exit of the interpreter."""
    if stream is None:
        return
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def write_below(folder: Path, name: str, *parts: bytes | Iterable[bytes]) -> None:
    """Write a file of a folder as `write_atomically` does. Raise `InputError` if that would go through a link.

    The folder itself may be one: the user named it. What is in it need not be theirs, as in a clone.
    """
    refuse_links(folder, name)
    write_atomically(folder / name, *parts)


def refuse_links(folder: Path, name: str) -> None:
    """Raise `InputError` if a file of a folder, or a folder between them, is a symbolic link."""
    path = folder
    for part in Path(name).parts:
        path /= part
        if path.is_symlink():
            what = f"{path} is a symbolic link, and nothing is written through links in a folder of generated files:"
            raise InputError(what, remedy="remove it, or name another folder.")


def try_writing(path: Path) -> None:
    """Raise `InputError` if `write_atomically` would fail, as far as that is known before. Nothing is left behind."""
    try:
        target = target_of(path)
        if target.exists() and not target.is_file():
            if not os.access(target, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        # If the path leads through a file, that file is the nearest existing part.
        there = next(folder for folder in target.parents if folder.exists())
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror or error}):", remedy="name another file."
        ) from None


def target_of(path: Path) -> Path:
    """Return the target of a path through all symbolic links. Raise OSError if they form a circle."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return target


def _stream(path: Path) -> BinaryIO | None:
    """Open what must be written directly: no regular file, or where stdout or stderr goes. Else return None."""
    if not path.exists():
        return None
    there = path.stat()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and _is(stream, there):
            stream.flush()
            return os.fdopen(os.dup(stream.fileno()), "wb")
    return None if path.is_file() else path.open("wb")


def _is(stream: TextIO, there: os.stat_result) -> bool:
    try:
        return os.path.samestat(there, os.fstat(stream.fileno()))
    except (OSError, ValueError):
        return False


def _flat(parts: Iterable[bytes | Iterable[bytes]]) -> Iterator[bytes]:
    for part in parts:
        yield from (part,) if isinstance(part, bytes) else part


def read(path: Path) -> bytes:
    """Return the bytes of a file that a user named. Raise `InputError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
