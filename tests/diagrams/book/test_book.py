"""``hsmspec book``: every requirement has its place, and every link leads somewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from hsm_diagrams.book import book
from hsm_diagrams.book.book import BOOK
from hsm_diagrams.book.implementations import implementations, load_result
from hsm_diagrams.book.pictures import load_gallery
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.errors import InputError
from hsm_specs.oracle.deviations import Deviation, Deviations, deviations_in
from hsm_specs.properties import PROPERTIES
from hsm_specs.report import json as json_report
from hsm_specs.results.verdicts import Verdict

ROOT = Path(__file__).parents[3]
RELEASES = sorted((ROOT / "adapters" / "temporal").glob("v*/deviations.toml"))
GALLERY = ROOT / "diagrams" / "gallery"
STAYS = Deviation(
    "MT-ROLLBACK-5", "It stays.", "Nobody takes it away.", amendment="failed-transition-keeps-nested-effects"
)


@pytest.fixture(scope="module")
def pages(run):
    known = Deviations("an-implementation", "v0", (STAYS,))
    found = implementations([known], [run])
    files = dict(book.files(found, load_gallery(GALLERY)))
    return {name: content.decode() for name, content in files.items()}


def ids(html: str) -> list[str]:
    return re.findall(r'\bid="([^"]+)"', html)


def test_every_requirement_has_an_anchor_on_its_page_and_on_that_of_all(pages):
    for requirement in load_catalogue().values():
        assert requirement.id in ids(pages[f"{requirement.area}.html"])
        assert requirement.id in ids(pages[BOOK])


def test_the_contents_count_every_requirement_in_a_class_of_its_own(pages):
    [table] = re.findall(r'<table class="contents">.*?</table>', pages["index.html"], re.DOTALL)
    head, *rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
    counts = [[int(count) for count in re.findall(r'<td class="num">(\d+)</td>', row)] for row in rows]
    assert {head.count("<th") - 1} == {len(row) for row in counts}
    assert len(load_catalogue()) == sum(map(sum, counts))


def test_every_link_leads_somewhere(pages):
    for name, html in pages.items():
        if not name.endswith((".html", ".svg")):
            continue
        assert len(ids(html)) == len(set(ids(html)))
        for target in re.findall(r'(?:href|src)="([^"]+)"', html):
            address = urlsplit(target)
            if address.scheme:
                assert address.scheme in {"https", "data"}
                continue
            place = re.sub(r"[^/]+/\.\./", "", str(Path(name).parent / address.path)) if address.path else name
            assert place in pages
            assert not address.fragment or address.fragment in ids(pages[place])


def test_a_page_loads_nothing_from_anywhere_else(pages):
    for name, html in pages.items():
        loaded = re.findall(r'<(?:script|img|link|iframe)[^>]*(?:src|href)="([^"]+)"', html)
        assert not [target for target in loaded if "//" in target], name


def test_a_requirement_has_all_that_there_is_to_say(pages):
    _, _, text = pages["node.html"].partition('<article id="NODE-ADD-2"')
    text, _, _ = text.partition("</article>")
    requirement = load_catalogue()["NODE-ADD-2"]
    for words in (
        requirement.source.link,
        "documented",
        "refuse_existing",
        PROPERTIES["NODE-ADD-2"].title,
        "ErrStateMachineAlreadyExists",
        '<b class="mark">evidence</b>',
        "<svg",
    ):
        assert words in text


def test_every_property_has_its_example_as_a_film(pages):
    films = sum(html.count("<h3>Example</h3>") for html in pages.values())
    assert len(PROPERTIES) == films


def test_a_known_deviation_is_shown_with_both_answers(pages):
    text = pages["rollback.html"]
    assert "<b>Known deviation</b> of an-implementation v0" in text
    assert "It stays. Nobody takes it away." in text
    assert 1 == text.count("<dt>Observed</dt>")
    assert "Observed tree" in text


def test_every_requirement_that_is_judged_says_what_is_known_of_each_implementation(pages):
    for requirement in load_catalogue().values():
        text = (
            pages[f"{requirement.area}.html"].partition(f'<article id="{requirement.id}"')[2].partition("</article>")[0]
        )
        known = text.partition("<dt>Conformance</dt>")[2].partition("</dd>")[0]
        judged = requirement.judged
        assert [judged, judged] == [f"an-implementation {version}" in known for version in ("v0", "v1")]
    known = pages["rollback.html"].partition('<article id="MT-ROLLBACK-5"')[2].partition("</dl>")[0]
    assert '<span class="badge known">known deviation</span> an-implementation v0' in known
    assert '<span class="badge bad">deviates</span> an-implementation v1' in known


def test_the_matrix_has_a_row_for_each_requirement_and_a_column_for_each_implementation(pages):
    text = pages["matrix.html"]
    assert len(load_catalogue()) == text.count("<tr data-id=")
    assert '<th scope="colgroup" colspan="2">an-implementation</th>' in text
    assert re.findall(r'<th scope="col">([^<]+)</th>', text) == ["v0", "v1"]
    [row] = re.findall(r'<tr data-id="MT-ROLLBACK-5".*?</tr>', text)
    assert re.findall(r"<td>.*?>([^<]+)<", row) == ["known deviation", "deviates"]


def test_of_one_implementation_list_and_run_make_one_column(run):
    known = Deviations("an-implementation", "v1", (STAYS,))
    [found] = implementations([known], [run])
    requirement = load_catalogue()["MT-ROLLBACK-5"]
    assert str(Verdict.DEVIATES) == found.cell(requirement).text
    assert STAYS == found.deviations["MT-ROLLBACK-5"]


def test_what_a_release_does_not_offer_was_not_judged():
    [found] = implementations([deviations_in(RELEASES[0])], [])
    states = {name: found.cell(entry).text for name, entry in load_catalogue().items() if entry.judged}
    framework = {name for name, entry in load_catalogue().items() if "transactions" in entry.capabilities}
    assert framework == {name for name, text in states.items() if text == "not judged"}


def test_without_implementations_and_gallery_there_are_no_pages_of_them():
    names = dict(book.files())
    assert "matrix.html" not in names
    assert "gallery.html" not in names
    assert b"matrix.html" not in names["index.html"]


def test_the_command_writes_the_book_of_the_real_releases(cli, tmp_path, run):
    (tmp_path / "run.json").write_bytes(json_report.encode(run))
    lists = [argument for path in RELEASES for argument in ("--deviations", str(path))]
    said = cli("book", "--output", "out/book", *lists, "--results", "run.json", "--gallery", str(GALLERY))
    assert (0, "out/book/index.html (36 pages)\n", "") == said
    matrix = (tmp_path / "out" / "book" / "matrix.html").read_text("utf-8")
    assert re.findall(r'<th scope="colgroup" colspan="(\d)">([^<]+)<', matrix) == [
        ("4", "temporal-hsm"),
        ("1", "an-implementation"),
    ]
    assert {path.name for path in GALLERY.glob("*.svg")} == {
        path.name for path in (tmp_path / "out/book/gallery").iterdir()
    }


@pytest.mark.parametrize("content", [b"{}", b"no json", b"[" * 100_000])
def test_a_result_that_is_none_is_a_sentence(tmp_path, content):
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(InputError, match="no result of"):
        load_result(tmp_path / "run.json")


def test_a_result_of_another_format_is_a_sentence(tmp_path, run):
    (tmp_path / "run.json").write_bytes(json_report.encode(msgspec.structs.replace(run, format=99)))
    with pytest.raises(InputError, match="format 99"):
        load_result(tmp_path / "run.json")


def test_without_jinja_one_sentence_says_what_to_install(cli, tmp_path, monkeypatch):
    for name in [
        name for name in sys.modules if name.startswith(("hsm_diagrams.book.", "hsm_specs.report.html", "jinja2"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    said = cli("book", "--output", "book")
    assert 2 == said.code
    assert "pip install 'hsmspec[diagrams]'" in said.err
    assert [] == list(tmp_path.iterdir())
