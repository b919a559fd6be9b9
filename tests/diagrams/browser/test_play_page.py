"""Playing a machine in a browser: what it shows is what was executed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hsm_diagrams.drawing.neighborhood import at
from hsm_diagrams.explored.drawing import explored_picture
from hsm_diagrams.finding.drawing import picture_of
from hsm_diagrams.machine.drawing import machine_picture
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.machines.names import find_machine

from ...findings import made

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def executed():
    """Return what the page is made of."""
    play = machine_picture(find_machine("nexus-cancelation")).play
    assert play is not None
    return play()


def state(page):
    return page.locator("#now")


def test_every_move_leads_where_the_machine_went(visit, expect, play_page, executed):
    page = visit(play_page)
    here = executed.starts[0]
    for _ in range(6):
        ways = [move for move in executed.moves if move.source == here]
        expect(page.locator(".moves button")).to_have_count(len(ways))
        if not ways:
            break
        move = ways[0]
        page.locator(".moves button").first.click()
        here = move.target
        expect(state(page)).to_have_text(executed.states[here].name)
        for lines in executed.states[here].facts.values():
            for line in lines:
                expect(page.locator(".panel .facts")).to_contain_text(line)
    assert here != executed.starts[0]


def test_keys_play_undo_and_start_again_and_the_address_keeps_the_position(visit, expect, play_page, executed):
    page = visit(play_page)
    first = executed.states[executed.starts[0]].name
    expect(state(page)).to_have_text(first)
    page.keyboard.press("1")
    page.keyboard.press("1")
    expect(page.locator(".log li")).to_have_count(2)
    second = state(page).text_content()
    page.reload()
    expect(state(page)).to_have_text(second)
    page.keyboard.press("u")
    page.keyboard.press("r")
    expect(state(page)).to_have_text(first)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_the_shortest_way_to_a_state_is_taken_by_name_and_by_a_click(visit, expect, play_page, executed):
    page = visit(play_page)
    page.keyboard.press("/")
    page.keyboard.type("BackingOff")
    page.keyboard.press("Enter")
    expect(state(page)).to_have_text("BackingOff")
    ways, here = [executed.starts[0]], {executed.starts[0]}
    while not any(executed.states[index].name == "BackingOff" for index in here):
        here = {move.target for move in executed.moves if move.source in here}
        ways.append(here)
    expect(page.locator(".log li")).to_have_count(len(ways) - 1)
    expect(page.locator(".for-light .here")).to_contain_text("BackingOff")
    page.get_by_role("button", name="Start again").click()
    page.locator(".for-light svg g.node").filter(has_text="BackingOff").locator("text").first.click()
    expect(state(page)).to_have_text("BackingOff")
    page.get_by_label("Go to").fill("nowhere")
    page.get_by_role("button", name="Shortest way").click()
    expect(page.get_by_role("status")).to_have_text("No way leads from here to nowhere.")


def saved(page, words):
    with page.expect_download() as download:
        page.get_by_role("link", name=words).click()
    return Path(download.value.path()).read_text("utf-8")


def test_what_happened_is_saved_as_a_test_that_passes_and_for_other_programs(visit, expect, play_page):
    page = visit(play_page)
    for _ in range(3):
        page.keyboard.press("1")
    expect(page.locator(".log li")).to_have_count(3)
    names: dict[str, object] = {}
    exec(saved(page, "Save as a test"), names)  # noqa: S102  # it is run as the test that it is
    names["test_the_machine_moves_as_it_was_played"]()
    steps = json.loads(saved(page, "Save as JSON"))
    assert page.locator("#now").text_content() == steps[-1]["state"]
    chart = saved(page, "Save as a sequence chart")
    assert chart.startswith("sequenceDiagram\n")
    assert chart.count("outside->>machine") == 3


@pytest.fixture(scope="module")
def finding_page(tmp_path_factory) -> Path:
    """Return the page that plays a finding: the implementation returned other data."""
    program = (
        ops.NewRegistry(),
        ops.RegisterMachine(1),
        ops.NewRoot(1, (0, 0), 0),
        ops.AddChild(0, (1, "a"), (2, 5), 1),
        ops.MachineData(1),
    )
    path = tmp_path_factory.mktemp("finding") / "finding.html"
    path.write_bytes(picture_of(made("DATA-READ-1", program, Observation(ok=[0, 0]))).encode("html"))
    return path


def test_a_finding_opens_at_its_difference_where_both_results_can_be_chosen(visit, expect, finding_page):
    page = visit(finding_page)
    expect(state(page)).to_have_text("after step 4")
    expect(page.locator(".panel .facts")).to_contain_text('1/"a" n1: state 2 value 5')
    moves = page.locator(".moves button")
    expect(moves.nth(0)).to_contain_text("expected: state 2 value 5")
    expect(moves.nth(1)).to_contain_text("observed: state 0")
    moves.nth(1).click()
    expect(state(page)).to_have_text("as observed")
    expect(page.locator(".panel .facts .changed").filter(has_text="state 0 value 0")).to_have_count(1)
    page.get_by_role("button", name="Start again").click()
    expect(state(page)).to_have_text("before the program")


def test_a_page_opens_at_a_state_that_the_command_names(visit, expect, tmp_path):
    path = tmp_path / "callback.html"
    path.write_bytes(at(machine_picture(find_machine("callback")), "BackingOff").encode("html"))
    page = visit(path)
    expect(state(page)).to_have_text("BackingOff")
    page.get_by_role("button", name="Undo").click()
    expect(state(page)).to_have_text("Scheduled")


def test_an_explored_graph_of_the_specification_opens_at_a_state(visit, expect, tmp_path):
    path = tmp_path / "explored.html"
    path.write_bytes(at(explored_picture("quick", "types", "dirty"), "root dirty, 1:a clean").encode("html"))
    expect(visit(path).locator(".here").first).to_contain_text("1:a clean")
