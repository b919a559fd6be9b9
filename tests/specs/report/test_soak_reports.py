"""Reports on a soak, in plain lines and on a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from hsm_specs.catalogue.requirements import select
from hsm_specs.errors import Trouble
from hsm_specs.language.messages import Greeting
from hsm_specs.report import sentences
from hsm_specs.report.plain import PlainReporter
from hsm_specs.report.terminal import TerminalReporter
from hsm_specs.results.events import (
    FindingCounted,
    FindingMade,
    Greeted,
    RequirementJudged,
    RunEnded,
    RunStarted,
    ShardsDone,
    Soaked,
    SoakEnding,
    SoakStarted,
    WorkersLost,
)
from hsm_specs.results.verdicts import Judgement, Verdict

BEGINNING = (
    RunStarted(("./adapter",), 7, "600 s", 0, 0, kind="soak"),
    Greeted(Greeting(1, "an-implementation", "v1", "go", ("outputs",)), ("add-child-dirties",), ("swallowed",)),
    SoakStarted(50_000, "2 workers", None, 600.0, "soak.jsonl", 3),
)
DONE = ShardsDone(4, 6_400, 200_000, 2.0, 100_000.0, 1_500, 12, 3, 1)
SOAKED = Soaked("time", 50_000, ((0, 3), (5, 5)), 5, 90_000.0, 1_500, 12, 1, "soak.jsonl")


def plain(events, interval=0.0):
    lines = []
    consume = PlainReporter(lines.append, interval=interval)
    for event in events:
        consume(event)
    return "\n".join(lines)


def terminal(events):
    console = Console(file=io.StringIO(), width=200, force_terminal=True, color_system=None)
    consume = TerminalReporter(console)
    for event in events:
        consume(event)
    return console.file.getvalue()


def judged(finding):
    (requirement,) = select(finding.requirement)
    return RequirementJudged(
        Judgement(requirement.id, requirement.area, requirement.statement, True, Verdict.DEVIATES, 9, "", (finding.id,))
    )


@pytest.mark.parametrize("shown", [plain, terminal])
def test_everything_is_said(shown, finding):
    ended = RunEnded(1, 8_000, 250_000, 2.5, ("1 documented requirement is violated: MT-ROLLBACK-5.",))
    events = (DONE, WorkersLost(1), FindingMade(finding, "x.json"), FindingCounted(finding.id, 99), judged(finding))
    text = shown((*BEGINNING, *events, SoakEnding(), SOAKED, ended))
    for said in (
        "hsmspec: soak with seed 7, 600 s",
        "soak held to the specification as amended: add-child-dirties",
        "soak without: swallowed",
        "shards of 50,000 operations on 2 workers, journal soak.jsonl",
        "continuing after 3 shards of the journal",
        "1 worker lost so far; their work is repeated",
        "hsmspec replay x.json",
        f"{finding.id}: 99 programs in total",
        "interrupted: finishing the shards under way",
        "shards 0 to 3, 5 done: 250,000 operations in 8,000 programs, 2.5 s (90,000/s)",
        "1,500 steps from an operation to the next, 12 of them new in the last 10 shards",
        "an-implementation v1 does not conform.",
        "1 documented requirement is violated: MT-ROLLBACK-5.",
        "The soak ended because its time was over; `--resume --journal soak.jsonl` continues it.",
    ):
        assert said in text


def test_how_far_it_is_says_rate_coverage_and_findings():
    said = "4 shards: 200,000 operations (100,000/s), 1,500 steps (+12), 1 finding in 3 failing programs"
    assert sentences.progress(DONE) == said
    assert said in plain([DONE])
    assert said in terminal((*BEGINNING, DONE, RunEnded(0, 1, 1, 1.0)))


def test_plain_lines_about_how_far_it_is_come_at_intervals():
    assert plain([DONE] * 5, 3600.0).count("shards:") == 1


@pytest.mark.parametrize("shown", [plain, terminal])
def test_a_trouble_is_said_with_the_last_words_of_the_adapter(shown):
    trouble = Trouble("ended", "Shard 4: The adapter `./adapter` exited with status 3.", ("the last words",))
    soaked = Soaked("trouble", 50_000, (), 0, 0.0, 0, 0, 0, "soak.jsonl")
    text = shown((*BEGINNING, soaked, RunEnded(2, 0, 0, 1.0, (), "the adapter failed", trouble)))
    assert "The soak could not be finished, so nothing can be said about conformance." in text
    assert "no shard was done" in text
    assert "--resume" not in text
    assert trouble.message in text
    assert "the last words" in text


def test_a_single_shard_is_one():
    assert sentences.ranges(((7, 7),)) == "shard 7 done"
