from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_model.errors import HsmError, NotRegistered, StateMachineNotFound
from hsm_model.node import Node, new_root
from hsm_model.state import Key, find

from .samples import NOT_DESERIALIZABLE, UNKNOWN, any_of, data_for, keys, places, registry, root, trees

known_and_unknown = keys | st.builds(Key, st.just(UNKNOWN), st.sampled_from(["a", "b"]))


@given(trees(), places, st.lists(known_and_unknown, max_size=3))
def test_a_path_leads_where_its_keys_lead_one_by_one(nodes: list[Node], at: int, path: list[Key]) -> None:
    node = start = any_of(nodes, at)
    error: type[HsmError] | None = None
    for key in path:
        if key.type == UNKNOWN:
            error = NotRegistered
            break
        if find(node.persisted(), (key,)) is None:
            error = StateMachineNotFound
            break
        node = node.child([key])
    if error is None:
        assert node is start.child(path)
    else:
        with pytest.raises(error):
            start.child(path)


@given(trees())
def test_each_node_is_found_from_each_above_it_and_is_the_same_object(nodes: list[Node]) -> None:
    for node in nodes:
        above: Node | None = node
        while above is not None:
            assert node is above.child(node.path()[len(above.path()) :])
            above = above.parent


@given(trees())
def test_path_key_and_parent_agree(nodes: list[Node]) -> None:
    for node in nodes[1:]:
        assert node.parent is not None
        assert (*node.parent.path(), node.key) == node.path()


@given(trees(), places, st.lists(known_and_unknown, max_size=3))
def test_looking_changes_nothing(nodes: list[Node], at: int, path: list[Key]) -> None:
    before = nodes[0].tree.state
    with suppress(HsmError):
        any_of(nodes, at).child(path)
    assert before is nodes[0].tree.state


def test_the_empty_path_leads_to_the_node_itself() -> None:
    node = root()
    assert node is node.child([])


def test_the_error_names_the_key() -> None:
    with pytest.raises(StateMachineNotFound, match="1:lost"):
        root().child([Key(1, "lost")])


def test_the_first_level_that_fails_says_so() -> None:
    with pytest.raises(StateMachineNotFound):
        root().child([Key(1, "lost"), Key(UNKNOWN, "a")])
    with pytest.raises(NotRegistered):
        root().child([Key(UNKNOWN, "a"), Key(1, "lost")])


def test_a_node_whose_data_does_not_deserialize_is_found() -> None:
    node = root()
    node.add_child(Key(1, "poison"), data_for(1, 0, NOT_DESERIALIZABLE))
    loaded = new_root(registry(), 1, data_for(1), node.persisted().children)
    assert Key(1, "poison") == loaded.child([Key(1, "poison")]).key
