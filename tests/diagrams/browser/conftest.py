"""A browser without a window, and pages in it that must not complain and must load nothing from a network.

Where there is no browser the tests are skipped, and say why. The browser is Debian's chromium, driven by playwright.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hsm_diagrams.book import book
from hsm_diagrams.book.implementations import implementations
from hsm_diagrams.book.pictures import load_gallery
from hsm_diagrams.machine.drawing import machine_picture
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language.messages import Greeting
from hsm_specs.language.observations import Observation
from hsm_specs.machines.names import find_machine
from hsm_specs.oracle.deviations import deviations_in
from hsm_specs.properties import PROPERTIES
from hsm_specs.report.html.page import HtmlReporter
from hsm_specs.results.events import (
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
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import Judgement, Verdict

from ...findings import made as finding_of

ROOT = Path(__file__).parents[3]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE = 1280
PATIENCE = 20_000
"""Milliseconds after which what was waited for is said not to come."""


@pytest.fixture(scope="session")
def browser():
    """Yield the browser, started once."""
    api = pytest.importorskip("playwright.sync_api", reason="no browser tests: playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no browser tests: there is no chromium (Debian: apt-get install chromium)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def expect(browser):
    """Playwright's assertions, which look again: pages answer clicks and keys in their own time."""
    api = pytest.importorskip("playwright.sync_api", reason="no browser tests: playwright is not installed")
    api.expect.set_options(timeout=PATIENCE)
    return api.expect


@contextmanager
def visiting(browser) -> Iterator[Callable[..., object]]:
    """Yield a function that opens a file at a width and in a color scheme. In the end no page may have complained."""
    complaints: list[str] = []
    contexts = []

    def open_page(path: Path, fragment: str = "", width: int = WIDE, scheme: str = "light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith(("file:", "data:", "blob:")) else complaints.append(request.url)
            ),
        )
        page.goto(path.as_uri() + (f"#{fragment}" if fragment else ""))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [] == complaints


@pytest.fixture
def visit(browser) -> Iterator[Callable[..., object]]:
    """Open a file at a width and in a color scheme. At the end of the test no page may have complained."""
    with visiting(browser) as open_page:
        yield open_page


def findings(each: int) -> list[Finding]:
    """So many findings of each requirement, or fewer: programs of its property whose evidence was answered wrongly."""
    made: dict[str, Finding] = {}
    # Those of the framework, whose films have no tree, come last.
    catalogue = load_catalogue()
    for name, shown in sorted(PROPERTIES.items(), key=lambda item: "transactions" in catalogue[item[0]].capabilities):
        for case in shown.cases(1, each):
            got = Observation(error="other", message="it <broke>")
            finding = finding_of(name, case.program, got, (max(case.evidence),), count=3)
            made[finding.id] = finding
    return list(made.values())


def write_run(path: Path, found: list[Finding]) -> Path:
    """Return the report on a run with these findings, written by the consumer of its events.

    They are compared with a reference, a third of them were found before, and one of them is to be looked at first.
    """
    verdicts = list(Verdict)
    broken: dict[str, str] = {finding.requirement: finding.id for finding in found}
    consume = HtmlReporter(path)
    consume(RunStarted(("./adapter",), 7, "quick", 2, len(load_catalogue())))
    consume(Greeted(Greeting(1, "an-implementation", "v1", "go", ("outputs",)), ("add-child-dirties",)))
    consume(ReferenceGreeted(("./reference",), Greeting(1, "a-reference", "v2", "rust", ("outputs",))))
    outcomes = ("still failing", "fixed", "not reproducible")
    for number, finding in enumerate(found[::3]):
        consume(FindingReplayed(finding.id, f".hsmspec/findings/{finding.id}.json", outcomes[number % 3]))
    for number, finding in enumerate(found):
        consume(FindingMade(finding, f".hsmspec/findings/{finding.id}.json"))
        consume(FindingLocated(finding.id, list(Side)[number % 4], finding.expected[finding.where[0]]))
    for number, requirement in enumerate(load_catalogue().values()):
        named = broken.get(requirement.id)
        consume(
            RequirementJudged(
                Judgement(
                    requirement.id,
                    requirement.area,
                    requirement.statement,
                    requirement.classification == "documented",
                    verdicts[number % len(verdicts)] if named is None else Verdict.DEVIATES,
                    40,
                    findings=() if named is None else (named,),
                )
            )
        )
    first = found[len(found) // 2].id
    consume(RunEnded(1, 200, 5000, 2.5, ("Many are violated.",), partial="it was interrupted", primary=first))
    return path


@pytest.fixture(scope="session")
def run_page(tmp_path_factory) -> Path:
    """Return the report on a run with a finding for each of twenty requirements."""
    return write_run(tmp_path_factory.mktemp("run") / "run.html", findings(1)[::6])


@pytest.fixture(scope="session")
def play_page(tmp_path_factory) -> Path:
    """Return the page that plays Temporal's machine of cancelations."""
    path = tmp_path_factory.mktemp("play") / "play.html"
    path.write_bytes(machine_picture(find_machine("nexus-cancelation")).encode("html"))
    return path


@pytest.fixture(scope="session")
def large_page(tmp_path_factory) -> Path:
    """Return the report on a run with a thousand findings."""
    return write_run(tmp_path_factory.mktemp("large") / "run.html", findings(10)[-1000:])


@pytest.fixture(scope="session")
def book_folder(tmp_path_factory) -> Path:
    """Return the book with all real releases and the gallery."""
    folder = tmp_path_factory.mktemp("book")
    lists = map(deviations_in, sorted((ROOT / "adapters" / "temporal").glob("v*/deviations.toml")))
    gallery = load_gallery(ROOT / "diagrams" / "gallery")
    book.write(folder, implementations(lists, []), gallery)
    return folder
