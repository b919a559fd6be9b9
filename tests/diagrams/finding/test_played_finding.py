"""A finding to be played: every step of its program, then what was expected and what was observed."""

from __future__ import annotations

import pytest

from hsm_diagrams.finding.drawing import picture_of
from hsm_diagrams.play.played import Played, PlayedMove, PlayedState, opened_at
from hsm_specs.errors import InputError
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Script
from hsm_specs.properties import PROPERTIES

from ...findings import made

TREE = (ops.NewRegistry(), ops.RegisterMachine(1), ops.NewRoot(1, (0, 0), 0))


def played(program, got, where=()):
    return picture_of(made("NODE-COUNT-1", program, got, where)).play()


def test_the_steps_lead_to_the_place_where_the_results_differ():
    found = played((*TREE, ops.TransitionCount(0)), Observation(ok=7))
    assert [0, 1, 2] == list(found.opened)
    assert ["after step 3", "as expected", "as observed"] == [state.name for state in found.states[3:]]
    assert [("success", ["expected: 0"]), ("failed", ["observed: 7"])] == [
        (move.outcome, list(move.notes)) for move in found.moves[3:]
    ]
    assert {3} == {move.source for move in found.moves[3:]}
    assert ["root, type 1 n0: state 0 value 0, count 7, clean"] == found.states[-1].facts["Tree"]


def test_a_difference_inside_a_function_is_where_it_opens():
    program = (*TREE, ops.MachineTransition(0, Script((ops.TransitionCount(0),))))
    found = played(program, Observation(ok=None, inner=(Observation(ok=7),)), (3, 0))
    assert "MachineTransition" in found.moves[3].words
    assert "TransitionCount(" in found.moves[-1].words
    assert 4 == len(found.opened)


@pytest.mark.parametrize("name", sorted(PROPERTIES)[::7])
def test_any_finding_can_be_played(name):
    case = next(PROPERTIES[name].cases(0, 1))
    found = picture_of(made(name, case.program, where=(max(case.evidence),))).play()
    assert len(found.states) == len(found.opened) + 3


def test_what_no_moves_lead_to_cannot_be_opened():
    states = [PlayedState("a", {}, 1), PlayedState("b", {}, 2), PlayedState("c", {}, 3)]
    found = Played(states, [PlayedMove(0, 1, "go")], [0])
    assert [0] == list(opened_at(found, 2).opened)
    with pytest.raises(InputError, match="No moves lead"):
        opened_at(found, 3)
