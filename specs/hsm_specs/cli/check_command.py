"""``hsmspec check``: what can happen to machines."""

from __future__ import annotations

import time
from pathlib import Path

import click

from hsm_model.machines.suggestions import similar
from hsm_specs.cli.common import show
from hsm_specs.cli.reports import Reports, report_options
from hsm_specs.errors import InputError, keeping_verdict
from hsm_specs.files import write_atomically
from hsm_specs.machines.check.checking import check
from hsm_specs.machines.check.exploration import MOST_CONFIGURATIONS, MOST_STEPS, Bounds
from hsm_specs.machines.check.following import follow as follow_steps
from hsm_specs.machines.check.rules import FORMAT, CheckFinding, CheckResult, MachineCheck
from hsm_specs.machines.check.subject import state_name
from hsm_specs.machines.check.written_tests import CheckTests
from hsm_specs.machines.names import NamedMachine, find_machine
from hsm_specs.optional_dependencies import load
from hsm_specs.oracle.deviations import NONE_KNOWN
from hsm_specs.report.checks import followed_lines
from hsm_specs.report.reporter import CheckingEnded, CheckingStarted, MachineChecked

HELP = """Check machines: explore all that can happen to each MACHINE with its data, and find what is wrong.

A MACHINE is named as for `hsmspec diagram machine`. It runs on the model of the framework: events from outside, each
outcome of each executed task, timers as the clock moves on, and after each of these a fault: a restart, a refresh of
its tasks, a failover to another cell, and a task that is delivered twice. Findings are the rules of docs/check.md, each
with a shortest sequence of steps that shows it. --take takes such steps one by one.

Who sends an event is declared: `sends` of a task (or MachineDescription.executors) lists the events that executing it
may lead to. All other events come from outside.

\b
Examples:
  hsmspec check order.json
  hsmspec check my_package.machines:JOB --reach Failed
  hsmspec check my_package.machines:JOB --take "Call sends Fail" --take restart
  hsmspec check order.json --reach Failed --pictures findings --tests test_order.py
  hsmspec check callback --json result.json --sarif result.sarif

Exit code 0: no finding. 1: a rule is broken. 2: a machine could not be checked.
"""


@click.command("check", help=HELP)
@click.argument("machines", nargs=-1, required=True, metavar="MACHINE...")
@click.option("--reach", default="", metavar="STATE", help="Show a shortest way to this state, or fail without one.")
@click.option(
    "--configurations",
    type=click.IntRange(1),
    default=MOST_CONFIGURATIONS,
    show_default=True,
    help="The most configurations (state, data and pending tasks) that are explored.",
)
@click.option(
    "--steps", type=click.IntRange(1), default=MOST_STEPS, show_default=True, help="The most steps of a sequence."
)
@click.option(
    "--take",
    "follow",
    multiple=True,
    metavar="STEP",
    help="Take this step, and show where the machine is then; repeatable.",
)
@click.option(
    "--pictures",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Draw each finding with steps, and the way to the state of --reach, as SVG in this folder.",
)
@click.option(
    "--tests",
    "tests_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the findings and the way as tests for pytest: they fail until the rules are kept, or replay steps.",
)
@report_options(html=False)
def command(
    machines: tuple[str, ...],
    reach: str,
    configurations: int,
    steps: int,
    follow: tuple[str, ...],
    pictures: Path | None,
    tests_file: Path | None,
    reports: Reports,
) -> int:
    """Check machines and return the exit code."""
    if follow:
        return _follow(machines, follow, reports)
    reports.check([name for name in machines if name.endswith(".json")])
    named = [(name, find_machine(name)) for name in machines]
    draw = None if pictures is None else load("hsm_diagrams.machine.steps").write_pictures
    if reach:
        _check_state(reach, [machine for _, machine in named])
    emit = reports.reporter(NONE_KNOWN)
    emit(CheckingStarted())
    began = time.monotonic()
    checks: list[MachineCheck] = []
    findings: list[CheckFinding] = []
    tests = CheckTests(Bounds(configurations, steps))
    drawn: list[tuple[NamedMachine, MachineCheck, tuple[CheckFinding, ...]]] = []
    for name, machine in named:
        file = name if name.endswith(".json") else ""
        checked, found = check(machine, Bounds(configurations, steps), reach, file)
        checks.append(checked)
        findings += found
        drawn.append((machine, checked, found))
        emit(MachineChecked(checked, found))
    exit_code = int(bool(findings))
    result = CheckResult(
        format=FORMAT,
        exit_code=exit_code,
        seconds=round(time.monotonic() - began, 3),
        machines=tuple(checks),
        findings=tuple(findings),
    )
    with keeping_verdict(exit_code):
        emit(CheckingEnded(result))
    with keeping_verdict(exit_code):
        if tests_file is not None:
            for machine, checked, found in drawn:
                tests.add(machine, checked, found, reach)
            write_atomically(tests_file, tests.text().encode("utf-8", "backslashreplace"))
        if draw is not None:
            for machine, checked, found in drawn:
                draw(pictures, machine, checked, found)
    return exit_code


def _follow(machines: tuple[str, ...], steps: tuple[str, ...], reports: Reports) -> int:
    """Follow steps of a machine. Return 1 if one of them fails."""
    if len(machines) != 1:
        raise click.UsageError("`--take` takes steps of one machine.")
    failed = False
    for number, place in enumerate(follow_steps(find_machine(machines[0]), steps)):
        show(followed_lines(number, place), reports.color)
        failed = failed or bool(place.error)
    return int(failed)


def _check_state(state: str, machines: list[NamedMachine]) -> None:
    """Raise `InputError` if no machine has a state."""
    states = dict.fromkeys(state_name(each) for machine in machines for each in machine.description.all_states())
    if state not in states:
        raise InputError(f"There is no state `{state}`{similar(state, states)}", remedy=f"States: {', '.join(states)}.")
