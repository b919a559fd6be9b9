"""Failures: programs that were answered otherwise than expected, told apart by what they break and how it looks."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import AnyOperation, Program
from hsm_specs.oracle.comparison import Difference

Signature = tuple[str, str, str]
"""The operation that differed, and the kinds of the expected and the observed answer."""


class Failure(Struct, frozen=True):
    """A failing program as it was found, and what it answered.

    ``amended`` says which semantics it was held to, ``count`` how many failing programs it stands for. ``requirement``
    is the one that the program was made to show, if it is its evidence that failed. An ``outdated`` one kept the
    specification, but not what the known deviations make of it.
    """

    program: Program
    observed: tuple[Observation, ...]
    signature: Signature
    amended: bool
    phase: str
    requirement: str = ""
    count: int = 1
    outdated: bool = False
    note: str = ""


def signature(difference: Difference) -> Signature:
    """What a difference looks like, apart from the values."""
    operation = "" if difference.operation is None else str(difference.operation.__struct_config__.tag)
    return operation, outcome(difference.expected), outcome(difference.observed)


def outcome(observation: Observation) -> str:
    """The kind of an answer: ok, panic, unbound or the code of an error."""
    if not isinstance(observation.error, UnsetType):
        return observation.error
    if observation.panic is not UNSET:
        return "panic"
    return "unbound" if observation.unbound is not UNSET else "ok"


def shape(program: Program, difference: Difference) -> tuple[str, ...]:
    """The operations of a shrunk program by name, in order and in depth, and what its difference looks like.

    Registration and roots are left out: every program has them.
    """
    return (*_names(program), *signature(difference))


def _names(operations: tuple[AnyOperation, ...]) -> list[str]:
    names: list[str] = []
    for operation in operations:
        tag = str(operation.__struct_config__.tag)
        if tag in _SET_UP:
            continue
        names.append(tag)
        script = getattr(operation, "script", None)
        if script is not None:
            names += ["(", *_names(script.ops), f"{script.fail})"]
    return names


_SET_UP = frozenset({"new_registry", "register_machine", "new_root"})
