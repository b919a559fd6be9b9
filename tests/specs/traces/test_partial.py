"""Observations of which a recorder saw only a part: the rest is as expected, up to a bound, and counted."""

from __future__ import annotations

import json
import random

import pytest

from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.traces.format.partial import UNSEEN, filled
from hsm_specs.traces.judging import file

HEADER = {"hsmspec": 1, "world": "open", "capabilities": ["outputs", "transitions"]}
OK = {"ok": None}
TASKS = [["dim", "a", 5000], ["ring", "", "bell"]]


def step(op, saw=OK):
    return {"op": op, "saw": saw}


SETUP = [
    step({"op": "new_registry"}),
    step({"op": "register_machine", "type": "wf"}),
    step({"op": "register_machine", "type": "lamp"}),
    step({"op": "new_root", "type": "wf", "data": ["Running", "a"], "bind": 0}),
    step({"op": "add_child", "node": 0, "key": ["lamp", "hall"], "data": ["Off", "b"], "bind": 1}),
]
ON = {"op": "set_state", "machine": 0, "state": "On"}
SWITCH = {"op": "machine_transition", "node": 1, "machine": 0, "script": {"ops": [ON], "tasks": TASKS}}
SWITCHED = {"ok": None, "inner": [OK]}
DATA = {"op": "machine_data", "node": 1}
OUTPUTS = {"op": "outputs", "node": 0}
EXPORT = {"op": "export", "node": 0}
PATH = [["lamp", "hall"]]
EXPORTED = [0, [None, "a"], [["lamp", "hall", [1, ["On", "b"], []]]]]


def lines(*steps, header=HEADER) -> bytes:
    return "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in (header, *steps)).encode()


@pytest.mark.parametrize(
    ("steps", "unseen"),
    [
        ([step(SWITCH, {})], 1),
        ([step(SWITCH, {"ok": None, "inner": [{}]})], 1),
        ([step(SWITCH, {}), step(DATA, {"ok": ["On", {}]})], 2),
        ([step(SWITCH, {}), step(DATA, {"ok": {}})], 2),
        ([step(SWITCH, SWITCHED), step(DATA, {"ok": [{}, "b"]})], 1),
        ([step(SWITCH, SWITCHED), step(OUTPUTS, {"ok": [[PATH, [[["dim", {}, {}], {}]]]]})], 3),
        ([step(SWITCH, SWITCHED), step(OUTPUTS, {"ok": [[PATH, [TASKS], {}]]})], 1),
        ([step(SWITCH, SWITCHED), step(OUTPUTS, {"ok": [[{}, {}]]})], 2),
        ([step(SWITCH, SWITCHED), step(OUTPUTS, {"ok": [[[["lamp", {}]], [[TASKS[0], {}]], [1]]]})], 2),
        ([step(SWITCH, SWITCHED), step(EXPORT, {"ok": [*EXPORTED[:2], {}]})], 1),
        ([step(SWITCH, SWITCHED), step(EXPORT, {"ok": [{}, [None, {}], [["lamp", "hall", [1, {}, []]]]]})], 3),
    ],
)
def test_what_was_not_seen_is_as_expected_and_counted(judge, steps, unseen) -> None:
    judged = judge(lines(*SETUP, *steps))
    assert [] == judged.said
    [trace] = judged.traces
    assert (None, unseen, unseen) == (trace.departure, trace.unseen, judged.result.unseen)
    assert len(SETUP) + len(steps) == trace.operations


@pytest.mark.parametrize(
    ("steps", "requirement"),
    [
        ([step(SWITCH, {}), step(DATA, {"ok": ["Off", {}]})], "MT-COMMIT-1"),
        ([step(SWITCH, {}), step({"op": "transition_count", "node": 1}, {"ok": 0})], "MT-COMMIT-2"),
        ([step(SWITCH, SWITCHED), step(OUTPUTS, {"ok": [[PATH, [[["dim", "b", {}], {}]]]]})], "TASK-CARRY-1"),
        ([step(SWITCH, SWITCHED), step(OUTPUTS, {"ok": [[PATH, [[{}]]]]})], "MT-COMMIT-4"),
        ([step(SWITCH, SWITCHED), step(OUTPUTS, {"ok": [{}, {}]})], "OUT-LIST-1"),
        ([step(SWITCH, SWITCHED), step(OUTPUTS, {"ok": [[PATH, [{}], [2]]]})], "NODE-COUNT-1"),
        ([step(SWITCH, SWITCHED), step(EXPORT, {"ok": [{}, [None, "z"], {}]})], "DATA-READ-1"),
        ([step({**DATA, "node": 1}, {"error": "not_registered"})], "NODE-ADD-1"),
    ],
)
def test_what_was_seen_is_held_to_the_specification(judge, steps, requirement) -> None:
    [trace] = judge(lines(*SETUP, *steps)).traces
    assert trace.departure is not None
    assert requirement == trace.departure.requirement


def test_a_departure_is_shown_with_what_was_not_seen_as_expected(judge) -> None:
    judged = judge(lines(*SETUP, step(SWITCH, SWITCHED), step(DATA, {"ok": ["Off", {}]})), reproduce=True)
    departure = judged.traces[0].departure.shown()
    assert (("On", "b"), ("Off", "b")) == (departure.expected.ok, departure.observed.ok)
    assert 1 == len(judged.result.reproductions)


def test_equal_lines_of_several_traces_are_counted_for_each(judge) -> None:
    steps = [{**one, "trace": name} for name in "abc" for one in [*SETUP, step(SWITCH, {}), step(DATA, {"ok": {}})]]
    judged = judge(lines(*steps))
    assert [2, 2, 2] == [trace.unseen for trace in judged.traces]


