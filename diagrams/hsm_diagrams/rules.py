"""The rules of the model that an execution applied. Requirements in graphs come from them, not from a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from functools import wraps
from typing import Any, Literal

from hsm_model.semantics import Semantics, requirements_of
from hsm_model.state import TreeState

Part = Literal["changed", "refused", "looked"]
"""The effect of a rule: it returned another tree, raised an error, or did neither."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A rule that was applied, and its effect."""

    rule: str
    requirements: tuple[str, ...]
    part: Part


@dataclass(slots=True)
class Recorder:
    """A recorder of the rules that a semantics applies."""

    semantics: Semantics
    applied: list[Applied] = field(default_factory=list)

    def recording(self) -> Semantics:
        """Return the semantics with every rule recorded."""
        rules = {rule.name: self._watched(rule.name, getattr(self.semantics, rule.name)) for rule in fields(Semantics)}
        return Semantics(**rules)

    def take(self) -> list[Applied]:
        """Return what was recorded since the last call."""
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
    """Return the requirements that an operation shows: of rules that refused or undid it, or that changed something."""
    return list(dict.fromkeys(name for each in applied if _counts(each, failed) for name in each.requirements))


def named(applied: Iterable[Applied], rule: str) -> Iterator[Applied]:
    """Yield the applications of a rule."""
    return (each for each in applied if each.rule == rule)


def _counts(applied: Applied, failed: bool) -> bool:
    if failed:
        return applied.part == "refused" or applied.rule == "transition_rolled_back"
    return applied.part == "changed"
