"""The words of an open world: what is opaque, what is refused, and that what is shown is in the recorder's words."""

from __future__ import annotations

import json

import pytest

from hsm_specs.report.traces import trace_lines
from hsm_specs.traces.judging import departure as departures

HEADER = {"hsmspec": 1, "world": "open"}
OK = {"ok": None}
CALLBACK = "callbacks.Callback"
SETUP = [
    ({"op": "new_registry"}, OK),
    ({"op": "register_machine", "type": CALLBACK}, OK),
    ({"op": "new_root", "type": CALLBACK, "data": ["Standby", "AA=="], "bind": 0}, OK),
]
TREE = [0, [None, "AA=="], [[CALLBACK, "a", [3, ["Scheduled", "Ag=="], []]]]]
LOAD = {"op": "load", "type": CALLBACK, "data": ["Standby", "AA=="], "bind": 1, "children": TREE[2]}


def lines(*steps, header=HEADER):
    found = [] if header is None else [header]
    found += [step if isinstance(step, dict) else {"op": step[0], "saw": step[1]} for step in steps]
    return "".join(json.dumps(one) + "\n" for one in found).encode()


def text(trace) -> str:
    return " ".join(" ".join(line.text for line in trace_lines(trace)).split())


def test_a_transition_is_held_to_what_it_left_in_the_data(judge) -> None:
    script = {
        "ops": [
            {"op": "set_state", "machine": 0, "state": "Scheduled"},
            {"op": "set_value", "machine": 0, "value": "AQ=="},
        ],
        "tasks": [["callbacks.Invocation", "", "https://caller.example"]],
    }
    transition = ({"op": "machine_transition", "node": 0, "machine": 0, "script": script}, {**OK, "inner": [OK, OK]})
    reading = {"op": "machine_data", "node": 0}
    outputs = [[[], [[["callbacks.Invocation", "", "https://caller.example"]]]]]
    good = [*SETUP, transition, ({"op": "outputs", "node": 0}, {"ok": outputs})]
    assert 0 == judge(lines(*good, (reading, {"ok": ["Scheduled", "AQ=="]}))).code
    [trace] = judge(lines(*good, (reading, {"ok": ["Standby", "AA=="]}))).traces
    assert ("deviates", "MT-COMMIT-1") == (trace.verdict, trace.departure.requirement)
    assert "expected: state Scheduled value AQ== observed: state Standby value AA==" in text(trace)


def test_what_is_shown_is_in_the_words_of_the_recorder(judge, tmp_path) -> None:
    key = [CALLBACK, "a"]
    adding = {"op": "add_child", "node": 0, "key": key, "data": ["Standby", None], "bind": 1}
    judged = judge(lines(*SETUP, (adding, OK)), json_file=tmp_path / "result.json")
    assert 'n1 = n0.AddChild(callbacks.Callback/"a", state Standby)' in text(judged.traces[0])
    [trace] = json.loads((tmp_path / "result.json").read_bytes())["traces"]
    assert adding == trace["departure"]["operation"]
    assert "serialize_error" == trace["departure"]["expected"]["error"]
    assert "names" not in trace["departure"]


def test_what_is_shown_of_a_trace_that_is_too_long_has_numbers(judge, monkeypatch) -> None:
    monkeypatch.setattr(departures, "REMEMBERED", 2)
    [trace] = judge(lines(*SETUP, ({"op": "machine_data", "node": 0}, {"ok": ["Odd", "AA=="]}))).traces
    assert "expected: state #" in text(trace)
    assert "observed: state Odd value AA==" in text(trace)


def test_equal_names_of_another_sort_are_not_equal(judge) -> None:
    for name, other in ((1, "1"), ("1", 1)):
        tried = [({"op": "register_machine", "type": name}, OK), ({"op": "register_machine", "type": other}, OK)]
        assert 0 == judge(lines(SETUP[0], *tried)).code
        assert 1 == judge(lines(SETUP[0], *tried, tried[0])).code


@pytest.mark.parametrize("empty", ["", 0])
def test_the_empty_type_is_that_of_a_root(judge, empty) -> None:
    assert 0 == judge(lines(*SETUP, ({"op": "key", "node": 0}, {"ok": [empty, ""]}))).code


