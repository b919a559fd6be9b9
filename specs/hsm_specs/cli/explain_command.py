"""``hsmspec explain``: a requirement with its source, its property and an example."""

from __future__ import annotations

from collections.abc import Iterator

import click

from hsm_model.amendments import READINGS
from hsm_specs.catalogue.requirements import DEBTORS, Requirement, load_areas
from hsm_specs.catalogue.requirements import requirement as requirement_of
from hsm_specs.cli.common import Color, color_option, complete_ids, heading, show
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.report.rendering import Styled, example_lines

CLASSES = {
    "documented": "documented: the documentation requires it; a deviation is non-conformance",
    "characterization": "characterization: the documentation is silent; reported, never failing",
    "obligation": "obligation: the documentation requires it of others than the package; programs do not break it",
    "unspecified": "unspecified: the documentation leaves it open; programs avoid it",
}
FIXTURES = "the adapter's own machines, tasks and environment, not the implementation"

HELP = """Explain the requirement ID: statement, source, class, property and an example.

\b
Example:
  hsmspec explain MT-ROLLBACK-5
"""


@click.command("explain", help=HELP)
@click.argument("requirement_id", metavar="ID", shell_complete=complete_ids)
@color_option
def command(requirement_id: str, color: Color) -> None:
    """Print the explanation."""
    show(explanation(requirement_of(requirement_id)), color)


def explanation(requirement: Requirement) -> Iterator[Styled]:
    """Yield the lines of the explanation."""
    yield heading(f"{requirement.id}  {requirement.statement}")
    yield Styled("")
    yield Styled(f"area:      {load_areas()[requirement.area].title}")
    yield Styled(f"class:     {CLASSES[requirement.classification]}")
    if requirement.owed_by is not None:
        shown_by = ", ".join(requirement.shown_by)
        exercised = f"shown by {shown_by} where that is judged" if shown_by else "runs do not exercise it"
        yield Styled(f"owed by:   {DEBTORS[requirement.owed_by]}; {exercised}")
    if requirement.judges == "fixtures":
        yield Styled(f"judges:    {FIXTURES}")
    for source in requirement.sources:
        sentence = f"sentence {source.sentence}" if source.sentence else "declaration"
        yield Styled(f"source:    {source.symbol}, {sentence} ({', '.join(source.keywords)})")
        yield Styled(f"           {source.link}", "faint")
    if requirement.reason:
        yield Styled(f"reading:   {requirement.reason}")
    for name in requirement.readings:
        yield Styled(f"or:        {READINGS[name].statement} ({name})")
    if requirement.capabilities:
        yield Styled(f"needs:     {', '.join(requirement.capabilities)}")
    shown = PROPERTIES.get(requirement.id)
    if shown is None:
        return
    yield Styled(f"property:  {shown.title}")
    yield Styled("")
    yield Styled("example (evidence is marked):", "faint")
    case = next(shown.cases(0, 1))
    yield from example_lines(case.program, predict(case.program), case.evidence)
