"""A machine of two states for tests to build on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hsm_model.tasks import Task, TransitionOutput


@dataclass
class Lamp:
    """A lamp, without tasks."""

    now: str = "off"

    def state(self) -> str:
        return self.now

    def set_state(self, state: str) -> None:
        self.now = state

    def regenerate_tasks(self) -> list[Task]:
        return []


def nothing(lamp: Any, event: Any) -> TransitionOutput:
    """Do nothing in a transition."""
    return TransitionOutput()
