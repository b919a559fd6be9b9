"""Each wrong machine has the finding that names what is wrong with it, and the right machines have none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from hsm_model.machines import Outbound, Timer, Trial, always, leads_to, sometimes
from hsm_model.machines.attempts import NOW, outbound, timer
from hsm_model.machines.declared import MachineDeclaration
from hsm_model.tasks import TransitionOutput
from hsm_model.transition import Transition
from hsm_specs.machines.check.checking import check
from hsm_specs.machines.check.rules import RULES
from hsm_specs.machines.names import NamedMachine

from .machines import (
    BACKOFF,
    CALL,
    EXTRA,
    TRIALS,
    WAIT,
    Forgetful,
    Job,
    ParcelSerializer,
    Sending,
    SendingDefinition,
    WeightSerializer,
    count,
    declared,
    described,
    emit,
    move,
    state,
)


def found(machine, **options):
    """Return the findings of a machine."""
    if isinstance(machine, MachineDeclaration):
        named = NamedMachine("mine", machine.describe(), "here", imported=False, declaration=machine)
    else:
        named = NamedMachine("mine", machine, "here", imported=False)
    return check(named, **options)[1]


def few(job: Job) -> bool:
    return job.attempts < 1


def many(job: Job) -> bool:
    return job.attempts > 1


def some(job: Job) -> bool:
    return job.attempts < 5


def crash(job: Job) -> Job:
    raise RuntimeError("no disk")


def silent(sending, event):
    return TransitionOutput()


def more(sending, event):
    return TransitionOutput([*sending.regenerate_tasks(), outbound(EXTRA, "")])


def trials(**others):
    return {**TRIALS, **others}


@dataclass
class Stubborn(Sending):
    """A task stays valid, whatever happens."""

    def regenerate_tasks(self):
        return [timer(WAIT, NOW + timedelta(hours=1), concurrent=True)] if self.now == "sending" else []


def parked(*tasks):
    """Return a state that a call leads to, with tasks."""
    return (state("Parked", *tasks), move("Scheduled", "Park", "Parked"))


PARKING = replace(CALL, sends=("Succeed", "Fail", "Park"))

WAITING = {
    "Send": Trial(Transition(("new", "waiting"), "sending", emit)),
    "Wait": Trial(Transition(("sending",), "waiting", emit)),
}
WAITS = ("new", "sending", "waiting", "sent", "failed")
WAITED = {"Invoke": ("Arrive", "Fail", "Wait"), "Wait": ("Send",)}

WRONG = {
    # Structure.
    "a state that nothing leads to": (declared(state("Lost"), move("Lost", "Find", "Failed")), {"unreachable-state"}),
    "a state without a way out": (declared(*parked(), call=PARKING), {"dead-end"}),
    "no timer in a state that waits for one": (
        declared(backoff=None, outside=()),
        {"nothing-pending", "unreachable-state", "impossible-transition", "shadowed-transition"},
    ),
    "no task in the initial state": (
        declared(call=None, left_out=[("Scheduled", "Succeed"), ("Scheduled", "Fail")]),
        {"dead-end", "unreachable-state"},
    ),
    "a task that sends nothing to leave its state by": (
        declared(*parked(Outbound("Call", "service", ("Succeed", "Fail"))), call=PARKING),
        {"refused-outcome"},
    ),
    "a terminal state that is left": (
        described(trials=trials(Again=Trial(Transition(("failed",), "sending", emit))), outside=("Send", "Again")),
        {"terminal-state-left"},
    ),
    "a terminal state that regenerates a task": (
        described(cases={"": lambda: Sending(after={"sent": [outbound(EXTRA, "")]})}),
        {"terminal-state-with-tasks", "task-without-executor"},
    ),
    "a terminal state with a pending timer": (
        described(cases={"": Stubborn}, executors={"Wait": ("Arrive",)}, outside=("Send", "Arrive", "Fail")),
        {"terminal-state-with-tasks"},
    ),
    "a transition from a state that is never reached": (
        described(trials=trials(Late=Trial(Transition(("late",), "sent", emit)))),
        {"misspelt-name"},
    ),
    "a transition that nothing sends": (
        described(trials=trials(Stop=Trial(Transition(("sending",), "failed", emit)))),
        {"impossible-transition"},
    ),
    # Guards.
    "a move behind one that always comes first": (
        declared(move("Scheduled", "Fail", "Succeeded", guard=some)),
        {"shadowed-transition", "overlapping-guards", "unreachable-state"},
    ),
    "a guard that never holds": (declared(guard=lambda job: False), {"impossible-transition", "unreachable-state"}),
    "guards that overlap": (
        declared(move("Scheduled", "Fail", "BackingOff", guard=few, update=count)),
        {"overlapping-guards"},
    ),
    "a gap between the guards of an executed task": (
        declared(
            state("Parked", Outbound("Sort", sends=("Sorted",))),
            move("Scheduled", "Park", "Parked", update=count),
            move("Parked", "Sorted", "Failed", guard=many),
            move("Parked", "Sorted", "Succeeded", guard=few),
            call=PARKING,
        ),
        {"gap-between-guards", "impossible-transition"},
    ),
    "a gap between the guards of an event from outside": (
        declared(
            state("Parked"),
            move("Scheduled", "Park", "Parked", update=count),
            move("Parked", "Wake", "Failed", guard=many),
            move("Parked", "Wake", "Succeeded", guard=few),
            call=PARKING,
        ),
        {"gap-between-guards", "impossible-transition"},
    ),
    # Transitions and their tasks.
    "an update that fails": (
        declared(update=crash),
        {"transition-fails", "unreachable-state", "impossible-transition"},
    ),
    "an outcome that the state does not take": (
        declared(left_out=[("Scheduled", "Succeed")]),
        {"refused-outcome", "unreachable-state", "misspelt-name"},
    ),
    "a timer that sends what the state does not take": (
        declared(backoff=replace(BACKOFF, sends=("Retry", "Fail"))),
        {"refused-outcome"},
    ),
    "a transition that emits nothing": (
        described(trials=trials(Send=Trial(Transition(("new",), "sending", silent)))),
        {"different-regenerated-tasks", "nothing-pending", "unreachable-state"},
    ),
    "a transition that emits what is not regenerated": (
        described(
            trials=trials(Send=Trial(Transition(("new",), "sending", more))),
            executors={"Invoke": ("Arrive", "Fail"), "Extra": ("Arrive",)},
        ),
        {"different-regenerated-tasks"},
    ),
    "a transition that makes a pending task stale": (
        described(trials=trials(Rename=Trial(Transition(("sending",), "sending", silent))), outside=("Send", "Rename")),
        {"dropped-task", "different-regenerated-tasks"},
    ),
    "a misspelt executor": (
        described(executors={"Invoke": ("Arrive", "Fial")}),
        {"misspelt-name", "refused-outcome", "unreachable-state", "impossible-transition"},
    ),
    "a misspelt event": (declared(move("BackingOff", "Rerty", "Failed")), {"misspelt-name"}),
    "a task that nothing executes": (
        described(executors={"Wait": ("Send",)}),
        {"task-without-executor", "nothing-pending", "unreachable-state", "impossible-transition"},
    ),
    "a task without a serializer": (
        described(serializers={"Wait": ParcelSerializer()}),
        {"task-without-serializer", "unreachable-state"},
    ),
    "a serializer of tasks that loses a field": (
        described(serializers={"Invoke": WeightSerializer()}),
        {"task-serializer-loses"},
    ),
    "a serializer of machines that loses a field": (
        described(definition=SendingDefinition(), cases={"": lambda: Sending(tries=1)}),
        {"data-serializer-loses"},
    ),
    "a serializer of machines that loses the state": (
        described(definition=Forgetful()),
        {"data-serializer-loses", "refused-outcome", "unreachable-state"},
    ),
    "a timer behind a shorter one": (
        declared(
            *parked(Timer("Soon", timedelta(1), ("Fail2",)), Timer("Late", timedelta(2), ("Fail3",))),
            move("Parked", "Fail2", "Failed"),
            move("Parked", "Fail3", "Failed"),
            call=PARKING,
        ),
        {"timer-never-fires", "impossible-transition"},
    ),
    # Faults.
    "a task whose execution is no transition": (
        described(
            cases={"": lambda: Sending(after={"sending": [outbound(EXTRA, "")]})},
            executors={"Extra": ()},
            outside=("Send", "Arrive", "Fail"),
        ),
        {"repeated-effect"},
    ),
    "a retry without an end": (described(trials=trials(**WAITING), states=WAITS, executors=WAITED), {"endless-retry"}),
    "a retry that counts without an end": (
        declared(guard=lambda job: job.attempts < 1000),
        {"endless-retry", "unreachable-state", "shadowed-transition"},
    ),
    "a task that is not regenerated": (
        described(
            cases={"": lambda: Sending(after={"sending": []})},
            trials=trials(Send=Trial(Transition(("new",), "sending", more))),
            executors={"Extra": ("Arrive", "Fail")},
        ),
        {"different-regenerated-tasks", "stuck-after-fault"},
    ),
    # Properties of one's own.
    "a property that does not always hold": (
        declared(properties=[always("no second attempt", lambda job: job.data.attempts < 2)]),
        {"always"},
    ),
    "a property that never holds": (
        declared(properties=[sometimes("a third attempt", lambda job: job.data.attempts == 3)]),
        {"sometimes"},
    ),
    "what is no longer possible": (
        declared(
            properties=[
                leads_to(
                    "success follows a failure",
                    lambda job: job.data.attempts == 1,
                    lambda job: job.state() == "Succeeded",
                )
            ]
        ),
        {"leads-to"},
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_machine_is_found_and_named(name):
    machine, rules = WRONG[name]
    assert rules == {finding.rule for finding in found(machine)}


def test_the_declared_machine_has_no_finding():
    assert () == found(declared())


def test_the_machine_in_code_has_no_finding():
    assert () == found(described(serializers={"Invoke": ParcelSerializer()}))


def test_there_are_thirty_wrong_machines_and_each_rule_has_one():
    assert len(WRONG) >= 30
    assert set(RULES) - {"reach"} == {rule for _, rules in WRONG.values() for rule in rules}


def test_the_sequence_of_a_finding_is_a_shortest_one():
    [finding] = found(declared(properties=[always("no second failure", lambda job: job.data.attempts < 2)]))
    assert ("Call sends Fail", "timer Backoff sends Retry", "Call sends Fail") == finding.steps


def test_a_fault_is_a_step():
    machine, _ = WRONG["a task that is not regenerated"]
    [stuck] = [finding for finding in found(machine) if finding.rule == "stuck-after-fault"]
    assert ("Send", "refresh") == stuck.steps
