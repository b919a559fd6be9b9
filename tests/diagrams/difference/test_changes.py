"""The changes between two machines are listed in sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hsm_diagrams.difference.picture import difference_picture

pytestmark = pytest.mark.xdist_group("gallery")


def task(name, **params):
    return {"type": "task", "params": {"type": name, **params}}


def charge(destination):
    return task("Charge", queue="outbound", destination=destination)


def expire(milliseconds):
    return task("Expire", queue="timer", deadline=milliseconds)


RIGHT = {
    "Created": {"on": {"Pay": "Reserved", "Cancel": "Canceled"}},
    "Reserved": {"on": {"Done": "Paid"}, "entry": [charge("payments"), expire(60_000)]},
    "Paid": {"type": "final"},
    "Canceled": {"type": "final"},
}


def changed(**states):
    return {**RIGHT, **states}


def sentences(first, second):
    for name, states in (("first.json", first), ("second.json", second)):
        document = {"id": "order", "initial": "Created", "states": states}
        Path(name).write_text(json.dumps(document), "utf-8")
    return [change.sentence for change in difference_picture("first.json", "second.json").changes]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ({}, []),
        (
            {"Reserved": {**RIGHT["Reserved"], "entry": [charge("psp"), expire(60_000)]}},
            ["Reserved now emits Charge to psp (was payments)."],
        ),
        (
            {"Reserved": {**RIGHT["Reserved"], "entry": [charge("payments"), expire(90_000)]}},
            ["Reserved now emits Expire due after 0:01:30 (was 0:01:00)."],
        ),
        (
            {"Reserved": {**RIGHT["Reserved"], "entry": [charge("payments")]}},
            ["Reserved no longer emits Expire."],
        ),
        (
            {"Canceled": {"type": "final", "entry": [task("Tell", queue="outbound")]}},
            ["Canceled now emits Tell to the shared queue."],
        ),
        (
            {"Paid": {"on": {"Refund": "Canceled"}}},
            ["Paid is no longer terminal.", "Refund in Paid is new: leads to Canceled."],
        ),
        (
            {"Created": {"on": {"Pay": "Reserved", "Cancel": "Paid"}}},
            ["Canceled can no longer be reached.", "Cancel in Created now leads to Paid (was: leads to Canceled)."],
        ),
        (
            {"Created": {"on": {"Pay": [{"target": "Reserved", "guard": "inStock"}], "Cancel": "Canceled"}}},
            [
                "Pay in Created now fails [not inStock], leads to Reserved [inStock] (was: leads to Reserved).",
            ],
        ),
        (
            {"Created": {"on": {"Cancel": "Canceled"}}},
            [
                "Reserved can no longer be reached.",
                "Paid can no longer be reached.",
                "Pay in Created is gone (was: leads to Reserved).",
            ],
        ),
        ({"Held": {"type": "final"}}, ["Held is new."]),
    ],
)
def test_a_change_is_a_sentence(states, said):
    assert said == sentences(RIGHT, changed(**states))


def test_a_state_that_is_gone_is_said_once():
    held = changed(Held={"on": {"Go": "Paid"}}, Created={"on": {**RIGHT["Created"]["on"], "Hold": "Held"}})
    assert ["Held is gone.", "Hold in Created is gone (was: leads to Held)."] == sentences(held, RIGHT)


def test_what_a_state_emits_is_said_in_its_box_and_not_on_each_arrow():
    sentences(RIGHT, changed(Reserved={**RIGHT["Reserved"], "entry": [charge("psp")]}))
    drawing = difference_picture("first.json", "second.json").drawing
    [box] = [box for box in drawing.boxes if box.key == "Reserved"]
    assert "now emits Charge to psp (was payments)" in " ".join(line.text for line in box.lines)
    assert all("[" not in line.text for arrow in drawing.arrows for line in arrow.lines)


def test_a_terminal_state_is_called_terminal_also_where_it_differs():
    sentences(RIGHT, changed(Canceled={"type": "final", "entry": [charge("psp")]}))
    [box] = [box for box in difference_picture("first.json", "second.json").drawing.boxes if box.key == "Canceled"]
    assert "terminal" in [line.text for line in box.lines]


def test_two_machines_of_one_name_are_told_apart():
    sentences(RIGHT, changed(Held={"type": "final"}))
    graph = difference_picture("first.json", "second.json").graph.graph
    assert ("first.json", "second.json") == (graph["before"], graph["after"])


def test_changes_are_printed_after_the_picture_or_written(cli):
    sentences(RIGHT, changed(Held={"type": "final"}))
    said = cli("diagram", "diff", "first.json", "second.json", "--output", "d.svg")
    assert (0, "d.svg\nHeld is new.\n") == (said.code, said.out)
    assert cli("diagram", "diff", "first.json", "second.json", "--output", "d.svg", "--changes", "c.md").code == 0
    written = "# States and transitions: first.json and second.json\n\n- Held is new.\n"
    assert written == Path("c.md").read_text("utf-8")
    assert cli("diagram", "diff", "first.json", "second.json", "--output", "d.svg", "--changes", "c.txt").code == 0
    assert "Held is new.\n" == Path("c.txt").read_text("utf-8")


def test_the_same_machine_has_no_change(cli):
    sentences(RIGHT, RIGHT)
    assert "Nothing has changed.\n" in cli("diagram", "diff", "first.json", "second.json", "--output", "d.svg").out


def test_changes_of_specifications_are_not_listed(cli):
    said = cli("diagram", "diff", "specification", "add-child-dirties", "--output", "d.svg", "--changes", "c.md")
    assert said.code == 2
    assert "Only the changes between machines can be listed." in said.err
