"""All pages in a browser: quiet, never wider than the window, and of use to everybody."""

from __future__ import annotations

import pytest

from hsm_specs.catalogue.requirements import AREAS

pytestmark = pytest.mark.xdist_group("browser")
PAGES = ("run", "play", "index", "book", "matrix", "gallery", *AREAS)
SAMPLES = ("run", "play", "index", "book", "matrix", "gallery", "dirty")
"""One page of each kind."""
SERIOUS = {"serious", "critical"}
COLOURS = {"runOnly": ["color-contrast"]}
"""The accessibility rules that depend on the color scheme."""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LEAVE_ONE_OF_EACH = """() => {
    const seen = new Set();
    for (const row of document.querySelectorAll('tbody tr')) {
        const styles = [row, ...row.querySelectorAll('*')].map((each) => [each.localName, ...each.classList].join('.'));
        const size = seen.size;
        if (seen.add(styles.join(' ')).size === size) row.remove();
    }
}"""
"""Rows of the same elements and classes have the same colours."""
OPEN_ALL = "document.querySelectorAll('details').forEach((fold) => { fold.open = true; })"


@pytest.fixture
def path_of(request):
    """Return the file of a page."""

    def path(name):
        if name in ("run", "play"):
            return request.getfixturevalue(f"{name}_page")
        return request.getfixturevalue("book_folder") / f"{name}.html"

    return path


def resize(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_function(f"innerWidth === {width}")


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_the_window(visit, path_of, name):
    page = visit(path_of(name))
    for width in (1280, 390):
        resize(page, width)
        assert 0 == page.evaluate(OVERFLOW)
    page.evaluate(OPEN_ALL)
    page.wait_for_function("!document.querySelector('details[open] .packed')")
    for width in (390, 1280):
        resize(page, width)
        assert 0 == page.evaluate(OVERFLOW)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SAMPLES)
def test_axe_finds_nothing_serious(visit, path_of, name, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = visit(path_of(name), scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((fold, at) => { fold.open = at < 6; })")
    if scheme == "dark":
        page.evaluate(LEAVE_ONE_OF_EACH)
    # It would else read the style sheet once more, which pages from disk may not, and describe all that is in order.
    options = {"preload": False, "resultTypes": ["violations"], **(COLOURS if scheme == "dark" else {})}
    violations = axe.Axe().run(page, options=options).response["violations"]
    found = {
        f"{one['id']}: {one['help']}": [node["html"] for node in one["nodes"][:2]]
        for one in violations
        if one["impact"] in SERIOUS
    }
    assert {} == found


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
