"""``hsmspec book --mutants``: each requirement says which wrong implementations it kills, and how that is known."""

from __future__ import annotations

import json
import re

import msgspec
import pytest

from hsm_diagrams.book import book
from hsm_diagrams.book.mutants import Mutants, load_mutants
from hsm_specs.catalogue.requirements import AREAS, load_catalogue
from hsm_specs.errors import InputError
from hsm_specs.mutants import Mutant, Report, Score
from hsm_specs.properties import PROPERTIES


def mutant(name, requirement="NODE-ADD-2"):
    return Mutant(name, requirement, f"It is <wrong> like {name}.", ("./adapter", name))


@pytest.fixture
def killed(stays):
    """Make a score that found a mutant out."""

    def make(name="mutant", requirement="NODE-ADD-2", by="NODE-ADD-2", red=("NODE-ADD-2",), named="NODE-ADD-2"):
        finding = msgspec.structs.replace(stays, requirement=named)
        return Score(mutant(name, requirement), killed_by=by, after=1234, red=red, finding=finding)

    return make


@pytest.fixture
def manifest(tmp_path):
    path = tmp_path / "manifest.json"
    path.write_bytes(msgspec.json.encode([mutant("alpha"), mutant("beta", "NODE-KEY-1")]))
    return path


def outcome(score, requirement="NODE-ADD-2"):
    [entry] = Mutants((score,)).of(requirement).own
    return entry.outcome


def test_a_mutant_stands_with_the_requirement_that_it_breaks(killed):
    found = Mutants((killed("one"), killed("other", "NODE-KEY-1", "NODE-KEY-1", ("NODE-KEY-1",))))
    assert ["one"] == [entry.name for entry in found.of("NODE-ADD-2").own]
    assert ["other"] == [entry.name for entry in found.of("NODE-KEY-1").own]


def test_a_mutant_of_another_requirement_is_listed_where_its_property_fails_too(killed):
    found = Mutants((killed("other", "NODE-KEY-1", "NODE-KEY-1", ("NODE-ADD-2", "NODE-KEY-1")),))
    [entry] = found.of("NODE-ADD-2").others
    assert ("other", "NODE-KEY-1") == (entry.name, entry.breaks)
    assert ((), ()) == (found.of("NODE-KEY-1").others, found.of("NODE-ADD-2").own)


def test_how_it_was_killed_is_said(killed):
    assert "killed by this property after 1,234 operations" == outcome(killed())
    first = killed(by="NODE-ADD-1", red=("NODE-ADD-1", "NODE-ADD-2"))
    assert "killed by this property too, first by that of NODE-ADD-1 after 1,234 operations" == outcome(first)
    only = killed(by="NODE-ADD-1", red=("NODE-ADD-1",))
    assert "killed by the property of NODE-ADD-1 after 1,234 operations" == outcome(only)
    assert "killed by the soak after 1,234 operations" == outcome(killed(by="soak"))
    assert "; attributed to NODE-ADD-1" in outcome(killed(named="NODE-ADD-1"))


def test_a_survivor_is_said_to_be_one():
    assert "survived" == outcome(Score(mutant("mutant")))
    assert "survived (it hung)" == outcome(Score(mutant("mutant"), trouble="it hung"))
    assert Mutants((Score(mutant("mutant")),)).of("NODE-ADD-2").own[0].survived


def article(html, requirement):
    return html.partition(f'<article id="{requirement}"')[2].partition("</article>")[0]


def test_the_pages_list_mutants_and_say_from_what(killed, tmp_path):
    path = tmp_path / "score.json"
    scored = [killed("one"), killed("two", "NODE-KEY-1", "NODE-KEY-1", ("NODE-ADD-2", "NODE-KEY-1"))]
    path.write_bytes(msgspec.json.encode(Report.of(scored)))
    pages = {name: content.decode() for name, content in book.files(mutants=load_mutants([path]))}
    text = article(pages["node.html"], "NODE-ADD-2")
    assert "It is &lt;wrong&gt; like one." in text
    assert "killed by this property after 1,234 operations" in text
    assert '<a href="book.html#NODE-KEY-1">NODE-KEY-1</a>' in text
    assert "<b>1 mutant</b> of it, and <b>1</b> of other requirements" in text
    assert "The score score.json: 2 of 2 mutants are killed, 1 of them" in pages["index.html"]
    alone = article(pages["node.html"], "NODE-ADD-1")
    assert "No mutant of the score breaks it." in alone


def test_of_a_manifest_nothing_is_said_to_be_killed(manifest):
    pages = {name: content.decode() for name, content in book.files(mutants=load_mutants([manifest]))}
    text = article(pages["node.html"], "NODE-ADD-2")
    assert "<b>1 mutant</b> of it, not run for this book" in text
    assert "kill" not in text
    assert "2 mutants, which were not run for this book." in pages["index.html"]


def test_without_mutants_the_book_says_nothing_of_them():
    chapters = {"index.html", *(f"{area}.html" for area in AREAS)}
    assert all(b"mutant" not in content for name, content in book.files() if name in chapters)


def test_every_documented_property_has_a_mutant_in_the_bundled_manifests():
    # Imported here, for the bundled implementation is no part of the package.
    from plain_mutants import MUTANTS  # noqa: PLC0415  # see above
    from plain_mutants.framework import FRAMEWORK_MUTANTS  # noqa: PLC0415  # see above

    broken = {each.requirement for each in (*MUTANTS.values(), *FRAMEWORK_MUTANTS.values())}
    documented = {name for name in PROPERTIES if load_catalogue()[name].classification == "documented"}
    assert {"NODE-ADD-9"} >= documented - broken


@pytest.mark.parametrize("content", ["{}", '{"mutants": "many"}', "no json", "[" * 100_000, "[{}]"])
def test_a_file_that_is_neither_score_nor_manifest_is_a_sentence(tmp_path, content):
    path = tmp_path / "score.json"
    path.write_text(content, "utf-8")
    with pytest.raises(InputError, match=r"score\.json"):
        load_mutants([path])


def test_the_command_reads_scores_and_manifests(cli, tmp_path, killed, manifest):
    (tmp_path / "score.json").write_bytes(msgspec.json.encode(Report.of([killed("one")])))
    said = cli("book", "--output", "book", "--mutants", "score.json", "--mutants", str(manifest))
    assert (0, "") == (said.code, said.err)
    text = (tmp_path / "book" / "index.html").read_text("utf-8")
    assert 2 == len(re.findall(r"The (?:score|manifest) ", text))
    (tmp_path / "bad.json").write_text(json.dumps({"a": 1}), "utf-8")
    bad = cli("book", "--output", "book2", "--mutants", "bad.json")
    assert (2, 1) == (bad.code, bad.err.count("\n"))
    assert not (tmp_path / "book2").exists()
