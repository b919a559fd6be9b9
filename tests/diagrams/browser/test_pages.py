"""All pages in a browser: quiet, never wider than the window, and of use to everybody."""

from __future__ import annotations

import pytest

from hsm_diagrams.book.opening import OPENINGS
from hsm_specs.catalogue.requirements import AREAS

from .conftest import visiting

pytestmark = pytest.mark.xdist_group("browser")
BOOK = ("index", *(opening.page.removesuffix(".html") for opening in OPENINGS), "glossary", "book", *AREAS)
PAGES = ("run", "play", "matrix", "gallery", *BOOK)
COLOURS = {"runOnly": ["color-contrast"]}
"""The accessibility rules that depend on the color scheme."""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LEAVE_ONE_OF_EACH = """() => {
    const seen = new Set();
    const kind = (element) => [element.localName, ...element.classList].join('.');
    document.querySelectorAll('.frame').forEach((frame) => { if (!frame.checkVisibility()) frame.remove(); });
    const repeated = 'article, tbody tr, .list > div, .steps > li, .toc li, .mutants li';
    for (const part of document.querySelectorAll(repeated)) {
        const pairs = [part, ...part.querySelectorAll('*')].map((each) => `${kind(each.parentElement)} ${kind(each)}`);
        if (pairs.every((pair) => seen.has(pair))) part.remove();
        pairs.forEach((pair) => seen.add(pair));
    }
}"""
"""Removes what repeats on a page: elements whose kinds are all on the page already, within the same kinds."""
OPEN_ALL = "document.querySelectorAll('details').forEach((fold) => { fold.open = true; })"


def file_of(request, name):
    if name in ("run", "play"):
        return request.getfixturevalue(f"{name}_page")
    return request.getfixturevalue("book_folder") / f"{name}.html"


@pytest.fixture
def path_of(request):
    """Return the file of a page."""
    return lambda name: file_of(request, name)


@pytest.fixture(scope="module")
def window(request, browser):
    """Open a window that shows all pages, one after the other: each new one starts a process."""
    with visiting(browser) as open_page:
        yield open_page(file_of(request, "index"))


@pytest.fixture(scope="module", params=PAGES)
def opened(request, window):
    """Open each page once. The tests that use it follow each other, and the last one may change it."""
    window.emulate_media(color_scheme="light")
    window.goto(file_of(request, request.param).as_uri())
    return window


def resize(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_function(f"innerWidth === {width}")


def test_no_page_is_wider_than_the_window(opened):
    resize(opened, 1280)
    assert 0 == opened.evaluate(OVERFLOW)
    opened.evaluate(OPEN_ALL)
    opened.wait_for_function("!document.querySelector('details[open] .packed')")
    for width in (768, 390):
        resize(opened, width)
        assert 0 == opened.evaluate(OVERFLOW)


def test_axe_finds_nothing_in_either_theme(opened):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    resize(opened, 1280)
    opened.evaluate("document.querySelectorAll('details').forEach((fold, at) => { fold.open = at < 6; })")
    opened.evaluate(LEAVE_ONE_OF_EACH)
    for scheme, rules in (("light", {}), ("dark", COLOURS)):
        opened.emulate_media(color_scheme=scheme)
        assert {} == violations(axe, opened, rules), scheme


def violations(axe, page, rules):
    """Return what axe finds, with the first elements that have it."""
    # It would else read the style sheet once more, which pages from disk may not, and describe all that is in order.
    options = {"preload": False, "resultTypes": ["violations"], **rules}
    found = axe.Axe().run(page, options=options).response["violations"]
    return {one["id"]: [node["html"] for node in one["nodes"][:2]] for one in found}


def test_axe_finds_what_is_wrong(visit, path_of):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = visit(path_of("trees"))
    page.evaluate("document.querySelector('.lead').style.color = '#ccc'")
    page.evaluate(LEAVE_ONE_OF_EACH)
    assert ["color-contrast"] == list(violations(axe, page, COLOURS))


@pytest.mark.parametrize("name", ["run", "rollback"])
def test_the_toggle_changes_the_colours_and_is_remembered(visit, expect, path_of, name):
    page = visit(path_of(name), scheme="dark")
    paper = page.locator("html")
    expect(paper).to_have_css("background-color", "rgb(13, 17, 23)")
    page.get_by_role("button", name="Light colors").click()
    expect(paper).to_have_css("background-color", "rgb(255, 255, 255)")
    page.reload()
    expect(paper).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.get_by_role("button", name="Dark colors")).to_be_visible()


@pytest.mark.parametrize("name", ["run", "rollback"])
def test_on_paper_films_are_written_out_in_light_colours(visit, expect, path_of, name):
    page = visit(path_of(name), scheme="dark")
    page.evaluate("document.querySelector('details.finding, details.deviation').open = true")
    page.locator("details[open] .film [aria-current=step]").first.wait_for()
    page.emulate_media(media="print")
    expect(page.locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator(".tools")).to_be_hidden()
    film = page.locator("details[open] .film").first
    frames = film.locator(".frame:not(:empty)")
    shown = [frames.nth(index).is_visible() for index in range(frames.count())]
    assert len(shown) > 3
    assert shown.count(True) >= len(shown) - 1


def styles(page, selector, name):
    return set(
        page.evaluate(f"[...document.querySelectorAll('{selector}')].map((each) => getComputedStyle(each).{name})")
    )


def test_on_paper_headings_stay_with_what_follows_and_pictures_are_whole(visit, path_of):
    page = visit(path_of("rollback"))
    assert {"auto"} == styles(page, "h2", "breakAfter")
    page.emulate_media(media="print")
    for selector in ("h1", "h2", "h3", ".statement"):
        assert {"avoid"} == styles(page, selector, "breakAfter"), selector
    for selector in (".plate", "figure", ".drawn img", ".frame"):
        assert {"avoid"} == styles(page, selector, "breakInside"), selector
    assert page.locator(".plate img:visible").first.bounding_box()["height"] <= 22 / 2.54 * 96 + 1


def test_on_paper_the_setup_of_examples_is_there_once(visit, expect, path_of):
    page = visit(path_of("rollback"))
    step = page.locator(".film .setup").first
    expect(step.locator(".line")).to_be_visible()
    expect(page.locator(".setups")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".setups h3").first).to_have_text("Setup A")
    expect(page.locator(".setups")).to_contain_text("r0 = NewRegistry()")
    expect(step).to_be_hidden()
    setups = page.locator(".setups h3").count()
    expect(page.get_by_text("r0 = NewRegistry()").filter(visible=True)).to_have_count(setups)
    assert setups < page.locator(".setup-used").count()
    expect(page.locator(".setup-used").first).to_be_visible()


def test_a_page_whose_reader_chose_dark_is_printed_in_light_colours(visit, expect, path_of):
    page = visit(path_of("node"))
    page.get_by_role("button", name="Dark colors").click()
    expect(page.locator(".for-dark").first).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator(".for-light").first).to_be_visible()
    expect(page.locator(".for-dark").first).to_be_hidden()
