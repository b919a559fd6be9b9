"""``hsmspec list``: the requirements."""

from __future__ import annotations

from itertools import groupby

import click
from rich.text import Text

from hsm_specs.catalogue.requirements import DEBTORS, load_areas, select
from hsm_specs.cli.common import Color, color_option, complete_ids, console_of

COLORS = {"documented": "green", "characterization": "cyan", "obligation": "yellow", "unspecified": "dim"}


@click.command("list")
@click.option("-k", "selection", metavar="IDS", multiple=True, shell_complete=complete_ids, help="Only these.")
@color_option
def command(selection: tuple[str, ...], color: Color) -> None:
    """List the requirements by area: ID, class and statement.

    documented: the documentation requires it. characterization: the documentation is silent; reported, never failing.
    obligation: the documentation requires it of the framework around the package or of its users. unspecified: not
    tested.
    """
    console = console_of(color)
    chosen = select(",".join(selection) if selection else None)
    for area, group in groupby(chosen, lambda requirement: requirement.area):
        heading = Text(load_areas()[area].title, "bold")
        heading.append(f"  (-k {area})", "dim")
        console.print(heading)
        for requirement in group:
            said = requirement.classification
            line = Text(f"  {requirement.id:<16} ")
            line.append(f"{said:<17}", COLORS[said])
            line.append(requirement.statement)
            if requirement.owed_by is not None:
                line.append(f" Owed by {DEBTORS[requirement.owed_by]}.", "italic")
            if requirement.judges == "fixtures":
                line.append(" Judges the adapter's fixtures.", "italic")
            console.print(line, soft_wrap=True)
