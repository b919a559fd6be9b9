"""Findings: programs with unexpected observations, saved so that they can run again."""

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
    """A program with its expected and observed observations, and the requirement that it violates.

    ``where`` is the place of the first difference: the index of the operation, then indexes inside of functions.
    ``amendments`` name the semantics that the program was held to; without any it is the specification. ``count`` is
    the number of failing programs that the finding stands for, ``shrunk`` whether this program is a minimum. An
    ``outdated`` finding contradicts the known deviations: they predict a deviation, and the program conformed. ``rule``
    is the rule of the model behind the expected observation.
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
        """The requirement and a short hash of program and semantics, the same for the same finding."""
        content = _ENCODER.encode((self.program, self.amendments))
        return f"{self.requirement}-{hashlib.sha256(content).hexdigest()[:8]}"


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Finding)


def save(finding: Finding, folder: Path) -> Path:
    """Write a finding to a folder and return the path of its file."""
    path = folder / f"{finding.id}.json"
    write_atomically(path, msgspec.json.format(_ENCODER.encode(finding)) + b"\n")
    return path


def load(path: Path) -> Finding:
    """Read the file of a finding. Raise `InputError`."""
    try:
        finding = _DECODER.decode(read(path))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(f"{path} is not a saved finding ({error}).") from None
    if finding.format != FORMAT:
        raise InputError(f"{path} is a finding of format {finding.format}, and this hsmspec reads format {FORMAT}.")
    if not finding.program or not finding.where:
        raise InputError(f"{path} is a finding without a program or without a difference.")
    return finding
