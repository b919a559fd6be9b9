"""Which rules of the model had a part in what was executed: requirements come from there, not from a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from functools import wraps
from typing import Any, Literal

from hsm_model.semantics import Semantics, requirements_of
from hsm_model.state import TreeState

Part = Literal["changed", "refused", "looked"]
"""What a rule did: answered with another tree, raised an error, or neither."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A rule that was applied, and its part in what happened."""

    rule: str
    requirements: tuple[str, ...]
    part: Part


@dataclass(slots=True)
class Recorder:
    """Semantics that note which rules are applied; ``applied`` is emptied by whoever reads it."""

    semantics: Semantics
    applied: list[Applied] = field(default_factory=list)

    def recording(self) -> Semantics:
        """The semantics with every rule watched."""
        rules = {rule.name: self._watched(rule.name, getattr(self.semantics, rule.name)) for rule in fields(Semantics)}
        return Semantics(**rules)

    def take(self) -> list[Applied]:
        """What was noted since the last time."""
        taken = self.applied
        self.applied = []
        return taken

    def _watched(self, name: str, rule: Callable[..., Any]) -> Callable[..., Any]:
        requirements = requirements_of(rule)

        @wraps(rule)
        def watched(*arguments: Any) -> Any:
            try:
                result = rule(*arguments)
            except Exception:
                self.applied.append(Applied(name, requirements, "refused"))
                raise
            self.applied.append(Applied(name, requirements, "changed" if isinstance(result, TreeState) else "looked"))
            return result

        return watched


def shown_by(applied: Iterable[Applied], *, failed: bool) -> list[str]:
    """The requirements that an operation shows: those that refused or undid if it failed, else those that changed."""
    return list(dict.fromkeys(name for each in applied if _counts(each, failed) for name in each.requirements))


def named(applied: Iterable[Applied], rule: str) -> Iterator[Applied]:
    """The times that a rule was applied."""
    return (each for each in applied if each.rule == rule)


def _counts(applied: Applied, failed: bool) -> bool:
    if failed:
        return applied.part == "refused" or applied.rule == "transition_rolled_back"
    return applied.part == "changed"
