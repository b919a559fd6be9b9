"""A shop whose orders are machines, as a team would write them: the right one, of which others get something wrong.

A shop keeps its functions in itself, so a subclass with another one is another shop.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from hsm_model.executor import AccessType, Ref, StateMachineRef, WorkflowKey
from hsm_model.machines.description import MachineDescription, Trial
from hsm_model.registry import MachineType
from hsm_model.state import Key
from hsm_model.tasks import TaskKindOutbound, TaskKindTimer, TaskType, TransitionOutput
from hsm_model.transition import Transition, new_transition

ORDER = MachineType(7, "order")
BASKET = MachineType(8, "basket")
TASK_TYPES = tuple(TaskType(number, name) for number, name in enumerate(("charge", "retry", "expiry", "ship"), start=1))
CHARGE, RETRY, EXPIRY, SHIP = TASK_TYPES
START = datetime(2026, 1, 1, tzinfo=UTC)
WORKFLOW = WorkflowKey("namespace", "workflow", "run")


class OrderState(Enum):
    """The states of an order."""

    NEW = "New"
    PAYING = "Paying"
    BACKING_OFF = "BackingOff"
    PAID = "Paid"
    SHIPPED = "Shipped"
    CANCELLED = "Cancelled"
    LOST = "Lost"


class Declined(Exception):
    """The bank does not pay."""


@dataclass(frozen=True)
class OrderTask:
    """A task of an order: its type, when or where to, and the attempt that it belongs to."""

    of: TaskType
    when: datetime | str
    attempt: int = 0

    def type(self) -> TaskType:
        return self.of

    def kind(self) -> TaskKindTimer | TaskKindOutbound:
        return TaskKindOutbound(self.when) if isinstance(self.when, str) else TaskKindTimer(self.when)


class OrderTasks:
    """Serializes tasks."""

    def serialize(self, task: OrderTask) -> bytes:
        return json.dumps([task.of.id, task.attempt]).encode()

    def deserialize(self, data: bytes, kind: TaskKindTimer | TaskKindOutbound) -> OrderTask:
        number, attempt = json.loads(data)
        when = kind.destination if isinstance(kind, TaskKindOutbound) else kind.deadline
        return OrderTask(TASK_TYPES[number - 1], when, attempt)


class Order:
    """An order. The shop says what its tasks are."""

    def __init__(self, shop: Shop, items: Sequence[str] = ("tea", "milk")) -> None:
        self.shop = shop
        self.current = OrderState.NEW
        self.items = list(items)
        self.cents = 250
        self.attempts = 0
        self.next_attempt: datetime | None = None
        self.expires = START + timedelta(hours=1)
        self.note = ""

    def state(self) -> OrderState:
        return self.current

    def set_state(self, state: OrderState) -> None:
        self.current = state

    def regenerate_tasks(self) -> Sequence[OrderTask]:
        return self.shop.regenerated(self)


class Basket:
    """The root: how many orders were shipped."""

    def __init__(self, shipped: int = 0) -> None:
        self.shipped = shipped


class Baskets:
    """The definition of baskets."""

    def type(self) -> MachineType:
        return BASKET

    def serialize(self, basket: Basket) -> bytes:
        return str(basket.shipped).encode()

    def deserialize(self, data: bytes) -> Basket:
        return Basket(int(data))


class Orders:
    """The definition of a shop's orders."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def type(self) -> MachineType:
        return ORDER

    def serialize(self, order: Order) -> bytes:
        return json.dumps(self.shop.written(order), sort_keys=True, default=datetime.isoformat).encode()

    def deserialize(self, data: bytes) -> Order:
        return self.shop.read(json.loads(data))


class Store:
    """Access to one tree, in transactions."""

    def __init__(self, shop: Shop, root: Any) -> None:
        self.shop = shop
        self.root = root

    def now(self) -> datetime:
        return START

    def access(self, ref: Any, access_type: AccessType, accessor: Callable[[Any], None]) -> None:
        node = self.root.child(ref.state_machine_path())
        accessor(node)
        if access_type is AccessType.WRITE:
            self.shop.commit(self.root, node)


