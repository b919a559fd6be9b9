"""Shops with a fault in their machine or in the code around it: the docstring is the fault, ``rule`` what names it.

``also`` are rules that the same fault breaks as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from hsm_model.executor import AccessType
from hsm_model.tasks import TransitionOutput
from hsm_model.transition import Transition
from hsm_specs.traces.recorder import RULES

from .shop import CHARGE, EXPIRY, RETRY, SHIP, Basket, Declined, Order, OrderState, OrderTask, Shop

(
    REGENERATED_TASKS, TASK_SERIALIZERS, TASK_EXECUTORS, ROUND_TRIP, CLEARED_OUTPUTS, SWALLOWED_FAILURE,
    CHANGED_OUTSIDE,
) = RULES  # fmt: skip


class Faulty(Shop):
    """A shop with a fault."""

    rule: ClassVar[str]
    also: ClassVar[tuple[str, ...]] = ()


# --- tasks that are made from the state ---


class ForgetsTheCharge(Faulty):
    """The task that the transition emits first is not regenerated."""

    rule = REGENERATED_TASKS

    def regenerated(self, order: Order) -> Sequence[OrderTask]:
        return [task for task in super().regenerated(order) if task.of is not CHARGE]


class ForgetsTheExpiry(Faulty):
    """A timer is not regenerated."""

    rule = REGENERATED_TASKS

    def regenerated(self, order: Order) -> Sequence[OrderTask]:
        return [task for task in super().regenerated(order) if task.of is not EXPIRY]


class ForgetsAState(Faulty):
    """A state regenerates nothing."""

    rule = REGENERATED_TASKS

    def regenerated(self, order: Order) -> Sequence[OrderTask]:
        return [] if order.current is OrderState.PAID else super().regenerated(order)


class RegeneratesLater(Faulty):
    """A timer is regenerated with a deadline of its own."""

    rule = REGENERATED_TASKS

    def regenerated(self, order: Order) -> Sequence[OrderTask]:
        late = timedelta(seconds=1)
        return [
            task if isinstance(task.when, str) else replace(task, when=task.when + late)
            for task in super().regenerated(order)
        ]


class RegeneratesByTheClock(Faulty):
    """A timer is regenerated from the clock instead of the state."""

    rule = REGENERATED_TASKS

    def regenerated(self, order: Order) -> Sequence[OrderTask]:
        found = super().regenerated(order)
        return [replace(task, when=datetime.now(UTC)) if task.of is EXPIRY else task for task in found]


class RegeneratesElsewhere(Faulty):
    """A task is regenerated for another destination."""

    rule = REGENERATED_TASKS

    def regenerated(self, order: Order) -> Sequence[OrderTask]:
        return [replace(task, when="depot") if task.of is SHIP else task for task in super().regenerated(order)]


class RegeneratesTheFirstAttempt(Faulty):
    """A task is regenerated with what it has at first."""

    rule = REGENERATED_TASKS

    def regenerated(self, order: Order) -> Sequence[OrderTask]:
        return [replace(task, attempt=0) for task in super().regenerated(order)]


class RegeneratesTooMuch(Faulty):
    """A terminal state regenerates a task."""

    rule = REGENERATED_TASKS

    def regenerated(self, order: Order) -> Sequence[OrderTask]:
        ended = order.current is OrderState.SHIPPED
        return [OrderTask(CHARGE, "fees")] if ended else super().regenerated(order)


class RegeneratesInVain(Faulty):
    """Regenerating fails in a state that transitions lead to."""

    rule = REGENERATED_TASKS

    def regenerated(self, order: Order) -> Sequence[OrderTask]:
        if order.current is OrderState.BACKING_OFF:
            raise LookupError("nothing is known of this state")
        return super().regenerated(order)


class EmitsTooLittle(Faulty):
    """A transition does not emit what its state calls for."""

    rule = REGENERATED_TASKS
    also = ("machine-tasks",)

    def paid(self, order: Order) -> TransitionOutput:
        super().paid(order)
        return TransitionOutput()


class EmitsTheWrongAttempt(Faulty):
    """A transition emits a task before it counts."""

    rule = REGENERATED_TASKS

    def declined(self, order: Order) -> TransitionOutput:
        order.next_attempt = datetime(2026, 1, 1, tzinfo=UTC)
        early = self.retrying(order)
        super().declined(order)
        return TransitionOutput([early])


# --- data ---


class ForgetsTheAttempts(Faulty):
    """A member is not serialized."""

    rule = ROUND_TRIP
    also = (REGENERATED_TASKS,)

    def read(self, found: dict[str, Any]) -> Order:
        order = super().read(found)
        order.attempts = 0
        return order


class ForgetsTheNote(Faulty):
    """A member is serialized under a name that is not read."""

    rule = ROUND_TRIP

    def written(self, order: Order) -> dict[str, Any]:
        return {**super().written(order), "note": "", "Note": order.note}


class RoundsTheDeadline(Faulty):
    """An instant is stored in minutes."""

    rule = ROUND_TRIP
    also = (REGENERATED_TASKS,)

    def read(self, found: dict[str, Any]) -> Order:
        order = super().read(found)
        if order.next_attempt is not None:
            order.next_attempt = order.next_attempt.replace(second=0)
        return order


class SortsTheItems(Faulty):
    """A list is stored as a set, so its order is lost."""

    rule = ROUND_TRIP

    def read(self, found: dict[str, Any]) -> Order:
        order = super().read(found)
        order.items.sort()
        return order


class ReadsTextForNumbers(Faulty):
    """A number comes back as text."""

    rule = ROUND_TRIP

    def read(self, found: dict[str, Any]) -> Order:
        order = super().read(found)
        order.cents = str(order.cents)  # type: ignore[assignment]  # the fault
        return order


# --- what is registered ---


class LacksASerializer(Faulty):
    """The serializer of a type of task is not registered."""

    rule = TASK_SERIALIZERS
    serializers = (CHARGE, RETRY, EXPIRY)


class RegistersASerializerOfAnother(Faulty):
    """A serializer is registered for another type."""

    rule = TASK_SERIALIZERS
    serializers = (CHARGE, EXPIRY, SHIP, CHARGE._replace(id=9))


class LacksAnExecutor(Faulty):
    """The executor of a timer is not registered."""

    rule = TASK_EXECUTORS
    also = ("machine-timers",)
    executors = (CHARGE, RETRY, SHIP)


class RegistersAnExecutorOfAnother(Faulty):
    """An executor is registered for another type."""

    rule = TASK_EXECUTORS
    executors = (CHARGE, RETRY, EXPIRY, SHIP._replace(id=9))


# --- transactions ---


class NeverClears(Faulty):
    """The outputs of a transaction stay after its commit."""

    rule = CLEARED_OUTPUTS

    def commit(self, root: Any, node: Any) -> None:
        pass


class ClearsTheNodeAlone(Faulty):
    """Only the node that was accessed is cleared, and not the root that has transitioned as well."""

    rule = CLEARED_OUTPUTS

    def commit(self, root: Any, node: Any) -> None:
        node.clear_transaction_state()

    def charges(self, hsm: Any, env: Any, ref: Any, task: OrderTask) -> None:
        def accessor(node: Any) -> None:
            self.moved(hsm, node, self.decline if task.attempt == 0 else self.pay)
            hsm.machine_transition(node.parent, Basket, lambda _: TransitionOutput())

        env.access(ref, AccessType.WRITE, accessor)


# --- failures ---


class SwallowsTheFailureOfAChild(Faulty):
    """The basket succeeds although an order in it could not be cancelled."""

    rule = SWALLOWED_FAILURE

    def moved(self, hsm: Any, node: Any, made: Transition[Any, Any, Any]) -> None:
        with suppress(Declined):
            super().moved(hsm, node, made)


class SwallowsTheFailureOfAnApply(Faulty):
    """A function succeeds although the transition that it applied failed."""

    rule = SWALLOWED_FAILURE

    def moved(self, hsm: Any, node: Any, made: Transition[Any, Any, Any]) -> None:
        def function(order: Order) -> TransitionOutput:
            with suppress(Declined):
                output: TransitionOutput = hsm.transition(made).apply(order, None)
                return output
            return TransitionOutput()

        hsm.machine_transition(node, Order, function)


class SwallowsAFailureAndGoesOn(Faulty):
    """The basket goes on after a failure in a nested transition, with its own change."""

    rule = SWALLOWED_FAILURE

    def cancel_all(self, hsm: Any, root: Any, nodes: Sequence[Any]) -> None:
        def function(basket: Basket) -> TransitionOutput:
            for node in nodes:
                try:
                    self.moved(hsm, node, self.cancel)
                except Declined:
                    basket.shipped = 0
            return TransitionOutput()

        hsm.machine_transition(root, Basket, function)


# --- changes without a transition ---


class ChangesWhatItReads(Faulty):
    """Data that was read is changed, as if that were stored."""

    rule = CHANGED_OUTSIDE

    def inspected(self, hsm: Any, node: Any) -> int:
        order = hsm.machine_data(node, Order)
        order.note = "seen"
        return len(order.items)


class AppliesToWhatItReads(Faulty):
    """A transition is applied to data that was read, outside of a transition of the node."""

    rule = CHANGED_OUTSIDE

    def finally_(self, hsm: Any, nodes: Sequence[Any]) -> None:
        order = hsm.machine_data(nodes[2], Order)
        hsm.transition(self.decline).apply(order, None)


class KeepsTheDataOfATransition(Faulty):
    """The data of a transition is kept and changed later."""

    rule = CHANGED_OUTSIDE

    def moved(self, hsm: Any, node: Any, made: Transition[Any, Any, Any]) -> None:
        kept: list[Order] = []

        def function(order: Order) -> TransitionOutput:
            kept.append(order)
            output: TransitionOutput = hsm.transition(made).apply(order, None)
            return output

        hsm.machine_transition(node, Order, function)
        kept[0].cents = 0


# --- the machine, as against the one that was agreed on ---


class PaysWithoutReserving(Faulty):
    """A transition leads past a state."""

    rule = "machine-edges"

    def moved(self, hsm: Any, node: Any, made: Transition[Any, Any, Any]) -> None:
        if made is self.decline:
            short = hsm.new_transition([OrderState.PAYING], OrderState.NEW, lambda order, _: TransitionOutput())
            hsm.machine_transition(node, Order, lambda order: short.apply(order, None))
            super().moved(hsm, node, self.reserve)
        super().moved(hsm, node, made)


class CancelsWhatIsShipped(Faulty):
    """A terminal state is left."""

    rule = "machine-terminal"

    def cancelled_from(self) -> tuple[OrderState, ...]:
        return (OrderState.SHIPPED,)

    def finally_(self, hsm: Any, nodes: Sequence[Any]) -> None:
        self.moved(hsm, nodes[0], self.cancel)


class LosesTheOrder(Faulty):
    """A transition leads to a state that the machine does not have."""

    rule = "machine-states"
    also = ("machine-edges",)

    def shipped_to(self) -> OrderState:
        return OrderState.LOST


class EmitsAnotherTask(Faulty):
    """A transition emits a task that the machine's does not."""

    rule = "machine-tasks"
    also = (REGENERATED_TASKS,)

    def declined(self, order: Order) -> TransitionOutput:
        return TransitionOutput([*super().declined(order).tasks, OrderTask(SHIP, "warehouse")])


class NeverExpires(Faulty):
    """A timer is emitted and nobody executes it."""

    rule = "machine-timers"

    def opened(self, hsm: Any) -> tuple[Any, Any]:
        found = super().opened(hsm)
        self.executors = (CHARGE, RETRY, SHIP)
        return found


FAULTS: tuple[type[Faulty], ...] = tuple(Faulty.__subclasses__())
"""All of them."""
