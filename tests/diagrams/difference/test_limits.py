"""How often a transition is possible is counted along the paths of a machine's exploration."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from hsm_diagrams.difference.counting import limits
from hsm_diagrams.difference.limits import Limit, Taken, limit_change
from hsm_diagrams.difference.picture import of_machines
from hsm_model.machines import MachineBuilder, Outbound, Timer
from hsm_specs.machines.names import NamedMachine, find_machine

pytestmark = pytest.mark.xdist_group("gallery")


@dataclass(frozen=True)
class Payment:
    declined: int = 0


def decline(payment):
    return replace(payment, declined=payment.declined + 1)


def order(most, name="order"):
    """Build an order whose payment may be declined so often, or without end."""

    def attempts_left(payment):
        return most is None or payment.declined < most

    machine = MachineBuilder(name, Payment)
    machine.state("Reserved", Outbound("Charge", "psp", sends=("Paid", "Declined")))
    machine.on("Reserved", "Paid", "Done")
    machine.on("Reserved", "Declined", "Waiting", guard=attempts_left, update=decline)
    machine.on("Reserved", "Declined", "Canceled")
    machine.state("Waiting", Timer("Wait", timedelta(minutes=1), sends=("Again",)))
    machine.on("Waiting", "Again", "Reserved")
    machine.final("Done", "Canceled")
    declared = machine.build()
    return NamedMachine(name, declared.describe(), name, imported=False, declaration=declared)


def changes(one, other):
    return [change.sentence for change in of_machines(order(one), order(other, "new order")).changes]


def test_a_count_that_ends_a_cycle_is_the_limit_of_the_transition_that_it_refuses():
    found = limits(order(3))
    assert Limit(3, refused=True) == found[Taken("Reserved", "Declined", "Waiting")]
    assert Limit(3, refused=False) == found[Taken("Waiting", "Again", "Reserved")]
    assert {"Waiting", "Reserved"} == {taken.target for taken in found}


def test_a_change_of_the_limit_is_a_sentence():
    assert ["Declined to Waiting in Reserved is allowed up to 5 times (was 3)."] == changes(3, 5)
    assert [] == changes(3, 3)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (Limit(3, True), Limit(1, True), "is allowed up to once (was 3)"),
        (Limit(1000, True), Limit(None, False), "is allowed without limit (was 1,000)"),
        (Limit(None, False), Limit(2, True), "is allowed up to 2 times (was without limit)"),
        (Limit(3, False), Limit(2, False), ""),
        (None, Limit(2, True), ""),
    ],
)
def test_a_limit_that_comes_or_goes_is_told(before, after, said):
    assert said == limit_change(before, after)


def test_a_machine_that_counts_without_end_has_no_limit():
    assert Limit(None, refused=False) == limits(order(None))[Taken("Reserved", "Declined", "Waiting")]


def test_the_arrow_of_a_changed_limit_says_so():
    drawing = of_machines(order(3), order(5, "new order")).drawing
    (arrow,) = [arrow for arrow in drawing.arrows if arrow.source == "Reserved" and arrow.target == "Waiting"]
    assert "allowed up to 5" in " ".join(line.text for line in arrow.lines)


def test_a_changed_terminal_state_still_says_that_it_is_terminal():
    declared = order(3).declaration
    silent = replace(declared.states["Canceled"], tasks=(Outbound("Tell", "customer"),))
    other = replace(declared, name="new", states={**declared.states, "Canceled": silent})
    machine = NamedMachine("new", other.describe(), "new", imported=False, declaration=other)
    (box,) = [box for box in of_machines(order(3), machine).drawing.boxes if box.key == "Canceled"]
    assert "terminal" in [line.text for line in box.lines]
    assert "different" in box.role.value


@pytest.mark.parametrize("name", ["callback", "nexus-operation", "nexus-cancelation", "scheduler"])
def test_temporals_machines_retry_without_limit(name):
    assert {None} >= {limit.times for limit in limits(find_machine(name)).values() if limit.refused}
