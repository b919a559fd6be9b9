"""Findings: programs that an implementation answered otherwise than it should have, kept to be run again."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct

from hsm_specs.errors import InputError
from hsm_specs.files import read, write_atomically
from hsm_specs.language.messages import Dialect
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program

FORMAT = 1


class Finding(Struct, frozen=True, forbid_unknown_fields=True):
    """A program, what it should have answered and what it did, and which requirement that breaks.

    ``where`` is the place of the first difference: the operation's index, then its indexes inside of functions.
    ``amendments`` name the semantics that the program was held to, none the specification itself. ``count`` is the
    number of failing programs that the finding stands for, ``shrunk`` whether this one is a minimum of them. An
    ``outdated`` finding is about the known deviations: the program was answered as the specification says, and they say
    that it would not be. ``rule`` is the model's rule that predicted what was expected.
    """

    format: int
    requirement: str
    statement: str
    documented: bool
    program: Program
    where: tuple[int, ...]
    expected: tuple[Observation, ...]
    observed: tuple[Observation, ...]
    phase: str
    count: int
    shrunk: bool
    command: tuple[str, ...]
    implementation: str
    version: str
    dialect: Dialect | None
    amendments: tuple[str, ...]
    seed: int
    rule: str = ""
    outdated: bool = False
    note: str = ""

    @property
    def id(self) -> str:
        """The requirement and a short hash of the program and the semantics: the same finding has the same ID."""
        content = _ENCODER.encode((self.program, self.amendments))
        return f"{self.requirement}-{hashlib.sha256(content).hexdigest()[:8]}"


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Finding)


def save(finding: Finding, folder: Path) -> Path:
    """Writes a finding to the folder, and answers the path of its file."""
    path = folder / f"{finding.id}.json"
    write_atomically(path, msgspec.json.format(_ENCODER.encode(finding)) + b"\n")
    return path


def load(path: Path) -> Finding:
    """Reads a finding's file."""
    try:
        finding = _DECODER.decode(read(path))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(f"{path} is no saved finding of hsmspec ({error}).") from None
    if finding.format != FORMAT:
        raise InputError(f"{path} is a finding of format {finding.format}, and this hsmspec reads format {FORMAT}.")
    if not finding.program or not finding.where:
        raise InputError(f"{path} is a finding without a program or without a difference.")
    return finding
