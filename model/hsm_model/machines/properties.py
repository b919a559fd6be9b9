"""Properties that a machine of one's own is to have, as functions of the machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Predicate = Callable[[Any], bool]
"""Says something of a machine: of its ``state()`` and, if it was declared, of its ``data``."""


@dataclass(frozen=True, slots=True)
class InState:
    """Whether a declared machine is in a state, or is not: a predicate that files of machines can name."""

    state: str
    wanted: bool = True

    def __call__(self, machine: Any) -> bool:
        """Return whether it is."""
        return bool((machine.state() == self.state) is self.wanted)


@dataclass(frozen=True, slots=True)
class Property:
    """A property with a name. Make it with `always`, `sometimes` or `leads_to`."""

    name: str
    kind: Literal["always", "sometimes", "leads_to"]
    holds: Predicate
    then: Predicate | None = None


def always(name: str, holds: Predicate) -> Property:
    """Return the property that something holds whatever happens."""
    return Property(name, "always", holds)


def sometimes(name: str, holds: Predicate) -> Property:
    """Return the property that something can happen."""
    return Property(name, "sometimes", holds)


def leads_to(name: str, when: Predicate, then: Predicate) -> Property:
    """Return the property that ``then`` stays possible from when ``when`` holds until it happens."""
    return Property(name, "leads_to", when, then)
