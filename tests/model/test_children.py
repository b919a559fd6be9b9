"""Children as an immutable map: like a dictionary, whatever its size and however it came about."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hsm_model.children import NO_CHILDREN, Children, Key
from hsm_model.maps import LARGE, Map
from hsm_model.state import NodeState

KEYS = st.builds(Key, st.integers(1, 2), st.integers(0, 2 * LARGE).map(str))
STEPS = st.lists(st.tuples(KEYS, st.integers(0, 3) | st.none()), max_size=80)


def leaf(number: int) -> NodeState:
    return NodeState(number, b"0:0", NO_CHILDREN)


@given(STEPS)
def test_children_are_what_a_dictionary_would_be(steps: list[tuple[Key, int | None]]) -> None:
    plain: dict[Key, NodeState] = {}
    children = NO_CHILDREN
    for key, number in steps:
        if number is None:
            plain.pop(key, None)
            children = children.discard(key)
        else:
            plain[key] = leaf(number)
            children = children.insert(key, leaf(number))
        assert plain == dict(children.items())
        assert len(plain) == len(children)
        assert set(plain) == set(children)
        assert plain.get(key) == children.get(key)
        assert (key in plain) == (key in children)


@given(STEPS)
def test_equal_children_are_equal_and_hash_alike_whatever_their_history(steps: list[tuple[Key, int | None]]) -> None:
    children = NO_CHILDREN
    for key, number in steps:
        children = children.discard(key) if number is None else children.insert(key, leaf(number))
    made = Children.of(dict(children.items()))
    assert made == children
    assert hash(made) == hash(children)


@given(st.dictionaries(st.integers(0, 40), st.integers(), max_size=2 * LARGE), st.integers(0, 40))
def test_a_change_leaves_the_map_that_it_was_made_of(entries: dict[int, int], key: int) -> None:
    before = Map.of(entries)
    before.insert(key, -1)
    before.discard(key)
    assert entries == dict(before.items())


@given(st.dictionaries(KEYS, st.integers(0, 3).map(leaf), max_size=40), st.integers(1, 2))
def test_the_children_of_a_type_are_those_of_its_keys(nodes: dict[Key, NodeState], type_id: int) -> None:
    wanted = {key.id: node for key, node in nodes.items() if key.type == type_id}
    assert wanted == dict(Children.of(nodes).of_type(type_id).items())
