"""``hsmspec diagram``: the kinds of pictures. Drawing modules, and networkx with them, load only to draw."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from hsm_diagrams.cli.output import draws, lists_changes, narrows, reports_mistakes, watches
from hsm_diagrams.drawing.pictures import Picture
from hsm_model.framework.amendments import ALL_AMENDMENTS
from hsm_model.machines import MACHINES
from hsm_specs.cli.suggestions import NearGroup
from hsm_specs.explore.scope import scope_names
from hsm_specs.machines.names import find_machine
from hsm_specs.optional_dependencies import load

AREAS = "areas"
"""The default graph that results of runs are drawn on."""
FOLDS = ("auto", "counts", "dirty", "presence", "none")
FILE = click.Path(path_type=Path)
SCOPES = f"One of {', '.join(scope_names())}, or a TOML file."


class Kinds(NearGroup):
    """The kinds of pictures, in the order of their definition."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of their use."""
        return list(self.commands)


HELP = """Draw pictures of the executed model: SVG, PNG, DOT, Mermaid or JSON, or a page to play with (HTML).

Images need `pip install 'hsmspec[diagrams]'`.

\b
Examples:
  hsmspec diagram machine callback
  hsmspec diagram machine my_package.machines:Door --output door.png
  hsmspec diagram node
  hsmspec diagram diff specification adapters/temporal/v1.25.1/deviations.toml
  hsmspec diagram conformance run.json
"""


@click.group("diagram", cls=Kinds, help=HELP)
def command() -> None:
    """Collect the kinds of pictures."""


