"""Findings of `hsmspec check` as tests and as pictures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from hsm_model.machines import MachineBuilder, Timer
from hsm_specs.machines.check.following import follow
from hsm_specs.machines.names import NamedMachine

KEEPS = ("order_keeps_dead_end",)
REPLAYS = ("order_dead_end_is_shown", "order_reaches_canceled")


def write(path, *, mistaken):
    paid = {"on": {"Close": "Canceled"}} if not mistaken else {}
    states = {"Created": {"on": {"Pay": "Paid", "Cancel": "Canceled"}}, "Paid": paid, "Canceled": {"type": "final"}}
    document = {"id": "order", "initial": "Created", "states": states}
    (path / "order.json").write_text(json.dumps(document), "utf-8")


def outcomes(folder):
    """Run the written tests in a process of their own. Return the outcome of each."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", "--junit-xml=r.xml", "-c"]
    # Another configuration than this project's.
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    subprocess.run([*command, "pytest.ini", "test_order.py"], cwd=folder, check=False, env=environment)
    cases = ET.parse(folder / "r.xml").getroot().iter("testcase")  # noqa: S314  # a file of ours
    return {case.get("name").removeprefix("test_"): not len(case) for case in cases}


@pytest.fixture
def checked(cli, tmp_path):
    write(tmp_path, mistaken=True)
    said = cli("check", "order.json", "--reach", "Canceled", "--tests", "test_order.py", "--pictures", "drawn")
    assert (1, "") == (said.code, said.err)
    return tmp_path


def test_the_test_of_a_broken_rule_fails_until_it_is_kept_and_replays_pass(checked):
    found = outcomes(checked)
    assert {**dict.fromkeys(KEEPS, False), **dict.fromkeys(REPLAYS, True)} == found
    write(checked, mistaken=False)
    assert all(outcomes(checked).values())


def test_a_replay_fails_when_the_machine_moves_otherwise(checked):
    path = checked / "order.json"
    path.write_text(path.read_text("utf-8").replace('"Cancel": "Canceled"', '"Cancel": "Paid"'), "utf-8")
    assert not outcomes(checked)["order_reaches_canceled"]


def test_each_sequence_is_a_picture_of_its_places(checked):
    assert ["order-dead-end-1.svg", "order-reach-Canceled.svg"] == sorted(os.listdir(checked / "drawn"))  # noqa: PTH208
    svg = (checked / "drawn" / "order-dead-end-1.svg").read_text("utf-8")
    for words in ("Created", "1. Pay", "Paid is not terminal, and no transition leaves it.", "pending: nothing"):
        assert words in svg


def test_names_that_look_alike_are_numbered(cli, tmp_path):
    cli("check", "callback", "--tests", "found.py")
    text = (tmp_path / "found.py").read_text("utf-8")
    assert "def test_callback_transition_fails_is_shown():" in text
    assert "def test_callback_transition_fails_is_shown_2():" in text
    compile(text, "found.py", "exec")


@pytest.mark.parametrize("name", ['a"""b', "it's", 'say "x"', 'ends"""'])
def test_whatever_a_state_is_called_the_tests_are_python(cli, tmp_path, name):
    document = {"id": "o", "initial": name, "states": {name: {"on": {"Go": "End"}}, "End": {}}}
    (tmp_path / "o.json").write_text(json.dumps(document), "utf-8")
    said = cli("check", "o.json", "--reach", "End", "--tests", "t.py", "--pictures", "p")
    assert 1 == said.code
    compile((tmp_path / "t.py").read_text("utf-8"), "t.py", "exec")


def test_deadlines_are_told_to_the_millisecond_however_far_away_they_are():
    machine = MachineBuilder("patient")
    machine.state("Waiting", Timer("Year", timedelta(days=365, milliseconds=1), sends=("Ring",)))
    machine.on("Waiting", "Ring", "Rung")
    machine.final("Rung")
    declared = machine.build()
    named = NamedMachine("patient", declared.describe(), "the tests", imported=False, declaration=declared)
    assert ("Year (timer in 31536000001 ms)",) == tuple(next(iter(follow(named, ()))).pending)
