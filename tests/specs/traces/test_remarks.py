"""Members that recorders write for people: places in the program, readable values, and remarks about machines."""

from __future__ import annotations

import json

import msgspec
import pytest

from hsm_specs.parallel.processes import local
from hsm_specs.traces import Judging, JudgingOptions
from hsm_specs.traces.format.remarks import STATEMENTS, Position, position
from hsm_specs.traces.judging import shards

HEADER = {"hsmspec": 1, "world": "open"}
OK = {"ok": None}
AT = {"file": "lamp_test.go", "line": 40}
SETUP = [
    {"op": {"op": "new_registry"}, "saw": OK, "at": AT},
    {"op": {"op": "register_machine", "type": "lamp"}, "saw": OK, "at": AT},
    {
        "op": {"op": "new_root", "type": "lamp", "data": ["Off", "AQ=="], "bind": 0},
        "saw": OK,
        "shown": {"AQ==": '{"level":1}'},
        "at": AT,
    },
]
READ = {"op": {"op": "machine_data", "node": 0}, "saw": {"ok": ["Off", "AQ=="]}, "at": {**AT, "line": 41}}
CHANGED = {**READ, "saw": {"ok": ["On", "Ag=="]}, "shown": {"Ag==": '{"level":2}'}, "at": {**AT, "line": 42}}
OUTSIDE = {"machine": {"rule": "changed-outside", "type": "lamp", "what": "changed"}, "at": {**AT, "line": 42}}
DIRTY = {"op": {"op": "dirty", "node": 0}, "saw": {"ok": True}, "at": {**AT, "line": 43}}


def lines(*steps, trace="t", header=HEADER) -> bytes:
    found = [header] if header else []
    found += [{"trace": trace, **step} for step in steps]
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in found).encode()


def remark(rule, line=1, **more):
    return {"machine": {"rule": rule, "type": "lamp", "what": "it happened"}, "at": {**AT, "line": line}, **more}


def test_a_departure_has_its_place_and_readable_values(judge) -> None:
    judged = judge(lines(*SETUP, READ, CHANGED))
    departure = judged.traces[0].departure
    assert Position("lamp_test.go", 42) == departure.at
    assert {"AQ==": '{"level":1}', "Ag==": '{"level":2}'} == departure.values
    assert ("On", "Ag==") == departure.shown().observed.ok
    assert ("On", '{"level":2}') == departure.readable().observed.ok


def test_values_are_shown_where_the_line_that_shows_them_was_known_already(judge) -> None:
    """Beginnings that an earlier trace had are not decoded again."""
    departing = {**CHANGED, "saw": {"ok": ["On", "AQ=="]}}
    judged = judge(lines(*SETUP, READ) + lines(*SETUP, departing, trace="u", header=None))
    assert '{"level":1}' == judged.traces[1].departure.values["AQ=="]


def test_a_value_that_traces_show_differently_is_shown_as_recorded(judge) -> None:
    other = [*SETUP[:2], {**SETUP[2], "shown": {"AQ==": "other"}}]
    departing = {**CHANGED, "saw": {"ok": ["On", "AQ=="]}}
    first, second, third = (
        lines(*steps, departing, trace=name, header=HEADER if name == "a" else None)
        for name, steps in (("a", SETUP), ("b", other), ("c", SETUP))
    )
    found = [trace.departure.values.get("AQ==") for trace in judge(first + second + third).traces]
    assert ['{"level":1}', "other"] == found[:2]
    assert found[2] in (None, '{"level":1}')


@pytest.mark.parametrize(
    ("inner", "line"), [([{**AT, "line": 50}, None], 50), ([None, None], 44), ([], 44), (None, 44)]
)
def test_the_place_in_a_function_is_that_of_the_call_or_of_the_one_around_it(judge, inner, line) -> None:
    at = {**AT, "line": 44} | ({} if inner is None else {"inner": inner})
    script = {"ops": [{"op": "read_machine", "machine": 0}, {"op": "dirty", "node": 0}]}
    called = {
        "op": {"op": "machine_transition", "node": 0, "machine": 0, "script": script},
        "saw": {"ok": None, "inner": [{"ok": ["On", "Ag=="]}, {"ok": True}]},
        "at": at,
    }
    departure = judge(lines(*SETUP, called)).traces[0].departure
    assert (Position("lamp_test.go", line), (0,)) == (departure.at, departure.inside)


