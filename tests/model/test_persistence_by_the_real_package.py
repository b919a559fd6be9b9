"""Bytes that the real package wrote (``make fixtures``), and, where its adapter is built, bytes that it reads."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hsm_model.persistence import Dialect, marshal, unmarshal
from hsm_model.state import NO_CHILDREN, Children, Key, NodeState

FIXTURES = Path(__file__).parent / "fixtures"
ADAPTER = Path(__file__).parents[2] / "build" / "temporal-v1.25.1"
FIXTURE_NAMES = [path.stem for path in sorted(FIXTURES.glob("*.json"))]


def from_structure(exported: list[Any]) -> NodeState:
    """Return the state that an answer to ``export`` describes."""
    count, data, children = exported
    by_key = NO_CHILDREN
    for type_id, machine_id, child in children:
        by_key = by_key.insert(Key(type_id, machine_id), from_structure(child))
    return NodeState(count, data.encode(), by_key)


def to_structure(node: NodeState) -> list[Any]:
    """Return the value of ``export`` for a state."""
    children = [[key.type, key.id, to_structure(child)] for key, child in sorted(node.children.items())]
    return [node.transition_count, node.data.decode(), children]


def without_extra(node: NodeState) -> NodeState:
    """Return the state without what the documentation does not know."""
    children = NO_CHILDREN
    for key, child in node.children.items():
        children = children.insert(key, without_extra(child))
    return NodeState(node.transition_count, node.data, children)


def written(name: str) -> bytes:
    return (FIXTURES / f"{name}.bin").read_bytes()


def test_there_are_fixtures_each_with_its_bytes() -> None:
    assert len(FIXTURE_NAMES) >= 5
    assert FIXTURE_NAMES == [path.stem for path in sorted(FIXTURES.glob("*.bin"))]


@pytest.mark.parametrize("name", FIXTURE_NAMES)
def test_what_the_real_package_wrote_is_read_as_the_tree_that_it_exports(name: str) -> None:
    exported = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))["exported"]
    assert from_structure(exported) == without_extra(unmarshal(written(name), Dialect.V1_25))


@pytest.mark.parametrize("name", FIXTURE_NAMES)
def test_what_the_real_package_wrote_is_written_again_byte_for_byte(name: str) -> None:
    assert written(name) == marshal(unmarshal(written(name), Dialect.V1_25), Dialect.V1_25)


@pytest.mark.parametrize("name", FIXTURE_NAMES)
def test_what_the_real_package_wrote_survives_the_older_dialect(name: str) -> None:
    expected = without_extra(unmarshal(written(name), Dialect.V1_25))
    assert expected == unmarshal(marshal(expected, Dialect.V1_24), Dialect.V1_24)


# --- the other way round ---

DATA = st.tuples(st.integers(-9, 9), st.integers(-(2**53), 2**53)).map(lambda data: "{}:{}".format(*data).encode())
IDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
KEYS = st.builds(Key, st.integers(-3, 3) | st.sampled_from([-(2**31), 2**31 - 1]), IDS)
STATES = st.recursive(
    st.builds(NodeState, st.integers(-(2**63), 2**63 - 1), DATA, st.just(NO_CHILDREN), st.just(b"")),
    lambda nodes: st.builds(
        NodeState,
        st.integers(0, 300),
        DATA,
        st.dictionaries(KEYS, nodes, max_size=4).map(Children.of),
        st.just(b""),
    ),
    max_leaves=10,
)


@pytest.mark.skipif(not ADAPTER.exists(), reason="the adapter of the real package, v1.25.1, is not built")
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STATES, min_size=1, max_size=20))
def test_what_the_model_writes_is_read_by_the_real_package(states: list[NodeState]) -> None:
    requests = [
        {"seq": 0, "hello": {"protocol": 1}},
        {"seq": 1, "programs": [load_and_export(marshal(state, Dialect.V1_25)) for state in states]},
    ]
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run([ADAPTER], input=lines, capture_output=True, encoding="utf-8", check=True, timeout=60)
    _, answer = map(json.loads, done.stdout.rstrip("\n").split("\n"))
    for state, observations in zip(states, answer["observations"], strict=True):
        exported, marshalled = (observation["ok"] for observation in observations[-2:])
        root = NodeState(0, b"0:0", state.children)
        assert to_structure(root) == exported
        assert root == without_extra(unmarshal(base64.b64decode(marshalled), Dialect.V1_25))


def load_and_export(written: bytes) -> list[dict[str, Any]]:
    load = {"op": "load", "bytes": base64.b64encode(written).decode(), "type": 1, "data": [0, 0], "bind": 0}
    operations: list[dict[str, Any]] = [{"op": "new_registry"}, {"op": "register_machine", "type": 1}, load]
    return operations + [{"op": op, "node": 0} for op in ("export", "marshal")]
