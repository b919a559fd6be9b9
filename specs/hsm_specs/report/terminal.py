"""The report on a terminal: live progress, findings as they are made, a table of verdicts, colors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from textwrap import shorten

from rich.console import Console, Group
from rich.padding import Padding
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from hsm_specs.catalogue.requirements import load_areas
from hsm_specs.printable import printable
from hsm_specs.report.rendering import Style, Styled
from hsm_specs.report.reporter import ReportEvent
from hsm_specs.report.sentences import PHASES, SHORT, progress
from hsm_specs.report.text import Detail, TextReporter
from hsm_specs.results.events import PhaseStarted, Progress, RunEnded, RunStarted, ShardsDone, SoakStarted
from hsm_specs.results.verdicts import Judgement, Verdict

COLORS = {
    Verdict.CONFORMS: "green",
    Verdict.DEVIATES: "bold red",
    Verdict.KNOWN: "yellow",
    Verdict.OUTDATED: "bold red",
    Verdict.AGREES: "cyan",
    Verdict.DIFFERS: "magenta",
    Verdict.DIFFERS_KNOWN: "magenta",
    Verdict.NOT_OFFERED: "dim",
    Verdict.NOT_EXERCISED: "bold red",
    Verdict.OWED: "dim",
    Verdict.CHANGED: "bold red",
}
STYLES: dict[Style, str] = {
    "": "",
    "title": "bold",
    "faint": "dim",
    "mark": "bold",
    "expected": "green",
    "observed": "red",
    "note": "italic",
    "warning": "yellow",
    "good": "bold green",
    "bad": "bold red",
    "undecided": "bold yellow",
}
WIDEST = 120
"""Columns that a finding may take on a wide terminal."""


class TerminalReporter(TextReporter):
    """Print events on a rich console, and lines for stderr with ``complain``."""

    def __init__(
        self, console: Console, complain: Callable[[str], None] = lambda _: None, detail: Detail = "requirements"
    ) -> None:
        super().__init__(detail)
        self._console = console
        self._complain = complain
        self._seconds: float | None = None
        self._task: TaskID | None = None
        self._bars: Bars | None = None

    def __call__(self, event: ReportEvent) -> None:
        """Consume an event."""
        if isinstance(event, RunEnded) and self._bars is not None:
            self._bars.stop()
        super().__call__(event)
        if isinstance(event, RunStarted) and event.kind == "run":
            self._bars = self._progress_bars(
                TextColumn("{task.description:<20}"),
                BarColumn(bar_width=24),
                TextColumn("{task.fields[operations]:>12,} operations"),
                TimeElapsedColumn(),
            )
            self._bars.start()

    @property
    def width(self) -> int:
        """The columns that a finding may take."""
        return min(self._console.width, WIDEST)

    def write(self, lines: Iterable[Styled]) -> None:
        """Print lines, wrapped."""
        if self._judging:
            print_lines(self._console, lines)
            return
        for line in lines:
            self._console.print(_text(line))

    def complain(self, text: str) -> None:
        """Print a line to stderr."""
        self._complain(printable(text))

    def phase_started(self, event: PhaseStarted) -> None:
        """Add the phase to the progress bars."""
        if self._bars is not None:
            # Tours have few parts, which take long: the bar shows that something goes on, not how far it is.
            total = None if event.phase == "tours" else event.total
            self._task = self._bars.add_task(PHASES[event.phase], total=total, operations=0)

    def phase_progress(self, event: Progress) -> None:
        """Advance the progress bar."""
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, completed=event.done, operations=event.operations)

    def soak_started(self, event: SoakStarted) -> None:
        """Start the progress bar, of the time or of the shards."""
        self._bars = self._progress_bars(BarColumn(bar_width=16), TimeElapsedColumn(), TextColumn("{task.description}"))
        self._seconds = event.seconds if event.shards is None else None
        self._task = self._bars.add_task("beginning", total=self._seconds or event.shards)
        self._bars.start()

    def soak_progress(self, event: ShardsDone) -> None:
        """Advance the progress bar."""
        if self._bars is not None and self._task is not None:
            done = event.shards if self._seconds is None else min(event.seconds, self._seconds)
            self._bars.update(self._task, completed=done, description=progress(event))

    def finding(self, lines: Sequence[Styled]) -> None:
        """Print a finding below a rule."""
        self._console.print(Rule(style="dim"))
        print_lines(self._console, lines)
        self._console.print()

    def verdicts(self, judgements: Sequence[Judgement]) -> None:
        """Print a table of verdicts by area."""
        for part in verdict_tables(judgements, self._console.width):
            self._console.print(part)

    def stderr(self, lines: Sequence[str]) -> None:
        """Print the last lines of the adapter's stderr."""
        self._console.print(Text("The last lines of its stderr:", "dim"))
        self._console.print(Padding(Group(*(Text(printable(line)) for line in lines)), (0, 0, 0, 2)))

    def _progress_bars(self, *columns: BarColumn | TextColumn | TimeElapsedColumn) -> Bars:
        console = self._console
        return Bars(SpinnerColumn(), *columns, console=console, transient=True, disable=not console.is_interactive)


def print_lines(console: Console, lines: Iterable[Styled]) -> None:
    """Print lines in their colors. The terminal wraps long ones."""
    for line in lines:
        console.print(_text(line), soft_wrap=True)


def verdict_tables(judgements: Sequence[Judgement], width: int) -> Iterator[Text | Table]:
    """Yield a heading and a table for each area: requirement, verdict, number of cases and statement.

    The statement of a requirement that fails is shown in full, others as far as whole words fit the ``width``.
    """
    columns = (17, 16, 5)
    room = max(width - sum(columns) - len(columns), 10)
    for area, group in groupby(judgements, lambda judgement: judgement.area):
        yield Text(f"\n{load_areas()[area].title}", "bold")
        table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False, expand=True)
        for column in columns:
            table.add_column(width=column, no_wrap=True, justify="right" if column == columns[-1] else "left")
        table.add_column(ratio=1)
        for judgement in group:
            table.add_row(
                Text(f"  {judgement.requirement}"),
                Text(SHORT[judgement.verdict], COLORS[judgement.verdict]),
                Text(str(judgement.cases or "-")),
                _statement(judgement, room),
            )
        yield table


def _text(line: Styled) -> Text:
    return Text(printable(line.text), STYLES[line.style])


def _statement(judgement: Judgement, room: int) -> Text:
    note, said = printable(judgement.note), printable(judgement.statement)
    if not judgement.fails:
        shown = shorten((f"({note}) " if note else "") + said, room, placeholder=" \N{HORIZONTAL ELLIPSIS}")
        return Text(shown, no_wrap=True, overflow="ellipsis")
    statement = Text(said)
    if note:
        statement.append(f" ({note})", "italic")
    return statement
