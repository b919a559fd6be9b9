"""Executions in a recorded tree: too early, of tasks that nothing put out, of another count, again, in the past."""

from __future__ import annotations

import json

import pytest

HEADER = {"hsmspec": 1, "world": "open", "capabilities": ["executors"]}
OK = {"ok": None}
PATH = [["op", "1"]]
TASK = ["timeout", "", 5000]


def step(op, saw=OK):
    return {"op": op, "saw": saw}


TREE = [
    step({"op": "new_registry"}),
    step({"op": "register_machine", "type": "wf"}),
    step({"op": "register_machine", "type": "op"}),
    step({"op": "new_root", "type": "wf", "data": ["Running", "a"], "bind": 0}),
    step({"op": "add_child", "node": 0, "key": PATH[0], "data": ["Scheduled", "b"], "bind": 1}),
    step({"op": "register_executor", "type": "timeout", "tag": 1}),
]
STARTS = step({"op": "machine_transition", "node": 1, "script": {"tasks": [TASK]}})
CLEARS = step({"op": "clear", "node": 0})


def executed(now=6000, count=1, task=TASK, path=PATH, saw=OK, **more):
    op = {"op": "execute", "task": task, "ref": {"path": path, "count": count}, "node": 0, "now": now, **more}
    called = [1, now, task, [["n", "w", "r"], path, 0, count]]
    return step(op, {**saw, "inner": [{"ok": called}]})


def lines(*steps, header=HEADER) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in (header, *steps)).encode()


@pytest.mark.parametrize(
    ("steps", "code", "requirement"),
    [
        ([STARTS, executed()], 0, None),
        ([STARTS, CLEARS, executed()], 0, None),
        ([STARTS, executed(now=10)], 1, "TASK-DEADLINE-1"),
        ([STARTS, executed(now=5000)], 0, None),
        ([STARTS, executed(now=0)], 0, None),
        ([executed(count=0)], 1, "TASK-ATOMIC-1"),
        ([STARTS, executed(task=["timeout", "", 5001])], 1, "TASK-ATOMIC-1"),
        ([STARTS, executed(path=[])], 1, "TASK-ATOMIC-1"),
        ([STARTS, STARTS, executed(count=1)], 1, "REF-MATCH-1"),
        ([STARTS, STARTS, executed(count=2), executed(count=2)], 0, None),
        ([STARTS, STARTS, executed(count=0)], 0, None),
        ([STARTS, executed(), executed()], 0, "TASK-MAP-1"),
        ([STARTS, executed(), executed(), executed(now=6001)], 0, "TASK-MAP-1"),
        ([STARTS, CLEARS, STARTS, CLEARS, executed(count=2), executed(count=2)], 0, None),
        ([STARTS, STARTS, executed(count=2), executed(now=5000, count=2)], 0, "ENV-NOW-1"),
        ([STARTS, executed(path=[["op", "2"]])], 0, None),
    ],
)  # fmt: skip
def test_an_execution_is_held_to_what_was_put_out(judge, steps, code, requirement) -> None:
    judged = judge(lines(*TREE, *steps), reproduce=True)
    departure = judged.traces[0].departure
    assert (code, requirement) == (judged.code, departure and departure.requirement), departure
    if departure is not None:
        verdict = next(entry.verdict for entry in judged.result.requirements if entry.requirement == requirement)
        assert ("deviates" if code else "differs") == str(verdict).lower()


def test_a_task_whose_executor_failed_may_be_executed_again(judge) -> None:
    fails = step({"op": "register_executor", "type": "timeout", "tag": 1, "script": {"fail": "user_1"}})
    failed = executed(saw={"error": "user_1"})
    assert 0 == judge(lines(*TREE[:-1], fails, STARTS, failed, failed)).code
    assert judge(lines(*TREE[:-1], fails, STARTS, failed, failed)).traces[0].departure is None


def test_an_execution_whose_tree_was_made_up_is_not_judged(judge) -> None:
    made_up = [TREE[0], TREE[1], TREE[3], TREE[5], executed(path=[], count=7)]
    assert judge(lines(*made_up)).traces[0].departure is None
    assert judge(lines(*made_up[:-1], executed(count=7))).traces[0].departure is None


def test_tasks_of_a_loaded_tree_may_have_been_put_out_before(judge) -> None:
    children = [["op", "1", [1, ["Scheduled", "b"], []]]]
    load = step({"op": "load", "type": "wf", "data": ["Running", "a"], "bind": 0, "children": children})
    assert judge(lines(*TREE[:3], load, TREE[5], executed())).traces[0].departure is None
    early = judge(lines(*TREE[:3], load, TREE[5], executed(now=10))).traces[0].departure
    assert "TASK-DEADLINE-1" == early.requirement


def test_programs_that_somebody_made_up_are_free_to_execute_anything(judge) -> None:
    steps = [
        step({"op": "new_registry"}),
        step({"op": "register_machine", "type": 1}),
        step({"op": "new_root", "type": 1, "data": [0, 0], "bind": 0}),
        step({"op": "machine_transition", "node": 0, "script": {}}),
        step({"op": "register_executor", "type": 5, "tag": 1}),
        step(
            {"op": "execute", "task": [5, 0, 9], "ref": {"path": []}, "node": 0, "now": 1},
            {"ok": None, "inner": [{"ok": [1, 1, [5, 0, 9], [["n", "w", "r"], [], 0, 0]]}]},
        ),
    ]
    assert 0 == judge(lines(*steps, header={"hsmspec": 1, "capabilities": ["executors"]})).code


@pytest.mark.parametrize("capabilities", [{}, {"capabilities": ["tasks"]}])
def test_executions_of_a_recorder_that_does_not_say_that_it_records_them_are_free(judge, capabilities) -> None:
    content = lines(*TREE, executed(count=0), header={"hsmspec": 1, "world": "open", **capabilities})
    assert judge(content).traces[0].departure is None


def test_an_execution_that_follows_a_known_beginning_is_judged_by_it(judge) -> None:
    first = [{**one, "trace": "a"} for one in (*TREE, STARTS, executed())]
    second = [{**one, "trace": "b"} for one in (*TREE, STARTS, executed(), executed())]
    judged = judge(lines(*first, *second))
    assert [None, "TASK-MAP-1"] == [trace.departure and trace.departure.requirement for trace in judged.traces]


def test_executions_show_which_obligations_of_the_framework_are_kept(judge) -> None:
    found = {entry.requirement: entry for entry in judge(lines(*TREE, STARTS, executed())).result.requirements}
    kept = {name for name, entry in found.items() if entry.owed_by is not None and entry.operations}
    assert {"TASK-DEADLINE-1", "REF-MATCH-1", "TASK-MAP-1"} == kept
    assert {"owed by others"} == {str(found[name].verdict) for name in ("ENV-NOW-1", "TYPE-ID-1", "ENV-ACCESS-3")}