def test_states_in_an_exported_tree_may_be_left_out(judge) -> None:
    loaded = [*SETUP, (LOAD, OK)]

    def exported(root, child):
        return judge(
            lines(*loaded, ({"op": "export", "node": 1}, {"ok": [0, root, [[CALLBACK, "a", [3, child, []]]]]}))
        )

    for state in (None, "Scheduled"):
        assert 0 == exported([None, "AA=="], [state, "Ag=="]).code
        assert 0 == exported(["Standby", "AA=="], [state, "Ag=="]).code
    for child in ([None, "AA=="], ["Standby", "Ag=="]):
        judged = exported([None, "AA=="], child)
        assert 1 == judged.code
        assert json.dumps(child) in text(judged.traces[0])
        assert '["Scheduled", "Ag=="]' in text(judged.traces[0])


def test_data_without_a_state_does_not_deserialize(judge) -> None:
    load = {**LOAD, "children": [[CALLBACK, "a", [3, [None, "Ag=="], []]]]}
    child = ({"op": "child", "node": 1, "path": [[CALLBACK, "a"]], "bind": 2}, OK)
    reading = {"op": "machine_data", "node": 2}
    exported = ({"op": "export", "node": 2}, {"ok": [3, [None, "Ag=="], []]})
    assert 0 == judge(lines(*SETUP, (load, OK), child, (reading, {"error": "deserialize_error"}), exported)).code
    [trace] = judge(lines(*SETUP, (load, OK), child, (reading, {"ok": ["Standby", "Ag=="]}))).traces
    assert "deviates" == trace.verdict


@pytest.mark.parametrize("dialect", ["v1.24", "v1.25"])
def test_children_are_loaded_in_both_dialects(judge, dialect) -> None:
    counted = [
        ({"op": "child", "node": 1, "path": [[CALLBACK, "a"]], "bind": 2}, OK),
        ({"op": "transition_count", "node": 2}, {"ok": 3}),
    ]
    assert 0 == judge(lines(*SETUP, (LOAD, OK), *counted, header={**HEADER, "dialect": dialect})).code


def test_a_wrong_load_is_shown_with_its_children(judge, tmp_path) -> None:
    judged = judge(lines(*SETUP, (LOAD, {"error": "not_registered"})), json_file=tmp_path / "result.json")
    assert "children in " + json.dumps(LOAD["children"]) in text(judged.traces[0])
    [trace] = json.loads((tmp_path / "result.json").read_bytes())["traces"]
    assert LOAD == trace["departure"]["operation"]


def test_what_an_apply_function_saw_is_left_out(judge) -> None:
    machine = ({"op": "state_machine", "machine": 0, "data": ["Standby", "AA=="]}, OK)
    spec = {"sources": ["Standby"], "destination": "Scheduled"}
    inside = {"ops": [{"op": "set_value", "machine": 0, "value": "AQ=="}], "tasks": [["t", 1, 5]]}
    apply = {"op": "apply", "machine": 0, "transition": spec, "event": "Go", "script": inside}
    read = {"op": "read_machine", "machine": 0}
    good = [machine, (apply, {"ok": [["t", 1, 5]], "inner": [OK]}), (read, {"ok": ["Scheduled", "AQ=="]})]
    assert 0 == judge(lines(*good)).code
    assert 0 == judge(lines(*good, ({**apply, "script": {}}, {"error": "invalid_transition"}))).code
    assert 1 == judge(lines(*good, (apply, {"error": "invalid_transition", "inner": [OK]}))).code
    assert 1 == judge(lines(*good[:1], (apply, {"ok": [["t", 2, 5]], "inner": [OK]}))).code


READ = {"op": "transition_count", "node": 1}
PATH = [[CALLBACK, "a"]]
EXECUTE = {
    "op": "execute",
    "task": ["t", "cGF5", "https://caller.example"],
    "ref": {"path": PATH, "workflow": ["n", "w", "r"], "version": 2, "count": 3},
    "node": 0,
    "registry": 1,
}
CALLED = [7, 0, EXECUTE["task"], [["n", "w", "r"], PATH, 2, 3]]


