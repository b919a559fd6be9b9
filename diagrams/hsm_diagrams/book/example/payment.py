"""A payment: its states and data, its tasks, its transitions, and what makes bytes of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from hsm_model import (
    MachineType,
    Task,
    TaskKind,
    TaskKindOutbound,
    TaskKindTimer,
    TaskType,
    TransitionOutput,
    new_transition,
)
from hsm_model.machines import MachineDescription, Trial

PAYMENT, RECEIPT = MachineType(1, "Payment"), MachineType(2, "Receipt")
CHARGE, BACKOFF = TaskType(1, "Charge"), TaskType(2, "Backoff")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Charge:
    """Have the bank charge a card."""

    cents: int

    def type(self) -> TaskType:
        return CHARGE

    def kind(self) -> TaskKind:
        return TaskKindOutbound("bank")


@dataclass(frozen=True)
class Backoff:
    """Wait until a moment."""

    until: datetime

    def type(self) -> TaskType:
        return BACKOFF

    def kind(self) -> TaskKind:
        return TaskKindTimer(self.until)


class Status(Enum):
    NEW = "New"
    CHARGING = "Charging"
    WAITING = "Waiting"
    PAID = "Paid"


@dataclass
class Payment:
    """The data of a payment, which is persisted."""

    cents: int
    status: Status = Status.NEW
    attempts: int = 0
    until: datetime = EPOCH

    def state(self) -> Status:
        return self.status

    def set_state(self, state: Status, /) -> None:
        self.status = state

    def regenerate_tasks(self) -> Sequence[Task]:
        match self.status:
            case Status.CHARGING:
                return [Charge(self.cents)]
            case Status.WAITING:
                return [Backoff(self.until)]
            case _:
                return []


def charge(payment: Payment, event: None) -> TransitionOutput:
    return TransitionOutput(payment.regenerate_tasks())


def wait(payment: Payment, now: datetime) -> TransitionOutput:
    payment.attempts += 1
    payment.until = now + timedelta(minutes=payment.attempts)
    return TransitionOutput(payment.regenerate_tasks())


def accept(payment: Payment, cents: int) -> TransitionOutput:
    if cents != payment.cents:
        raise ValueError("the bank took another amount")
    return TransitionOutput()


START = new_transition([Status.NEW, Status.WAITING], Status.CHARGING, charge)
DECLINE = new_transition([Status.CHARGING], Status.WAITING, wait)
ACCEPT = new_transition([Status.CHARGING], Status.PAID, accept)


class PaymentDefinition:
    """Makes bytes of payments, and payments of bytes."""

    def type(self) -> MachineType:
        return PAYMENT

    def serialize(self, data: Payment) -> bytes:
        return json.dumps([data.cents, data.status.value, data.attempts, data.until.isoformat()]).encode()

    def deserialize(self, data: bytes) -> Payment:
        cents, status, attempts, until = json.loads(data)
        return Payment(cents, Status(status), attempts, datetime.fromisoformat(until))


@dataclass
class Receipt:
    """The data of a receipt. It has no states."""

    number: int


class ReceiptDefinition:
    """Makes bytes of receipts, and receipts of bytes."""

    def type(self) -> MachineType:
        return RECEIPT

    def serialize(self, data: Receipt) -> bytes:
        return str(data.number).encode()

    def deserialize(self, data: bytes) -> Receipt:
        return Receipt(int(data))


class ChargeSerializer:
    """Makes bytes of charges."""

    def serialize(self, task: Charge) -> bytes:
        return str(task.cents).encode()

    def deserialize(self, data: bytes, kind: TaskKind) -> Charge:
        return Charge(int(data))


class BackoffSerializer:
    """Makes bytes of backoffs: the deadline is a part of the kind, which is stored with them."""

    def serialize(self, task: Backoff) -> bytes:
        return b""

    def deserialize(self, data: bytes, kind: TaskKind) -> Backoff:
        assert isinstance(kind, TaskKindTimer)  # noqa: S101  # the queue knows kinds from types
        return Backoff(kind.deadline)


DESCRIPTION = MachineDescription(
    name="payment",
    title="Payment",
    cases={"": lambda: Payment(1999)},
    trials={
        "Start": Trial(START),
        "Decline": Trial(DECLINE, {"": EPOCH}),
        "Accept": Trial(ACCEPT, {"right amount": 1999, "another amount": 1}),
    },
    terminal=(Status.PAID,),
)
"""The payment as pictures draw it: its transitions, each with events to try it with."""
