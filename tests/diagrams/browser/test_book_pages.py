"""The book in a browser: its links, its search, its films and its matrix."""

from __future__ import annotations


def test_links_lead_to_the_chapters_and_back(visit, book_folder):
    page = visit(book_folder / "index.html")
    page.get_by_role("link", name="Rollback of failed transitions").click()
    assert "Rollback of failed transitions" == page.locator("h1").text_content()
    page.get_by_role("link", name="All requirements").click()
    page.get_by_role("link", name="MT-ROLLBACK-5").click()
    assert page.url.endswith("rollback.html#MT-ROLLBACK-5")
    assert page.locator("article:target").is_visible()
    page.get_by_role("link", name="Contents").click()
    assert "The hsm specification" == page.locator("h1").text_content()


def test_the_search_works_from_disk(visit, book_folder):
    page = visit(book_folder / "index.html")
    page.keyboard.press("/")
    page.keyboard.type("undone mt-rollback")
    hits = page.locator(".hits")
    hits.locator("a").first.wait_for()
    assert "requirements" in hits.locator("p").text_content()
    page.get_by_role("searchbox").fill("node-add-2")
    assert "1 requirement" == hits.locator("p").text_content()
    page.keyboard.press("Enter")
    page.wait_for_url("**/node.html#NODE-ADD-2")
    page.get_by_role("searchbox").fill("no such words")
    assert "0 requirements" == hits.locator("p").text_content()
    page.keyboard.press("Escape")
    assert 0 == hits.locator("p").count()


def test_an_example_begins_at_its_evidence_and_steps(visit, book_folder):
    page = visit(book_folder / "rollback.html", "MT-ROLLBACK-5")
    film = page.locator("article[id='MT-ROLLBACK-5'] .film").first
    assert "evidence" in film.locator("[aria-current=step]").text_content()
    film.get_by_role("button", name="Back").click()
    frame = film.locator(".frame:visible")
    assert "is gone" in frame.text_content()
    assert 2 == frame.locator("svg").count()


def test_two_films_on_a_page_step_apart(visit, book_folder):
    page = visit(book_folder / "registry.html")
    first, second = (page.locator(".film").nth(index) for index in (0, 1))
    said = second.get_by_role("status").text_content()
    first.locator(".line").first.click()
    page.keyboard.press("ArrowRight")
    assert first.get_by_role("status").text_content().startswith("Step 2 of ")
    assert said == second.get_by_role("status").text_content()


def test_a_known_deviation_is_a_film_with_both_answers(visit, book_folder):
    page = visit(book_folder / "dirty.html", "DIRTY-TREE-3")
    known = page.locator("article[id='DIRTY-TREE-3'] .deviation").first
    known.locator("summary").click()
    assert known.locator(".observed:visible").is_visible()
    assert "first difference" in known.locator("[aria-current=step]").text_content()


def test_the_matrix_is_filtered(visit, book_folder):
    page = visit(book_folder / "matrix.html")
    rows = page.locator("tbody tr:visible")
    every = rows.count()
    page.locator("select[name=verdict]").select_option("deviates")
    assert 0 < rows.count() < every
    assert all("known deviation" in text for text in rows.all_text_contents())


def test_a_picture_of_the_gallery_leads_to_the_requirement(visit, book_folder):
    page = visit(book_folder / "gallery.html")
    assert page.evaluate("[...document.images].every((image) => image.loading === 'lazy')")
    page.get_by_role("link", name="light").first.click()
    page.wait_for_url("**/gallery/*.svg")
    address = page.evaluate("[...document.querySelectorAll('a')].map((link) => link.href.baseVal).find(Boolean)")
    assert address.startswith("../book.html#")
    assert visit(book_folder / "book.html", address.partition("#")[2]).locator(":target").is_visible()


def test_only_the_picture_of_the_theme_is_shown(visit, book_folder):
    page = visit(book_folder / "gallery.html", scheme="dark")
    assert page.locator("img.for-dark").first.is_visible()
    assert not page.locator("img.for-light").first.is_visible()
    page.get_by_role("button", name="Light colours").click()
    assert page.locator("img.for-light").first.is_visible()
