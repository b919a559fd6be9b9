"""Checking a machine: what was explored of it, and its findings."""

from __future__ import annotations

from msgspec.structs import replace

from hsm_specs.errors import InputError
from hsm_specs.machines.check.exploration import DEFAULT_BOUNDS, Bounds, explore
from hsm_specs.machines.check.findings import findings
from hsm_specs.machines.check.rules import CheckFinding, MachineCheck
from hsm_specs.machines.check.subject import Subject, subject_of
from hsm_specs.machines.names import NamedMachine, where


def check(
    machine: NamedMachine, bounds: Bounds = DEFAULT_BOUNDS, reach: str = "", file: str = ""
) -> tuple[MachineCheck, tuple[CheckFinding, ...]]:
    """Check a machine. ``reach`` is a state to find a way to; ``file`` is the file of the machine.

    Raise `InputError` if an imported machine fails outside of transitions.
    """
    try:
        return _check(subject_of(machine), machine.made_from, bounds, reach, file)
    except InputError:
        raise
    except Exception as error:
        if not machine.imported:
            raise
        raise InputError(f"The machine {machine.description.name} cannot be checked: {where(error)}.") from error


def _check(
    subject: Subject, made_from: str, bounds: Bounds, reach: str, file: str
) -> tuple[MachineCheck, tuple[CheckFinding, ...]]:
    explored = explore(subject, bounds)
    found = [replace(each, file=file) for each in findings(explored)]
    path = None
    if reach in subject.states:
        # The places are in the order of the steps that they take, those without a fault first.
        path = next((place.steps() for place in explored.places if place.configuration.state == reach), None)
        if path is None:
            found.append(CheckFinding(rule="reach", machine=subject.name, what=f"{reach} is never reached.", file=file))
    checked = MachineCheck(
        machine=subject.name,
        made_from=made_from,
        configurations=len(explored.places),
        steps=explored.taken,
        bound=explored.bound,
        reached=reach if path is not None else "",
        path=path,
    )
    return checked, tuple(found)
