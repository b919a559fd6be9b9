"""``hsmspec machine new`` writes a machine that runs, with a timer and an outbound task."""

from __future__ import annotations

import pytest

from hsm_diagrams.machine.trials import results
from hsm_model.machines import Outbound, Timer
from hsm_specs.cli.commands import hsmspec
from hsm_specs.cli.error_handling import guarded
from hsm_specs.machines.names import find_declaration, find_machine


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert 0 == guarded(hsmspec, ["machine", "new", "order"])
    return tmp_path / "order.json"


def test_a_new_machine_is_named_as_wanted_and_emits_a_timer_and_an_outbound_task(made):
    declared = find_declaration(str(made))
    assert "order" == declared.name
    assert {Timer, Outbound} == {type(task) for state in declared.states.values() for task in state.tasks}


def test_every_transition_of_a_new_machine_succeeds_somewhere(made):
    described = find_machine(str(made)).description
    for trial in described.trials.values():
        outcomes = [each.outcome for state in described.all_states() for each in results(described, trial, state)]
        assert "success" in outcomes


def test_a_new_machine_is_drawn(made, capsys):
    capsys.readouterr()
    assert 0 == guarded(hsmspec, ["diagram", "machine", "order.json", "--format", "dot"])
    assert "BackingOff" in capsys.readouterr().out


def test_an_existing_file_is_kept(made, capsys):
    made.write_text("mine", "utf-8")
    assert 2 == guarded(hsmspec, ["machine", "new", "order"])
    assert "order.json exists already" in capsys.readouterr().err
    assert "mine" == made.read_text("utf-8")


def test_a_folder_that_is_not_there_is_named(made, capsys):
    assert 2 == guarded(hsmspec, ["machine", "new", "nowhere/order"])
    assert "there is no folder nowhere" in capsys.readouterr().err