def test_an_outcome_that_was_not_seen_shows_no_requirement(judge) -> None:
    def exercised(saw) -> int:
        result = judge(lines(*SETUP, step(SWITCH, saw))).result
        return sum(entry.operations for entry in result.requirements)

    assert exercised(SWITCHED) - 1 == exercised({})


def test_there_is_a_bound_that_is_told(judge, monkeypatch) -> None:
    monkeypatch.setattr(file, "MOST_UNSEEN", 3)
    [trace] = judge(lines(*SETUP, *[step(DATA, {"ok": [{}, {}]})] * 2)).traces
    assert "more than 3 parts of its observations were not seen" == trace.silence.reason
    assert len(SETUP) + 1 == trace.operations


def test_the_verdict_says_how_much_was_not_seen(cli, tmp_path) -> None:
    (tmp_path / "t.jsonl").write_bytes(lines(*SETUP, step(SWITCH, {}), step(DATA, {"ok": ["On", {}]})))
    said = cli("judge", str(tmp_path / "t.jsonl"))
    assert "The specification allows this; 2 parts of observations were not seen." in said.out


@pytest.mark.parametrize("saw", [{}, {"ok": {}}])
def test_the_palette_has_no_partial_observations(judge, saw) -> None:
    judged = judge(lines(step({"op": "new_registry"}, saw), header={"hsmspec": 1}))
    assert judged.said or judged.traces[0].departure is not None


VALUE = {"op": "set_value", "machine": 0, "value": {}}
CHANGE = {"op": "machine_transition", "node": 1, "machine": 0, "script": {"ops": [VALUE], "tasks": [["dim", {}, 5000]]}}
CHANGED = step(CHANGE, {"ok": None, "inner": [OK]})


def emitted(payload):
    return step(OUTPUTS, {"ok": [[PATH, [[["dim", payload, 5000]]]]]})


def read(value, state="Off"):
    return step(DATA, {"ok": [state, value]})


@pytest.mark.parametrize(
    ("steps", "requirement"),
    [
        ([CHANGED, read("x"), read("x")], None),
        ([CHANGED, read("x"), read("y")], "DATA-READ-1"),
        ([CHANGED, read("x"), CHANGED, read("y")], None),
        ([CHANGED, CHANGED, read("x"), read("x")], None),
        ([CHANGED, read("x", "On")], "MT-COMMIT-1"),
        ([CHANGED, emitted("p"), emitted("p")], None),
        ([CHANGED, emitted("p"), emitted("q")], "TASK-CARRY-1"),
        ([CHANGED, emitted({}), emitted("q"), emitted("p")], "TASK-CARRY-1"),
        ([CHANGED, step(EXPORT, {"ok": [0, [None, "a"], [["lamp", "hall", [1, ["Off", "x"], []]]]]}), read("x")], None),
        ([CHANGED, step(EXPORT, {"ok": [0, [None, "a"], [["lamp", "hall", [1, [None, "x"], []]]]]}), read("y")],
         "MT-COMMIT-1"),
    ],
)  # fmt: skip
def test_an_unknown_of_an_operation_is_what_the_first_observation_shows(judge, steps, requirement) -> None:
    judged = judge(lines(*SETUP, *steps))
    assert [] == judged.said
    [trace] = judged.traces
    assert requirement == (trace.departure and trace.departure.requirement)


def test_equal_unknowns_of_several_traces_are_different_ones(judge) -> None:
    steps = [
        {**one, "trace": name} for name, value in (("a", "x"), ("b", "y")) for one in [*SETUP, CHANGED, read(value)]
    ]
    judged = judge(lines(*steps))
    assert [(None, 2)] * 2 == [(trace.departure, trace.unseen) for trace in judged.traces]


def test_an_unknown_is_shown_as_not_seen(judge) -> None:
    judged = judge(lines(*SETUP, CHANGED, read("x", "On")), reproduce=True)
    assert ("Off", "(not seen)") == judged.traces[0].departure.shown().expected.ok


@pytest.mark.parametrize("name", [{}, {"a": 1}])
def test_states_have_to_be_known(judge, name) -> None:
    [said] = judge(lines(*SETUP, step({**SWITCH, "script": {"ops": [{**ON, "state": name}]}}))).said
    assert "a state is a text or an integer" in said


def test_no_name_has_the_number_of_what_was_not_seen() -> None:
    seen = Observation(ok=[UNSEEN, 5])
    assert [3, 5] == filled(seen, ops.NewRegistry(), Observation(ok=[3, 4])).ok


WHOLE = [
    *SETUP,
    step(SWITCH, SWITCHED),
    step(DATA, {"ok": ["On", "b"]}),
    step(OUTPUTS, {"ok": [[PATH, [TASKS], [1]]]}),
    step(EXPORT, {"ok": EXPORTED}),
    step({"op": "collection_list", "node": 0, "type": "lamp"}, {"ok": [PATH]}),
    step({"op": "path", "node": 1}, {"ok": PATH}),
]


@pytest.mark.parametrize("seed", range(150))
def test_whatever_was_not_seen_there_is_no_departure(judge, seed) -> None:
    chance = random.Random(seed)

    def partly(form):
        if chance.random() < 0.12:
            return {}
        if isinstance(form, list):
            return [partly(item) for item in form]
        if not isinstance(form, dict):
            return form
        return {
            name: [partly(one) for one in value] if name == "inner" else partly(value) for name, value in form.items()
        }

    judged = judge(lines(*[{**one, "saw": partly(one["saw"])} for one in WHOLE]))
    assert [] == judged.said
    assert (None, len(WHOLE)) == (judged.traces[0].departure, judged.traces[0].operations)
