"""``hsmspec explore``: all states of the model within a scope, checked against its invariants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from hsm_model.framework.amendments import ALL_AMENDMENTS, amend_world
from hsm_specs.cli.common import Color, color_option, show
from hsm_specs.cli.reports import check_paths
from hsm_specs.explore.explorer import Graph, explore
from hsm_specs.explore.invariant import Judgement
from hsm_specs.explore.invariants import judge
from hsm_specs.explore.scope import load_scopes, scope_names
from hsm_specs.explore.symmetry import symmetry
from hsm_specs.explore.tour import tour
from hsm_specs.files import write_atomically
from hsm_specs.report.exploration import Exploration, exploration_of, trace
from hsm_specs.report.rendering import Styled

HELP = """Explore the model: every action in every state of a scope, breadth first.

Prints the states, transitions and depth of each part of the scope, the length of a tour through it, and whether the
invariants hold. A violated invariant is shown with a shortest path to the violation, and the exit code is 1.

\b
Examples:
  hsmspec explore                         the scope quick
  hsmspec explore --scope default --json exploration.json
  hsmspec explore --scope mine.toml       your own scope
  hsmspec explore --amend add-child-dirties   what a known release does instead
"""


@click.command("explore", help=HELP)
@click.option("--scope", default="quick", show_default=True, help=f"One of {', '.join(scope_names())}, or a TOML file.")
@click.option("--amend", "amendments", multiple=True, type=click.Choice(list(ALL_AMENDMENTS)), help="Replace a rule.")
@click.option("--fold/--no-fold", default=False, show_default=True, help="Treat interchangeable siblings as one.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures to a file."
)
@color_option
def command(scope: str, amendments: tuple[str, ...], fold: bool, json_file: Path | None, color: Color) -> int:
    """Explore each part of the scope and return the exit code."""
    check_paths({"--json": json_file}, [scope])
    semantics = amend_world(names=amendments)
    explorations: list[Exploration] = []
    for part in load_scopes(scope):
        graph = explore(part, semantics, canonical=symmetry(part) if fold else None)
        judgements = list(judge(graph, semantics))
        found = exploration_of(graph, None if fold else tour(graph), judgements)
        explorations.append(found)
        show(lines(found, graph, judgements), color)
    if json_file is not None:
        write_atomically(json_file, msgspec.json.format(msgspec.json.encode(explorations), indent=2) + b"\n")
    # A part may be too small for an invariant that another part shows.
    shown = {entry.name for found in explorations for entry in found.invariants if entry.holds}
    broken = [
        entry for found in explorations for entry in found.invariants if entry.modality == "always" and not entry.holds
    ]
    unseen = sorted(
        {entry.name for found in explorations for entry in found.invariants} - shown - {e.name for e in broken}
    )
    for name in unseen:
        show([Styled(f"never seen in any part of {scope}: {name}", "observed")], color)
    return 1 if broken or unseen else 0


def lines(found: Exploration, graph: Graph, judgements: list[Judgement]) -> Iterator[Styled]:
    """Yield the figures of a part as text."""
    yield Styled(f"{found.part}: {found.states} states, {found.transitions} transitions, depth {found.depth}", "title")
    yield Styled(
        f"  explored in {found.seconds:.2f} s, {found.transitions / max(found.seconds, 1e-9):,.0f} transitions/s",
        "faint",
    )
    if found.pairs:
        yield Styled(
            f"  tour: {found.pairs} pairs in {found.steps} steps ({found.steps / found.pairs:.2f} a pair),"
            f" {found.programs} programs of {found.operations} operations"
        )
    for judgement in judgements:
        invariant = judgement.invariant
        held = "holds" if judgement.holds else "VIOLATED" if invariant.modality == "always" else "not seen"
        line = f"  {invariant.modality:<9} {invariant.name:<46} {held:<9} {invariant.requirement}"
        yield Styled(line, "" if judgement.holds else "observed" if invariant.modality == "always" else "faint")
        if not judgement.holds and invariant.modality == "always":
            yield from (Styled(f"    {text}", style) for text, style in trace(graph, judgement))
