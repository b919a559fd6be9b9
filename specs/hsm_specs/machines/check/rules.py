"""The rules of `hsmspec check`, and its findings and result as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

FORMAT: Final = 1
RULES: Final[Mapping[str, str]] = {
    "misspelt-name": "Names of states, events and annotations are known.",
    "unreachable-state": "Each state can be reached.",
    "dead-end": "Each state that is not terminal can be left.",
    "nothing-pending": "In a state that is not terminal, a task is pending or an event from outside is possible.",
    "terminal-state-left": "Terminal states are not left.",
    "terminal-state-with-tasks": "No task is pending in a terminal state.",
    "impossible-transition": "Each transition is possible at some time.",
    "shadowed-transition": "No transition is hidden by one that is tried before it.",
    "overlapping-guards": "At most one guard of an event holds at a time.",
    "gap-between-guards": "One of the guards of an event holds.",
    "transition-fails": "The function of a transition returns no error.",
    "refused-outcome": "The outcome of an executed task is a transition that is possible.",
    "different-regenerated-tasks": "A state regenerates the tasks that the transition to it emits.",
    "dropped-task": "A transition emits again what its state still calls for, since it makes earlier tasks stale.",
    "task-without-serializer": "Each task has a serializer.",
    "task-without-executor": "Each task has an executor.",
    "task-serializer-loses": "A task is the same after it was serialized and deserialized.",
    "data-serializer-loses": "A machine is the same after it was serialized and deserialized.",
    "timer-never-fires": "Each timer can fire.",
    "repeated-effect": "A task that is delivered twice takes effect once.",
    "endless-retry": "Retries end: executed tasks alone do not go on forever.",
    "stuck-after-fault": "After a restart, a refresh or a failover, the machine goes on.",
    "always": "A property holds whatever happens.",
    "sometimes": "A property can hold.",
    "leads-to": "What is to follow stays possible until it happens.",
    "reach": "The state that was asked for can be reached.",
}
"""The demand of each rule, by its ID."""


class CheckFinding(Struct, frozen=True, kw_only=True):
    """A rule that a machine breaks. ``steps`` is a shortest sequence that shows it, empty if no sequence does.

    ``file`` is the file of the machine, empty if it was imported.
    """

    rule: str
    machine: str
    what: str
    steps: tuple[str, ...] = ()
    file: str = ""


class MachineCheck(Struct, frozen=True, kw_only=True):
    """How much was explored of a machine. ``bound`` says why there is more, and is empty if that is all.

    ``configurations`` are states with data and pending tasks. ``path`` leads to the state ``reached``, null if none was
    asked for or it cannot be reached.
    """

    machine: str
    made_from: str
    configurations: int
    steps: int
    bound: str
    reached: str = ""
    path: tuple[str, ...] | None = None


class CheckResult(Struct, frozen=True, kw_only=True):
    """The result of checking machines. ``exit_code`` is 1 if there is a finding."""

    format: int
    exit_code: int
    seconds: float
    machines: tuple[MachineCheck, ...]
    findings: tuple[CheckFinding, ...]
