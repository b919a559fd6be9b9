"""There is no limit to depth: nothing recurses, and an operation at a depth is work in proportion to it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from hsm_model.amendments import amend
from hsm_model.collection import new_collection
from hsm_model.node import Node, machine_data, new_root
from hsm_model.persistence import Dialect, marshal, unmarshal
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.state import NO_CHILDREN, Children, Key, NodeState, Path
from hsm_model.tasks import TransitionOutput
from hsm_specs.language.palette import MachineA, PaletteError, PaletteTask

from .samples import data_for, registry, root, transition
from .work import counted

KEY = Key(1, "a")
OUTPUT = TransitionOutput((PaletteTask(1, 0, 0),))


def chain(depth: int) -> NodeState:
    node = NodeState(0, b"0:0", NO_CHILDREN)
    for _ in range(depth):
        node = NodeState(0, b"0:0", NO_CHILDREN.insert(KEY, node))
    return node


def levels(node: NodeState) -> Iterator[NodeState]:
    yield node
    while KEY in node.children:
        node = node.children[KEY]
        yield node


def deepest(depth: int, semantics: Semantics = SPECIFICATION) -> Node:
    """Return the node at the end of a chain that was loaded from persistence."""
    return new_root(registry(semantics), 1, data_for(1), chain(depth).children).child([KEY] * depth)


@contextmanager
def little_stack() -> Iterator[None]:
    """Leave room for 60 calls."""
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 60)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def use(node: Node, path: Path) -> None:
    """Return everything that can be done at a node, which is at a path."""
    top = node.child([])
    while top.parent is not None:
        top = top.parent
    assert path == node.path()
    assert node is top.child(path)
    transition(node, 1, 1, OUTPUT)
    assert (1, b"1:1") == (node.transition_count(), node.persisted().data)
    assert [(path, (OUTPUT,))] == top.outputs()
    before = node.tree.state
    with suppress(PaletteError):
        transition(node, 2, -1, inside=lambda: node.add_child(Key(1, "lost"), data_for(1)))
    assert before is node.tree.state
    assert top.dirty()
    assert 1 == machine_data(node, MachineA).state()
    added = node.add_child(Key(3, "new"), data_for(3))
    assert [added] == new_collection(node, 3, MachineA).list()
    node.clear_transaction_state()
    assert not top.dirty()


@pytest.mark.parametrize("depth", [300, 10_000])
def test_nothing_recurses(depth: int) -> None:
    node = deepest(depth)
    with little_stack():
        use(node, (KEY,) * depth)


def test_levels_are_added_one_by_one_and_each_is_used() -> None:
    node, depth = root(), 500
    with little_stack():
        for _ in range(depth):
            node = node.add_child(KEY, data_for(1))
            transition(node, output=OUTPUT)
        assert depth == len(list(levels(node.tree.state.root))) - 1
        assert depth == len(node.child([]).tree.handles[None, Key(0, "")].outputs())


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("depth", [300, 10_000])
def test_deep_trees_are_persisted_and_loaded(dialect: Dialect, depth: int) -> None:
    tree = chain(depth)
    marshal(chain(0), dialect)  # imports protobuf
    with little_stack():
        loaded = unmarshal(marshal(tree, dialect), dialect)
        assert [node[:2] for node in levels(tree)] == [node[:2] for node in levels(loaded)]


def test_an_amended_clear_does_not_recurse() -> None:
    node = deepest(300, amend(names=["clear-empties-whole-log"]))
    top = node.tree.handles[None, Key(0, "")]
    transition(top, output=OUTPUT)
    transition(node, output=OUTPUT)
    with little_stack():
        top.child([KEY]).clear_transaction_state()
    assert (True, []) == (top.dirty(), top.outputs())


OPERATIONS: dict[str, Callable[[Node], object]] = {
    "transition": lambda node: transition(node, output=OUTPUT),
    "add": lambda node: node.add_child(Key(3, "new"), data_for(3)),
    "data": lambda node: machine_data(node, MachineA),
    "list": lambda node: new_collection(node, 1, MachineA).list(),
    "clear": lambda node: node.clear_transaction_state(),
    "path": lambda node: node.path(),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_work_of_an_operation_is_in_proportion_to_depth(name: str) -> None:
    work = []
    for depth in (200, 400, 800):
        node = deepest(depth)
        with counted() as done:
            OPERATIONS[name](node)
        work.append(done.instructions)
    assert work[2] < 2.2 * work[1] < 5 * work[0]


def test_a_chain_of_handles_takes_space_in_proportion_to_its_depth() -> None:
    """Each handle of a chain has its own key, not the whole path."""
    node = deepest(400)
    kept = sum(len(handle._path or ()) for handle in node.tree.handles.values())
    assert kept < 33 * 400


def test_children_below_a_broad_node_are_as_deep_as_any() -> None:
    broad = Children.of({Key(1, str(number)): chain(300) for number in range(20)})
    marshal(chain(0), Dialect.V1_25)
    with little_stack():
        loaded = unmarshal(marshal(NodeState(0, b"0:0", broad), Dialect.V1_25), Dialect.V1_25)
        assert 20 == len(loaded.children)
