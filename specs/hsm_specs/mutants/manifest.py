"""The manifest: which mutants there are, what each breaks and how it is started."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
from msgspec import Struct

from hsm_specs.catalogue.requirements import load_catalogue, unknown
from hsm_specs.errors import InputError
from hsm_specs.files import read

STDIN = "-"


class Mutant(Struct, frozen=True, forbid_unknown_fields=True):
    """A wrong implementation: the requirement that it breaks, how in a sentence, and the command of its adapter.

    ``deviations`` is the file of what is known to be wrong with the implementation that it is a mutant of, if anything
    is. ``operations`` are those that a program needs before it can show a mutant that is right up to a size.
    """

    name: str
    requirement: str
    sentence: str
    command: tuple[str, ...]
    deviations: str = ""
    operations: int = 0


_DECODER = msgspec.json.Decoder(tuple[Mutant, ...])


def load_manifest(path: str) -> tuple[Mutant, ...]:
    """Return the mutants of a manifest, a JSON list in a file or on stdin. Raise `InputError` for unknown names."""
    data, where = (sys.stdin.buffer.read(), "stdin") if path == STDIN else (read(Path(path)), path)
    try:
        mutants = _DECODER.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(f"{where} is no manifest of mutants ({error}).") from None
    if not mutants:
        raise InputError(f"{where} has no mutants.")
    seen: set[str] = set()
    for mutant in mutants:
        if mutant.name in seen:
            raise InputError(f"{where} has the mutant {mutant.name} twice.")
        seen.add(mutant.name)
        if not mutant.command:
            raise InputError(f"{where}: the mutant {mutant.name} has no command.")
        if mutant.requirement not in load_catalogue():
            raise unknown(
                f"{where}: the mutant {mutant.name} breaks {mutant.requirement!r}, which is no requirement",
                mutant.requirement,
                load_catalogue(),
            )
    return mutants
