"""A soak on a terminal: how far it is, how fast, what has grown; findings as they are made."""

from __future__ import annotations

from rich.console import Console, Group
from rich.padding import Padding
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.rule import Rule
from rich.text import Text

from hsm_specs.events import (
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
from hsm_specs.messages import Greeting
from hsm_specs.report import soak_text
from hsm_specs.report.finding_text import finding_lines
from hsm_specs.report.terminal import print_lines, verdict_tables
from hsm_specs.verdicts import Judgement


class SoakTerminal:
    """Draws the soak on a rich console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._greeting: Greeting | None = None
        self._judgements: list[Judgement] = []
        self._soaked: Soaked | None = None
        self._task: TaskID | None = None
        self._seconds: float | None = None
        self._bars = Bars(
            SpinnerColumn(),
            BarColumn(bar_width=16),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
            disable=not console.is_interactive,
        )

    def __call__(self, event: Event) -> None:
        """Consumes an event."""
        match event:
            case RunStarted():
                self._faint(soak_text.opening(event))
            case Greeted(greeting):
                self._greeting = greeting
                self._faint(*soak_text.introduction(event))
            case SoakStarted(shards=shards, seconds=seconds):
                self._faint(*soak_text.started(event))
                self._seconds = seconds if shards is None else None
                self._task = self._bars.add_task("beginning", total=self._seconds or shards)
                self._bars.start()
            case ShardsDone(shards=shards, seconds=seconds):
                if self._task is not None:
                    done = shards if self._seconds is None else min(seconds, self._seconds)
                    self._bars.update(self._task, completed=done, description=soak_text.progress(event))
            case WorkersLost():
                self._console.print(Text(soak_text.lost(event), "yellow"))
            case SoakEnding():
                self._console.print(Text(soak_text.INTERRUPTED, "yellow"))
            case FindingMade(finding, path):
                self._console.print(Rule(style="dim"))
                print_lines(self._console, list(finding_lines(finding, path, min(self._console.width, 120))))
                self._console.print()
            case FindingCounted(name, count):
                self._faint(f"{name}: {count} programs in all")
            case RequirementJudged(judgement):
                self._judgements.append(judgement)
            case Soaked():
                self._soaked = event
            case RunEnded():
                self._bars.stop()
                self._end(event)
            case _:
                pass

    def _end(self, event: RunEnded) -> None:
        console = self._console
        for part in verdict_tables(self._judgements):
            console.print(part)
        console.print()
        if self._soaked is not None:
            self._faint(*soak_text.amount(self._soaked, event))
            colour = {0: "bold green", 1: "bold red"}.get(event.exit_code, "bold yellow")
            lines = soak_text.closing(self._soaked, event, self._greeting, self._judgements)
            for number, line in enumerate(lines):
                console.print(Text(line, colour if number == 0 else ""))
        if event.trouble is not None and event.trouble.stderr:
            console.print(Text("The last lines of its stderr:", "dim"))
            console.print(Padding(Group(*(Text(line) for line in event.trouble.stderr)), (0, 0, 0, 2)))

    def _faint(self, *lines: str) -> None:
        for line in lines:
            self._console.print(Text(line, "dim"))
