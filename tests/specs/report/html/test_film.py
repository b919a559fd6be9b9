"""Films: what is seen at each step of a program."""

from __future__ import annotations

from itertools import pairwise

import pytest

from hsm_model.amendments import amend
from hsm_specs.language import operations as ops
from hsm_specs.language.operations import Script
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.report.html import changes
from hsm_specs.report.html.answers import difference
from hsm_specs.report.html.film import film
from hsm_specs.report.html.snapshots import NOTHING, persisted
from hsm_specs.report.html.views import Pool, finding_view

ROOT = (ops.NewRegistry(), ops.RegisterMachine(1), ops.NewRoot(1, (0, 0), 1))


def said(step):
    return list(changes.sentences(step.before, step.after))


def test_an_operation_is_a_step_with_the_world_before_and_after():
    steps = film((*ROOT, ops.AddChild(1, (1, "a"), (2, 5), 2)))
    assert ["1", "2", "3", "4"] == [step.number for step in steps]
    assert NOTHING == steps[0].before
    assert [["r0: empty"], ["r0: machines 1"], ["root, type 1 is new"], ['1/"a" is new']] == [*map(said, steps)]
    assert all(one.after == other.before for one, other in pairwise(steps))


def test_a_function_is_seen_from_the_inside_and_its_rollback_takes_place():
    script = Script((ops.AddChild(1, (1, "a"), (0, 0)),), fail="user_1")
    _, _, _, begun, inner, ended = film((*ROOT, ops.MachineTransition(1, script)))
    assert ("begin", (3,), ["root, type 1: count 0 became 1"]) == (begun.part, begun.where, said(begun))
    assert ((3, 0), 1, ['1/"a" is new']) == (inner.where, inner.depth, said(inner))
    assert ("end", "return user_1 })") == (ended.part, ended.text)
    assert ["root, type 1: count 1 became 0", '1/"a" is gone'] == said(ended)


def test_the_data_of_a_transition_is_seen_while_it_is_changed():
    script = Script((ops.SetState(0, 3),), ((2, 1, "x"),))
    _, _, _, _, inner, ended = film((*ROOT, ops.MachineTransition(1, script, machine=0)))
    assert ["m0: state 3"] == said(inner)
    assert {
        "m0 is gone",
        "root, type 1: state 0 value 0 became state 3 value 0, became dirty, 0 outputs became 1",
    } == set(said(ended))


def test_an_amendment_is_seen():
    program = (*ROOT, ops.AddChild(1, (1, "a"), (0, 0)))
    steps = film(program, amend(names=["add-child-dirties"]))
    assert ["root, type 1: became dirty", '1/"a" is new'] == said(steps[-1])


def test_where_the_specification_ends_there_is_no_picture():
    adding = ops.MachineTransition(1, Script((ops.AddChild(1, (1, "a"), (0, 0), 2),), fail="user_1"))
    program = (*ROOT, adding, ops.Dirty(2), ops.Dirty(1))
    steps = film(program)
    assert ["4", "", "", "5", "6"] == [step.number for step in steps[3:]]
    assert [None, None] == [step.after for step in steps[-2:]]


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_example_has_a_picture_for_every_step(name):
    case = next(PROPERTIES[name].cases(0, 1))
    steps = film(case.program)
    assert len(case.program) == len(predict(case.program)) == len({step.where[0] for step in steps})
    assert all(step.after is not None for step in steps)


def test_the_difference_is_shown_at_its_own_step_or_at_the_operation_around_it(inside):
    steps = film(inside.program)
    assert (4, 0) == steps[difference(steps, (4, 0))].where
    assert ((4,), "end") == steps[difference(steps, (4, 7))][:2]


def test_trees_that_differ_are_shown_side_by_side(stays):
    pool = Pool()
    view = finding_view(stays, pool)
    step = view.steps[view.start]
    assert "difference" == step.mark
    assert "inside" not in pool.pictures[step.wanted.id]
    assert "+ new" in pool.pictures[step.got.id]


@pytest.mark.parametrize("answer", [None, 5, "text", [1], [0, "0:0", [[1, "a", 5]]]])
def test_what_is_no_tree_has_no_picture(answer):
    with pytest.raises((TypeError, ValueError)):
        persisted(answer)


def test_a_picture_is_kept_once():
    pool = Pool()
    one, other = film(ROOT)[1:]
    assert pool.add(one.before, one.after) == pool.add(one.before, one.after)
    pool.add(other.before, other.after)
    assert ["p0", "p1"] == list(pool.pictures)
