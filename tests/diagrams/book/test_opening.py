"""The chapters that open the book say what happens: their code has run, and their words are in the glossary."""

from __future__ import annotations

import inspect
import re
from html import unescape

import pytest

from hsm_diagrams.book import book
from hsm_diagrams.book.example import payment, shop, tree
from hsm_diagrams.book.moments import MEMORY, STORE, Album
from hsm_diagrams.book.opening import GLOSSARY, OPENINGS, code, load_glossary, term
from hsm_model.framework import Fate
from hsm_specs.report.html.views import Pool


@pytest.fixture(scope="module")
def pages():
    return {name: content.decode() for name, content in book.files() if name.endswith(".html")}


@pytest.fixture
def scenes():
    """Return the scenes of a chapter."""
    by_page = {opening.page: opening for opening in OPENINGS}
    return lambda page: dict(by_page[page].scenes(Album(Pool())))


def card(moment, place):
    return next(shot for shot in moment.snapshot.trees[place].values() if shot.place == "Payment card")


def text_of(html):
    main = html.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split()).lower()


def test_every_opening_chapter_has_code_and_pictures(pages):
    for opening in OPENINGS:
        assert '<svg class="tree"' in pages[opening.page]
        assert '<pre class="listing"' in pages[opening.page] or opening.page == "reading.html"


def test_the_pages_show_all_code_of_the_example(pages):
    shown = "".join(unescape(pages[opening.page]) for opening in OPENINGS)
    left_out = {"Bank", "Receipt", "ReceiptDefinition", "BackoffSerializer"}
    for module in (payment, tree, shop):
        for name, part in vars(module).items():
            own = getattr(part, "__module__", "") == module.__name__
            if own and (inspect.isfunction(part) or inspect.isclass(part)) and name not in left_out:
                assert code(name) in shown, name


def test_code_is_shown_without_remarks_for_linters():
    assert "S101" not in code("BackoffSerializer")
    assert "PAYMENT, RECEIPT = MachineType(1" in code("PAYMENT")
    with pytest.raises(KeyError):
        code("no_such_function")


def test_a_failed_transition_leaves_the_tree_as_it_was(scenes):
    shown = scenes("transitions.html")
    before, (inside, after) = shown["start"][-1], shown["fail"]
    assert 4 == len(inside.snapshot.trees[MEMORY])
    assert before.snapshot == after.snapshot
    assert "Receipt 1 is gone" in after.changes


def test_clearing_leaves_state_and_count(scenes):
    [cleared] = scenes("outputs-and-tasks.html")["clear"]
    shot = card(cleared, MEMORY)
    assert ("Charging", 1, False, ()) == (shot.data, shot.transitions, shot.dirty, shot.outputs)


def test_memory_is_ahead_of_the_store_until_the_commit(scenes):
    shown = scenes("transactions.html")
    _, inside, committed = shown["write"]
    assert "Charging" == card(inside, MEMORY).data
    assert 1 == len(inside.snapshot.trees[STORE])
    assert ("Charging", "Charge to the bank") == (
        card(committed, STORE).data,
        committed.snapshot.registries["outbound queue:"],
    )
    paid, refused = shown["write_and_fail"]
    assert ("Paid", "Charging") == (card(paid, MEMORY).data, card(paid, STORE).data)
    assert committed.snapshot == refused.snapshot


def test_the_story_is_what_happens(scenes):
    shown = scenes("story.html")
    said = [
        (card(moment, STORE).data, card(moment, STORE).transitions, *moment.snapshot.registries.values())
        for moments in shown.values()
        for moment in moments
        if len(moment.snapshot.trees[STORE]) > 1
    ]
    assert said == [
        ("Charging", 1, "00:00", "Charge to the bank", "empty"),
        ("Waiting", 2, "00:00", "empty", "due at 00:01"),
        ("Charging", 3, "00:01", "Charge to the bank", "empty"),
        ("Charging", 3, "00:01", "Charge to the bank", "empty"),
        ("Paid", 4, "00:01", "empty", "empty"),
    ]


def test_the_bank_is_not_asked_by_a_task_that_is_stale():
    bank, album = shop.Bank(), Album(Pool())
    cell = album.cell = shop.open_shop(bank)
    shop.place_order(cell, album)
    first = shop.run_queue(cell, album)
    shop.pass_time(cell, album)
    assert Fate.DROPPED is shop.deliver_late(cell, first).fate
    assert [True] == bank.answers
    shop.finish(cell, album)
    assert [1999] == bank.charged


def test_the_glossary_is_in_order_and_every_word_is_used_where_it_refers_to(pages):
    words = list(load_glossary())
    assert sorted(words) == words
    for word in load_glossary().values():
        assert word.name in text_of(pages[word.see]), word.name
        assert f'id="{word.anchor}"' in pages[GLOSSARY]


def test_a_word_that_is_not_in_the_glossary_cannot_be_linked():
    assert '<a class="term" href="glossary.html#term-node">nodes</a>' == str(term("node", "nodes"))
    with pytest.raises(KeyError):
        term("no such word")


def test_every_chapter_leads_to_the_next_one(pages):
    seen, page = [], OPENINGS[0].page
    while page:
        seen.append(page)
        turn = pages[page].partition('<nav class="turn"')[2]
        page = next(iter(re.findall(r'href="([^"]+)">[^<]*&rarr;', turn)), "")
    assert len(seen) == len(set(seen)) == len(pages) - len({"index.html", "book.html", GLOSSARY})


def test_the_files_of_a_book_have_different_names():
    names = [name for name, _ in book.files()]
    assert len(names) == len(set(names))
