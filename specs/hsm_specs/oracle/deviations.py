"""Known deviations of an implementation: a TOML file that says where it is known not to conform, and how.

    implementation = "temporal-hsm"
    version = "v1.25.1"

    [[deviation]]
    requirement = "DIRTY-TREE-3"
    observed = "Adding a child makes it dirty."
    reason = "A new child has to be written too."
    link = "https://..."
    amendment = "add-child-dirties"

    [[deviation]]
    requirement = "MT-ROLLBACK-9"
    observed = "A panic leaves what the function did."
    reason = "There is no recover."
    changed = "v1.99.0"
    features = ["panic-in-transition"]
    observations = [{ op = "dirty", ok = true }, { op = "transition_count", another = true }]

An entry has either an ``amendment`` (what the implementation does instead, as a rule of the model) or, where no
amendment can say it, ``observations``: which answers count as this deviation where the requirement's evidence differs.
``features`` are what generators avoid meanwhile. ``changed`` is the version in which it changed upstream.

An entry must show as stated. One that does not is a failure of the run, like any deviation that has no entry.

A file may also say which ``readings`` the implementation follows, and, in a table ``pinned`` that `hsmspec run --pin`
writes, what it does where the documentation is silent:

    readings = ["clear-empties-whole-log"]

    [pinned]
    agrees = ["NODE-CHILD-3"]

    [[pinned.differs]]
    requirement = "NODE-CHILD-5"
    observations = [{ op = "same", ok = false }]
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from hsm_model.amendments import READINGS
from hsm_model.framework.amendments import ALL_AMENDMENTS
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.errors import InputError
from hsm_specs.files import read
from hsm_specs.language.messages import Greeting
from hsm_specs.language.observations import Observation, is_loss
from hsm_specs.language.operations import OPERATIONS, tag
from hsm_specs.oracle.comparison import Difference, same_outcome
from hsm_specs.oracle.world import FEATURES


class Stated(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer that counts as a deviation: the operation's name and what it answers.

    ``another`` stands for any value but the specified one, where it depends on the program which.
    """

    op: str
    ok: Any = UNSET
    another: bool | UnsetType = UNSET
    error: str | UnsetType = UNSET
    panic: str | UnsetType = UNSET
    unbound: bool | UnsetType = UNSET

    @property
    def kinds(self) -> int:
        """The number of kinds of answers that are stated at once; only one makes sense."""
        kinds = (self.ok, self.another, self.error, self.panic, self.unbound)
        return sum(kind is not UNSET and kind is not False for kind in kinds)

    def matches(self, difference: Difference) -> bool:
        """Return whether a difference is this one. A panic's text must contain the stated one."""
        operation = difference.operation
        if operation is None or operation.__struct_config__.tag != self.op:
            return False
        if self.another is not UNSET:
            return difference.observed.ok is not UNSET
        if isinstance(self.panic, str):
            return isinstance(difference.observed.panic, str) and self.panic in difference.observed.panic
        stated = Observation(ok=self.ok, error=self.error, unbound=self.unbound)
        return same_outcome(operation, stated, difference.observed)


