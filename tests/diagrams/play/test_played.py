"""Pages play only what was executed, and what happened in them can be run again."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass

import pytest

from hsm_diagrams.drawing.drawing import Role
from hsm_diagrams.explored.drawing import explored_picture
from hsm_diagrams.life.drawing import life_picture
from hsm_diagrams.machine.drawing import machine_picture
from hsm_diagrams.machine.played import BOUNDS
from hsm_diagrams.play.page import page
from hsm_diagrams.play.part import part_of
from hsm_diagrams.play.played import Played, PlayedMove, PlayedState, played_drawing
from hsm_model.machines import MACHINES, MachineDescription, Trial
from hsm_model.tasks import TransitionOutput
from hsm_model.transition import Transition
from hsm_specs.errors import InputError
from hsm_specs.machines.names import NamedMachine, find_machine


@dataclass
class Counter:
    """Counts its turns up to a limit, and then refuses with an error after it has counted."""

    turns: int = 0

    def state(self):
        return "turning"

    def set_state(self, state):
        pass

    def regenerate_tasks(self):
        return []


def counter(limit):
    def turn(counter, event):
        counter.turns += 1
        if counter.turns > limit:
            raise ValueError("too often")
        return TransitionOutput()

    trials = {"Turn": Trial(Transition(("turning",), "turning", turn))}
    return MachineDescription(name="counter", cases={"": Counter}, trials=trials)


def played(machine) -> Played:
    picture = machine_picture(machine)
    assert picture.play is not None
    return picture.play()


def test_data_makes_states_differ_and_a_failure_takes_nothing_along():
    found = played(NamedMachine("mine", counter(3), "here", imported=False))
    assert [["turns: 0"], ["turns: 1"], ["turns: 2"], ["turns: 3"]] == [state.facts["Data"] for state in found.states]
    turns = [move for move in found.moves if move.outcome != "fault"]
    assert [(0, 1), (1, 2), (2, 3), (3, 3)] == [(move.source, move.target) for move in turns]
    assert ["success"] * 3 + ["failed"] == [move.outcome for move in turns]
    assert ["ValueError: too often", "nothing is changed"] == turns[-1].notes
    assert "" == found.cut


def test_faults_happen_in_every_state():
    found = played(find_machine("nexus-cancelation"))
    for number, _ in enumerate(found.states):
        faults = {move.words for move in found.moves if move.source == number and move.outcome == "fault"}
        assert faults in ({"restart", "refresh", "failover"}, set()), "after a fault there is no other"
    assert {"restart", "refresh", "failover"} == {move.words for move in found.moves if move.outcome == "fault"}


def test_a_machine_without_an_end_is_cut_and_says_so():
    found = played(NamedMachine("mine", counter(10**9), "here", imported=False))
    assert len(found.states) <= BOUNDS.configurations
    assert "Not all is here: there are sequences of more steps than the bound of 60." == found.cut


@pytest.mark.parametrize("name", MACHINES)
def test_what_was_played_is_a_test_that_passes(name):
    found = played(find_machine(name))
    chosen = random.Random(name)
    for start in found.starts:
        here, lines = start, [found.states[start].begin, found.states[start].code]
        for _ in range(12):
            ways = [move for move in found.moves if move.source == here]
            if not ways:
                break
            move = chosen.choice(ways)
            here = move.target
            lines += [move.code, found.states[here].code]
        body = "\n".join(f"    {line}" for line in [*lines, found.ending])
        names: dict[str, object] = {}
        exec(f"{found.code}\n{body}\n", names)  # noqa: S102  # what is offered as a test, run as one
        names["test_the_machine_moves_as_it_was_played"]()


@pytest.mark.parametrize("picture", [life_picture, lambda: explored_picture("quick")], ids=["life", "explored"])
def test_any_picture_is_played_by_its_boxes_and_arrows(picture):
    drawing = picture().drawing
    found = played_drawing(drawing)
    keys = [drawing.boxes[state.box - 1].key for state in found.states]
    arrows = {(arrow.source, arrow.target) for arrow in drawing.arrows if {arrow.source, arrow.target} <= set(keys)}
    assert arrows == {(keys[move.source], keys[move.target]) for move in found.moves}
    assert found.starts


def test_a_page_keeps_text_that_would_end_its_data():
    drawing = life_picture().drawing
    text = page(drawing, Played([PlayedState("</script><script>alert(1)", {})], [], [0]))
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text)
    assert data is not None
    assert "</script><script>alert(1)" == json.loads(data[1])["states"][0]["name"]


@pytest.mark.parametrize("most", [1, 2, 3, 5, 8, 1_000])
def test_a_part_has_the_nearest_states_with_the_moves_and_boxes_that_are_theirs(most):
    drawing = explored_picture("quick").drawing
    whole = played_drawing(drawing)
    drawn, found = part_of(drawing, whole, most)
    assert min(most, len(whole.states)) == len(found.states)
    named = {drawn.boxes[state.box - 1].key for state in found.states}
    assert named == {box.key for box in drawn.boxes if box.role is not Role.START}
    among = {(a.source, a.target) for a in drawing.arrows if {a.source, a.target} <= named}
    keys = [drawn.boxes[state.box - 1].key for state in found.states]
    assert among == {(keys[move.source], keys[move.target]) for move in found.moves}
    assert found.cut.startswith(f"Not all is here: {len(found.states)} of {len(whole.states)} states")


def test_a_part_opens_where_the_whole_does_if_it_has_the_moves():
    states = [PlayedState(name, {}) for name in "abc"]
    moves = [PlayedMove(0, 2, "far"), PlayedMove(0, 1, "near"), PlayedMove(1, 2, "on")]
    whole = Played(states, moves, [1, 0], opened=[2])
    drawing = life_picture().drawing
    found = part_of(drawing, whole, 2)[1]
    assert (["b", "c"], [0]) == ([state.name for state in found.states], found.opened)
    assert [] == part_of(drawing, whole, 1)[1].opened


def test_a_page_that_no_browser_bears_has_a_part_and_says_so():
    drawing = life_picture().drawing
    text = page(drawing, Played([PlayedState("", {})] * 50_001, [], [0]))
    assert "Not all is here: 50,000 of 50,001 states, those nearest to the beginning." in text
    heavy = [PlayedState(f"{number} {'x' * 3_000_000}", {}) for number in range(10)]
    text = page(drawing, Played(heavy, [PlayedMove(n, n + 1, "on") for n in range(9)], [0]))
    assert len(text) < 20_000_000
    assert "of 10 states, those nearest to the beginning." in text


def test_a_page_of_one_state_that_no_browser_bears_is_refused():
    with pytest.raises(InputError, match="The page would take 30 MB, and a browser bears 20 MB: fold more"):
        page(life_picture().drawing, Played([PlayedState("x" * 30_000_000, {})], [], [0]))
