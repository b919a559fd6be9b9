"""What is compared: the specification, what known deviations or an amendment make of it, or a machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from hsm_diagrams.machine.names import NamedMachine, find_machine
from hsm_model.amendments import AMENDMENTS, amend
from hsm_model.machines import MACHINES
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.errors import InputError
from hsm_specs.oracle.known_deviations import deviations_in

SPECIFIED = "specification"


@dataclass(frozen=True, slots=True)
class Ruled:
    """A semantics under its name, with the amendments that make it."""

    name: str
    semantics: Semantics
    amendments: Sequence[str] = ()
    unruled: Sequence[str] = ()
    """Requirements of known deviations that no rule of the model says, so that no graph has them."""


Side = Ruled | NamedMachine


def amended_name(amendment: str) -> str:
    """What the specification with an amendment is called."""
    return f"the specification with {amendment}"


def find_side(name: str) -> Side:
    """What a name stands for. Raises `InputError`, which lists near names."""
    if name == SPECIFIED:
        return Ruled("the specification", SPECIFICATION)
    if name in AMENDMENTS:
        return Ruled(amended_name(name), amend(names=(name,)), (name,))
    if name.endswith(".toml") or Path(name).is_file():
        return _deviating(Path(name))
    known = [SPECIFIED, *AMENDMENTS, *MACHINES]
    if ":" not in name and name not in {*MACHINES, *(machine.title for machine in MACHINES.values())}:
        near = get_close_matches(name, known, cutoff=0.5)
        meant = f"; near are {', '.join(near)}." if near else "."
        raise InputError(
            f"There is nothing called `{name}` to compare{meant}",
            remedy=f"There are {', '.join(known)}, files of known deviations, and your machines as module:attribute.",
        )
    return find_machine(name)


def _deviating(path: Path) -> Ruled:
    found = deviations_in(path)
    name = " ".join(filter(None, (found.implementation, found.version))) or path.stem
    unruled = [entry.requirement for entry in found.deviation if not entry.amendment]
    return Ruled(name, amend(SPECIFICATION, found.rules), found.rules, unruled)