class Deviation(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry: a requirement that the implementation is known not to keep, and what it does instead."""

    requirement: str
    observed: str
    reason: str
    link: str = ""
    changed: str = ""
    amendment: str = ""
    features: tuple[str, ...] = ()
    observations: tuple[Stated, ...] = ()


class PinnedDifference(Struct, frozen=True, forbid_unknown_fields=True):
    """A characterization from which the implementation differs, and which answers count as this difference."""

    requirement: str
    observations: tuple[Stated, ...]


class Pinned(Struct, frozen=True, forbid_unknown_fields=True):
    """The behavior where the documentation is silent. A run that shows otherwise fails as changed."""

    agrees: tuple[str, ...] = ()
    differs: tuple[PinnedDifference, ...] = ()

    @property
    def requirements(self) -> tuple[str, ...]:
        """The characterizations that are pinned."""
        return (*self.agrees, *(entry.requirement for entry in self.differs))


class Deviations(Struct, frozen=True, forbid_unknown_fields=True):
    """The known deviations of an implementation, which one that is, and which readings it follows.

    ``readings`` are those that differ from the specification's, by the names of amendments. A run finds out which ones
    they are; without a run, as for traces, those of the file count.
    """

    implementation: str = ""
    version: str = ""
    deviation: tuple[Deviation, ...] = ()
    readings: tuple[str, ...] = ()
    pinned: Pinned | None = None

    @property
    def amendments(self) -> tuple[str, ...]:
        """The amendments that together describe what the implementation does."""
        return tuple(dict.fromkeys(entry.amendment for entry in self.deviation if entry.amendment))

    @property
    def rules(self) -> tuple[str, ...]:
        """The readings and the amendments: everything by which the implementation's semantics is another one."""
        return tuple(dict.fromkeys((*self.readings, *self.amendments)))

    @property
    def features(self) -> frozenset[str]:
        """The features that generators avoid."""
        return frozenset(feature for entry in self.deviation for feature in entry.features)

    @property
    def requirements(self) -> frozenset[str]:
        """The requirements that have an entry, and those from which the implementation is pinned to differ."""
        pinned = frozenset(entry.requirement for entry in (() if self.pinned is None else self.pinned.differs))
        return pinned.union(entry.requirement for entry in self.deviation)

    def states(self, difference: Difference, *, excluded: bool) -> bool:
        """Return whether a difference is one of the stated observations.

        Those of entries with features count only where a program had to use such a feature (``excluded``): elsewhere
        they would hide unknown deviations.
        """
        if is_loss(difference.observed):
            return False
        entries = [entry.observations for entry in self.deviation if excluded or not entry.features]
        if self.pinned is not None:
            entries += [entry.observations for entry in self.pinned.differs]
        return any(stated.matches(difference) for observations in entries for stated in observations)

    def mismatch(self, implementation: str, version: str) -> tuple[str, str, str] | None:
        """Return how an implementation differs from the one that the file is about, None if it is that one.

        That is ``"implementation"`` or ``"version"``, the value in the file, and the other one.
        """
        for what, mine, theirs in (
            ("implementation", self.implementation, implementation),
            ("version", self.version, version),
        ):
            if mine and mine != theirs:
                return what, mine, theirs
        return None

    def check_implementation(self, greeting: Greeting) -> None:
        """Refuse an adapter that introduces itself as another implementation than the file is about."""
        found = self.mismatch(greeting.name, greeting.version)
        if found is not None:
            what, mine, theirs = found
            raise InputError(
                f"The known deviations are those of {what} {mine}, and the adapter says that it is {theirs}.",
                remedy="Give `--deviations` the file of the implementation that is run.",
            )


NONE_KNOWN = Deviations()


def deviations_in(path: Path) -> Deviations:
    """Return the known deviations of a file. Raise `InputError` if it names anything that does not exist here."""
    try:
        raw = tomllib.loads(read(path).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no TOML file ({error}).") from None
    except RecursionError:
        raise InputError(f"{path} is nested too deeply.") from None
    try:
        deviations = msgspec.convert(raw, Deviations)
    except msgspec.ValidationError as error:
        raise InputError(f"{path} is no list of known deviations ({error}).") from None
    requirements, operations = load_catalogue(), [tag(operation) for operation in OPERATIONS]
    for reading in deviations.readings:
        _known(str(path), "reading", reading, READINGS)
    seen: set[str] = set()
    for number, entry in enumerate(deviations.deviation, start=1):
        where = f"{path}, entry {number} ({entry.requirement or 'without a requirement'})"
        _known(where, "requirement", entry.requirement, requirements)
        if entry.amendment:
            _known(where, "amendment", entry.amendment, ALL_AMENDMENTS)
        for feature in entry.features:
            _known(where, "feature", feature, FEATURES)
        for stated in entry.observations:
            _check_stated(where, stated, operations)
        if bool(entry.amendment) == bool(entry.observations):
            raise InputError(f"{where}: an entry has either an amendment or observations.")
        if not entry.observed.strip() or not entry.reason.strip():
            raise InputError(f"{where}: `observed` and `reason` must not be empty.")
        if entry.requirement in seen:
            raise InputError(f"{where}: the requirement has an entry already.")
        seen.add(entry.requirement)
    for name in () if deviations.pinned is None else deviations.pinned.requirements:
        where = f"{path}, pinned {name or 'without a requirement'}"
        _known(where, "requirement", name, requirements)
        if name in seen:
            raise InputError(f"{where}: the requirement has an entry already.")
        seen.add(name)
    for pinned in () if deviations.pinned is None else deviations.pinned.differs:
        where = f"{path}, pinned {pinned.requirement}"
        if not pinned.observations:
            raise InputError(f"{where}: an entry has observations.")
        for stated in pinned.observations:
            _check_stated(where, stated, operations)
    return deviations


def _check_stated(where: str, stated: Stated, ops: Collection[str]) -> None:
    _known(where, "operation", stated.op, ops)
    if stated.kinds != 1:
        raise InputError(f"{where}: an observation has exactly one of ok, another, error, panic and unbound.")


def _known(where: str, what: str, name: str, names: Collection[str]) -> None:
    if name in names:
        return
    near = get_close_matches(name, names, 1, 0.5)
    raise InputError(f"{where}: there is no {what} `{name}`." + (f" Is `{near[0]}` meant?" if near else ""))
