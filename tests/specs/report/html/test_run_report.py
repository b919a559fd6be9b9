"""``hsmspec run --html``: one page that holds whatever a run can come to."""

from __future__ import annotations

import os
import re
import sys
from html.parser import HTMLParser

import msgspec
import pytest

from hsm_specs.engine.replay_phase import KNOWN
from hsm_specs.errors import Trouble
from hsm_specs.language.messages import Greeting
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.deviations import Deviation, Deviations
from hsm_specs.report import sentences
from hsm_specs.report.html.page import SIDES, HtmlReporter, page
from hsm_specs.report.summary import Found
from hsm_specs.results.events import (
    FindingCounted,
    FindingLocated,
    FindingMade,
    FindingReplayed,
    Greeted,
    ReferenceGreeted,
    RequirementJudged,
    RunEnded,
    RunStarted,
    Side,
)

REPLACE = msgspec.structs.replace


class Outline(HTMLParser):
    """The elements of a page, and whether they nest."""

    VOID = frozenset({"meta", "link", "input", "br", "path", "rect", "use"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.outside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
        target = found.get("href", found.get("src", ""))
        if target.startswith("#"):
            self.targets.append(target[1:])
        elif target and tag != "a":
            self.outside.append(target)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def shown(run, *more, **options):
    return page(run.summary(), *more, **options)


def test_the_page_is_one_file_whose_links_resolve(run):
    outline = Outline(shown(run))
    assert [] == outline.open
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.targets
    assert set(outline.targets) <= set(outline.ids)
    assert ["data:,"] == outline.outside


def test_what_the_run_came_to_is_on_the_page(run, stays):
    html = shown(run, Deviations(deviation=(Deviation("NODE-ADD-1", "It is late.", "It overslept."),)))
    for words in (
        "an-implementation v1",
        "does not conform",
        "2 documented requirements are violated.",
        "./adapter &#39;two words&#39;",
        "Known: It is late. It overslept.",
        f'<details class="finding" id="{stays.id}"',
        "12 programs fail like this",
        f"hsmspec replay findings/{stays.id}.json",
        "hsm#MachineTransition",
        "transition_rolled_back",
    ):
        assert words in html
    assert "partial" not in html.partition("</main>")[0].partition("<main>")[2]


def test_a_partial_run_says_so_first(run):
    trouble = Trouble("timed-out", "The adapter gave no answer.", ("last <words>",))
    html = shown(REPLACE(run, partial="the adapter failed", trouble=trouble, exit_code=2))
    assert "<title>Partial run: an-implementation v1 could not be judged</title>" in html
    assert "<b>This run is partial:</b> the adapter failed." in html
    assert "last &lt;words&gt;" in html


def test_a_run_that_came_to_nothing_has_a_page(run):
    html = shown(REPLACE(run, implementation=None, requirements=(), findings=(), partial="no adapter", exit_code=2))
    assert [] == Outline(html).open
    assert "No requirement was judged." in html


def test_what_an_implementation_says_is_never_markup(run, stays):
    evil = '<script>alert("1")</script>\x00\ud800'
    finding = REPLACE(stays, note=evil, observed=(*stays.observed[:-1], Observation(error="other", message=evil)))
    html = shown(REPLACE(run, findings=(Found(finding.id, evil, finding),), problems=(evil,), budget=evil))
    assert evil not in html
    assert "<script>alert" not in html
    assert "\x00" not in html
    html.encode("utf-8")


def test_a_long_answer_is_cut(run, stays):
    finding = REPLACE(stays, observed=(*stays.observed[:-1], Observation(ok="x" * 1_000_000)))
    assert len(shown(REPLACE(run, findings=(Found(finding.id, "", finding),)))) < 300_000


def test_the_finding_to_look_at_first_is_first_and_open(run, inside):
    html = shown(REPLACE(run, primary=inside.id))
    names = re.findall(r'<details class="finding" id="([^"]+)"[^>]*?( open)?>', html)
    assert (inside.id, " open") == names[0]
    assert [""] == [opened for _, opened in names[1:]]
    assert f'Look at <a href="#{inside.id}">{inside.id}</a> first' in html
    assert 1 == html.count("look at this first")


def test_the_page_begins_with_the_verdict_then_the_first_finding_then_findings_then_the_folded_areas(run, inside):
    html = shown(REPLACE(run, primary=inside.id)).partition("<main>")[2]
    parts = ("does not conform", f'href="#{inside.id}"', 'id="findings"', 'id="requirements"', '<details class="area"')
    places = [html.index(part) for part in parts]
    assert sorted(places) == places
    assert '<details class="area" open' not in html
    assert 1 == html.partition('id="findings"')[0].count("does not conform")


def test_requirements_that_sentences_name_lead_to_their_rows(run, stays):
    html = shown(REPLACE(run, problems=(f"1 is violated: {stays.requirement}.", "NO-SUCH-1 <is> not there.")))
    assert f'<li>1 is violated: <a href="#{stays.requirement}">{stays.requirement}</a>.</li>' in html
    assert "<li>NO-SUCH-1 &lt;is&gt; not there.</li>" in html


def test_without_such_a_finding_none_is_open(run):
    html = shown(run)
    assert "look at this first" not in html
    assert not re.search(r'<details class="finding"[^>]* open>', html)


def test_findings_of_earlier_runs_say_what_became_of_them(run, stays):
    html = shown(
        REPLACE(
            run,
            replayed=(
                FindingReplayed("NODE-ADD-1-00000000", "f/NODE-ADD-1-00000000.json", "fixed"),
                FindingReplayed(stays.id, f"f/{stays.id}.json", "still failing"),
                FindingReplayed("", "f/<bad>.json", "not reproducible", "it is no finding"),
                FindingReplayed("DIRTY-TREE-3-00000000", "f/x.json", "still failing", KNOWN),
            ),
        )
    )
    text = html.partition('aria-labelledby="replayed"')[2].partition("</section>")[0]
    assert "<b>2</b> still failing" in text
    assert "<b>1</b> fixed" in text
    assert f'<a href="#{stays.id}">' in text
    assert "its file can be deleted: f/NODE-ADD-1-00000000.json" in text
    assert "f/&lt;bad&gt;.json" in text
    assert f'<span class="badge known">still failing</span> DIRTY-TREE-3-00000000 <small>{KNOWN}' in text
    outline = Outline(html)
    assert [] == outline.open
    assert set(outline.targets) <= set(outline.ids)


def test_without_earlier_findings_there_is_no_section_of_them(run):
    assert "earlier runs" not in shown(run)


def test_a_thousand_findings_of_earlier_runs_are_folded_and_count_as_room(run, stays):
    replayed = tuple(FindingReplayed(f"N-{number}", f"f/{number}.json", "fixed") for number in range(1000))
    html = shown(REPLACE(run, findings=many(stays, 1000), replayed=replayed))
    assert '<details class="replays"><summary>' in html
    assert len(html.encode()) < 5_000_000


@pytest.mark.parametrize("side", Side)
def test_a_reference_says_who_is_alone_with_an_answer(run, stays, side):
    third = Observation(error="not_registered")
    located = FindingLocated(stays.id, side, third, "a note")
    reference = ReferenceGreeted(("./ref", "erence"), Greeting(1, "the-reference", "v2", "go", ()))
    one, other = run.findings
    html = shown(REPLACE(run, findings=(REPLACE(one, located=located), other), reference=reference, sides={side: 1}))
    assert "the-reference v2: ./ref erence" in html
    assert f'data-side="{side}"' in html
    assert 1 == html.count("data-side=")
    assert f'<option value="{side}">{SIDES[side].brief} (1)</option>' in html
    compared = "Not compared with the reference: a note."
    if side is not Side.UNKNOWN:
        compared = f"Compared with the reference: {sentences.SIDES[side]} (a note)."
    assert compared in html
    assert "<dt>The reference</dt><dd>ErrNotRegistered</dd>" in html


def test_without_a_reference_nothing_is_said_of_one(run):
    html = shown(run)
    assert "data-side" not in html
    assert "<dt>The reference</dt>" not in html
    assert 'name="side"' not in html


def test_an_unknown_requirement_or_amendment_is_no_trouble(run, stays):
    finding = REPLACE(stays, requirement="NO-SUCH-1", amendments=("no-such",))
    html = shown(REPLACE(run, findings=(Found(finding.id, "", finding),)))
    assert "NO-SUCH-1" in html


def many(finding, count):
    found = (REPLACE(finding, seed=number, note=f"the note of {number}") for number in range(count))
    return tuple(Found(f"{finding.requirement}-{number}", "", one) for number, one in enumerate(found))


def test_a_thousand_findings_stay_under_five_megabytes_each_with_its_film(run, stays):
    html = shown(REPLACE(run, findings=many(stays, 1000)))
    assert len(html.encode()) < 5_000_000
    assert 1000 == html.count('<details class="finding"') == html.count("data-start=") + html.count("data-film=")
    assert [] == Outline(html).open


@pytest.mark.parametrize(("room", "some_left_out"), [(220_000, False), (60_000, True)])
def test_with_less_room_films_are_packed_and_then_left_out(run, stays, room, some_left_out):
    html = shown(REPLACE(run, findings=many(stays, 60)), room=room)
    left_out = html.count("without its steps,")
    assert "data-start=" in html
    assert "data-film=" in html
    assert 60 == html.count("data-start=") + html.count("data-film=") + left_out
    assert some_left_out is bool(left_out) is (f"{left_out} findings are listed without" in html)


def test_the_page_is_made_of_events_and_written_whole(run, tmp_path):
    path = tmp_path / "deep" / "run.html"
    consume = HtmlReporter(path)
    (first, second) = run.findings
    for event in (
        RunStarted(run.command, 7, "quick", 2, 3),
        Greeted(run.implementation),
        FindingMade(first.finding, first.file),
        FindingMade(second.finding, ""),
        FindingCounted(first.id, 4321),
        *map(RequirementJudged, run.requirements),
    ):
        consume(event)
        assert not path.exists()
    consume(RunEnded(1, 200, 5000, 2.5, ("1 violated.",)))
    assert "4,321 programs fail like this" in path.read_text("utf-8")
    assert ["run.html"] == os.listdir(path.parent)  # noqa: PTH208  # names are what matters


def test_the_option_writes_the_page(cli, tmp_path):
    said = cli("run", "-k", "NODE-KEY", "--budget", "quick", "--workers", "1", "--html", "run.html")
    assert (0, "") == (said.code, said.err)
    assert "hsm-model 0.1.0" in (tmp_path / "run.html").read_text("utf-8")


def test_without_jinja_one_sentence_says_what_to_install(cli, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith(("hsm_specs.report.html", "jinja2"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    said = cli("run", "-k", "NODE-KEY", "--budget", "quick", "--html", "run.html")
    assert 2 == said.code
    assert 1 == said.err.count("\n")
    assert "pip install 'hsmspec[diagrams]'" in said.err
    assert [] == list(tmp_path.iterdir())
