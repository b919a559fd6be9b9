"""Failures: programs with unexpected observations, and what distinguishes them."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Struct, UnsetType

from hsm_specs.language.functions import calls
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import AnyOperation, Program
from hsm_specs.oracle.comparison import Difference

Signature = tuple[str, str, str]
"""The operation that differs, and the kinds of its expected and observed observation."""


class Failure(Struct, frozen=True):
    """A failing program as it was found, and its observations.

    ``amended`` says whether it was held to the amended specification, ``count`` how many failing programs it stands
    for. ``requirement`` is the requirement of the property if its evidence failed. An ``outdated`` failure follows the
    specification, but contradicts the known deviations.
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
    """Return the signature of a difference, which has no values."""
    operation = "" if difference.operation is None else str(difference.operation.__struct_config__.tag)
    return operation, outcome(difference.expected), outcome(difference.observed)


_ENCODER = msgspec.json.Encoder()
BOOKKEEPING = (
    "Look at the adapter first: it says that a handle is not bound which an earlier operation has bound."
    " Handle 0 is bound like any other, and a failing operation unbinds nothing."
)
NOT_AWAITED = (
    "It looks like a missing `await`: the operation ended before its function had, whose observations or whose"
    " failure are missing. Each function has to be awaited, by the adapter and by the implementation."
)


def hint(difference: Difference) -> str:
    """Return what a difference looks like if it may come from the adapter, or from a call that nobody awaits."""
    expected, observed = difference.expected, difference.observed
    if observed.unbound is not UNSET and expected.unbound is UNSET:
        return BOOKKEEPING
    if difference.operation is None or not calls(difference.operation) or observed.ok is UNSET:
        return ""
    wanted, found = expected.inner or (), observed.inner or ()
    failed = expected.panic is not UNSET or expected.error in ("user_1", "user_2")
    alike = _ENCODER.encode(found) == _ENCODER.encode(wanted[: len(found)])
    return NOT_AWAITED if alike and (failed or len(found) < len(wanted)) else ""


def outcome(observation: Observation) -> str:
    """Return the kind of an observation: ok, panic, unbound or the code of an error."""
    if not isinstance(observation.error, UnsetType):
        return observation.error
    if observation.panic is not UNSET:
        return "panic"
    return "unbound" if observation.unbound is not UNSET else "ok"


def shape(program: Program, difference: Difference) -> tuple[str, ...]:
    """Return the names of a shrunk program's operations in order, scripts in parentheses, and its signature.

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
