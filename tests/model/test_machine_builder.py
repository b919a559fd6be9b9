"""Machines that are built with guards and data of one type."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from hsm_model.machines import MachineBuilder, MachineDeclaration, Move, Outbound, State, Timer
from hsm_model.machines.suggestions import is_typo


@dataclass(frozen=True)
class Job:
    attempts: int = 0


def attempts_left(job: Job) -> bool:
    return job.attempts < 2


def count(job: Job) -> Job:
    return replace(job, attempts=job.attempts + 1)


def job(**options):
    machine = MachineBuilder("job", Job, **options)
    machine.state("Scheduled", Outbound("Call", "service", sends=("Succeed", "Fail")))
    machine.on("Scheduled", "Succeed", "Succeeded")
    machine.on("Scheduled", "Fail", "BackingOff", guard=attempts_left, update=count)
    machine.on("Scheduled", "Fail", "Failed")
    machine.state("BackingOff", Timer("Backoff", timedelta(minutes=1), sends=("Retry",)))
    machine.on("BackingOff", "Retry", "Scheduled")
    machine.final("Succeeded", "Failed")
    return machine


def test_a_built_machine_is_the_one_that_is_declared():
    scheduled = State(
        {"Succeed": (Move("Succeeded"),), "Fail": (Move("BackingOff", attempts_left, count), Move("Failed"))},
        (Outbound("Call", "service", ("Succeed", "Fail")),),
    )
    backing_off = State({"Retry": (Move("Scheduled"),)}, (Timer("Backoff", timedelta(minutes=1), ("Retry",)),))
    states = {"Scheduled": scheduled, "BackingOff": backing_off}
    states.update(Succeeded=State(final=True), Failed=State(final=True))
    assert MachineDeclaration("job", "Scheduled", states, data=Job) == job().build()


def test_a_machine_may_have_no_data():
    lamp = MachineBuilder("lamp")
    lamp.state("Off")
    lamp.on("Off", "Switch", "On")
    lamp.final("On")
    states = {"Off": State({"Switch": (Move("On"),)}), "On": State(final=True)}
    assert MachineDeclaration("lamp", "Off", states) == lamp.build()


def test_a_move_updates_the_data():
    described = job().build().describe()
    machine = described.cases[""]()
    described.trials["Fail to BackingOff"].transition.apply(machine, frozenset({"attempts_left"}))
    assert Job(1) == machine.data


def test_a_guard_has_the_name_of_its_function():
    assert ("attempts_left",) == job().build().guards("Fail")


def test_two_functions_of_one_name_cannot_be_told_apart():
    machine = job()
    machine.on("BackingOff", "Stop", "Failed", guard=lambda job: job.attempts > 1)
    machine.on("BackingOff", "Stop", "Succeeded", guard=lambda job: job.attempts > 0)
    with pytest.raises(ValueError, match=r"states\.BackingOff\.on\.Stop: two guards are named `<lambda>`"):
        machine.build()


def test_a_guard_that_is_neither_a_name_nor_a_function_is_refused():
    with pytest.raises(ValueError, match=r"states\.A\.on\.e: the guard 3 is neither a name nor a function"):
        MachineDeclaration("m", "A", {"A": State(on={"e": (Move("A", 3),)})})


def test_a_state_is_added_once_and_before_it_is_left():
    machine = job()
    with pytest.raises(ValueError, match="there is a state `Failed` already"):
        machine.final("Failed")
    with pytest.raises(ValueError, match="there is no state `Fialed` to leave"):
        machine.on("Fialed", "Retry", "Scheduled")


def test_a_target_that_is_no_state_has_a_suggestion():
    machine = job()
    machine.on("BackingOff", "Stop", "Fialed")
    with pytest.raises(ValueError, match=r"the target `Fialed` is no state; did you mean Failed"):
        machine.build()


def test_an_event_that_is_not_declared_is_a_mistake():
    machine = job(events=("Succeed", "Fail", "Retry"))
    machine.on("BackingOff", "Suceed", "Succeeded")
    assert ("states.BackingOff.on: `Suceed` is no event; did you mean Succeed?",) == machine.build().mistakes()


def test_an_event_that_a_task_sends_and_no_state_has_is_a_mistake():
    machine = MachineBuilder("m", Job)
    machine.state("A", Outbound("Call", sends=("Succed",)))
    machine.on("A", "Succeed", "B")
    machine.final("B")
    said = "states.A: Call sends `Succed`, which is no event; did you mean Succeed?"
    assert (said,) == machine.build().mistakes()


def test_of_two_events_that_differ_by_a_slip_the_rarer_is_a_mistake():
    machine = job()
    machine.on("Scheduled", "Cancel", "Failed")
    machine.on("BackingOff", "Cancel", "Failed")
    machine.state("Paused")
    machine.on("Paused", "Cancell", "Failed")
    said = "states.Paused.on: `Cancell` is almost the event `Cancel`; did you mean Cancel?"
    assert (said,) == machine.build().mistakes()


@pytest.mark.parametrize(
    ("one", "other"), [("Pay", "Pya"), ("Cancel", "Cancell"), ("TimedOut", "timed out"), ("Retry", "retry")]
)
def test_a_slip_is_a_typo(one, other):
    assert is_typo(one, other)
    assert is_typo(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("Pay", "Pay"), ("Start", "Started"), ("A1", "A2"), ("11", "1"), ("ab", "cd")]
)
def test_other_names_are_not(one, other):
    assert not is_typo(one, other)
