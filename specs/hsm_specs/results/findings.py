"""Findings: programs with unexpected observations, saved so that they can run again."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct

from hsm_model.framework.amendments import ALL_AMENDMENTS
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.errors import InputError
from hsm_specs.files import read, write_below
from hsm_specs.language.messages import Dialect
from hsm_specs.language.observations import Observation, at, is_loss
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
    def lost(self) -> bool:
        """Whether the program ends the implementation, or gets no answer."""
        observation = at(self.observed, self.where)
        return observation is not None and is_loss(observation)

    @property
    def id(self) -> str:
        """The requirement and a short hash of program and semantics, the same for the same finding."""
        content = _ENCODER.encode((self.program, self.amendments))
        return f"{self.requirement}-{hashlib.sha256(content).hexdigest()[:8]}"


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Finding)


def save(finding: Finding, folder: Path) -> Path:
    """Write a finding to a folder and return the path of its file."""
    name = f"{finding.id}.json"
    write_below(folder, name, msgspec.json.format(_ENCODER.encode(finding)) + b"\n")
    return folder / name


def load(path: Path) -> Finding:
    """Read a saved finding. Raise `InputError` if it is none, or from a version of hsmspec that this one differs from.

    Such a version has requirements, amendments or operations that are unknown here.
    """
    content = read(path)
    try:
        finding = _DECODER.decode(content)
    except (msgspec.MsgspecError, RecursionError) as error:
        if _is_a_finding(content):
            raise _of_another_version(path, str(error)) from None
        raise InputError(f"{path} is not a saved finding ({error}).") from None
    if finding.format != FORMAT:
        raise InputError(f"{path} is a finding of format {finding.format}, and this hsmspec reads format {FORMAT}.")
    if not finding.program or not finding.where:
        raise InputError(f"{path} is a finding without a program or without a difference.")
    if finding.requirement not in load_catalogue():
        raise _of_another_version(path, f"there is no requirement {finding.requirement} here")
    if unknown := [name for name in finding.amendments if name not in ALL_AMENDMENTS]:
        raise _of_another_version(path, f"there is no amendment {', '.join(unknown)} here")
    if not 0 <= finding.where[0] < len(finding.program):
        raise _of_another_version(path, f"its program has no operation {finding.where[0]}")
    return finding


def _is_a_finding(content: bytes) -> bool:
    """Return whether a file has the members by which a finding of any version is known."""
    try:
        known = msgspec.json.decode(content, type=_AnyFinding)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return known.format == FORMAT


class _AnyFinding(Struct, frozen=True):
    format: int
    requirement: str
    implementation: str
    program: tuple[msgspec.Raw, ...]


def _of_another_version(path: Path, why: str) -> InputError:
    return InputError(f"{path} is from another version of hsmspec: {why}.")
