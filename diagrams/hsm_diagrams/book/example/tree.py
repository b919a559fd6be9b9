"""A tree without anything around it: nodes, transitions and outputs. The opening chapters show these functions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from hsm_diagrams.book.example.payment import (
    ACCEPT,
    PAYMENT,
    RECEIPT,
    START,
    Payment,
    PaymentDefinition,
    Receipt,
    ReceiptDefinition,
)
from hsm_diagrams.book.moments import Look
from hsm_model import Key, Node, PathAndOutputs, TransitionOutput, machine_transition, new_registry, new_root
from hsm_model.framework.framework import WorkflowDefinition
from hsm_model.framework.state import WORKFLOW_TYPE


def plant(look: Look) -> Node:
    registry = new_registry()
    registry.register_machine(WorkflowDefinition())
    registry.register_machine(PaymentDefinition())
    registry.register_machine(ReceiptDefinition())

    root = new_root(registry, WORKFLOW_TYPE.id, None)
    look("A root without children", root)
    root.add_child(Key(PAYMENT.id, "card"), Payment(cents=1999))
    root.add_child(Key(PAYMENT.id, "voucher"), Payment(cents=500))
    look("Two payments below it", root)
    return root


def find_again(root: Node) -> Node:
    return root.child([Key(PAYMENT.id, "card")])


def start(root: Node, look: Look) -> None:
    card = root.child([Key(PAYMENT.id, "card")])
    machine_transition(card, Payment, lambda payment: START.apply(payment, None))
    look("The card is being charged", root)


def fail(root: Node, look: Look) -> None:
    card = root.child([Key(PAYMENT.id, "card")])

    def accept(payment: Payment) -> TransitionOutput:
        card.add_child(Key(RECEIPT.id, "1"), Receipt(number=1))
        look("Inside the function: the card has a receipt", root)
        return ACCEPT.apply(payment, 1)  # raises an error: the bank took another amount

    with suppress(ValueError):
        machine_transition(card, Payment, accept)
    look("After it has failed: the receipt is gone", root)


def clear(root: Node, look: Look) -> Sequence[PathAndOutputs]:
    outputs = root.outputs()
    root.clear_transaction_state()
    look("Cleared", root)
    return outputs
