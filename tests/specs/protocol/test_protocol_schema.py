"""The JSON Schema: that it takes what is said on the wire, and nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from hsm_specs.adapter import answers
from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import BatchRequest
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.protocol import document, examples, load_schema

SCHEMA = load_schema()
BY_NAME: dict[str, dict[str, Any]] = {
    ops.tag(type(operation)): json.loads(msgspec.json.encode(operation))
    for kind in ops.OPERATIONS
    for operation in examples.example(kind).operations
}
WRONG_VALUES: tuple[Any, ...] = (None, True, 0.5, 2**80, "x", [], {})


def validator(definition: str) -> Validator:
    """Return a validator of one definition of the schema."""
    return Draft202012Validator({**SCHEMA, "anyOf": [{"$ref": f"#/$defs/{definition}"}]})


REQUEST, ANSWER, VALUES = validator("Request"), validator("Answer"), validator("Values")


def request(*programs: Any) -> Any:
    """Return a batch as it is after decoding."""
    return json.loads(msgspec.json.encode({"seq": 1, "programs": programs}))


def answer_of(*observations: Any) -> Any:
    """Return an answer of one program as it is after decoding."""
    return json.loads(msgspec.json.encode({"seq": 1, "observations": [observations]}))


def programs() -> Iterator[Program]:
    """Yield the examples, a case of each property, and some of the soak."""
    yield from (examples.FIRST, examples.SECOND, *map(examples.program, ops.OPERATIONS))
    for shown in PROPERTIES.values():
        for case in shown.cases(1, 1):
            yield case.program
    yield from ProgramGenerator("schema").batch(8, 15)[0]


def test_the_schema_is_one_and_has_no_host_in_its_name() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert "https://json-schema.org/draft/2020-12/schema" == SCHEMA["$schema"]
    assert SCHEMA["$id"].startswith("urn:")


def test_every_definition_is_used() -> None:
    text = json.dumps(SCHEMA)
    unused = {name for name in SCHEMA["$defs"] if f'"#/$defs/{name}"' not in text}
    assert {"Values"} == unused


def test_what_is_generated_and_what_the_model_answers_is_valid() -> None:
    for program in programs():
        observed = predict(program)
        REQUEST.validate(request(program))
        ANSWER.validate(answer_of(*observed))
        for operation, observation in zip(program, observed, strict=False):
            if observation.ok is not msgspec.UNSET:
                VALUES.validate({ops.tag(type(operation)): json.loads(msgspec.json.encode(observation.ok))})


def test_the_sample_session_is_valid_but_for_the_line_that_is_refused() -> None:
    for who, line in document.session():
        decoded = json.loads(line)
        assert (REQUEST if who == ">" else ANSWER).is_valid(decoded) is ("frobnicate" not in line or who == "<")


@pytest.mark.parametrize("name", BY_NAME)
def test_the_schema_refuses_a_wrong_operation_exactly_where_the_types_do(name: str) -> None:
    decoder = msgspec.json.Decoder(BatchRequest)
    for wrong in variations(BY_NAME[name]):
        line = {"seq": 1, "programs": [[wrong]]}
        try:
            decoder.decode(json.dumps(line))
        except msgspec.ValidationError:
            accepted = False
        else:
            accepted = True
        assert accepted is REQUEST.is_valid(line), wrong


def variations(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the operation with each member left out, each member made something else, and one member too many."""
    yield operation
    yield {**operation, "colour": "red"}
    yield {**operation, "op": "frobnicate"}
    for name in operation:
        yield {member: value for member, value in operation.items() if member != name}
        if name != "op":
            yield from ({**operation, name: wrong} for wrong in WRONG_VALUES)


