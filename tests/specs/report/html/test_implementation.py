"""The tree of the implementation in a film, and bytes of trees as structure."""

from __future__ import annotations

from base64 import b64encode

import pytest

from hsm_model.persistence import Dialect, marshal
from hsm_model.state import Children, Key, NodeState
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Script
from hsm_specs.oracle.world import predict
from hsm_specs.report.html.film import film
from hsm_specs.report.html.implementation import UNKNOWN, implementation
from hsm_specs.report.html.messages import decoded
from hsm_specs.report.html.snapshots import Snapshot
from hsm_specs.report.html.views import Pool, finding_view

from ....findings import made

TREE = (
    ops.NewRegistry(),
    ops.RegisterMachine(1),
    ops.NewRoot(1, (0, 0), 0),
    ops.AddChild(0, (1, "a"), (2, 5), 1),
)


def message(data: bytes = b"1:6", dialect: Dialect = Dialect.V1_25) -> str:
    """Return the bytes of a node with one child, in base64."""
    child = NodeState(3, data, Children.of({}), b"")
    return b64encode(marshal(NodeState(0, b"0:0", Children.of({Key(2, "b"): child}), b""), dialect)).decode()


def theirs(operation, got, *before) -> Snapshot | None:
    step = film((*TREE, *before, operation))[-1]
    return implementation(step.after, operation, predict((*TREE, *before, operation))[-1], got)


CHILD = (Key(1, "a"),)


@pytest.mark.parametrize(
    ("fact", "expected", "operation", "answer"),
    [
        ("data", "state 0 value 0", ops.MachineData(1), [0, 0]),
        ("transitions", 4, ops.TransitionCount(1), 4),
        ("dirty", True, ops.Dirty(1), True),
        ("place", '1/"b"', ops.KeyOf(1), [1, "b"]),
        ("outputs", ("output: 1(0, at 1000 ms)",), ops.Outputs(1), [[[[1, "a"]], [[[1, 0, 1000]]]]]),
        ("data", "state 7 value 1", ops.CollectionData(0, 1, "a"), [7, 1]),
    ],
)
def test_what_an_answer_says_of_a_node_is_what_the_implementation_has(fact, expected, operation, answer):
    assert expected == getattr(theirs(operation, Observation(ok=answer)).trees[0][CHILD], fact)


@pytest.mark.parametrize(
    "operation", [ops.Child(0, ((1, "a"),), 2), ops.CollectionNode(0, 1, "a"), ops.CollectionData(0, 1, "a")]
)
def test_a_node_that_the_implementation_does_not_find_is_not_in_its_tree(operation):
    assert [()] == list(theirs(operation, Observation(error="state_machine_not_found")).trees[0])


@pytest.mark.parametrize("operation", [ops.Child(0, ((1, "z"),), 2), ops.CollectionNode(0, 1, "z")])
def test_a_node_that_the_implementation_alone_finds_is_in_its_tree(operation):
    assert UNKNOWN == theirs(operation, Observation(ok=None)).trees[0][Key(1, "z"),].data


def test_a_list_says_which_children_of_its_type_there_are():
    shown = theirs(ops.CollectionList(0, 1), Observation(ok=[[[1, "b"]]])).trees[0]
    assert {(), (Key(1, "b"),)} == set(shown)


def test_a_node_that_the_implementation_refuses_is_not_in_its_tree():
    refused = Observation(error="not_registered")
    assert [(), CHILD] == list(theirs(ops.AddChild(0, (1, "b"), (0, 0), 2), refused).trees[0])
    assert {} == theirs(ops.NewRoot(1, (0, 0), 5), refused).trees[1]


def test_the_data_of_a_machine_in_a_function_is_shown():
    program = (*TREE, ops.StateMachine(7, (1, 0)), ops.ReadMachine(7))
    shown = implementation(film(program)[-1].after, program[-1], Observation(ok=[1, 0]), Observation(ok=[2, 0]))
    assert {"m7": "state 2"} == shown.machines