class Shop:
    """Nothing is wrong."""

    serializers = (CHARGE, RETRY, EXPIRY, SHIP)
    executors = (CHARGE, RETRY, EXPIRY, SHIP)

    def __init__(self) -> None:
        state = OrderState
        self.reserve: Transition[Any, Any, Any] = new_transition(
            [state.NEW], state.PAYING, lambda order, _: self.reserved(order)
        )
        self.decline: Transition[Any, Any, Any] = new_transition(
            [state.PAYING], state.BACKING_OFF, lambda order, _: self.declined(order)
        )
        self.retry: Transition[Any, Any, Any] = new_transition(
            [state.BACKING_OFF], state.PAYING, lambda order, _: TransitionOutput([self.charge(order)])
        )
        self.pay: Transition[Any, Any, Any] = new_transition(
            [state.PAYING], state.PAID, lambda order, _: self.paid(order)
        )
        self.ship: Transition[Any, Any, Any] = new_transition(
            [state.PAID], self.shipped_to(), lambda order, _: TransitionOutput()
        )
        self.cancel: Transition[Any, Any, Any] = new_transition(
            [state.NEW, state.PAYING, state.BACKING_OFF, *self.cancelled_from()],
            state.CANCELLED,
            lambda order, _: self.cancelled(order),
        )

    # --- the machine ---

    def shipped_to(self) -> OrderState:
        return OrderState.SHIPPED

    def cancelled_from(self) -> tuple[OrderState, ...]:
        return ()

    def charge(self, order: Order) -> OrderTask:
        return OrderTask(CHARGE, "bank", order.attempts)

    def expiry(self, order: Order) -> OrderTask:
        return OrderTask(EXPIRY, order.expires)

    def retrying(self, order: Order) -> OrderTask:
        return OrderTask(RETRY, order.next_attempt or START)

    def reserved(self, order: Order) -> TransitionOutput:
        return TransitionOutput([self.charge(order), self.expiry(order)])

    def declined(self, order: Order) -> TransitionOutput:
        order.attempts += 1
        order.next_attempt = START + timedelta(seconds=10 * order.attempts)
        return TransitionOutput([self.retrying(order)])

    def paid(self, order: Order) -> TransitionOutput:
        order.note = "paid"
        return TransitionOutput([OrderTask(SHIP, "warehouse")])

    def cancelled(self, order: Order) -> TransitionOutput:
        if order.note == "kept":
            raise Declined
        return TransitionOutput()

    def regenerated(self, order: Order) -> Sequence[OrderTask]:
        match order.current:
            case OrderState.PAYING:
                return [self.charge(order), self.expiry(order)]
            case OrderState.BACKING_OFF:
                return [self.retrying(order), self.expiry(order)]
            case OrderState.PAID:
                return [OrderTask(SHIP, "warehouse")]
            case _:
                return []

    # --- its data ---

    def written(self, order: Order) -> dict[str, Any]:
        return {
            "state": order.current.value,
            "items": order.items,
            "cents": order.cents,
            "attempts": order.attempts,
            "next_attempt": order.next_attempt,
            "expires": order.expires,
            "note": order.note,
        }

    def read(self, found: dict[str, Any]) -> Order:
        order = Order(self, found["items"])
        order.current = OrderState(found["state"])
        order.cents = found["cents"]
        order.attempts = found["attempts"]
        order.next_attempt = None if found["next_attempt"] is None else datetime.fromisoformat(found["next_attempt"])
        order.expires = datetime.fromisoformat(found["expires"])
        order.note = found["note"]
        return order

    # --- the code around it ---

    def commit(self, root: Any, node: Any) -> None:
        root.clear_transaction_state()

    def moved(self, hsm: Any, node: Any, made: Transition[Any, Any, Any]) -> None:
        """Make a transition of an order."""
        hsm.machine_transition(node, Order, lambda order: hsm.transition(made).apply(order, None))

    def cancel_all(self, hsm: Any, root: Any, nodes: Sequence[Any]) -> None:
        """Cancel orders in a transition of the basket."""

        def function(basket: Basket) -> TransitionOutput:
            for node in nodes:
                self.moved(hsm, node, self.cancel)
            return TransitionOutput()

        hsm.machine_transition(root, Basket, function)

    def inspected(self, hsm: Any, node: Any) -> int:
        """Look at an order."""
        order = hsm.machine_data(node, Order)
        return len(order.items)

    def charges(self, hsm: Any, env: Any, ref: Any, task: OrderTask) -> None:
        def accessor(node: Any) -> None:
            self.moved(hsm, node, self.decline if task.attempt == 0 else self.pay)

        env.access(ref, AccessType.WRITE, accessor)

    def retries(self, hsm: Any, env: Any, ref: Any, task: OrderTask) -> None:
        env.access(ref, AccessType.WRITE, lambda node: self.moved(hsm, node, self.retry))

    def expires(self, hsm: Any, env: Any, ref: Any, task: OrderTask) -> None:
        def accessor(node: Any) -> None:
            if hsm.transition(self.cancel).possible(hsm.machine_data(node, Order)):
                self.moved(hsm, node, self.cancel)

        env.access(ref, AccessType.WRITE, accessor)

    def ships(self, hsm: Any, env: Any, ref: Any, task: OrderTask) -> None:
        def counted(basket: Basket) -> TransitionOutput:
            basket.shipped += 1
            return TransitionOutput()

        def accessor(node: Any) -> None:
            self.moved(hsm, node, self.ship)
            hsm.machine_transition(node.parent, Basket, counted)

        env.access(ref, AccessType.WRITE, accessor)

    # --- a test of it ---

    def opened(self, hsm: Any) -> tuple[Any, Any]:
        """Return a registry with everything and the root of a tree."""
        registry = hsm.new_registry()
        registry.register_machine(Orders(self))
        registry.register_machine(Baskets())
        for of in self.serializers:
            registry.register_task_serializer(of.id, OrderTasks())
        run = {CHARGE: self.charges, RETRY: self.retries, EXPIRY: self.expires, SHIP: self.ships}
        for of, function in zip(self.executors, (run.get(of, self.ships) for of in self.executors), strict=True):
            hsm.register_executor(registry, of.id, lambda env, ref, task, f=function: f(hsm, env, ref, task))
        return registry, hsm.new_root(registry, BASKET.id, Basket())

    def try_out(self, hsm: Any) -> None:
        """Sell an order, which the bank pays at the second attempt, and cancel two others, one of them in vain."""
        registry, root = self.opened(hsm)
        store = Store(self, root)
        nodes = [root.add_child(Key(ORDER.id, name), Order(self)) for name in ("a", "b", "c")]

        def executed(node: Any, task: OrderTask) -> None:
            if task.of not in self.executors:
                return
            ref = Ref(WORKFLOW, StateMachineRef((node.unrecorded.key,)))
            hsm.execute(registry, store, ref, task)

        self.inspected(hsm, nodes[0])
        for node in nodes:
            self.moved(hsm, node, self.reserve)
            hsm.machine_data(node, Order)
        root.clear_transaction_state()
        order = nodes[0]
        executed(order, OrderTask(CHARGE, "bank"))
        executed(order, OrderTask(RETRY, START + timedelta(seconds=10)))
        executed(order, OrderTask(CHARGE, "bank", 1))
        executed(order, OrderTask(EXPIRY, START + timedelta(hours=1)))
        executed(order, OrderTask(SHIP, "warehouse"))
        executed(nodes[1], OrderTask(EXPIRY, START + timedelta(hours=1)))

        def keep(kept: Order) -> TransitionOutput:
            kept.note = "kept"
            return TransitionOutput(self.regenerated(kept))

        hsm.machine_transition(nodes[2], Order, keep)
        with suppress(Declined):
            self.cancel_all(hsm, root, nodes[2:])
        self.inspected(hsm, nodes[2])
        self.finally_(hsm, nodes)

    def finally_(self, hsm: Any, nodes: Sequence[Any]) -> None:
        """Look at all orders."""
        for node in nodes:
            self.inspected(hsm, node)


def _in(state: OrderState) -> Callable[[], Order]:
    def made() -> Order:
        order = Order(Shop())
        order.set_state(state)
        return order

    return made


RIGHT = Shop()
DESCRIPTION: MachineDescription[Order] = MachineDescription(
    name="order",
    title=ORDER.name,
    cases={"": lambda: Order(RIGHT)},
    states=tuple(state for state in OrderState if state is not OrderState.LOST),
    trials={
        "Reserve": Trial(RIGHT.reserve),
        "Decline": Trial(RIGHT.decline),
        "Retry": Trial(RIGHT.retry),
        "Pay": Trial(RIGHT.pay),
        "Ship": Trial(RIGHT.ship),
        "Cancel": Trial(RIGHT.cancel),
    },
)
"""The right machine, for comparison."""