def complete_machine(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the machines whose names begin with the typed text."""
    return [
        CompletionItem(name, help=machine.title) for name, machine in MACHINES.items() if name.startswith(incomplete)
    ]


def complete_operand(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the operands whose names begin with the typed text."""
    names = ["specification", *ALL_AMENDMENTS, *MACHINES]
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


MACHINE = """Draw the states and transitions of the machine NAME, found by trying every transition in every state.

NAME is one of Temporal's machines (callback, nexus-operation, nexus-cancelation, scheduler), or a machine of your
own: a file of XState v5 machine JSON (flat states), or module:attribute. The attribute is

\b
- a class, or a function without arguments, that makes a state machine: an object with state(), set_state(state) and
  regenerate_tasks(). Its transitions (hsm_model.transition.Transition) are attributes of the class or of its module,
  and their events are made without arguments;
- or a hsm_model.machines.MachineDeclaration, a machine as data;
- or a hsm_model.machines.MachineDescription, which says all of that and can have several cases and events.

Mistakes are reported after the picture is drawn: unreachable states, states that are never left and not declared
terminal, sources and destinations that are no states, names that look alike. With --strict they make the exit
code 1.

\b
Examples:
  hsmspec diagram machine callback
  hsmspec diagram machine nexus-operation --format png --theme dark
  hsmspec diagram machine my_package.machines:Door --output door.svg
  hsmspec diagram machine scheduler --format mermaid
  hsmspec diagram machine order.json --strict --watch
  hsmspec diagram machine order.json --around Paid --steps 2
  hsmspec diagram machine callback --format html    a page to play with: its data, tasks and failures
"""


@command.command(
    "machine", help=MACHINE, short_help="Draw the states and transitions of a machine, found by trying them."
)
@click.argument("name", shell_complete=complete_machine)
@click.option("--rejected", is_flag=True, help="Add a table of what each state rejects.")
@watches
@reports_mistakes
@draws
@narrows
def machine(name: str, rejected: bool) -> Picture:
    """Draw a machine."""
    found = find_machine(name)
    picture: Picture = load("hsm_diagrams.machine.drawing").machine_picture(found, rejected=rejected)
    return picture


NODE = """Draw the life of a node: absent, added, in transition, dirty, cleared, rehydrated.

Every operation is executed in every state of a root with one child, and the states are folded by what the child is. A
red arrow is an execution that failed and led back.

\b
Examples:
  hsmspec diagram node
  hsmspec diagram node --format png --theme dark
"""


@command.command("node", help=NODE, short_help="Draw the life of a node, found by executing every operation.")
@draws
@narrows
def node() -> Picture:
    """Draw the life of a node."""
    picture: Picture = load("hsm_diagrams.life.drawing").life_picture()
    return picture


TASK = """Draw the life of a task: asked for, stored, waiting, due, running, done, dropped, stale, stuck, regenerated.

Everything that can happen to a task of either queue is tried in all states of a workflow with one machine: commits that
fail before, inside and after the write, executors that fail, deliveries early and again, refresh, restarts. Red arrows
are what failed. UNDER is the specification, a file of known deviations, or an amendment.

\b
Examples:
  hsmspec diagram task
  hsmspec diagram task adapters/temporal/framework/v1.25.1/deviations.toml
  hsmspec diagram task terminal-timer-failure-stops-timers --format png
"""


@command.command("task", help=TASK, short_help="Draw the life of a task, found by trying what can happen to it.")
@click.argument("under", default="specification", shell_complete=complete_operand)
@draws
def task(under: str) -> Picture:
    """Draw the life of a task."""
    picture: Picture = load("hsm_diagrams.life.task_drawing").task_picture(under)
    return picture


EXPLORE = """Draw all states that the model reaches within a scope, folded by what their nodes look like.

Folding by *counts* distinguishes presence, dirtiness and class of count of each place, by *dirty* the first two, by
*presence* the first; *none* draws every state. More than 200 boxes are laid out by forces.

\b
Examples:
  hsmspec diagram explore
  hsmspec diagram explore --scope quick --part order
  hsmspec diagram explore --scope mine.toml --fold dirty
  hsmspec diagram explore --format html --at "root dirty, 1:a clean"
"""


@command.command("explore", help=EXPLORE, short_help="Draw the states that the model reaches within a scope.")
@click.option("--scope", default="quick", show_default=True, help=SCOPES)
@click.option("--part", default="", metavar="NAME", help="The part of the scope.  [default: the first one]")
@click.option(
    "--fold", type=click.Choice(FOLDS), default="auto", show_default=True, help="How finely to distinguish nodes."
)
@draws
@narrows
def explore(scope: str, part: str, fold: str) -> Picture:
    """Draw an exploration."""
    picture: Picture = load("hsm_diagrams.explored.drawing").explored_picture(scope, part, fold)
    return picture


DIFF = """Draw the differences between FIRST and SECOND: what only one of them has, and what they have in common.

Either both are machines, named as for `hsmspec diagram machine`, or each is one of

\b
- specification: what the documentation says;
- a file of known deviations: the specification as amended by it;
- the name of an amendment.

Several releases whose known deviations are the same share a picture: name their files one after another.

Of machines, the changes are also listed in sentences, after the picture and, with --changes, in a file.

Specifications are compared by executing the same operations in all states of a scope that both reach (--scope,
--part), and the differences are drawn; or, with --life, by the life of a node under both.

\b
Examples:
  hsmspec diagram diff specification adapters/temporal/v1.25.1/deviations.toml
  hsmspec diagram diff specification add-child-dirties --scope quick --part types
  hsmspec diagram diff specification add-child-dirties --life
  hsmspec diagram diff nexus-operation nexus-cancelation
  hsmspec diagram diff door:Door door:BetterDoor
  hsmspec diagram diff order.json new-order.json --changes changes.md
"""


@command.command(
    "diff",
    help=DIFF,
    short_help="Draw the differences between two machines, or the specification and a release.",
)
@click.argument("first", shell_complete=complete_operand)
@click.argument("second", nargs=-1, required=True, shell_complete=complete_operand, metavar="SECOND...")
@click.option("--scope", default="quick", show_default=True, help=SCOPES)
@click.option("--part", default="", metavar="NAME", help="The part of the scope.  [default: nested, or the first one]")
@click.option("--life", is_flag=True, help="Compare specifications by the life of a node.")
@lists_changes
@draws
def diff(first: str, second: tuple[str, ...], scope: str, part: str, life: bool) -> Picture:
    """Draw differences."""
    difference = load("hsm_diagrams.difference.picture")
    picture: Picture = difference.difference_picture(first, second[0], scope, part, life=life, others=second[1:])
    return picture


CONFORMANCE = """Draw how far implementations conform, from the results of their runs.

Every area of requirements is a box with the verdicts of all runs; requirements that do not agree are named.

--on draws it on another graph instead: `node`, the life of a node, or a machine, named as for `hsmspec diagram
machine`. Each arrow then says whether the implementations agree, deviate as known, or deviate: by the verdicts of runs
on the requirements that it shows, or of a machine by a probe (`build/temporal-probe >probe.json`), trial by trial.

\b
Examples:
  hsmspec run --json run.json -- ./adapter
  hsmspec diagram conformance run.json
  hsmspec diagram conformance v1.25.1.json v1.27.3.json --format png
  hsmspec diagram conformance v1.25.1.json v1.27.3.json --on node
  hsmspec diagram conformance probe.json --on callback
"""


@command.command(
    "conformance",
    help=CONFORMANCE,
    short_help="Draw how far implementations conform, from the results of their runs.",
)
@click.argument("runs", metavar="FILE ...", nargs=-1, required=True, type=FILE)
@click.option("--on", metavar="NAME", default=AREAS, show_default=True, help="What they are drawn on.")
@draws
def conformance(runs: tuple[Path, ...], on: str) -> Picture:
    """Draw verdicts."""
    picture: Picture = (
        load("hsm_diagrams.run.drawing").conformance_picture(runs)
        if on == AREAS
        else load("hsm_diagrams.overlay.drawing").overlay_picture(runs, on)
    )
    return picture


COVERAGE = """Draw how often a run tried the requirements, from its result.

Every area of requirements is a box, colored by its cases for each requirement; the colors divide what occurs in this
run, so that areas differ at every budget. What was never tried and what the implementation does not offer is named.

\b
Examples:
  hsmspec run --json run.json -- ./adapter
  hsmspec diagram coverage run.json
"""


@command.command("coverage", help=COVERAGE, short_help="Draw how often a run tried the requirements.")
@click.argument("run", metavar="RUN.json", type=FILE)
@draws
def coverage(run: Path) -> Picture:
    """Draw counts of cases."""
    picture: Picture = load("hsm_diagrams.run.drawing").coverage_picture(run)
    return picture


FINDING = """Draw a saved finding: the trees before and after the operation whose results differ.

Each node is drawn with the state of its own machine, what the operation is expected to change is highlighted, and the
expected and the observed results stand side by side.

--sequence draws its program as a sequence chart instead (SVG, Mermaid or JSON): what the test, the environment, memory,
the store, the queues and executors exchange, and what was answered to the last operation.

\b
Examples:
  hsmspec diagram finding .hsmspec/findings/NODE-ADD-2-0a1b2c3d.json
  hsmspec diagram finding FILE --output finding.png
  hsmspec diagram finding FILE --format html    the program step by step, opened at the difference
"""


@command.command(
    "finding", help=FINDING, short_help="Draw a saved finding: trees before and after, expected and observed."
)
@click.argument("file", type=FILE)
@click.option("--sequence", is_flag=True, help="Draw a sequence chart of the program instead.")
@draws
def finding(file: Path, sequence: bool) -> Picture:
    """Draw a finding."""
    picture: Picture = (
        load("hsm_diagrams.finding.sequence").sequence_of(file)
        if sequence
        else load("hsm_diagrams.finding.drawing").finding_picture(file)
    )
    return picture


TRACE = """Draw the machines that recorded traces show (FILES as for `hsmspec judge`), by machine type.

States and transitions carry counts; what failed or was rolled back is red. The caption lists states never left,
transitions never tried, or never from a declared source, and tasks never executed, over all files; --format json has
the same as data. --machine compares one type with a machine, named as for `hsmspec diagram machine`: what it does not
have, and what the traces do not cover.

--format xstate declares the machine of one type as XState v5 machine JSON, which `hsmspec diagram machine` draws and
`hsmspec machine convert` converts. An event is named by where it leads, or by --machine; tasks that only some of the
transitions to a state emit are left out, and deadlines are 0, since traces have no clock.

--sequence draws one trace as a sequence chart instead, in SVG, Mermaid or JSON.

\b
Examples:
  hsmspec diagram trace traces/*.jsonl
  hsmspec diagram trace traces/*.jsonl --type callbacks.Callback --format mermaid
  hsmspec diagram trace traces/*.jsonl --machine callback
  hsmspec diagram trace traces/*.jsonl --type callbacks.Callback --format xstate --output callback.json
  hsmspec diagram trace traces/*.jsonl --sequence --trace 'TestCallback#1' --output test.svg
"""


@command.command("trace", help=TRACE, short_help="Draw the machines that recorded traces show, or one trace.")
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@click.option("--type", "type_name", default="", metavar="TYPE", help="Draw only this type of machine.")
@click.option(
    "--machine", "name", default="", metavar="NAME", shell_complete=complete_machine, help="Compare with this machine."
)
@click.option("--sequence", is_flag=True, help="Draw a sequence chart of one trace.")
@click.option("--trace", "trace_name", default="", metavar="NAME", help="The trace of the sequence chart.")
@draws
def trace(files: tuple[str, ...], type_name: str, name: str, sequence: bool, trace_name: str) -> Picture:
    """Draw traces."""
    if sequence and (type_name or name):
        raise click.UsageError("A sequence chart is of one trace: use `--sequence` without `--type` and `--machine`.")
    if trace_name and not sequence:
        raise click.UsageError("`--trace` chooses the trace of a `--sequence`.")
    picture: Picture = (
        load("hsm_diagrams.trace.sequence").sequence_picture(files, trace_name)
        if sequence
        else load("hsm_diagrams.trace.drawing").observed_picture(files, type_name, name)
    )
    return picture
