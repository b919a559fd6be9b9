"""What is told of a soak, and when; how it is shown is up to those that show it."""

from __future__ import annotations

from abc import ABC, abstractmethod

from hsm_specs.language.messages import Greeting
from hsm_specs.report import soak_text
from hsm_specs.results.events import (
    Event,
    FindingCounted,
    FindingMade,
    Greeted,
    RequirementJudged,
    RunEnded,
    RunStarted,
    ShardsDone,
    Soaked,
    SoakEnding,
    SoakStarted,
    WorkersLost,
)
from hsm_specs.results.verdicts import Judgement


class SoakTelling(ABC):
    """Tells the events of a soak, and keeps of them what its end is told by."""

    def __init__(self) -> None:
        self.greeting: Greeting | None = None
        self.judgements: list[Judgement] = []
        self.soaked: Soaked | None = None

    @abstractmethod
    def aside(self, *lines: str) -> None:
        """Shows lines of little weight."""

    @abstractmethod
    def warn(self, line: str) -> None:
        """Shows a line to take note of."""

    @abstractmethod
    def begin(self, event: SoakStarted) -> None:
        """The soak begins."""

    @abstractmethod
    def progress(self, event: ShardsDone) -> None:
        """Shows how far it is."""

    @abstractmethod
    def finding(self, event: FindingMade) -> None:
        """Shows a finding."""

    @abstractmethod
    def end(self, event: RunEnded) -> None:
        """Shows what came of it."""

    def __call__(self, event: Event) -> None:
        """Consumes an event."""
        match event:
            case RunStarted():
                self.aside(soak_text.opening(event))
            case Greeted(greeting):
                self.greeting = greeting
                self.aside(*soak_text.introduction(event))
            case SoakStarted():
                self.aside(*soak_text.started(event))
                self.begin(event)
            case ShardsDone():
                self.progress(event)
            case WorkersLost():
                self.warn(soak_text.lost(event))
            case SoakEnding():
                self.warn(soak_text.INTERRUPTED)
            case FindingMade():
                self.finding(event)
            case FindingCounted(name, count):
                self.aside(f"{name}: {count} programs in all")
            case RequirementJudged(judgement):
                self.judgements.append(judgement)
            case Soaked():
                self.soaked = event
            case RunEnded():
                self.end(event)
            case _:
                pass
