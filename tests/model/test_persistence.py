"""The persisted form: properties of the codec alone, and bytes written by hand."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hsm_model.executor import StateMachineRef
from hsm_model.persistence import (
    Dialect,
    MalformedPersistence,
    PersistedTask,
    marshal,
    marshal_ref,
    marshal_task,
    unmarshal,
    unmarshal_ref,
    unmarshal_task,
)
from hsm_model.state import NO_CHILDREN, Children, Key, NodeState

DIALECTS = st.sampled_from(Dialect)
INT32 = st.integers(-(2**31), 2**31 - 1)
INT64 = st.integers(-(2**63), 2**63 - 1)
IDS = st.text(max_size=8)
LEAF = NodeState(0, b"", NO_CHILDREN)
KEYS = st.builds(Key, INT32 | st.integers(0, 3), IDS)


def trees() -> st.SearchStrategy[NodeState]:
    return st.recursive(
        st.builds(NodeState, INT64, st.binary(max_size=8), st.just(NO_CHILDREN), st.just(b"")),
        lambda nodes: st.builds(
            NodeState,
            INT64,
            st.binary(max_size=8),
            st.dictionaries(KEYS, nodes, max_size=4).map(Children.of),
            st.just(b""),
        ),
        max_leaves=12,
    )


def chain(depth: int) -> NodeState:
    node = LEAF
    for _ in range(depth):
        node = NodeState(0, b"", NO_CHILDREN.insert(Key(1, "a"), node))
    return node


REFS = st.builds(StateMachineRef, st.lists(KEYS, max_size=4).map(tuple), INT64, INT64, INT64)
TASKS = st.builds(PersistedTask, REFS, INT32, st.binary(max_size=8))


# --- bytes written by hand, field by field ---


def varint(number: int) -> bytes:
    number %= 2**64
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def number_field(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def bytes_field(number: int, value: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(value)) + value


def children_field(dialect: Dialect, type_id: int, machines: bytes) -> bytes:
    if dialect is Dialect.V1_24:
        return bytes_field(3, number_field(1, type_id) + bytes_field(2, machines))
    return bytes_field(2, bytes_field(1, str(type_id).encode()) + bytes_field(2, machines))


def machine(machine_id: str, node: bytes) -> bytes:
    return bytes_field(1, bytes_field(1, machine_id.encode()) + bytes_field(2, node))


def node_by_hand(dialect: Dialect, count: int, data: bytes, children: bytes = b"") -> bytes:
    if dialect is Dialect.V1_24:
        return number_field(1, count) + bytes_field(2, data) + children
    return bytes_field(1, data) + children + number_field(100, count)


UNKNOWN_NUMBERS = st.integers(5, 99) | st.integers(101, 200)
UNKNOWN_FIELDS = st.lists(
    st.builds(number_field, UNKNOWN_NUMBERS, INT64) | st.builds(bytes_field, UNKNOWN_NUMBERS, st.binary(max_size=4)),
    max_size=4,
).map(b"".join)
"""Fields that neither a node nor a map has, in either dialect."""


# --- nodes ---


EXTREMES = NodeState(
    2**63 - 1,
    b"",
    Children.of({Key(-(2**31), "\U0001f980 \0"): NodeState(-1, b"\xff", NO_CHILDREN), Key(2**31 - 1, ""): LEAF}),
)


@given(tree=trees(), dialect=DIALECTS)
@example(EXTREMES, Dialect.V1_24)
@example(EXTREMES, Dialect.V1_25)
def test_a_tree_is_read_as_it_was_written(tree: NodeState, dialect: Dialect) -> None:
    assert tree == unmarshal(marshal(tree, dialect), dialect)


@given(
    children=st.dictionaries(KEYS, trees(), max_size=6).flatmap(
        lambda children: st.permutations(list(children.items())).map(lambda shuffled: (children, dict(shuffled)))
    ),
    dialect=DIALECTS,
)
def test_equal_trees_have_equal_bytes(
    children: tuple[dict[Key, NodeState], dict[Key, NodeState]], dialect: Dialect
) -> None:
    one, other = (marshal(NodeState(0, b"", Children.of(each)), dialect) for each in children)
    assert one == other


@pytest.mark.parametrize("dialect", Dialect)
def test_the_bytes_are_the_dialects_fields_with_maps_in_order(dialect: Dialect) -> None:
    leaf = node_by_hand(dialect, 300, b"1:2")
    both = machine("a", leaf) + machine("é", leaf)
    by_type = children_field(dialect, 1, both) + children_field(dialect, 2, machine("a", leaf))
    expected = node_by_hand(dialect, 7, b"0:0", by_type)
    state = NodeState(300, b"1:2", NO_CHILDREN)
    tree = NodeState(7, b"0:0", Children.of({Key(2, "a"): state, Key(1, "é"): state, Key(1, "a"): state}))
    assert expected == marshal(tree, dialect)
    assert tree == unmarshal(expected, dialect)


@given(at_root=UNKNOWN_FIELDS, at_map=UNKNOWN_FIELDS, at_leaf=UNKNOWN_FIELDS, dialect=DIALECTS)
def test_unknown_fields_are_kept_on_every_level(
    at_root: bytes, at_map: bytes, at_leaf: bytes, dialect: Dialect
) -> None:
    leaf = node_by_hand(dialect, 1, b"x") + at_leaf
    written = node_by_hand(dialect, 2, b"y", children_field(dialect, 1, machine("a", leaf) + at_map)) + at_root
    tree = unmarshal(written, dialect)
    assert (2, b"y", [Key(1, "a")]) == (tree.transition_count, tree.data, list(tree.children))
    assert written == marshal(tree, dialect)


@given(unknown=st.tuples(UNKNOWN_FIELDS, UNKNOWN_FIELDS, UNKNOWN_FIELDS), dialect=DIALECTS)
def test_unknown_fields_are_written_behind_the_known_ones_in_the_order_in_which_they_came(
    unknown: tuple[bytes, bytes, bytes], dialect: Dialect
) -> None:
    count_number, data_number = (1, 2) if dialect is Dialect.V1_24 else (100, 1)
    count, data = number_field(count_number, 5), bytes_field(data_number, b"d")
    mixed = unknown[0] + count + unknown[1] + data + unknown[2]
    assert node_by_hand(dialect, 5, b"d") + b"".join(unknown) == marshal(unmarshal(mixed, dialect), dialect)


@given(UNKNOWN_FIELDS)
def test_versioned_transitions_of_v1_25_are_kept(unknown: bytes) -> None:
    versioned = bytes_field(3, number_field(1, 9) + number_field(2, 4) + unknown) + bytes_field(4, b"")
    written = bytes_field(1, b"x") + versioned + number_field(100, 1) + unknown
    tree = unmarshal(written, Dialect.V1_25)
    assert (b"x", 1) == (tree.data, tree.transition_count)
    assert written == marshal(tree, Dialect.V1_25)


@given(unknown=UNKNOWN_FIELDS, dialect=DIALECTS)
def test_a_map_without_machines_is_kept_also_when_machines_join_it(unknown: bytes, dialect: Dialect) -> None:
    written = node_by_hand(dialect, 1, b"x", children_field(dialect, 1, unknown))
    tree = unmarshal(written, dialect)
    assert NO_CHILDREN == tree.children
    assert written == marshal(tree, dialect)
    grown = tree._replace(children=NO_CHILDREN.insert(Key(1, "a"), LEAF))
    assert grown.children == unmarshal(marshal(grown, dialect), dialect).children


@given(unknown=UNKNOWN_FIELDS.filter(bool), tree=trees())
def test_what_one_dialect_does_not_know_is_left_out_of_the_other(unknown: bytes, tree: NodeState) -> None:
    for one, other in ((Dialect.V1_24, Dialect.V1_25), (Dialect.V1_25, Dialect.V1_24)):
        loaded = unmarshal(marshal(tree, one) + unknown, one)
        assert tree == unmarshal(marshal(loaded, other), other)


@given(data=st.binary(max_size=60), dialect=DIALECTS)
@example(b"\x08", Dialect.V1_24)
@example(children_field(Dialect.V1_24, 1, machine("a", b"\x08")), Dialect.V1_24)
@example(bytes_field(3, bytes_field(2, bytes_field(1, bytes_field(1, b"\xff")))), Dialect.V1_24)
def test_bytes_are_read_in_full_or_refused_as_malformed(data: bytes, dialect: Dialect) -> None:
    try:
        tree = unmarshal(data, dialect)
    except MalformedPersistence:
        return
    assert tree == unmarshal(marshal(tree, dialect), dialect)


@given(tree=trees(), dialect=DIALECTS, data=st.data())
def test_damaged_bytes_are_read_as_something_or_refused_as_malformed(
    tree: NodeState, dialect: Dialect, data: st.DataObject
) -> None:
    written = bytearray(marshal(tree, dialect) or b"\0")
    position = data.draw(st.integers(0, len(written) - 1))
    written[position] = data.draw(st.integers(0, 255))
    damaged = bytes(written[: data.draw(st.integers(position, len(written)))])
    try:
        tree = unmarshal(damaged, dialect)
    except MalformedPersistence:
        return
    assert tree == unmarshal(marshal(tree, dialect), dialect)


@pytest.mark.parametrize(
    "text", ["", "a", "callbacks.Callback", "01", "-0", "+1", " 1", "1_0", "1\n", "\u0661", "2147483648"]
)
def test_a_type_that_is_no_number_is_refused(text: str) -> None:
    written = bytes_field(2, bytes_field(1, text.encode()) + bytes_field(2, machine("a", b"")))
    with pytest.raises(MalformedPersistence, match="type"):
        unmarshal(written, Dialect.V1_25)


@pytest.mark.parametrize("dialect", Dialect)
def test_nodes_deeper_than_a_limit_are_refused(dialect: Dialect) -> None:
    deepest = chain(100)
    written = marshal(deepest, dialect)
    assert deepest == unmarshal(written, dialect, max_depth=100)
    too_deep = node_by_hand(dialect, 0, b"", children_field(dialect, 1, machine("a", written)))
    with pytest.raises(MalformedPersistence, match="deeper than 100"):
        unmarshal(too_deep, dialect, max_depth=100)
    assert chain(101) == unmarshal(too_deep, dialect)


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(
    ("state", "complaint"),
    [
        (NodeState(2**63, b"", NO_CHILDREN), "transition_count cannot be 9223372036854775808"),
        (NodeState(0, b"", NO_CHILDREN.insert(Key(1, "\ud800"), LEAF)), "key cannot be"),
        (NodeState(0, b"", NO_CHILDREN.insert(Key(2**31, "a"), LEAF)), "type 2147483648 does not fit"),
        (NodeState(0, b"", NO_CHILDREN, b"\x22\x00"), "no dialect's mark"),
    ],
)
def test_a_state_that_no_bytes_can_hold_is_refused(dialect: Dialect, state: NodeState, complaint: str) -> None:
    with pytest.raises(MalformedPersistence, match=complaint):
        marshal(state, dialect)


# --- references and tasks ---


@given(REFS)
def test_a_reference_is_read_as_it_was_written(ref: StateMachineRef) -> None:
    assert ref == unmarshal_ref(marshal_ref(ref))


@given(TASKS)
def test_a_task_is_read_as_it_was_written(task: PersistedTask) -> None:
    assert task == unmarshal_task(marshal_task(task))


def test_the_bytes_of_a_task_are_the_documented_fields_in_order() -> None:
    keys = [number_field(1, 1) + bytes_field(2, b"a"), number_field(1, 2) + bytes_field(2, "é".encode())]
    path = b"".join(bytes_field(1, key) for key in keys)
    expected_ref = path + number_field(2, 4) + number_field(3, 5) + number_field(4, 6)
    expected = bytes_field(1, expected_ref) + number_field(2, 7) + bytes_field(3, b"77")
    ref = StateMachineRef((Key(1, "a"), Key(2, "é")), 4, 5, 6)
    assert expected_ref == marshal_ref(ref)
    assert expected == marshal_task(PersistedTask(ref, 7, b"77"))


@given(st.binary(max_size=40))
def test_bytes_are_a_task_or_refused_as_malformed(data: bytes) -> None:
    for read in (unmarshal_ref, unmarshal_task):
        try:
            read(data)
        except MalformedPersistence:
            continue


def test_a_task_that_no_bytes_can_hold_is_refused() -> None:
    with pytest.raises(MalformedPersistence, match="type cannot be 2147483648"):
        marshal_task(PersistedTask(StateMachineRef(()), 2**31, b""))
    with pytest.raises(MalformedPersistence, match="machine_transition_count"):
        marshal_ref(StateMachineRef((), 0, 0, 2**63))
