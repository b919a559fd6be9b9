"""Traces that begin in the middle of a life, with a persisted tree."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from hsm_model.persistence import Dialect, marshal
from hsm_model.state import NO_CHILDREN, Children, Key, NodeState

OPEN = {"hsmspec": 1, "world": "open", "capabilities": ["transitions", "outputs"]}
PALETTE = {"hsmspec": 1, "dialect": "v1.25"}
OK = {"ok": None}
CHILD = ["op", "1", [3, ["Scheduled", "b"], []]]


def step(op, saw=OK):
    return {"op": op, "saw": saw}


def joined(**more):
    return step({"op": "load", "type": "wf", "data": ["Running", "a"], "bind": 0, "children": [CHILD], **more})


FOUND = step({"op": "child", "node": 0, "path": [["op", "1"]], "bind": 1})
MOVES = step({"op": "machine_transition", "node": 1, "script": {"tasks": [["call", "", "house"]]}})
ROOT_MOVES = step({"op": "machine_transition", "node": 0, "script": {}})


def counted(count, node=1):
    return step({"op": "transition_count", "node": node}, {"ok": count})


def lines(*steps, header=OPEN) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in (header, *steps)).encode()


def verdict(judge, *steps, header=OPEN):
    judged = judge(lines(*steps, header=header))
    assert [] == judged.said
    [trace] = judged.traces
    assert trace.silence is None
    return trace.operations, trace.departure and trace.departure.requirement


@pytest.mark.parametrize(
    ("steps", "operations", "requirement"),
    [
        ([joined(), FOUND, counted(3), MOVES, counted(4)], 5, None),
        ([joined(), FOUND, counted(4)], 3, "ROOT-LOAD-1"),
        ([joined(count=7), counted(7, 0), ROOT_MOVES, counted(8, 0)], 4, None),
        ([joined(count=7), ROOT_MOVES, counted(1, 0)], 3, "NODE-COUNT-1"),
        ([joined(), step({"op": "machine_data", "node": 0}, {"ok": ["Running", "a"]})], 2, None),
        ([joined(), step({"op": "dirty", "node": 0}, {"ok": False})], 2, None),
        ([joined(), step({"op": "dirty", "node": 0}, {"ok": True})], 2, "ROOT-LOAD-2"),
    ],
)
def test_a_trace_may_begin_with_a_persisted_tree(judge, steps, operations, requirement) -> None:
    assert (operations, requirement) == verdict(judge, *steps)


def test_types_that_occur_later_are_registered_unless_the_trace_says_otherwise(judge) -> None:
    add = {"op": "add_child", "node": 0, "key": ["timer", "t"], "data": ["New", "c"], "bind": 2}
    assert (2, None) == verdict(judge, joined(), step(add))
    assert (2, None) == verdict(judge, joined(), step(add, {"error": "not_registered"}))
    inside = {"op": "machine_transition", "node": 0, "script": {"ops": [add]}}
    assert (2, None) == verdict(judge, joined(), step(inside, {"ok": None, "inner": [OK]}))
    listed = step({"op": "collection_list", "node": 0, "type": "other"}, {"ok": []})
    assert (2, None) == verdict(judge, joined(), listed)


def test_bytes_of_a_persisted_tree_are_joined_with_the_count_that_they_have(judge) -> None:
    child = NodeState(3, b"1:5", NO_CHILDREN)
    message = marshal(NodeState(7, b"", Children.of({Key(1, "a"): child})), Dialect("v1.25"))
    load = {"op": "load", "type": 2, "data": [0, 0], "bind": 0, "bytes": b64encode(message).decode()}
    found = {"op": "child", "node": 0, "path": [[1, "a"]], "bind": 1}
    steps = [step(load), step(found), counted(3), counted(7, 0)]
    assert (4, None) == verdict(judge, *steps, header=PALETTE)


def test_a_departure_of_a_root_that_has_a_count_has_no_reproduction(judge) -> None:
    judged = judge(lines(joined(count=7), counted(1, 0)), reproduce=True)
    assert "programs cannot give a root a transition count" in judged.traces[0].departure.note
    assert () == judged.result.reproductions


def test_a_departure_in_a_joined_trace_is_reproduced(judge) -> None:
    judged = judge(lines(joined(), FOUND, MOVES, counted(9)), reproduce=True)
    [found] = judged.result.reproductions
    assert "load" in [str(type(operation).__struct_config__.tag) for operation in found.finding.program]


def test_traces_that_join_side_by_side_are_judged_by_themselves(judge) -> None:
    content = [{**one, "trace": name} for one in (joined(), FOUND, counted(3)) for name in ("a", "b")]
    judged = judge(lines(*content, {**counted(4), "trace": "b"}))
    assert [None, "ROOT-LOAD-1"] == [
        trace.departure and trace.departure.requirement
        for trace in sorted(judged.traces, key=lambda trace: trace.trace)
    ]


def test_a_load_that_says_that_there_is_no_registry_joins_nothing(judge) -> None:
    assert (1, None) == verdict(judge, {**joined(), "saw": {"unbound": True}})


@pytest.mark.parametrize("count", [-1, "7", True, 1.5])
def test_a_count_that_is_none_is_told(judge, count) -> None:
    assert "the count of a root is a number of transitions" in judge(lines(joined(count=count))).said[0]


def test_a_tree_that_is_loaded_later_is_as_the_package_makes_it(judge) -> None:
    prolog = [
        step({"op": "new_registry"}),
        step({"op": "register_machine", "type": "wf"}),
        step({"op": "register_machine", "type": "op"}),
    ]
    assert (5, None) == verdict(judge, *prolog, joined(count=7), counted(0, 0))
