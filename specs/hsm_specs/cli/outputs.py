"""What a command is to write, and what it reads: looked at before anything is done."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from hsm_specs.errors import InputError
from hsm_specs.files import target_of, try_writing

STDIN = "-"
"""The name that stands for stdin."""


def check_paths(outputs: dict[str, Path | None], inputs: Iterable[str | Path | None] = ()) -> None:
    """Refuses what would be lost: an output that is an input, two that are the same file, one that cannot be written.

    Outputs are given by their options; None is an output or an input that was not asked for. Pipes and devices may be
    several. Raises `InputError`, also for a stdin that is closed.
    """
    asked = {option: path for option, path in outputs.items() if path is not None}
    read = [_input(name) for name in inputs if name is not None]
    for path in asked.values():
        try_writing(path)
    for option, path in asked.items():
        if any(_same(path, name) for name in read):
            raise InputError(f"{path} is read, so `{option}` cannot write it:", mend="name another file.")
    for (one, path), (other, second) in combinations(asked.items(), 2):
        if _same(path, second):
            raise InputError(f"`{one}` and `{other}` name the same file, {second}:", mend="give each its own.")


def _input(name: str | Path) -> Path:
    if name != STDIN:
        return Path(name)
    if sys.stdin is None:
        raise InputError("Stdin is closed, so nothing can be read from it:", mend="name a file.")
    return Path("/dev/stdin")


def _same(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same file, be it there already or not."""
    try:
        if not one.exists() or not other.exists():
            return target_of(one) == target_of(other)
        return one.is_file() and one.samefile(other)
    except OSError:
        return False
