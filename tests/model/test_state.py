from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hsm_model.node import Node
from hsm_model.state import (
    NO_CHILDREN,
    Children,
    Key,
    NodeState,
    TreeState,
    find,
    find_open,
    put,
    put_open,
    without_open,
)
from hsm_model.tasks import TransitionOutput

from .samples import Action, actions, any_of, data_for, keys, perform, places, root, transition, trees

LEAF = NodeState(0, b"0:0", NO_CHILDREN)
leaves = st.builds(NodeState, st.integers(0, 9), st.just(b"1:1"), st.just(NO_CHILDREN))


# --- trees ---


@given(st.lists(actions, max_size=8))
def test_equal_histories_make_equal_states_that_hash_alike(history: list[Action]) -> None:
    one, other = [root()], [root()]
    for action in history:
        perform(action, one)
        perform(action, other)
    assert one[0].tree.state == other[0].tree.state
    assert hash(one[0].tree.state) == hash(other[0].tree.state)
    assert 1 == len({one[0].tree.state, other[0].tree.state})


@given(trees(), places)
def test_states_that_differ_anywhere_are_not_equal(nodes: list[Node], at: int) -> None:
    before = nodes[0].tree.state
    any_of(nodes, at).add_child(Key(1, "new"), data_for(1))
    assert before != nodes[0].tree.state


@given(trees(), actions)
def test_a_state_that_was_kept_never_changes(nodes: list[Node], action: Action) -> None:
    kept = nodes[0].tree.state
    shown, hashed = repr(kept), hash(kept)
    perform(action, nodes)
    assert (shown, hashed) == (repr(kept), hash(kept))


@given(trees(), places)
def test_a_change_copies_only_the_way_to_it(nodes: list[Node], at: int) -> None:
    changed = any_of(nodes, at)
    before = {node.path(): node.persisted() for node in nodes}
    transition(changed, 3, 3)
    for node in nodes:
        on_the_way = changed.path()[: len(node.path())] == node.path()
        assert on_the_way != (before[node.path()] is node.persisted())


# --- places ---


@given(st.lists(keys, max_size=3), leaves)
def test_what_was_put_at_a_path_is_found_there(path: list[Key], node: NodeState) -> None:
    tree = LEAF
    for depth in range(len(path)):
        tree = put(tree, tuple(path[: depth + 1]), LEAF)
    assert node is find(put(tree, tuple(path), node), tuple(path))
    assert None is find(tree, (*path, Key(1, "not there")))


@given(st.lists(st.lists(keys, max_size=3), max_size=4), st.lists(keys, max_size=3))
def test_what_is_open_is_what_was_opened_and_not_closed(opened: list[list[Key]], closed: list[Key]) -> None:
    state = None
    for path in opened:
        state = put_open(state, tuple(path), (TransitionOutput(),))
    state = without_open(state, tuple(closed))
    left = [path for path in opened if path[: len(closed)] != closed]
    for depth in range(4):
        for path in opened:
            place = path[:depth]
            there = any(other[: len(place)] == place for other in left)
            assert there == (find_open(state, tuple(place)) is not None)
    assert bool(left) == (state is not None)


def test_an_output_goes_behind_earlier_ones_and_opening_without_one_adds_none() -> None:
    one, other = TransitionOutput(), TransitionOutput(())
    opened = put_open(put_open(None, (), (one,)), (), ())
    assert (one,) == opened.outputs
    assert (one, other) == put_open(opened, (), (other,)).outputs
    assert () == put_open(None, (), ()).outputs


def test_a_state_is_persisted_tree_and_open_transaction() -> None:
    assert TreeState(LEAF, None) == root().tree.state


def test_children_are_equal_to_nothing_else() -> None:
    assert Children.of({}) != {}
    assert Children.of({Key(1, "a"): LEAF}) != Children.of({Key(2, "a"): LEAF})
    assert "Key(type=1, id='a')" in repr(Children.of({Key(1, "a"): LEAF}))
