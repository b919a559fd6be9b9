"""Faults of a recording: they are problems (exit 2), never a verdict on the implementation."""

from __future__ import annotations

import json

import pytest

from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation

from .test_judging import ADDED, DIRTIES, OK, SETUP, YES, line, lines, recorded
from .test_shards import judged as judged_in_shares

END = b'{"trace":"a","end":true}\n'
HEADER = b'{"hsmspec":1,"implementation":"mine","capabilities":["outputs"]}\n'
UNKNOWN = b'{"op":{"op":"delete_child","node":0,"key":[1,"a"]},"saw":{"ok":null}}\n'
NOT_FOUND = Observation(error="state_machine_not_found")
LOOKUP = ops.Child(0, ((1, "a"),), 2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([*recorded(ADDED, "a"), END, line(ops.Dirty(1), YES, "a")], "a, line 7: nothing in this trace binds node 1"),
        ([*recorded(SETUP), HEADER, line(ops.Machine(1), Observation(ok=0))], "a, line 5: nothing in this trace binds"),
        ([*recorded(SETUP), line(ops.Dirty(7), YES)], "a, line 4: nothing in this trace binds node 7"),
        ([*recorded(SETUP), line(ops.SetState(3, 1))], "a, line 4: nothing in this trace binds machine 3"),
        ([*recorded(SETUP), line(ops.Same(0, 9), YES)], "a, line 4: nothing in this trace binds node 9"),
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_a_handle_that_nothing_bound_is_a_fault_of_the_recording(judge, content, said, known) -> None:
    more = {"deviations": DIRTIES} if known else {}
    judged = judge(content, **more)
    [message] = judged.said
    assert message.startswith(said)
    assert (2, None) == (judged.code, judged.traces[-1].departure)
    assert all(trace.departure is None for trace in judged.traces)
    assert judged_in_shares(b"".join(content), 0, **more) == judged_in_shares(b"".join(content), 3, **more)


def test_a_handle_that_nothing_bound_is_one_inside_of_a_function_too(judge) -> None:
    program = (*SETUP, ops.MachineTransition(0, ops.Script((ops.Dirty(8),))))
    judged = judge(lines(program, [OK, OK, OK, Observation(ok=None, inner=(YES,))]))
    assert ["a, line 4: nothing in this trace binds node 8: its beginning is missing, or it has ended before."] == (
        judged.said
    )


def test_an_adapter_may_say_that_a_handle_is_unbound(judge) -> None:
    assert 0 == judge(recorded((*SETUP, ops.Dirty(7)))).code


def test_after_a_fault_the_rest_of_the_trace_is_not_judged(judge) -> None:
    judged = judge([*recorded(SETUP), line(ops.Dirty(7), YES), line(ops.Dirty(0), YES), line(ops.Dirty(7), YES)])
    assert (1, 3, {"conforms": 1}) == (len(judged.said), judged.result.operations, judged.result.verdicts)


# --- what depends on a line that was not understood ---


def test_nothing_is_forbidden_that_may_depend_on_an_operation_that_is_not_understood(judge) -> None:
    judged = judge([*recorded(ADDED), UNKNOWN, line(LOOKUP, NOT_FOUND), line(ops.Dirty(0), YES)])
    [trace] = judged.traces
    assert (2, "conforms", None, 5) == (judged.code, trace.verdict, trace.departure, trace.operations)
    assert (7, "") == (trace.silence.line, trace.silence.requirement)
    assert "line 6 was not understood, and a difference here (NODE-ADD-1) may depend on it" == trace.silence.reason


def test_what_was_forbidden_before_stays_so(judge) -> None:
    judged = judge([*recorded(ADDED, last=YES), UNKNOWN, line(LOOKUP, NOT_FOUND)])
    assert (2, 5) == (judged.code, judged.traces[0].departure.line)


def test_what_agrees_after_it_is_judged_on(judge) -> None:
    judged = judge([*recorded(SETUP), UNKNOWN, *recorded(ADDED)[3:]])
    assert (5, None) == (judged.traces[0].operations, judged.traces[0].silence)


# --- nodes that vanished ---


TRANSITIONS = [
    ops.MachineTransition(1, ops.Script((ops.SetState(0, 1),), tasks=((1, 0, 0),)), machine=0),
    ops.MachineTransition(0, ops.Script((ops.SetState(0, 1),)), machine=0),
]


@pytest.mark.parametrize("transition", TRANSITIONS)
@pytest.mark.parametrize("reproduce", [False, True])
def test_a_node_that_vanished_is_no_fault_of_a_transitions_data(judge, transition, reproduce) -> None:
    program = (*ADDED[:-1], transition, LOOKUP)
    judged = judge(recorded(program, last=NOT_FOUND), reproduce=reproduce)
    assert judged.traces[0].departure.requirement in ("NODE-ADD-1", "NODE-CHILD-1")
    root = [1, "1:0", []] if transition.node == 0 else [0, "0:0", []]
    exported = judge(recorded((*program[:-1], ops.Export(0)), last=Observation(ok=root)), reproduce=reproduce)
    assert exported.traces[0].departure.requirement in ("NODE-ADD-1", "NODE-CHILD-1")


# --- encodings ---


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(judge, encoding) -> None:
    content = b"".join([HEADER, *recorded(ADDED)]).decode().encode(encoding)
    judged = judge(content)
    assert ["a: it is UTF-16, and traces are UTF-8."] == judged.said
    assert 2 == judged.code


# --- where something inside of an apply is wrong ---


def test_a_wrong_line_behind_a_failing_apply_is_the_one_that_is_marked(judge) -> None:
    apply = {
        "op": "apply",
        "machine": 0,
        "transition": {"sources": ["A"], "destination": "B"},
        "script": {"fail": "user_1"},
    }
    script = {"ops": [apply, {"op": "read_machine", "machine": 0}], "fail": "user_1"}
    steps = [
        ({"op": "new_registry"}, {"ok": None}),
        ({"op": "register_machine", "type": "P"}, {"ok": None}),
        ({"op": "new_root", "type": "P", "data": ["A", "x"], "bind": 0}, {"ok": None}),
        (
            {"op": "machine_transition", "node": 0, "machine": 0, "script": script},
            {"error": "user_1", "inner": [{"error": "user_1"}, {"ok": ["B", "x"]}]},
        ),
    ]
    content = [json.dumps({"hsmspec": 1, "world": "open"}), *(json.dumps({"op": op, "saw": saw}) for op, saw in steps)]
    judged = judge("\n".join(content).encode(), reproduce=True)
    assert (1,) == judged.traces[0].departure.inside
    [found] = judged.result.reproductions
    assert (3, 1) == found.finding.where
    assert [0, 1] == found.finding.expected[3].inner[1].ok[:2] or (0, 1) == found.finding.expected[3].inner[1].ok
    assert [1, 1] == list(found.finding.observed[3].inner[1].ok)
    assert found.finding.expected[3].inner[0] == found.finding.observed[3].inner[0]


# --- counts of outputs ---


COUNTED = [
    ({"op": "new_registry"}, {"ok": None}),
    ({"op": "register_machine", "type": "P"}, {"ok": None}),
    ({"op": "new_root", "type": "P", "data": ["A", "x"], "bind": 0}, {"ok": None}),
    *(({"op": "machine_transition", "node": 0, "script": {"tasks": [["t", "", 5]]}}, {"ok": None}) for _ in range(3)),
]


def outputs_counted(counts, task=("t", "", 5)) -> bytes:
    steps = [*COUNTED, ({"op": "outputs", "node": 0}, {"ok": [[[], [[task]] * 3, counts]]})]
    header = json.dumps({"hsmspec": 1, "world": "open"})
    return "\n".join([header, *(json.dumps({"op": op, "saw": saw}) for op, saw in steps)]).encode()


@pytest.mark.parametrize("reproduce", [False, True])
def test_counts_of_outputs_are_those_that_the_node_had(judge, reproduce) -> None:
    assert 0 == judge(outputs_counted([1, 2, 3]), reproduce=reproduce).code
    for counts in ([1, 2, 2], [0, 1, 2], [2, 3, 4], [3, 2, 1], [1, 1, 3]):
        judged = judge(outputs_counted(counts), reproduce=reproduce)
        departure = judged.traces[0].departure
        assert (1, "NODE-COUNT-1", ()) == (judged.code, departure.requirement, judged.result.reproductions)
        assert [1, 2, 3] == departure.expected.ok[0][2]
        assert counts == list(departure.observed.ok[0][2])


@pytest.mark.parametrize("counts", [[7], [1, 2, 3, 4], [1, 2, "3"], [1, 2, 3.0], "123", None])
def test_counts_that_are_not_one_for_each_output_are_not_understood(judge, counts) -> None:
    judged = judge(outputs_counted(counts))
    assert (2, None) == (judged.code, judged.traces[0].departure)
    [said] = judged.said
    assert "a, line 8: the outputs of a node are its path, their tasks and, if anything, a count of each." == said


def test_counts_inside_of_a_function_are_not_judged(judge) -> None:
    script = {"ops": [{"op": "outputs", "node": 0}]}
    step = {"op": "machine_transition", "node": 0, "script": script}
    seen = {"ok": None, "inner": [{"ok": [[[], [[["t", "", 5]]] * 3, [1, 2, 9]]]}]}
    content = outputs_counted([1, 2, 3]) + b"\n" + json.dumps({"op": step, "saw": seen}).encode()
    assert 0 == judge(content).code


def test_counts_of_outputs_do_not_hide_wrong_tasks(judge) -> None:
    judged = judge(outputs_counted([1, 2, 3], ("t", "", 6)))
    assert "TASK-CARRY-1" == judged.traces[0].departure.requirement
