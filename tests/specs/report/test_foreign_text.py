"""Text of adapters, saved findings and file names: whoever prints it, it stays text."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from rich.console import Console

from hsm_specs.errors import Trouble
from hsm_specs.language.messages import Greeting
from hsm_specs.oracle.deviations import NONE_KNOWN
from hsm_specs.printable import printable
from hsm_specs.report.github import SUMMARY_VARIABLE, GitHubReporter
from hsm_specs.report.html import HtmlReporter
from hsm_specs.report.junit import JUnitReporter
from hsm_specs.report.plain import PlainReporter
from hsm_specs.report.reporter import JudgingStarted, ProblemFound
from hsm_specs.report.terminal import TerminalReporter
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
from hsm_specs.results.verdicts import Judgement, Verdict
from hsm_specs.traces.judging.result import Problem

EVIL = "x\x1b]52;c;aGk=\x07\r\n::error::injected\x9b31m\u202e ##[error]y"
COMMAND = f"::error::{EVIL}"
FOREIGN = Greeting(1, COMMAND, EVIL, EVIL)
PROTOCOL_ERROR = "import sys\nfor _ in sys.stdin: print({!r}, flush=True)\n".format(
    json.dumps({"seq": 0, "protocol_error": EVIL})
)
INTRODUCTION = "import sys\nfor _ in sys.stdin: print({!r}, flush=True)\n".format(
    json.dumps({"seq": 0, "hello": msgspec.to_builtins(FOREIGN)})
)


def assert_plain_text(text: str) -> None:
    """Check that no character controls a terminal, and that no line is a command of a workflow."""
    for line in text.split("\n"):
        assert line == "".join(c for c in line if c.isprintable())
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


@pytest.fixture
def events(finding):
    evil = replace(finding, statement=EVIL, note=EVIL, rule=EVIL, implementation=EVIL, version=EVIL, command=(EVIL,))
    judgement = Judgement("NODE-ADD-1", "node", EVIL, True, Verdict.DEVIATES, 3, EVIL, (evil.id,))
    return [
        RunStarted((EVIL,), 7, "quick", 2, 3, (EVIL,), EVIL),
        Greeted(FOREIGN),
        FindingReplayed(EVIL, EVIL, "fixed", EVIL),
        FindingMade(evil, EVIL),
        ReferenceGreeted((EVIL,), FOREIGN),
        FindingLocated(evil.id, Side.UNKNOWN, None, EVIL),
        RequirementJudged(judgement),
        RunEnded(
            1, 2, 3, 1.0, (f"::error::{EVIL}",), EVIL, Trouble("ended", f"::error::{EVIL}", (f"::error::{EVIL}",))
        ),
    ]


def test_plain_lines(events):
    lines: list[str] = []
    consume = PlainReporter(lines.append, lines.append)
    for event in [*events, JudgingStarted(), ProblemFound(Problem(EVIL, 1, COMMAND))]:
        consume(event)
    assert any("injected" in line for line in lines)
    assert_plain_text("\n".join(lines))
    assert not any("\n" in line for line in lines)


def test_a_terminal(events):
    output, lines = io.StringIO(), []
    consume = TerminalReporter(Console(file=output, width=200, highlight=False), lines.append)
    for event in [*events, JudgingStarted(), ProblemFound(Problem(EVIL, 1, COMMAND))]:
        consume(event)
    assert "injected" in output.getvalue()
    assert_plain_text("\n".join([output.getvalue(), *lines]))


def test_annotations_and_the_job_summary(events, tmp_path):
    lines: list[str] = []
    consume = GitHubReporter(lines.append, {SUMMARY_VARIABLE: str(tmp_path / "summary.md")})
    for event in events:
        consume(event)
    assert all(line.isprintable() for line in lines)
    assert all(line.startswith(("::error ", "::notice ", "::stop-commands::", "::hsmspec-")) for line in lines)
    text = (tmp_path / "summary.md").read_text("utf-8")
    assert "injected" in text
    assert_plain_text(text)


def test_xml_and_html_hold_only_what_they_can(events, tmp_path):
    for name, consume in (
        ("r.xml", JUnitReporter(tmp_path / "r.xml", NONE_KNOWN)),
        ("r.html", HtmlReporter(tmp_path / "r.html")),
    ):
        for event in events:
            consume(event)
        text = (tmp_path / name).read_text("utf-8")
        assert "injected" in text
        assert not any(c in text for c in "\x1b\x07\x9b")


@pytest.mark.parametrize("command", ["run", "soak", "doctor", "smoke", "replay"])
@pytest.mark.parametrize("adapter", [PROTOCOL_ERROR, INTRODUCTION], ids=["protocol_error", "introduction"])
def test_commands_that_run_an_adapter(cli, finding, command, adapter):
    Path("evil.py").write_text(adapter)
    Path("f.json").write_bytes(msgspec.json.encode(replace(finding, requirement=COMMAND, statement=EVIL)))
    first = ["f.json"] if command == "replay" else ["--shards", "1", "--workers", "1"] if command == "soak" else []
    said = cli(command, *first, "--", sys.executable, "evil.py", COMMAND)
    assert "injected" in said.out + said.err
    assert_plain_text(said.out)
    assert_plain_text(said.err)


def test_judge_complains_of_a_file_by_its_name(cli):
    name = "::error::\x1b]0;evil\x07.jsonl"
    Path(name).write_bytes(b"no line\n")
    said = cli("judge", name)
    assert 2 == said.code
    assert "evil" in said.err
    assert_plain_text(said.out + said.err)


def test_the_length_of_a_name_is_bounded_by_the_protocol(cli):
    Path("long.py").write_text(INTRODUCTION.replace("injected", "n" * 5_000_000))
    said = cli("smoke", "--", sys.executable, "long.py")
    assert 2 == said.code
    assert len(said.out + said.err) < 2_000


def test_what_is_printable_stays():
    text = 'Ünïcode: 1/"a" -> r0.Machine(type 1) # 3 :: std::string\N{NO-BREAK SPACE}to'
    assert text == printable(text)
