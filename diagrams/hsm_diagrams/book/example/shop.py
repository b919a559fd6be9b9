"""The payment in a store with queues, from the order to the bank's answer. The story shows these functions."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from hsm_diagrams.book.example.payment import (
    ACCEPT,
    BACKOFF,
    CHARGE,
    DECLINE,
    PAYMENT,
    START,
    Backoff,
    BackoffSerializer,
    Charge,
    ChargeSerializer,
    Payment,
    PaymentDefinition,
    ReceiptDefinition,
)
from hsm_diagrams.book.moments import Look
from hsm_model import (
    AccessType,
    Environment,
    Key,
    Node,
    Ref,
    TransitionOutput,
    WorkflowKey,
    machine_transition,
    new_registry,
    register_executor,
)
from hsm_model.framework import Cell, Delivery, Framework, OutboundTask, StoreError, When
from hsm_model.framework.environment import Environment as FrameworkEnvironment
from hsm_model.framework.errors import ConditionFailed

ORDER_PLACED = 1
CARD = (Key(PAYMENT.id, "card"),)


@dataclass
class Bank:
    """A bank that declines the first charge and accepts the second."""

    answers: list[bool] = field(default_factory=lambda: [False, True])
    charged: list[int] = field(default_factory=list)

    def charge(self, cents: int) -> bool:
        accepted = self.answers.pop(0)
        if accepted:
            self.charged.append(cents)
        return accepted


def order_placed(root: Node, payload: bytes) -> None:
    card = root.add_child(CARD[0], Payment(cents=int(payload)))
    machine_transition(card, Payment, lambda payment: START.apply(payment, None))


def have_card_charged(bank: Bank, env: Environment, ref: Ref, task: Charge) -> None:
    env.access(ref, AccessType.READ, lambda node: None)  # refused if it is stale
    accepted = bank.charge(task.cents)  # takes long, so nothing is locked meanwhile

    def record(node: Node) -> None:
        def answer(payment: Payment) -> TransitionOutput:
            if accepted:
                return ACCEPT.apply(payment, task.cents)
            return DECLINE.apply(payment, env.now())

        machine_transition(node, Payment, answer)

    env.access(ref, AccessType.WRITE, record)


def try_again(env: FrameworkEnvironment, node: Node, task: Backoff) -> None:
    machine_transition(node, Payment, lambda payment: START.apply(payment, None))


def open_shop(bank: Bank) -> Cell:
    registry = new_registry()
    registry.register_machine(PaymentDefinition())
    registry.register_machine(ReceiptDefinition())
    registry.register_task_serializer(CHARGE.id, ChargeSerializer())
    registry.register_task_serializer(BACKOFF.id, BackoffSerializer())

    def execute(env: Environment, ref: Ref, task: Charge) -> None:
        have_card_charged(bank, env, ref, task)

    register_executor(registry, CHARGE.id, execute)
    framework = Framework(registry)
    framework.register_event(ORDER_PLACED, order_placed)
    framework.register_timer_executor(BACKOFF.id, try_again)
    return framework.new_cell("shop")


def place_order(cell: Cell, look: Look) -> WorkflowKey:
    workflow = cell.start("order-1")
    look("Before the event")
    cell.event(workflow, ORDER_PLACED, b"1999")
    look("After it: state and task are stored together")
    return workflow


def run_queue(cell: Cell, look: Look) -> OutboundTask:
    [task] = cell.outbound_tasks("bank")
    cell.run_task(task)
    look("The bank declined: the payment waits")
    return task


def pass_time(cell: Cell, look: Look) -> None:
    cell.advance(60_000)
    cell.pump_timers()
    look("The timer has fired: the card is charged again")


def deliver_late(cell: Cell, first: OutboundTask) -> Delivery:
    return cell.run_task(first)


def finish(cell: Cell, look: Look) -> None:
    cell.pump_outbound("bank")
    look("The bank accepted: the payment is paid")


def write(cell: Cell, workflow: WorkflowKey, look: Look) -> None:
    def accessor(root: Node) -> None:
        card = root.add_child(CARD[0], Payment(cents=1999))
        machine_transition(card, Payment, lambda payment: START.apply(payment, None))
        look("In the transaction: memory is ahead of the store", root)

    look("Before it")
    cell.write(workflow, accessor)
    look("Committed: the tree and its task are stored together, and memory is clean")


def write_and_fail(cell: Cell, workflow: WorkflowKey, look: Look) -> None:
    def accessor(root: Node) -> None:
        card = root.child(CARD)
        machine_transition(card, Payment, lambda payment: ACCEPT.apply(payment, 1999))
        look("In the transaction: paid", root)

    cell.fail_store(When.BEFORE, StoreError.CONDITION)
    with suppress(ConditionFailed):
        cell.write(workflow, accessor)
    look("The store refused: as if nothing had happened")
