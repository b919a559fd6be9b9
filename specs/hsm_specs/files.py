"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from hsm_specs.harness import InputError


def write_atomically(path: Path, *parts: bytes | Iterable[bytes]) -> None:
    """Puts data at a path, with the folders above it: a reader finds the old file or the new one, never a part.

    Into what is no file, such as a pipe or a device, it is simply written.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                stream.writelines(_flat(parts))
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(_flat(parts))
            Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror or error}).") from None


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
