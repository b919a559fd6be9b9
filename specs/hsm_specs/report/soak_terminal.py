"""A soak on a terminal: how far it is, how fast, what has grown; findings as they are made."""

from __future__ import annotations

from rich.console import Console, Group
from rich.padding import Padding
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.rule import Rule
from rich.text import Text

from hsm_specs.report import soak_text
from hsm_specs.report.finding_text import finding_lines
from hsm_specs.report.soak_telling import SoakTelling
from hsm_specs.report.terminal import print_lines, verdict_tables
from hsm_specs.results.events import FindingMade, RunEnded, ShardsDone, SoakStarted


class SoakTerminal(SoakTelling):
    """Draws the soak on a rich console."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
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

    def aside(self, *lines: str) -> None:
        """Prints lines faintly."""
        for line in lines:
            self._console.print(Text(line, "dim"))

    def warn(self, line: str) -> None:
        """Prints a line in yellow."""
        self._console.print(Text(line, "yellow"))

    def begin(self, event: SoakStarted) -> None:
        """Starts the bar, which shows the share of the time, or of the shards."""
        self._seconds = event.seconds if event.shards is None else None
        self._task = self._bars.add_task("beginning", total=self._seconds or event.shards)
        self._bars.start()

    def progress(self, event: ShardsDone) -> None:
        """Moves the bar on."""
        if self._task is not None:
            done = event.shards if self._seconds is None else min(event.seconds, self._seconds)
            self._bars.update(self._task, completed=done, description=soak_text.progress(event))

    def finding(self, event: FindingMade) -> None:
        """Prints a finding below a rule."""
        self._console.print(Rule(style="dim"))
        width = min(self._console.width, 120)
        print_lines(self._console, list(finding_lines(event.finding, event.path, width)))
        self._console.print()

    def end(self, event: RunEnded) -> None:
        """Takes the bar away and prints what is broken, how much was run, and the verdict."""
        self._bars.stop()
        console = self._console
        for part in verdict_tables(self.judgements):
            console.print(part)
        console.print()
        if self.soaked is not None:
            self.aside(*soak_text.amount(self.soaked, event))
            colour = {0: "bold green", 1: "bold red"}.get(event.exit_code, "bold yellow")
            lines = soak_text.closing(self.soaked, event, self.greeting, self.judgements)
            for number, line in enumerate(lines):
                console.print(Text(line, colour if number == 0 else ""))
        if event.trouble is not None and event.trouble.stderr:
            console.print(Text("The last lines of its stderr:", "dim"))
            console.print(Padding(Group(*(Text(line) for line in event.trouble.stderr)), (0, 0, 0, 2)))
