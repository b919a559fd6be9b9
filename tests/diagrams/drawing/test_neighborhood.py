"""The neighborhood of a state: what is so many arrows away."""

from __future__ import annotations

import pytest

from hsm_diagrams.drawing.neighborhood import around
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.machine.drawing import machine_picture
from hsm_specs.errors import InputError
from hsm_specs.machines.names import find_machine

pytestmark = pytest.mark.xdist_group("gallery")


@pytest.fixture(scope="module")
def callback() -> Picture:
    return machine_picture(find_machine("callback"))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (1, {"Standby", "(start)", "Scheduled"}),
        (2, {"Standby", "(start)", "Scheduled", "BackingOff", "Failed", "Succeeded"}),
    ],
)
def test_the_neighborhood_is_what_arrows_lead_to_and_from(callback, steps, expected):
    near = around(callback, "Standby", steps)
    assert expected == {box.key for box in near.drawing.boxes} == set(near.graph)
    assert all({arrow.source, arrow.target} <= expected for arrow in near.drawing.arrows)
    assert f"{len(callback.drawing.boxes) - len(expected)} boxes are left out" in near.drawing.caption[-1]


def test_a_state_that_is_not_there_is_a_sentence(callback):
    with pytest.raises(InputError, match="did you mean Standby"):
        around(callback, "Standbye")


@pytest.mark.parametrize(
    ("command", "state"),
    [
        (("machine", "callback"), "BackingOff"),
        (("node",), "dirty"),
        (("explore", "--part", "types", "--fold", "dirty"), "root clean"),
    ],
)
def test_the_commands_take_a_state(cli, command, state):
    whole = cli("diagram", *command, "--format", "dot")
    part = cli("diagram", *command, "--around", state, "--format", "dot")
    assert (0, 0) == (whole.code, part.code)
    assert f'"{state}"' in part.out
    assert len(part.out) < len(whole.out)


def test_only_a_page_opens_at_a_state(cli):
    said = cli("diagram", "machine", "callback", "--at", "BackingOff", "--format", "dot")
    assert (2, "") == (said.code, said.out)
    assert "Only a page opens at a state." in said.err
