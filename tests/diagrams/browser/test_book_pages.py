"""The book in a browser: its links, its search, its films and its matrix.

What a click or a key leads to is waited for: `expect` looks again until it is so.
"""

from __future__ import annotations

import re

import pytest

from hsm_diagrams.book.opening import load_glossary

pytestmark = pytest.mark.xdist_group("browser")


def test_links_lead_to_the_chapters_and_back(visit, expect, book_folder):
    page = visit(book_folder / "index.html")
    page.get_by_role("link", name="Rollback of failed transitions").click()
    expect(page.locator("h1")).to_have_text("Rollback of failed transitions")
    page.get_by_role("link", name="All requirements").click()
    page.get_by_role("link", name="MT-ROLLBACK-5").click()
    expect(page).to_have_url(re.compile(r"/rollback\.html#MT-ROLLBACK-5$"))
    expect(page.locator("article:target")).to_be_visible()
    page.get_by_role("link", name="Contents").click()
    expect(page.locator("h1")).to_have_text("The hsm specification")


def test_the_search_works_from_disk(visit, expect, book_folder):
    page = visit(book_folder / "index.html")
    search = page.get_by_role("searchbox")
    hits = page.locator(".hits")
    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.keyboard.type("undone mt-rollback")
    expect(hits.locator("p")).to_have_text(re.compile(r"^\d+ results$"))
    expect(hits.locator("a").first).to_be_visible()
    search.fill("node-add-2")
    expect(hits.locator("p")).to_have_text("1 result")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/node\.html#NODE-ADD-2$"))
    search.fill("no such words")
    expect(hits.locator("p")).to_have_text("0 results")
    page.keyboard.press("Escape")
    expect(hits.locator("p")).to_have_count(0)


def test_an_example_begins_at_its_evidence_and_steps(visit, expect, book_folder):
    page = visit(book_folder / "rollback.html", "MT-ROLLBACK-5")
    film = page.locator("article[id='MT-ROLLBACK-5'] .film").first
    expect(film.locator("[aria-current=step]")).to_contain_text("evidence")
    film.get_by_role("button", name="Back").click()
    frame = film.locator(".frame:visible")
    expect(frame).to_contain_text("is gone")
    expect(frame.locator("svg")).to_have_count(2)


def test_two_films_on_a_page_step_apart(visit, expect, book_folder):
    page = visit(book_folder / "registry.html")
    first, second = (page.locator(".film").nth(index) for index in (0, 1))
    said = second.get_by_role("status").text_content()
    first.locator(".line").first.click()
    page.keyboard.press("ArrowRight")
    expect(first.get_by_role("status")).to_have_text(re.compile("^Step 2 of "))
    expect(second.get_by_role("status")).to_have_text(said)


def test_a_known_deviation_is_a_film_with_both_answers(visit, expect, book_folder):
    page = visit(book_folder / "dirty.html", "DIRTY-TREE-3")
    known = page.locator("article[id='DIRTY-TREE-3'] .deviation").first
    known.locator("summary").click()
    expect(known.locator(".now .observed")).to_be_visible()
    expect(known.locator("[aria-current=step]")).to_contain_text("first difference")


def test_the_matrix_is_filtered(visit, expect, book_folder):
    page = visit(book_folder / "matrix.html")
    rows = page.locator("tbody tr")
    every = rows.count()
    page.locator("select[name=verdict]").select_option("deviates")
    shown = rows.filter(visible=True)
    expect(shown.filter(has_not_text="known deviation")).to_have_count(0)
    assert 0 < shown.count() < every


def test_a_picture_of_the_gallery_leads_to_the_requirement(visit, expect, book_folder):
    page = visit(book_folder / "gallery.html")
    assert page.evaluate("[...document.images].every((image) => image.loading === 'lazy')")
    page.get_by_role("link", name="light").first.click()
    expect(page).to_have_url(re.compile(r"/gallery/[^/]*\.svg$"))
    address = page.evaluate("[...document.querySelectorAll('a')].map((link) => link.href.baseVal).find(Boolean)")
    name, _, requirement = address.removeprefix("../").partition("#")
    expect(visit(book_folder / name, requirement).locator("article:target")).to_be_visible()


def test_only_the_picture_of_the_theme_is_shown(visit, expect, book_folder):
    page = visit(book_folder / "gallery.html", scheme="dark")
    expect(page.locator("img.for-dark").first).to_be_visible()
    expect(page.locator("img.for-light").first).to_be_hidden()
    page.get_by_role("button", name="Light colors").click()
    expect(page.locator("img.for-light").first).to_be_visible()


SEARCHED = """(queries) => {
    const input = document.querySelector('form.search input');
    return queries.map((query) => {
        input.value = query;
        input.dispatchEvent(new Event('input'));
        const links = [...document.querySelectorAll('.hits a')];
        return links.map((link) => [link.textContent, link.nextSibling.textContent]);
    });
}"""


def test_the_search_finds_every_word_of_the_glossary_after_chapters_at_most(visit, book_folder):
    page = visit(book_folder / "index.html")
    words = list(load_glossary())
    for word, found in zip(words, page.evaluate(SEARCHED, words), strict=True):
        place = found.index([word, " (word)"])
        assert {" (chapter)"} >= {kind for _, kind in found[:place]}, word


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("nodes", ["Nodes", "node"]),
        ("Transactions", ["Transactions", "transaction"]),
        ("rollback", ["rollback", "Rollback"]),
        ("event executed task", ["From event to executed task"]),
        ("mt-rollback-5", ["MT-ROLLBACK-5"]),
        ("ErrDuplicateRegistration", ["REG-MACHINE-2"]),
        ("regenerates", ["regenerate"]),
    ],
)
def test_the_search_has_headings_first(visit, book_folder, query, first):
    [found] = visit(book_folder / "index.html").evaluate(SEARCHED, [query])
    assert first == [heading for heading, _ in found[: len(first)]]


@pytest.mark.parametrize("width", [768, 390])
def test_the_matrix_of_releases_fits(visit, book_folder, width):
    page = visit(book_folder / "matrix.html", width=width)
    wide = page.locator(".wide")
    assert 4 == page.locator("thead th[scope=col]:not([rowspan])").count()
    assert wide.evaluate("(part) => part.scrollWidth") == wide.evaluate("(part) => part.clientWidth") <= width


SHIFTS = """async () => {
    const moved = [];
    const note = (list) => list.getEntries().forEach((entry) => {
        entry.sources.forEach((source) => moved.push(source.node.outerHTML.slice(0, 100)));
    });
    new PerformanceObserver(note).observe({ type: 'layout-shift', buffered: true });
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    for (let at = 0; at < document.documentElement.scrollHeight; at += 700) {
        scrollTo(0, at);
        await frame();
    }
    await frame();
    return [document.documentElement.scrollHeight, moved];
}"""


def test_the_gallery_does_not_jump_while_its_pictures_are_loaded(visit, book_folder):
    page = visit(book_folder / "gallery.html")
    before = page.evaluate("document.documentElement.scrollHeight")
    assert [before, []] == page.evaluate(SHIFTS)
    assert page.evaluate(
        "[...document.images].filter((image) => image.checkVisibility()).every((image) => image.complete)"
    )
