"""Work does not grow with the number of siblings, counted in instructions, IDs touched and memory, not in time."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import NoReturn

import pytest

from hsm_model.collection import new_collection
from hsm_model.errors import HsmError
from hsm_model.node import Node, machine_data, new_root
from hsm_model.persistence import Dialect, marshal, unmarshal
from hsm_model.state import NO_CHILDREN, Key
from hsm_model.tasks import TransitionOutput
from hsm_specs.language.palette import MachineA, PaletteError, PaletteTask

from .samples import UNKNOWN, data_for, registry, root, transition
from .work import CountedID, Work, counted

FEW, MANY = 10, 10_000
MIDDLE = Key(1, "5")


def siblings(number: int, dirty: bool) -> Node:
    """Return a root with so many children, all of which or none of which have transitioned."""
    leaf, children = root().persisted(), NO_CHILDREN
    for index in range(number):
        children = children.insert(Key(1, CountedID(index)), leaf)
    made = new_root(registry(), 1, data_for(1), children)
    if dirty:
        for key in children:
            transition(made.child([key]))
    return made


def refused(operation: Callable[[], object]) -> None:
    try:
        operation()
    except (HsmError, PaletteError):
        return
    pytest.fail("the operation was not refused")


def fail_after(*_: object) -> NoReturn:
    raise PaletteError("user_1")


OUTPUT = TransitionOutput((PaletteTask(1, 0, 0),))
OPERATIONS: dict[str, Callable[[Node], object]] = {
    "child": lambda node: node.child([MIDDLE]),
    "child that is not there": lambda node: refused(lambda: node.child([Key(1, "lost")])),
    "add": lambda node: node.add_child(Key(1, "new"), data_for(1)),
    "add of another type": lambda node: node.add_child(Key(2, "new"), data_for(2)),
    "add what exists": lambda node: refused(lambda: node.add_child(MIDDLE, data_for(1))),
    "add what is unknown": lambda node: refused(lambda: node.add_child(Key(UNKNOWN, "new"), data_for(1))),
    "add below a sibling": lambda node: node.child([MIDDLE]).add_child(Key(1, "new"), data_for(1)),
    "transition": lambda node: transition(node, output=OUTPUT),
    "transition of a sibling": lambda node: transition(node.child([MIDDLE]), output=OUTPUT),
    "failed transition": lambda node: refused(lambda: transition(node, inside=fail_after)),
    "failed transition of a sibling": lambda node: refused(lambda: transition(node.child([MIDDLE]), inside=fail_after)),
    "failed transition that added": lambda node: refused(
        lambda: transition(node, inside=lambda: fail_after(node.add_child(Key(1, "new"), data_for(1))))
    ),
    "data": lambda node: machine_data(node, MachineA),
    "data of a sibling": lambda node: machine_data(node.child([MIDDLE]), MachineA),
    "count": lambda node: node.transition_count(),
    "dirty": lambda node: node.dirty(),
    "dirty sibling": lambda node: node.child([MIDDLE]).dirty(),
    "outputs of a sibling": lambda node: node.child([MIDDLE]).outputs(),
    "clear": lambda node: node.clear_transaction_state(),
    "clear a sibling": lambda node: node.child([MIDDLE]).clear_transaction_state(),
    "new root": lambda node: new_root(node.tree.registry, 1, data_for(1), node.persisted().children),
    "collection": lambda node: new_collection(node, 1, MachineA).data("5"),
    "collection add": lambda node: new_collection(node, 1, MachineA).add("new", MachineA(0, 0)),
    "list of another type": lambda node: new_collection(node, 2, MachineA).list(),
}


@pytest.fixture(scope="module", params=[False, True], ids=["clean", "dirty"])
def families(request: pytest.FixtureRequest) -> tuple[Node, Node]:
    return siblings(FEW, request.param), siblings(MANY, request.param)


def measured(node: Node, operation: Callable[[Node], object]) -> Work:
    """Return the work of an operation, of which nothing is left afterwards."""
    before, handles = node.tree.state, dict(node.tree.handles)

    def reset() -> None:
        node.tree.state, node.tree.handles = before, dict(handles)

    operation(node)
    reset()
    with counted() as work:
        operation(node)
    reset()
    tracemalloc.start()
    try:
        operation(node)
        work.memory = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    reset()
    return work


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_among_ten_thousand_siblings_is_as_much_work_as_among_ten(
    families: tuple[Node, Node], name: str
) -> None:
    few, many = (measured(node, OPERATIONS[name]) for node in families)
    # A large map is a few levels deep, how many depends on hashes, and made in another way than a small one.
    assert 0 < many.instructions <= 1.5 * few.instructions + 100
    assert many.touched <= few.touched + 16
    assert many.memory <= few.memory + 4_000


LINEAR: dict[str, Callable[[Node], object]] = {
    "list": lambda node: new_collection(node, 1, MachineA).list(),
    "marshal": lambda node: marshal(node.persisted(), Dialect.V1_25),
    "unmarshal": lambda node: unmarshal(marshal(node.persisted(), Dialect.V1_25), Dialect.V1_25),
    "outputs": lambda node: node.outputs(),
}


@pytest.mark.parametrize("name", LINEAR)
def test_what_looks_at_all_siblings_is_linear_in_their_number(name: str) -> None:
    few, many = (measured(siblings(number, dirty=True), LINEAR[name]) for number in (200, 2_000))
    assert 5 * few.instructions < many.instructions < 11 * few.instructions
    assert many.memory < 12 * few.memory


@pytest.mark.parametrize("name", ["transition of a sibling", "add"])
def test_an_operation_makes_few_nodes(families: tuple[Node, Node], name: str) -> None:
    node = families[1]
    before = node.tree.state
    OPERATIONS[name](node)
    after, node.tree.state = node.tree.state, before
    shared = sum(after.root.children[key] is child for key, child in before.root.children.items())
    assert shared >= MANY - 1


def test_the_count_of_work_notices_work() -> None:
    few, many = (measured(siblings(number, dirty=False), look_at_all) for number in (FEW, 50 * FEW))
    assert many.instructions > 40 * few.instructions
    few, many = (measured(siblings(number, dirty=False), copy_all) for number in (FEW, 50 * FEW))
    assert many.touched > 40 * few.touched
    assert many.memory > few.memory + 4_000


def look_at_all(node: Node) -> None:
    for _ in node.persisted().children:
        pass


def copy_all(node: Node) -> None:
    set(node.persisted().children)
