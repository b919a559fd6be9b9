"""The report on a run in a browser: filters, folds and films.

What a click or a key leads to is waited for: `expect` looks again until it is so.
"""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.xdist_group("browser")


def current(film):
    return film.locator("[aria-current=step]")


@pytest.fixture
def opened(visit, run_page):
    """Return the page with its third finding open, and the film of that."""
    page = visit(run_page)
    finding = page.locator("details.finding").nth(2)
    finding.locator("summary").click()
    film = finding.locator(".film")
    current(film).wait_for()
    return page, film


def test_the_filters_leave_what_fits(visit, expect, run_page):
    page = visit(run_page)
    rows, findings = page.locator("tbody tr:visible"), page.locator("details.finding:visible")
    said = page.locator("output")
    expect(rows).to_have_count(0)
    every, found = page.locator("tbody tr").count(), findings.count()
    expect(said).to_have_text(f"{every} of {every} requirements, {found} of {found} findings")
    page.locator("select[name=verdict]").select_option("deviates")
    expect(said).not_to_have_text(re.compile(f"^{every} of "))
    expect(findings).to_have_count(found)
    assert found <= rows.count() < every
    page.locator("select[name=area]").select_option("rollback")
    expect(rows.locator("th").filter(has_not_text="MT-ROLLBACK")).to_have_count(0)
    assert 0 < rows.count() < found
    assert 0 < findings.count() < found
    page.get_by_label("Text").fill("no such words")
    expect(rows).to_have_count(0)
    expect(findings).to_have_count(0)
    expect(page.get_by_text("No requirement matches.")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(rows).to_have_count(0)
    expect(said).to_have_text(f"{every} of {every} requirements, {found} of {found} findings")
    page.get_by_label("Text").fill("NODE-ADD")
    expect(rows.locator("th").filter(has_not_text="NODE-ADD")).to_have_count(0)
    assert 0 < rows.count() < every


def test_the_finding_to_look_at_first_is_open(visit, expect, run_page):
    page = visit(run_page)
    first = page.locator("details.finding").first
    expect(first).to_have_attribute("open", "")
    expect(first.locator("summary")).to_contain_text("look at this first")
    expect(current(first)).to_contain_text("first difference")


def test_the_page_begins_with_the_verdict_and_a_link_to_the_finding_to_look_at_first(visit, expect, run_page):
    page = visit(run_page)
    lead = page.locator(".lead a")
    first = page.locator("details.finding").first
    assert page.locator("h1").bounding_box()["y"] < lead.bounding_box()["y"] < first.bounding_box()["y"] < 900
    first.locator("summary").click()
    expect(first).not_to_have_attribute("open", "")
    lead.click()
    expect(first).to_have_attribute("open", "")


def test_requirements_are_folded_by_area_and_a_link_to_one_unfolds_it(visit, expect, run_page):
    page = visit(run_page, "NODE-ADD-1")
    expect(page.locator("tr[id='NODE-ADD-1']")).to_be_visible()
    expect(page.locator("details.area[open]")).to_have_count(1)
    area = page.locator("details.area").first
    area.locator("summary").click()
    expect(area.locator("tbody tr").first).to_be_visible()


def test_findings_are_filtered_by_what_a_reference_makes_of_them(visit, expect, run_page):
    page = visit(run_page)
    findings = page.locator("details.finding:visible")
    page.locator("select[name=side]").select_option("shared")
    expect(findings.filter(has_not_text="implementation and reference agree")).to_have_count(0)
    assert 0 < findings.count() < page.locator("details.finding").count()
    # The finding to look at first is open already.
    finding = findings.last
    finding.locator("summary").click()
    expect(finding.locator(".now .reference")).to_be_visible()


def test_what_became_of_earlier_findings_leads_to_them(visit, expect, run_page):
    page = visit(run_page)
    link = page.locator(".replays a").first
    name = link.text_content()
    link.click()
    expect(page.locator(f"details[id='{name}'][open] .film")).to_be_visible()


def test_a_link_to_a_finding_opens_it(visit, expect, run_page):
    page = visit(run_page)
    link = page.locator("tbody a[href^='#']").first
    name = link.text_content()
    page.locator("details.area").filter(has=link).first.locator("summary").click()
    link.click()
    expect(page.locator(f"details[id='{name}'][open] .film")).to_be_visible()
    expect(visit(run_page, name).locator(f"details[id='{name}'][open] .film")).to_be_visible()


def test_a_film_begins_at_the_first_difference_with_both_answers_side_by_side(opened, expect):
    _, film = opened
    expect(current(film)).to_contain_text("first difference")
    frame = film.locator(".frame:visible")
    expect(frame).to_have_count(1)
    expect(frame.locator(".observed")).to_contain_text("an error that is none of the documented ones (it <broke>)")
    one, other = frame.locator(".expected").bounding_box(), frame.locator(".observed").bounding_box()
    assert one["y"] == other["y"]
    assert one["x"] < other["x"]


def test_keys_step(opened, expect):
    page, film = opened
    there = current(film).text_content()
    steps = film.locator(".line").all_text_contents()
    place = steps.index(there)
    page.keyboard.press("ArrowLeft")
    expect(current(film)).to_have_text(steps[place - 1])
    page.keyboard.press("ArrowRight")
    expect(current(film)).to_have_text(there)
    current(film).focus()
    page.keyboard.press("Home")
    expect(current(film)).to_have_text(steps[0])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    expect(current(film)).to_have_text(steps[1])
    expect(current(film)).to_be_focused()
    page.keyboard.press("End")
    expect(current(film)).to_have_text(steps[-1])
    page.keyboard.press("Home")
    page.keyboard.press("d")
    expect(current(film)).to_have_text(there)


def test_buttons_step(opened, expect):
    _, film = opened
    there = current(film).text_content()
    status = film.get_by_role("status")
    film.get_by_role("button", name="Start", exact=True).click()
    expect(status).to_have_text(re.compile("^Step 1 of "))
    film.get_by_role("button", name="Forward").click()
    expect(status).to_have_text(re.compile("^Step 2 of "))
    film.get_by_role("button", name="Back").click()
    expect(status).to_have_text(re.compile("^Step 1 of "))
    film.get_by_role("button", name="To the first difference").click()
    expect(current(film)).to_have_text(there)
    film.locator(".line").nth(1).click()
    expect(status).to_have_text(re.compile("^Step 2 of "))


def test_pictures_are_drawn_and_what_changed_is_marked(opened, expect):
    page, film = opened
    film.locator(".line", has_text="NewRoot").first.click()
    expect(current(film)).to_contain_text("NewRoot")
    picture = film.locator(".frame:visible svg").last
    expect(picture).to_be_visible()
    expect(page.locator(picture.locator("use").get_attribute("href"))).to_contain_text("+ new")
    box = picture.bounding_box()
    assert box["width"] > 100
    assert box["height"] > 30


def test_everything_is_reached_with_the_keyboard(visit, expect, run_page):
    page = visit(run_page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the requirements")).to_be_focused()
    page.locator("details.finding summary").nth(1).focus()
    page.keyboard.press("Enter")
    film = page.locator("details.finding").nth(1).locator(".film")
    film.locator(".keys button").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(film.get_by_role("button", name="Start", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(film.get_by_role("status")).to_have_text(re.compile("^Step 1 of "))


def test_a_partial_run_says_so(visit, expect, run_page):
    page = visit(run_page)
    expect(page.get_by_role("note").first).to_be_visible()
    expect(page).to_have_title(re.compile("^Partial run: "))


def test_a_thousand_findings_are_one_page_of_less_than_five_megabytes(visit, expect, large_page):
    assert large_page.stat().st_size < 5_000_000
    page = visit(large_page)
    findings = page.locator("details.finding")
    expect(findings).to_have_count(1000)
    expect(page.locator("details.finding[open]")).to_have_count(1)
    last = findings.last
    page.get_by_label("Text").fill(last.get_attribute("data-requirement"))
    last.locator("summary").click()
    expect(current(last)).to_contain_text("first difference")
    page.keyboard.press("ArrowLeft")
    expect(current(last)).not_to_contain_text("first difference")