@pytest.mark.parametrize(
    "wrong",
    [
        {"op": "dirty", "node": -1},
        {"op": "dirty", "node": 2**31},
        {"op": "machine", "type": 2**31},
        {"op": "machine_data", "node": 0, "cast": "third"},
        {"op": "add_child", "node": 0, "key": [1], "data": [0, 0]},
        {"op": "add_child", "node": 0, "key": [1, "a", "b"], "data": [0, 0]},
        {"op": "set_value", "machine": 0, "value": 2**53 + 1},
        {"op": "machine_transition", "node": 0, "script": {"fail": "user_3"}},
        {"op": "machine_transition", "node": 0, "script": {"ops": [{"op": "frobnicate"}]}},
        {"op": "register_executor", "type": 1, "access": "delete"},
        {"op": "state_machine_path", "ref": {"path": [], "workflow": ["n", "w"]}},
        {"op": "possible", "machine": 0, "transition": {"sources": [0]}},
    ],
)
def test_a_wrong_operation_is_refused_also_inside_of_scripts(wrong: dict[str, Any]) -> None:
    inside = {"op": "machine_transition", "node": 0, "script": {"ops": [wrong]}}
    assert not REQUEST.is_valid(request([wrong]))
    assert not REQUEST.is_valid(request([inside]))


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"seq": 0},
        {"seq": 1, "hello": {"protocol": 1}},
        {"seq": 0, "hello": {"protocol": 2}},
        {"seq": 0, "hello": {}},
        {"seq": 0, "programs": []},
        {"seq": "1", "programs": []},
        {"seq": 1, "programs": [], "observations": []},
        {"programs": []},
        {"seq": 1, "programs": [{}]},
        [],
    ],
)
def test_a_line_that_is_no_request_is_refused(line: Any) -> None:
    assert not REQUEST.is_valid(line)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"ok": None, "error": "user_1"},
        {"ok": 1, "panic": "x"},
        {"unbound": False},
        {"error": "no_such_code"},
        {"error": 3},
        {"panic": None},
        {"ok": None, "inner": []},
        {"ok": None, "inner": [{}]},
        {"ok": None, "extra": 1},
        {"inner": [{"ok": None}]},
        {"message": "lost"},
        None,
    ],
)
def test_what_is_no_observation_is_refused_at_any_depth(wrong: Any) -> None:
    assert not ANSWER.is_valid(answer_of(wrong))
    assert not ANSWER.is_valid(answer_of({"ok": None, "inner": [{"error": "user_1", "inner": [wrong]}]}))


@pytest.mark.parametrize(
    ("change", "valid"),
    [
        ({}, True),
        ({"capabilities": ["wire"], "dialect": "v1.24"}, True),
        ({"capabilities": ["wire"]}, False),
        ({"capabilities": ["wire"], "dialect": None}, False),
        ({"capabilities": ["teleport"]}, False),
        ({"dialect": "v1.26"}, False),
        ({"protocol": "1"}, False),
        ({"name": None}, False),
    ],
)
def test_schema_and_client_agree_on_greetings(change: dict[str, Any], valid: bool) -> None:
    greeting = {"protocol": 1, "name": "n", "version": "v", "language": "l", **change}
    line = {"seq": 0, "hello": greeting}
    assert valid is ANSWER.is_valid(line)
    if change == {"capabilities": ["wire"]} or change.get("dialect", "") is None:
        return  # The client refuses these once it has understood them.
    if valid:
        answers.greeting(json.dumps(line).encode())
    else:
        with pytest.raises(answers.Malformed):
            answers.greeting(json.dumps(line).encode())


@pytest.mark.parametrize(
    ("line", "valid"),
    [
        ({"protocol_error": "what?"}, True),
        ({"seq": 7, "protocol_error": "what?"}, True),
        ({"seq": 7}, False),
        ({"seq": 7, "protocol_error": "what?", "observations": []}, False),
        ({"seq": 1, "observations": []}, True),
        ({"seq": 1, "observations": [[]]}, True),
        ({"seq": 1, "observations": [{"ok": None}]}, False),
        ({"observations": []}, False),
    ],
)
def test_lines_that_are_answers_and_lines_that_are_none(line: dict[str, Any], valid: bool) -> None:
    assert valid is ANSWER.is_valid(line)


@pytest.mark.parametrize("operation", ops.OPERATIONS, ids=ops.tag)
def test_a_value_of_another_form_is_refused(operation: Any) -> None:
    name = ops.tag(operation)
    shown = zip(*examples.example(operation), strict=True)
    assert any(isinstance(done, operation) and seen.ok is not msgspec.UNSET for done, seen in shown)
    for value in (0.5, {}, {"ok": None}, [[[]]], [None]):
        assert not VALUES.is_valid({name: copy.deepcopy(value)})


def test_an_observation_of_the_types_is_one_of_the_schema() -> None:
    one = Observation(error="other", inner=(Observation(panic="panic"), Observation(unbound=True)), message="why")
    ANSWER.validate(answer_of(one))
