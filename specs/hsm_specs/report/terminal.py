"""The report on a terminal: live progress, findings as they are made, a table of verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rich.console import Console, Group
from rich.padding import Padding
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from hsm_specs.catalogue.requirements import load_areas
from hsm_specs.language.messages import Greeting
from hsm_specs.report import summary
from hsm_specs.report.finding_text import Styled, finding_lines
from hsm_specs.report.plain import PHASES
from hsm_specs.results.events import (
    Event,
    FindingCounted,
    FindingLocated,
    FindingMade,
    FindingReplayed,
    Greeted,
    PhaseStarted,
    Progress,
    ReferenceGreeted,
    RequirementJudged,
    RunEnded,
    RunStarted,
    ShardsDone,
    Side,
    Soaked,
    SoakEnding,
    SoakStarted,
    Toured,
    WorkersLost,
)
from hsm_specs.results.verdicts import Judgement, Verdict

COLOURS = {
    Verdict.CONFORMS: "green",
    Verdict.DEVIATES: "bold red",
    Verdict.KNOWN: "yellow",
    Verdict.OUTDATED: "bold red",
    Verdict.AGREES: "cyan",
    Verdict.DIFFERS: "magenta",
    Verdict.DIFFERS_KNOWN: "magenta",
    Verdict.NOT_OFFERED: "dim",
    Verdict.NOT_EXERCISED: "bold red",
}
OUTCOMES = {"still failing": "red", "fixed": "green", "not reproducible": "yellow"}
STYLES = {
    "": "",
    "title": "bold",
    "faint": "dim",
    "mark": "bold",
    "expected": "green",
    "observed": "red",
    "note": "italic",
    "good": "green",
    "bad": "bold red",
}


class Terminal:
    """Draws the run on a rich console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._greeting: Greeting | None = None
        self._judgements: list[Judgement] = []
        self._sides: list[Side] = []
        self._task: TaskID | None = None
        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description:<20}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[operations]:>12,} operations"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_interactive,
        )

    def __call__(self, event: Event) -> None:
        """Consumes an event."""
        match event:
            case RunStarted():
                self._console.print(Text(summary.opening(event), "dim"))
                self._bars.start()
            case Greeted(greeting):
                self._greeting = greeting
                for line in summary.introduction(event):
                    self._console.print(Text(line, "dim"))
            case PhaseStarted(phase, total):
                self._task = self._bars.add_task(PHASES[phase], total=total, operations=0)
            case Progress(_, done, operations):
                if self._task is not None:
                    self._bars.update(self._task, completed=done, operations=operations)
            case FindingReplayed(outcome=outcome):
                self._console.print(Text(summary.replayed(event), OUTCOMES[outcome]))
            case ReferenceGreeted():
                self._console.print(Text(summary.reference(event), "dim"))
            case FindingLocated(side=side):
                self._sides.append(side)
                self._console.print(Text(summary.located(event) + "\n", "italic"))
            case Toured():
                self._console.print(Text(summary.coverage(event), "dim"))
            case FindingMade(finding, path):
                self._finding(list(finding_lines(finding, path, min(self._console.width, 120))))
            case FindingCounted(name, count):
                self._console.print(Text(f"{name}: {count} programs in all", "dim"))
            case RequirementJudged(judgement):
                self._judgements.append(judgement)
            case RunEnded():
                self._bars.stop()
                self._end(event)
            case SoakStarted() | ShardsDone() | WorkersLost() | SoakEnding() | Soaked():
                pass

    def _finding(self, lines: list[Styled]) -> None:
        self._console.print(Rule(style="dim"))
        print_lines(self._console, lines)
        self._console.print()

    def _end(self, event: RunEnded) -> None:
        console = self._console
        shown = summary.shown(event, self._judgements)
        for part in verdict_tables(shown):
            console.print(part)
        console.print()
        if shown:
            console.print(Text(summary.counts(shown)))
        console.print(Text(summary.amount(event), "dim"))
        colour = {0: "bold green", 1: "bold red"}.get(event.exit_code, "bold yellow")
        for number, line in enumerate(summary.closing(event, self._greeting, self._judgements)):
            console.print(Text(line, colour if number == 0 else ""))
        for line in summary.sides(self._sides):
            console.print(Text(line))
        if event.trouble is not None and event.trouble.stderr:
            console.print(Text("The last lines of its stderr:", "dim"))
            console.print(Padding(Group(*(Text(line) for line in event.trouble.stderr)), (0, 0, 0, 2)))


def print_lines(console: Console, lines: list[Styled]) -> None:
    """Prints lines in their colours."""
    for line in lines:
        console.print(Text(line.text, STYLES[line.style]), soft_wrap=True)


def verdict_tables(judgements: list[Judgement]) -> Iterator[Text | Table]:
    """Requirement, verdict, number of cases and statement, by area; the statement whole where something is wrong."""
    for area, group in groupby(judgements, lambda judgement: judgement.area):
        yield Text(f"\n{load_areas()[area].title}", "bold")
        table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False, expand=True)
        table.add_column(width=17, no_wrap=True)
        table.add_column(width=16, no_wrap=True)
        table.add_column(width=5, no_wrap=True, justify="right")
        table.add_column(ratio=1)
        for judgement in group:
            table.add_row(
                Text(f"  {judgement.requirement}"),
                Text(summary.SHORT[judgement.verdict], COLOURS[judgement.verdict]),
                Text(str(judgement.cases or "-")),
                _statement(judgement),
            )
        yield table


def _statement(judgement: Judgement) -> Text:
    if not judgement.fails:
        note = f"({judgement.note}) " if judgement.note else ""
        return Text(note + judgement.statement, no_wrap=True, overflow="ellipsis")
    statement = Text(judgement.statement)
    if judgement.note:
        statement.append(f" ({judgement.note})", "italic")
    return statement
