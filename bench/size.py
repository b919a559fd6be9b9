"""The model in trees that are deep or broad: CPU time in proportion to size"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import process_time

from measure import Figure, paired

from hsm_model import (
    Children,
    Dialect,
    Key,
    Node,
    NodeState,
    Registry,
    TransitionOutput,
    machine_transition,
    marshal,
    new_collection,
    new_root,
    unmarshal,
)
from hsm_specs.language.palette import MachineA, PaletteDefinition

LEAF = NodeState(0, b"0:0", Children.of({}))
REPEATED = 200
"""The repetitions of an operation that takes microseconds."""


def figures() -> Iterator[Figure]:
    """Measure on one core."""
    few, many = (broad(number).child([Key(1, "5")]) for number in (10, 100_000))
    one, other = paired(lambda: transitions(many), lambda: transitions(few), clock=process_time)
    yield _per("transition among 100,000 siblings to one among 10", one, other, REPEATED)
    yield Figure(
        "transition among 100,000 siblings to 1 ms", one / REPEATED / 0.001, _micro(one / REPEATED), "1,000 us"
    )
    shallow, deep = deepest(1_000), deepest(10_000)
    one, other = paired(
        lambda: machine_transition(deep, MachineA, empty),
        lambda: machine_transition(shallow, MachineA, empty),
        clock=process_time,
    )
    yield _per("transition at a depth of 10,000 to one at 1,000, for each level", one, other, 10_000, 1_000)
    small, large = broad(10_000), broad(100_000)
    for name, operation in LINEAR.items():
        one, other = paired(lambda: operation(large), lambda: operation(small), 3, clock=process_time)  # noqa: B023 - called at once
        yield _per(f"{name} of 100,000 siblings to 10,000, for each node", one, other, 100_000, 10_000)


def _per(name: str, one: float, other: float, mine: int, others: int | None = None) -> Figure:
    one, other = one / mine, other / (others or mine)
    return Figure(name, one / other, _micro(one), _micro(other))


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:,.2f} us"


def registry() -> Registry:
    """Return a registry with one type."""
    made = Registry()
    made.register_machine(PaletteDefinition(1, 0))
    return made


def broad(siblings: int) -> Node:
    """Return a root with so many children."""
    return new_root(registry(), 1, MachineA(0, 0), Children.of({Key(1, str(index)): LEAF for index in range(siblings)}))


def deepest(depth: int) -> Node:
    """Return the last node of a chain."""
    node, key = LEAF, Key(1, "a")
    for _ in range(depth):
        node = NodeState(0, b"0:0", Children.of({key: node}))
    return new_root(registry(), 1, MachineA(0, 0), node.children).child([key] * depth)


def empty(machine: MachineA) -> TransitionOutput:
    """Return no tasks and do nothing."""
    return TransitionOutput()


def transitions(node: Node) -> None:
    """Run so many transitions of a node, in a transaction of their own."""
    for _ in range(REPEATED):
        machine_transition(node, MachineA, empty)
    node.clear_transaction_state()


def loaded(root: Node) -> NodeState:
    """Return the tree, written and read again."""
    return unmarshal(marshal(root.persisted(), Dialect.V1_25), Dialect.V1_25)


LINEAR: dict[str, Callable[[Node], object]] = {
    "list": lambda root: new_collection(root, 1, MachineA).list(),
    "marshal": lambda root: marshal(root.persisted(), Dialect.V1_25),
    "marshal and unmarshal": loaded,
}
