"""A folder of vectors: written anew, or compared with what would be written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from hsm_specs.deviations import Deviations
from hsm_specs.files import write_atomically
from hsm_specs.harness import InputError
from hsm_specs.vectors.known import FOLDER, file_name, known_vectors
from hsm_specs.vectors.making import made
from hsm_specs.vectors.vector import CASES, FORMAT, MANIFEST, SEED, Manifest

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Staleness:
    """In what a folder is not as the model would have it: files different, missing and left over."""

    different: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    leftover: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.different or self.missing or self.leftover)

    def __str__(self) -> str:
        parts = ((self.different, "different"), (self.missing, "missing"), (self.leftover, "left over"))
        return "; ".join(f"{len(names)} {what} ({_some(names)})" for names, what in parts if names)


def write(
    folder: Path,
    seed: int = SEED,
    cases: int = CASES,
    deviations: Sequence[Deviations] = (),
    scope: str | None = None,
) -> Manifest:
    """Writes the vectors to a folder and removes those of requirements that have none any more.

    For each implementation whose known deviations are given there is a file that says which vectors it deviates in.
    """
    files = _made(seed, cases, deviations, scope)
    for name, content in files.items():
        write_atomically(folder / name, content)
    for name in _leftover(folder, files):
        _remove(folder / name)
    return msgspec.json.decode(files[MANIFEST], type=Manifest)


def check(folder: Path, deviations: Sequence[Deviations] = ()) -> tuple[Manifest, Staleness]:
    """The manifest that a folder should have, and in what the folder is stale.

    The seed, the number of cases and the scope are those that the folder was made with.
    """
    found = _manifest(folder)
    seed, cases = (SEED, CASES) if found is None else (found.seed, found.cases)
    scope = None if found is None or found.scope is None else found.scope.name
    files = _made(seed, cases, deviations, scope)
    there = {name for name in files if (folder / name).is_file()}
    staleness = Staleness(
        tuple(name for name, content in files.items() if name in there and _bytes(folder / name) != content),
        tuple(name for name in files if name not in there),
        tuple(_leftover(folder, files)),
    )
    return msgspec.json.decode(files[MANIFEST], type=Manifest), staleness


def _made(seed: int, cases: int, deviations: Sequence[Deviations], scope: str | None) -> dict[str, bytes]:
    files = made(seed, cases, scope)
    return files | {file_name(known): known_vectors(files, known) for known in deviations}


def _manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder, None if it is none that can be understood."""
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder.", mend=f"`hsmspec vectors --output {folder}` makes it.")
    try:
        found = msgspec.json.decode(_bytes(folder / MANIFEST), type=Manifest)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return found if found.format == FORMAT else None


def _leftover(folder: Path, files: dict[str, bytes]) -> list[str]:
    there = [path.name for path in folder.glob("*.jsonl")]
    there += [f"{FOLDER}/{path.name}" for path in folder.glob(f"{FOLDER}/*.json")]
    return sorted(name for name in there if name not in files)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise InputError(f"{path} cannot be removed ({error.strerror or error}).") from None


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
