"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from hsm_specs.errors import InputError


def write_atomically(path: Path, *parts: bytes | Iterable[bytes]) -> None:
    """Puts data at a path, with the folders above it: a reader finds the old file or the new one, never a part.

    Of a symbolic link the target is written. Into what is no file, such as a pipe or a device, and into where stdout
    or stderr go, it is simply written.
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
            Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror or error}).") from None


def try_writing(path: Path) -> None:
    """Whether `write_atomically` could write, as far as that can be told before. Nothing is left behind.

    Raises `InputError`.
    """
    try:
        target = target_of(path)
        if target.exists() and not target.is_file():
            if not os.access(target, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        # Of a path through a file no part but that file is there, and it is no folder.
        there = next(folder for folder in target.parents if folder.exists())
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror or error}):", mend="name another file.") from None


def target_of(path: Path) -> Path:
    """What a path leads to, through all symbolic links. Raises OSError where they lead in a circle."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return target


def _stream(path: Path) -> BinaryIO | None:
    """What a path is, opened, where no file could take its place without a loss."""
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
    """The bytes of a file that a user named."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