@pytest.mark.parametrize(
    ("operation", "got"),
    [
        (ops.MachineData(1), Observation(ok=[2, 5])),
        (ops.MachineData(1), Observation(error="other")),
        (ops.MachineData(1), Observation(ok="no data")),
        (ops.Outputs(1), Observation(ok=[5])),
        (ops.Clear(1), Observation(panic="panic")),
        (ops.Child(0, ((1, "a"),), 2), Observation(error="incompatible_type")),
    ],
)
def test_answers_that_show_no_other_tree_have_no_picture(operation, got):
    assert theirs(operation, got) is None


def test_a_film_shows_the_tree_of_the_implementation_at_the_difference():
    pool = Pool()
    view = finding_view(made("DATA-READ-1", (*TREE, ops.MachineData(1)), Observation(ok=[0, 0])), pool)
    step = view.steps[view.start]
    assert not step.whole
    assert "\N{GREEK CAPITAL LETTER DELTA} changed" in pool.pictures[step.got.id]
    assert "state 0 value 0" in pool.pictures[step.got.id]
    assert "\N{GREEK CAPITAL LETTER DELTA} changed" not in pool.pictures[step.wanted.id]


def test_a_difference_inside_a_function_shows_the_tree_of_the_implementation_there():
    program = (*TREE, ops.MachineTransition(1, Script((ops.TransitionCount(1),))))
    got = Observation(ok=None, inner=(Observation(ok=7),))
    pool = Pool()
    view = finding_view(made("NODE-COUNT-1", program, got, (4, 0)), pool)
    assert "count 7" in pool.pictures[view.steps[view.start].got.id]


@pytest.mark.parametrize("dialect", Dialect)
def test_bytes_of_a_persisted_tree_are_structure(dialect):
    assert [0, "0:0", [[2, "b", [3, "1:6", []]]]] == decoded(message(dialect=dialect), dialect)


@pytest.mark.parametrize("bytes_", ["", "!", "AAAA", None, 5, "\N{SNOWMAN}", message(b"\xff")])
def test_bytes_that_are_no_tree_stay_bytes(bytes_):
    assert decoded(bytes_, "v1.25") in (None, [0, "", []])


def test_the_setup_of_a_film_shows_persisted_bytes_as_a_tree():
    program = (*TREE[:2], ops.RegisterMachine(2), ops.Load(message(), 1, (0, 0), 0), ops.Export(0))
    pool = Pool()
    view = finding_view(made("WIRE-READ-1", program, Observation(ok=[0, "0:0", []])), pool)
    assert 'n0 = NewRoot(r0, type 1, state 0, children {2/"b": count 3, state 1 value 6})' == view.steps[3].text
    assert "state 1 value 6" in pool.pictures[view.steps[3].loaded.id]
    assert view.steps[2].loaded is None


def test_trees_that_are_returned_as_bytes_are_shown_as_trees():
    program = (*TREE, ops.Marshal(0))
    pool = Pool()
    view = finding_view(made("WIRE-WRITE-1", program, Observation(ok=message())), pool)
    step = view.steps[view.start]
    assert (
        'count 0, state 0 {1/"a": count 0, state 2 value 5}',
        'count 0, state 0 {2/"b": count 3, state 1 value 6}',
    ) == (
        step.answers.expected,
        step.answers.observed,
    )
    assert step.whole
    assert "+ new" in pool.pictures[step.got.id]


def test_bytes_that_differ_in_the_same_tree_are_shown_as_bytes():
    program = (*TREE[:3], ops.Marshal(0))
    longer = b64encode(b"\n\x030:0\xa0\x06\x00").decode()
    assert predict(program)[-1].ok != longer
    assert decoded(predict(program)[-1].ok, "v1.25") == decoded(longer, "v1.25")
    view = finding_view(made("WIRE-WRITE-1", program, Observation(ok=longer)), Pool())
    assert f'"{longer}"' == view.steps[view.start].answers.observed
