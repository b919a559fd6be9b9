"""A folder of vectors: written again, or compared with what would be written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hsm_specs.errors import InputError
from hsm_specs.files import refuse_links, write_below
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.vectors import schema
from hsm_specs.vectors.known import FOLDER, file_name, known_vectors
from hsm_specs.vectors.making import formatted, made
from hsm_specs.vectors.vector import CASES, FORMAT, MANIFEST, SCHEMA, SEED, Manifest

_SHOWN = 5
_OWN = re.compile(rf"[^/\\]+\.jsonl|{FOLDER}/[^/\\]+\.json")
"""The names that files of vectors have: a manifest cannot have others removed."""


class _ListedFile(Struct):
    file: str


class _Listing(Struct):
    """As much of a manifest as lists files."""

    requirements: dict[str, _ListedFile]
    deviations: tuple[str, ...] = ()


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
    """Write the vectors to a folder, and remove those of its manifest that no longer exist.

    For each implementation whose known deviations are given there is a file that says which vectors it deviates in.
    Raise `InputError` for a folder with files none of which says that they are vectors, and for symbolic links in it.
    """
    _own(folder)
    files = _made(seed, cases, deviations, scope)
    leftover = _leftover(folder, files)
    manifest = files.pop(MANIFEST)
    # Before anything is written, so that the folder stays as it is.
    for name in (*files, MANIFEST, *leftover):
        refuse_links(folder, name)
    for name, content in files.items():
        write_below(folder, name, content)
    for name in leftover:
        _remove(folder / name)
    # Written last: if this is interrupted, the earlier manifest still lists what is to be removed.
    write_below(folder, MANIFEST, manifest)
    return msgspec.json.decode(manifest, type=Manifest)


def check(folder: Path, deviations: Sequence[Deviations] = ()) -> tuple[Manifest, Staleness]:
    """Return the manifest that a folder should have, and in what the folder is stale.

    The seed, the number of cases and the scope are those that the folder was made with. What its manifest does not list
    is no business of it. Raise `InputError` as `write` does.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder.", remedy=f"`hsmspec vectors --output {folder}` creates it.")
    _own(folder)
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
    if deviations:
        manifest = msgspec.json.decode(files[MANIFEST], type=Manifest)
        files[MANIFEST] = formatted(replace(manifest, deviations=tuple(sorted(map(file_name, deviations)))))
    return files | {file_name(known): known_vectors(files, known) for known in deviations}


def _manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a folder, None if it cannot be decoded."""
    try:
        found = msgspec.json.decode(_bytes(folder / MANIFEST), type=Manifest)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return found if found.format == FORMAT else None


def _own(folder: Path) -> None:
    """Refuse a folder with files that no manifest marks as a folder of vectors.

    A manifest that cannot be understood, as one that was merged by hand, is enough next to the schema of vectors.
    """
    try:
        empty = not folder.exists() or next(folder.iterdir(), None) is None
    except OSError as error:
        raise InputError(f"{folder} cannot be read ({error.strerror or error}).") from None
    if not empty and _listed(folder) is None and schema.NAME.encode() not in _bytes(folder / SCHEMA):
        raise InputError(
            f"{folder} has files, and no manifest of vectors:",
            remedy="name an empty or a new folder.",
        )


def _listed(folder: Path) -> tuple[str, ...] | None:
    """Return the files that the manifest of a folder lists, of any format; None if it is no manifest."""
    try:
        found = msgspec.json.decode(_bytes(folder / MANIFEST), type=_Listing)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return (*(entry.file for entry in found.requirements.values()), *found.deviations)


def _leftover(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Return the files of the manifest that exist but should not any more."""
    return sorted(
        name
        for name in set(_listed(folder) or ())
        if name not in files and _OWN.fullmatch(name) and (folder / name).is_file()
    )


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
