"""The report on a run in a browser: filters, folds and films."""

from __future__ import annotations

import time

import pytest


def current(film):
    return film.locator("[aria-current=step]")


@pytest.fixture
def opened(visit, run_page):
    """The page with its third finding open, and the film of that."""
    page = visit(run_page)
    finding = page.locator("details.finding").nth(2)
    finding.locator("summary").click()
    return page, finding.locator(".film")


def test_the_filters_leave_what_fits(visit, run_page):
    page = visit(run_page)
    rows, findings = page.locator("tbody tr:visible"), page.locator("details.finding:visible")
    every, found = rows.count(), findings.count()
    assert f"{every} of {every} requirements, {found} of {found} findings" == page.locator("output").text_content()
    page.locator("select[name=verdict]").select_option("deviates")
    assert found <= rows.count() < every
    assert found == findings.count()
    page.locator("select[name=area]").select_option("rollback")
    assert 0 < rows.count() < found
    assert all(id.startswith("MT-ROLLBACK") for id in rows.locator("th").all_text_contents())
    assert 0 < findings.count() < found
    page.get_by_label("Text").fill("no such words")
    assert 0 == rows.count() == findings.count()
    assert page.get_by_text("No requirement is like that.").is_visible()
    page.get_by_role("button", name="Clear").click()
    page.wait_for_function(f"document.querySelectorAll('tbody tr:not([hidden])').length === {every}")
    page.get_by_label("Text").fill("NODE-ADD")
    assert all(id.startswith("NODE-ADD") for id in rows.locator("th").all_text_contents())


def test_a_link_to_a_finding_opens_it(visit, run_page):
    page = visit(run_page)
    link = page.locator("tbody a[href^='#']").first
    name = link.text_content()
    link.click()
    finding = page.locator(f"details[id='{name}']")
    finding.locator(".film").wait_for()
    assert finding.get_attribute("open") is not None
    assert visit(run_page, name).locator(f"details[id='{name}'] .film").is_visible()


def test_a_film_begins_at_the_first_difference_with_both_answers_side_by_side(opened):
    _, film = opened
    assert "first difference" in current(film).text_content()
    frame = film.locator(".frame:visible")
    assert 1 == frame.count()
    assert "an error that is none of the documented ones (it <broke>)" in frame.locator(".observed").text_content()
    one, other = frame.locator(".expected").bounding_box(), frame.locator(".observed").bounding_box()
    assert one["y"] == other["y"]
    assert one["x"] < other["x"]


def test_keys_step(opened):
    page, film = opened
    there = current(film).text_content()
    steps = film.locator(".line").all_text_contents()
    place = steps.index(there)
    page.keyboard.press("ArrowLeft")
    assert steps[place - 1] == current(film).text_content()
    page.keyboard.press("ArrowRight")
    assert there == current(film).text_content()
    current(film).focus()
    page.keyboard.press("Home")
    assert steps[0] == current(film).text_content()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    assert steps[1] == current(film).text_content() == page.evaluate("document.activeElement.textContent")
    page.keyboard.press("End")
    assert steps[-1] == current(film).text_content()
    page.keyboard.press("Home")
    page.keyboard.press("d")
    assert there == current(film).text_content()


def test_buttons_step(opened):
    _, film = opened
    there = current(film).text_content()
    film.get_by_role("button", name="Start").click()
    assert film.get_by_role("status").text_content().startswith("Step 1 of ")
    film.get_by_role("button", name="Forward").click()
    assert film.get_by_role("status").text_content().startswith("Step 2 of ")
    film.get_by_role("button", name="Back").click()
    film.get_by_role("button", name="To the first difference").click()
    assert there == current(film).text_content()
    film.locator(".line").nth(1).click()
    assert film.get_by_role("status").text_content().startswith("Step 2 of ")


def test_pictures_are_drawn_and_what_changed_is_marked(opened):
    page, film = opened
    film.locator(".line", has_text="NewRoot").first.click()
    picture = film.locator(".frame:visible svg").last
    assert "+ new" in page.locator(picture.locator("use").get_attribute("href")).text_content()
    box = picture.bounding_box()
    assert box["width"] > 100
    assert box["height"] > 30


def test_everything_is_reached_with_the_keyboard(visit, run_page):
    page = visit(run_page)
    page.keyboard.press("Tab")
    assert "To the requirements" == page.evaluate("document.activeElement.textContent")
    page.locator("details.finding summary").first.focus()
    page.keyboard.press("Enter")
    film = page.locator("details.finding .film").first
    film.locator(".keys button").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert film.get_by_role("status").text_content().startswith("Step 1 of ")


def test_a_partial_run_says_so(visit, run_page):
    page = visit(run_page)
    assert page.get_by_role("note").first.is_visible()
    assert page.title().startswith("Partial run: ")


def test_a_thousand_findings_are_one_page_of_less_than_five_megabytes(visit, large_page):
    assert large_page.stat().st_size < 5_000_000
    started = time.monotonic()
    page = visit(large_page)
    findings = page.locator("details.finding")
    assert 1000 == findings.count()
    assert time.monotonic() - started < 20
    assert 0 == page.locator("details.finding[open]").count()
    last = findings.last
    page.get_by_label("Text").fill(last.get_attribute("data-requirement"))
    last.locator("summary").click()
    last.locator(".film [aria-current=step]").wait_for()
    assert "first difference" in current(last).text_content()
    page.keyboard.press("ArrowLeft")
    assert "first difference" not in current(last).text_content()
