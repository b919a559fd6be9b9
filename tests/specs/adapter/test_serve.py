"""The model as an adapter."""

from __future__ import annotations

import io
import json

import pytest

from hsm_specs.adapter.serve import serve


def conversation(*lines):
    answers = io.BytesIO()
    serve(io.BytesIO(b"".join(line.encode() + b"\n" for line in lines)), answers)
    return [json.loads(line) for line in answers.getvalue().splitlines()]


def test_it_introduces_itself():
    (answer,) = conversation('{"seq":0,"hello":{"protocol":1}}')
    assert answer["seq"] == 0
    assert answer["hello"]["name"] == "hsm-model"
    assert "wire" in answer["hello"]["capabilities"]


def test_it_speaks_no_other_version():
    (answer,) = conversation('{"seq":0,"hello":{"protocol":2}}')
    assert answer["seq"] == 0
    assert "version 2" in answer["protocol_error"]


def test_it_answers_programs_in_fresh_worlds():
    (answer,) = conversation('{"seq":4,"programs":[[{"op":"new_registry"}],[{"op":"machine","type":1}],[]]}')
    assert answer == {"seq": 4, "observations": [[{"ok": None}], [{"unbound": True}], []]}


def test_it_says_where_the_specification_ends():
    program = [
        {"op": "state_machine", "machine": 1, "data": [0, 0]},
        {"op": "new_registry"},
        {"op": "register_machine", "type": 1},
        {"op": "new_root", "type": 1, "data": [0, 0], "bind": 1},
        {"op": "machine_transition", "node": 1, "machine": 2, "script": {}},
        {"op": "set_value", "machine": 2, "value": 5},
    ]
    (answer,) = conversation(json.dumps({"seq": 1, "programs": [program]}))
    assert "the specification does not say" in answer["observations"][0][-1]["panic"]


@pytest.mark.parametrize(
    "line", ["", "nonsense", "[]", '{"seq":1}', '{"seq":1,"programs":[[{"op":"fly"}]]}', "[" * 5000]
)
def test_it_goes_on_after_a_line_that_it_does_not_understand(line):
    first, second = conversation(line, '{"seq":2,"programs":[]}')
    assert "protocol_error" in first
    assert second == {"seq": 2, "observations": []}