def executed(called, answer=OK, **executor) -> list[bytes]:
    """Return an execution of a task by an executor that was seen to be called like this."""
    registered = {"op": "register_executor", "type": "t", "tag": 7, "registry": 1, **executor}
    seen = answer if called is None else {**answer, "inner": [{"ok": called}]}
    return lines(*SETUP, ({"op": "new_registry", "registry": 1}, OK), (registered, OK), (EXECUTE, seen))


def test_an_execution_is_judged_by_what_the_executor_saw(judge) -> None:
    assert 0 == judge(executed(CALLED)).code
    assert 0 == judge(executed(CALLED, {"error": "user_1"}, script={"fail": "user_1"})).code
    assert 0 == judge(executed(CALLED, {"panic": "panic"}, script={"fail": "panic"})).code


@pytest.mark.parametrize(
    ("called", "answer", "requirement"),
    [
        ([8, *CALLED[1:]], OK, "REG-EXEC-1"),
        ([*CALLED[:2], ["t", "b3Ro", "https://caller.example"], CALLED[3]], OK, "EXEC-ARGS-1"),
        ([*CALLED[:3], [["n", "w", "r"], [[CALLBACK, "b"]], 2, 3]], OK, "EXEC-ARGS-1"),
        ([*CALLED[:3], [["n", "w", "r"], PATH, 2, 4]], OK, "EXEC-ARGS-1"),
        ([7, 5, *CALLED[2:]], OK, "EXEC-ARGS-1"),
        (None, OK, "EXEC-RUN-1"),
        (None, {"error": "not_registered"}, "REG-EXEC-1"),
    ],
)
def test_a_wrong_execution_is_named_by_the_requirement_that_it_breaks(judge, called, answer, requirement) -> None:
    [trace] = judge(executed(called, answer)).traces
    assert requirement == trace.departure.requirement


def test_what_an_executor_was_not_seen_to_be_called_with_is_left_out(judge) -> None:
    for index in range(len(CALLED)):
        assert 0 == judge(executed([*CALLED[:index], None, *CALLED[index + 1 :]])).code
    assert 1 == judge(executed([*CALLED, None])).code
    assert 1 == judge(executed(CALLED[:3])).code


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        ({"op": "register_executor", "type": "t", "access": "read"}, "an executor asks for no access in an open world"),
        ({"op": "register_executor", "type": "t", "script": {"ops": [READ]}}, "an executor asks for no access"),
        ({"op": "execute", "task": [None, 1, 1], "ref": {"path": []}, "node": 0}, "a type is a text or an integer"),
        ({"op": "execute", "task": ["t", 1, 1], "ref": {"path": 1}, "node": 0}, "Expected `array`, got `int`"),
        ({"op": "execute", "task": ["t", 1, 1], "ref": {}, "node": 0}, "missing required field `path`"),
        ({"op": "marshal", "node": 0}, "there is no operation `marshal` in an open world"),
        ({"op": "register_machine", "type": None}, "a type is a text or an integer, and this one is neither (null)"),
        ({"op": "register_machine", "type": 1.0}, "a type is a text or an integer"),
        ({"op": "register_machine", "type": True}, "a type is a text or an integer"),
        ({"op": "set_state", "machine": 0, "state": ["a"]}, 'a state is a text or an integer, and this one is neither'),
        ({"op": "set_value", "machine": 0, "value": []}, "a value is a text or an integer"),
        ({"op": "new_root", "type": "a", "data": [None, "b"], "bind": 0}, "a state is a text or an integer"),
        ({"op": "new_root", "type": "a", "data": ["b"], "bind": 0}, "Expected `array` of length 2"),
        ({"op": "new_root", "type": "a", "bind": 0}, "missing required field `data`"),
        ({"op": "load", "type": "a", "data": ["s", "v"], "bind": 0}, "`load` takes `children`"),
        ({**LOAD, "bytes": ""}, "in place of `bytes`"),
        ({**LOAD, "children": [["a", "b", [0, ["s", None], []]]]}, "the data of a child is a state and a value"),
        ({**LOAD, "children": [["a", "b", [0, ["s", "v"], []]]] * 2}, "there are two children with the ID 'b'"),
        ({**LOAD, "children": [["a", "b", [-1.5, ["s", "v"], []]]]}, "Expected `int`, got `float`"),
        ({**LOAD, "children": [["a", "b", [2**64, ["s", "v"], []]]]}, "line 2"),
        ({**LOAD, "children": 7}, "Expected `array`, got `int`"),
        (7, "Expected `object`, got `int`"),
        ({"op": "machine_transition", "node": 0, "script": {"ops": [{"op": "marshal", "node": 0}]}}, "`marshal`"),
        ({"op": "machine_transition", "node": 0, "script": {"tasks": [[{}, "", 1]]}}, "a type is a text or an integer"),
        ({"op": "machine_transition", "node": 0, "script": {"fail": "user_3"}}, "Invalid enum value 'user_3'"),
    ],
)  # fmt: skip
def test_what_has_no_place_in_an_open_world_is_told(judge, operation, sentence) -> None:
    judged = judge(lines({"op": operation, "saw": OK}, *SETUP))
    [said] = judged.said
    assert said.startswith("a, line 2: ")
    assert sentence in said
    assert (2, 3) == (judged.code, judged.result.operations)


