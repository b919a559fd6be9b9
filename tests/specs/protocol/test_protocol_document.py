"""PROTOCOL.md: that it is current, whole, and shows the answers of real implementations."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from hsm_specs.language import operations as ops
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.language.members import members
from hsm_specs.language.messages import Capability
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program
from hsm_specs.oracle.world import predict
from hsm_specs.protocol import document, examples, schema, vocabulary
from hsm_specs.protocol.__main__ import generated
from hsm_specs.protocol.shapes import SHAPES, descriptions, readable
from plain_hsm.adapter import CAPABILITIES as PLAIN
from plain_hsm.adapter import World, answer
from plain_hsm.framework.adapter import FrameworkWorld

OPERATIONS = schema.OPERATIONS
DOCUMENT = document.text()
FILLED: dict[str, Any] = {
    "Handle": 5,
    "TypeID": 1,
    "Small": 1,
    "Key": [1, "a"],
    "Path": [],
    "Data": [0, 0],
    "Kind": 1000,
    "Task": [1, 1, 1000],
    "Script": {},
    "TransitionSpec": {"sources": [], "destination": 1},
    "RefSpec": {"path": []},
    "Access": "read",
    "StoreFailure": "before",
    "StoreError": "condition_failed",
    "Span": 1,
    "Fraction": 1,
    "string": "",
    "Text": "",
}
"""A value of each kind of member."""


def minimal(operation: type[ops.Operation]) -> dict[str, Any]:
    """Return an operation with only the members that it must have."""
    made: dict[str, Any] = {"op": ops.tag(operation)}
    for member in members(operation):
        if member.required:
            made[member.name] = FILLED[readable(member.shape)]
    return made


@pytest.mark.parametrize("path", generated(), ids=lambda path: path.name)
def test_a_generated_file_is_current(path: Path) -> None:
    written = path.read_text(encoding="utf-8") if path.is_file() else ""
    assert generated()[path] == written, f"{path.name} is stale; fix it with: python -m hsm_specs.protocol"


def test_the_document_names_every_operation_shape_and_capability() -> None:
    for operation in OPERATIONS:
        assert f"#### `{ops.tag(operation)}`\n" in DOCUMENT
    for name in (*SHAPES, *get_args(Capability)):
        assert f"| `{name}` |" in DOCUMENT


def test_the_table_of_contents_leads_to_all_chapters() -> None:
    links = re.findall(r"^\d+\. \[(.+)\]\(#(.+)\)$", DOCUMENT, re.MULTILINE)
    headings = re.findall(r"^## \d+\. (.+)$", DOCUMENT, re.MULTILINE)
    anchors = [
        re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-"))
        for heading in re.findall(r"^## (.+)$", DOCUMENT, re.MULTILINE)
    ]
    assert headings == [title for title, _ in links]
    assert anchors == [anchor for _, anchor in links]


def test_the_document_refers_to_sections_that_exist() -> None:
    count = len(re.findall(r"^## ", DOCUMENT, re.MULTILINE))
    assert {int(number) for number in re.findall(r"section (\d+)", DOCUMENT)} <= set(range(1, count + 1))


def test_everything_has_a_description() -> None:
    assert set(SHAPES) == descriptions().keys()
    assert set(get_args(Capability)) == vocabulary.OFFERS.keys()


def test_an_example_shows_its_operation_and_together_they_show_every_error() -> None:
    errors: set[str] = set()
    for operation in OPERATIONS:
        shown = examples.example(operation)
        assert operation in map(type, shown.operations)
        errors |= {observation.error for observation in shown.observations if isinstance(observation.error, str)}
    assert errors >= {
        "duplicate_registration",
        "incompatible_type",
        "invalid_task_kind",
        "invalid_transition",
        "not_registered",
        "state_machine_already_exists",
        "state_machine_not_found",
        "user_1",
        "serialize_error",
        "deserialize_error",
    }


PROGRAMS: dict[str, Program] = {
    "FIRST": examples.FIRST,
    "SECOND": examples.SECOND,
    **{ops.tag(operation): examples.program(operation) for operation in OPERATIONS},
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_examples_are_specified_to_their_end(name: str) -> None:
    assert len(PROGRAMS[name]) == len(predict(PROGRAMS[name]))


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_bundled_implementation_answers_the_examples_as_shown(name: str) -> None:
    """Byte for byte: it keeps to the canonical form. It lacks the wire form, whose examples are left out."""
    program, world = PROGRAMS[name], World
    beyond = capabilities_of(program) - set(PLAIN)
    if "transactions" in beyond:
        world = FrameworkWorld
    elif beyond:
        assert {"wire"} == beyond
        return
    line = msgspec.json.encode({"seq": 1, "programs": [program]})
    assert msgspec.json.encode({"seq": 1, "observations": [predict(program)]}) == answer(line, world)


def test_the_sample_session_is_one_that_the_bundled_implementation_holds() -> None:
    read = [line for who, line in document.session() if who == ">"]
    written = [line for who, line in document.session() if who == "<"]
    answers = [answer(line.encode()).decode() for line in read]
    assert len(written) == len(answers)
    for shown, answered in zip(written, answers, strict=True):
        if "hello" in shown or "protocol_error" in shown:
            assert json.loads(shown).keys() == json.loads(answered).keys()
        else:
            assert shown == answered


@pytest.mark.parametrize("operation", OPERATIONS, ids=ops.tag)
def test_an_operation_needs_exactly_the_handles_that_the_document_says(operation: type[ops.Operation]) -> None:
    needs, may_need, binds = vocabulary.handles(operation)
    handle_members = {member.name for member in members(operation) if readable(member.shape) == "Handle"}
    assert handle_members == {*needs, *may_need, *binds}
    made = msgspec.convert(minimal(operation), operation)
    alone = predict((made,))
    assert (Observation(unbound=True) == alone[0]) is bool(needs)
    for missing in needs:
        assert alone == predict((*bound_but(missing), made))[-1:]


def bound_but(missing: str) -> list[ops.AnyOperation]:
    """Return operations that bind every handle of `minimal` operations but those of one member."""
    makers: dict[str, list[ops.AnyOperation]] = {
        "machine": [ops.StateMachine(5, (0, 0))],
        "registry": [ops.NewRegistry()],
        "node": [ops.NewRegistry(7), ops.RegisterMachine(1, 0, 7), ops.NewRoot(1, (0, 0), 5, 7)],
    }
    makers["cell"] = [ops.NewRegistry(8), ops.NewCell(5, 8)]
    makers["workflow"] = [ops.NewRegistry(9), ops.NewCell(8, 9), ops.StartWorkflow(8, 5)]
    table = {"other": "node", "source": "cell"}.get(missing, missing)
    return [maker for kind, group in makers.items() if kind != table for maker in group]


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (ops.Handle | None, "Handle or null"),
        (tuple[ops.Task, ...], "list of Task"),
        (tuple[str, str, str], "[string, string, string]"),
        (tuple[ops.AnyOperation, ...], "list of Operation"),
        (bool, "boolean"),
    ],
)
def test_shapes_are_put_into_words(shape: Any, words: str) -> None:
    assert words == readable(shape)


def test_a_shape_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="no words"):
        readable(dict[str, int])
