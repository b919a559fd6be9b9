"""``hsmspec diagram machine``: the states and transitions of a machine."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from hsm_diagrams.cli.common import Wanted, deliver, drawing_options
from hsm_diagrams.machine.names import find_machine
from hsm_model.machines import MACHINES
from hsm_specs.optional_dependencies import load

HELP = """Draw the states and transitions of the machine NAME, found by trying every transition in every state.

NAME is one of Temporal's machines (callback, nexus-operation, nexus-cancelation, scheduler), or a machine of your
own as module:attribute. The attribute is

\b
- a class, or a function without arguments, that makes a state machine: an object with state(), set_state(state) and
  regenerate_tasks(). Its transitions (hsm_model.transition.Transition) are attributes of the class or of its module,
  and their events are made without arguments;
- or a hsm_model.machines.MachineDescription, which says all of that and can have several cases and events.

\b
Examples:
  hsmspec diagram machine callback
  hsmspec diagram machine nexus-operation --format png --theme dark
  hsmspec diagram machine my_package.machines:Door --output door.svg
  hsmspec diagram machine scheduler --format mermaid
"""


def complete_machine(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The machines whose names begin like what was typed."""
    return [
        CompletionItem(name, help=machine.title) for name, machine in MACHINES.items() if name.startswith(incomplete)
    ]


@click.command("machine", help=HELP)
@click.argument("name", shell_complete=complete_machine)
@click.option("--rejected", is_flag=True, help="Draw also what is rejected: transitions in states that are no source.")
@drawing_options
def command(name: str, rejected: bool, **options: Any) -> None:
    """Draws a machine."""
    machine = find_machine(name)
    picture = load("hsm_diagrams.machine.picture").machine_picture(machine, rejected=rejected)
    deliver(picture, Wanted(**options))