def test_a_tree_that_is_too_deep_is_told(judge) -> None:
    content = lines(*SETUP).splitlines(keepends=True)
    load = b'{"op":{"op":"load","type":"a","data":["s","v"],"bind":1,"children":' + b"[" * 9999 + b"]" * 9999
    judged = judge(b"".join([*content[:2], load + b'},"saw":{"ok":null}}\n', *content[2:]]))
    assert 2 == judged.code
    assert "a, line 3: it is nested too deeply." in judged.said
    for levels in (150, 400):
        nested = b"[" + b'["a","b",[0,["s","v"],[' * levels + b"]]]" * levels + b"]"
        load = b'{"op":{"op":"load","type":"a","data":["s","v"],"bind":1,"children":%s},"saw":{"ok":null}}\n' % nested
        judged = judge(b"".join([*content[:2], load, *content[2:]]))
        assert 2 == judged.code
        assert "a, line 3: " in judged.said[0]


def test_names_of_a_recording_mean_nothing_in_the_next(judge) -> None:
    assert 0 == judge(lines(*SETUP) + lines(*SETUP)).code
    palette = b'{"hsmspec":1}\n{"op":{"op":"new_registry"},"saw":{"ok":null}}\n'
    again = b'{"op":{"op":"register_machine","type":"a"},"saw":{"ok":null}}\n'
    judged = judge(lines(*SETUP) + palette + again)
    assert ["a, line 7: Expected `int`, got `str`, at `op.type`."] == judged.said


def test_types_that_cannot_be_told_apart_are_told(judge, monkeypatch) -> None:
    monkeypatch.setattr("hsm_specs.traces.format.names._TYPES", range(10**9, 10**9 + 1))
    judged = judge(lines(*SETUP, ({"op": "register_machine", "type": "b"}, OK)))
    assert ["a, line 5: the types 'callbacks.Callback' and 'b' cannot be distinguished; rename one of them."] == (
        judged.said
    )


def test_another_world_is_no_world(judge) -> None:
    judged = judge(lines(*SETUP, header={"hsmspec": 1, "world": "closed"}))
    assert "a, line 1: it is a header that is not understood: Invalid enum value 'closed'" in judged.said[0]


def test_types_of_one_recording_are_not_mistaken_for_those_of_another(judge, monkeypatch) -> None:
    monkeypatch.setattr("hsm_specs.traces.format.names._TYPES", range(10**9, 10**9 + 1))
    first = lines(({"op": "new_registry"}, OK), ({"op": "register_machine", "type": "a"}, OK))
    second = first.replace(b'"a"', b'"b"')
    for contents in ([first, second], [first + second], [first, b'{"hsmspec":1}\n' + lines(SETUP[0]), second]):
        judged = judge(*contents)
        assert (0, []) == (judged.code, judged.said)
    again = lines(({"op": "new_registry"}, OK), ({"op": "register_machine", "type": "a"}, OK)) * 3
    judged = judge(again)
    counts = {entry.requirement: entry.operations for entry in judged.result.requirements}
    assert (6, 3) == (judged.result.operations, counts["REG-NEW-1"])
