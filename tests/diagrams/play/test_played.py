"""Pages play only what was executed, and what happened in them can be run again."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass

import pytest

from hsm_diagrams.explored.drawing import explored_picture
from hsm_diagrams.life.drawing import life_picture
from hsm_diagrams.machine.drawing import machine_picture
from hsm_diagrams.machine.played import BOUNDS
from hsm_diagrams.play.page import page
from hsm_diagrams.play.played import Played, PlayedState, played_drawing
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


def test_a_page_that_no_browser_bears_is_refused():
    drawing = life_picture().drawing
    with pytest.raises(InputError, match="The page would have 50,001 states, and a browser bears 50,000: fold more"):
        page(drawing, Played([PlayedState("", {})] * 50_001, [], [0]))
    with pytest.raises(InputError, match="The page would take 30 MB, and a browser bears 20 MB: fold more"):
        page(drawing, Played([PlayedState("x" * 30_000_000, {})], [], [0]))
