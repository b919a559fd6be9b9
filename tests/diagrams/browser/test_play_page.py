"""Playing a machine in a browser: what it shows is what was executed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hsm_diagrams.machine.drawing import machine_picture
from hsm_specs.machines.names import find_machine

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