@pytest.mark.parametrize("at", [7, {}, {"file": "a"}, {"file": 1, "line": 2}, None])
def test_a_place_that_is_none_changes_nothing(judge, at) -> None:
    judged = judge(lines(*SETUP, {**CHANGED, "at": at}))
    assert (1, None) == (judged.code, judged.traces[0].departure.at)
    assert 0 == judge(lines(*SETUP, {**READ, "at": at, "shown": at})).code


def test_remarks_are_counted_by_their_rules_and_change_no_verdict(judge) -> None:
    judged = judge(lines(*SETUP, remark("round-trip", 7), READ, remark("round-trip", 8), remark("mine")))
    assert (0, 4) == (judged.code, judged.result.operations)
    assert {"round-trip": 2, "mine": 1} == {rule.rule: rule.remarks for rule in judged.result.machine}
    assert {"machine"} == {rule.classification for rule in judged.result.machine}
    assert STATEMENTS["round-trip"] in {rule.statement for rule in judged.result.machine}
    assert [("a", 5, "t", 7), ("a", 7, "t", 8)] == [
        (found.file, found.line, found.trace, found.at.line) for found in judged.result.remarks[:2]
    ]


def test_a_rule_is_switched_off_by_its_id(judge) -> None:
    content = lines(*SETUP, remark("round-trip"), remark("swallowed-failure"))
    result = judge(content, without_rules=("round-trip",)).result
    assert ["swallowed-failure"] == [rule.rule for rule in result.machine]
    assert ["swallowed-failure"] == [found.rule for found in result.remarks]


def test_remarks_fail_on_demand(judge) -> None:
    content = lines(*SETUP, remark("round-trip"))
    assert 1 == judge(content, fail_on_remarks=True).code
    assert 0 == judge(content, fail_on_remarks=True, without_rules=("round-trip",)).code


def test_data_that_was_changed_outside_is_no_fault_of_the_package(judge) -> None:
    assert 1 == judge(lines(*SETUP, CHANGED)).code
    for without in ((), ("changed-outside",)):
        judged = judge(lines(*SETUP, OUTSIDE, CHANGED, DIRTY), without_rules=without)
        assert (0, None) == (judged.code, judged.traces[0].departure)
        assert "line 5: changed-outside" in judged.traces[0].silence.reason
        assert bool(without) is not bool(judged.result.machine)


def test_everything_else_is_forbidden_after_data_was_changed_outside(judge) -> None:
    assert "DIRTY-TREE-1" == judge(lines(*SETUP, OUTSIDE, {**DIRTY, "saw": {"ok": 7}})).traces[0].departure.requirement


def test_shards_find_the_same_remarks_and_places(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shards, "DIVIDED", 0)
    content = b"".join(
        lines(*SETUP, remark("round-trip", number), CHANGED, trace=f"t{number}", header=None if number else HEADER)
        for number in range(12)
    )
    (tmp_path / "a").write_bytes(content)

    def result(pool=None):
        found = Judging(JudgingOptions(["a"], reproduce=True, without_rules=("mine",))).run(pool)
        return found.machine, found.remarks, msgspec.json.encode(found.reproductions)

    with local(2) as pool:
        by_workers = result(pool)
    assert result() == by_workers
    assert 12 == by_workers[0][0].remarks


# --- time and process ---


def test_time_and_process_of_a_departure_are_shown_with_its_place(cli, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    outer = {**AT, "line": 42, "time": "10:00:00", "process": "history-1"}
    (tmp_path / "t").write_bytes(lines(*SETUP, READ, {**CHANGED, "at": outer}))
    said = cli("judge", "t", "--json", "result.json")
    assert (1, True) == (said.code, "at lamp_test.go:42, history-1, 10:00:00" in said.out)
    departure = json.loads((tmp_path / "result.json").read_text())["traces"][0]["departure"]
    assert {"file": "lamp_test.go", "line": 42, "time": "10:00:00", "process": "history-1"} == departure["at"]


def test_a_place_may_be_a_process_and_a_time_alone(judge) -> None:
    judged = judge(lines(*SETUP, READ, {**CHANGED, "at": {"process": "history-1", "time": "10:00:00"}}))
    assert Position(time="10:00:00", process="history-1") == judged.traces[0].departure.at


def test_a_call_in_a_function_is_in_the_process_of_the_call_around_it() -> None:
    at = {**AT, "process": "history-1", "time": "1", "inner": [{**AT, "line": 41, "time": "2"}]}
    assert Position("lamp_test.go", 41, "2", "history-1") == position(json.dumps(at).encode(), [0])


@pytest.mark.parametrize("at", [{}, {"file": ""}, {"file": 1}, []])
def test_what_has_neither_place_nor_time_is_no_place(at) -> None:
    assert position(json.dumps(at).encode()) is None
