"""Copies: whether a file is, where another machine looks for it, the one that is meant."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path
from typing import Final

from msgspec import Struct

SAMPLE: Final = 2**16
"""Bytes of a file's beginning and of its end by which it is known."""
MEND: Final = "all workers need it at this very path, on storage that they share; without --scheduler it is judged here"


class Copy(Struct, frozen=True):
    """A file by its absolute path, its length and a hash of its beginning and end."""

    path: str
    size: int
    digest: str


def copy_at(path: Path) -> Copy:
    """The file at a path. Raises OSError if it cannot be read."""
    path = path.absolute()
    with path.open("rb") as file:
        size = file.seek(0, 2)
        digest = hashlib.sha256()
        for start in (0, max(0, size - SAMPLE)):
            file.seek(start)
            digest.update(file.read(SAMPLE))
    return Copy(str(path), size, digest.hexdigest())


def trouble_with(copy: Copy) -> str:
    """What is wrong with this machine's copy, behind the name of the file; empty if it is the one that is meant."""
    here = f"the worker on {platform.node() or 'another machine'}"
    try:
        found = copy_at(Path(copy.path))
    except OSError as error:
        return f"{here} cannot read {copy.path} ({error.strerror or error}); {MEND}"
    if found.size != copy.size:
        return f"{here} has another file at {copy.path}, of {found.size:,} bytes instead of {copy.size:,}; {MEND}"
    if found != copy:
        return f"{here} has another file at {copy.path}, of the same size; {MEND}"
    return ""
