"""The output of reporters for events."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from hsm_specs.catalogue.requirements import select
from hsm_specs.cli.common import EMBEDDED
from hsm_specs.engine import RunOptions, run
from hsm_specs.engine.budget import Budget
from hsm_specs.errors import Trouble
from hsm_specs.language.messages import Greeting
from hsm_specs.report import json as json_report
from hsm_specs.report.json import JsonReporter, result_schema, schema_file
from hsm_specs.report.plain import PlainReporter
from hsm_specs.report.terminal import TerminalReporter
from hsm_specs.results.events import (
    FindingCounted,
    FindingMade,
    FindingReplayed,
    Greeted,
    PhaseStarted,
    Progress,
    RequirementJudged,
    RunEnded,
    RunStarted,
)
from hsm_specs.results.verdicts import Judgement, Verdict

GREETING = Greeting(1, "an-implementation", "v1", "go", ("outputs",))


def judgement(name, verdict, **more):
    (requirement,) = select(name)
    documented = requirement.classification == "documented"
    return Judgement(name, requirement.area, requirement.statement, documented, verdict, 40, **more)


@pytest.fixture
def events(finding):
    return [
        RunStarted(("./adapter",), 7, "quick", 2, 3),
        Greeted(GREETING, ("add-child-dirties",), ("panic-in-transition",)),
        PhaseStarted("directed", 3),
        Progress("directed", 1, 100),
        FindingMade(finding, "findings/x.json"),
        PhaseStarted("soak", None),
        Progress("soak", 1, 5000),
        FindingCounted(finding.id, 30),
        RequirementJudged(judgement("NODE-ADD-1", Verdict.CONFORMS)),
        RequirementJudged(judgement("MT-ROLLBACK-5", Verdict.DEVIATES, findings=(finding.id,))),
        RequirementJudged(judgement("MT-ROLLBACK-6", Verdict.NOT_EXERCISED, note="there is no property for it")),
        RunEnded(1, 200, 5000, 2.5, ("1 documented requirement is violated: MT-ROLLBACK-5.",)),
    ]


def plain(events):
    lines = []
    consume = PlainReporter(lines.append)
    for event in events:
        consume(event)
    return lines


def terminal(events, **options):
    output = io.StringIO()
    consume = TerminalReporter(Console(file=output, width=80, highlight=False, **options))
    for event in events:
        consume(event)
    return output.getvalue().splitlines()


def test_plain_lines(events):
    lines = plain(events)
    assert lines[0] == "hsmspec: seed 7, budget quick, 3 requirements"
    assert lines[1] == "an-implementation v1 (go) offers outputs"
    assert "  hsmspec replay findings/x.json" in lines
    assert f"  NODE-ADD-1       conforms             40  {judgement('NODE-ADD-1', Verdict.CONFORMS).statement}" in lines
    assert "documented: 1 conforms, 1 deviates, 1 not exercised" in lines
    assert lines[-3:] == [
        "5,000 operations in 200 programs, 2.5 s (2,000/s)",
        "an-implementation v1 does not conform.",
        "1 documented requirement is violated: MT-ROLLBACK-5.",
    ]


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (FindingReplayed("X-Y-1-0a", "f/X.json", "still failing"), "  X-Y-1-0a: still failing"),
        (FindingReplayed("X-Y-1-0a", "f/X.json", "fixed"), "  X-Y-1-0a: fixed; its file can be deleted: f/X.json"),
        (
            FindingReplayed("", "f/X.json", "not reproducible", "it is none"),
            "  f/X.json: not reproducible (it is none)",
        ),
    ],
)
def test_what_became_of_saved_findings(event, line):
    assert plain([event]) == [line]
    assert terminal([event]) == [line]


def test_the_terminal_fits_eighty_columns_and_says_the_same(events):
    lines = terminal(events)
    assert all(len(line) <= 80 for line in lines if "https://" not in line)
    text = "\n".join(lines)
    for words in ("NODE-ADD-1", "DEVIATES", "NOT EXERCISED", "does not conform", "expected: ErrStateMachineNotFound"):
        assert words in text


@pytest.mark.parametrize(("options", "coloured"), [({"force_terminal": True}, True), ({}, False)])
def test_colours_are_for_terminals(events, options, coloured):
    assert ("\x1b[" in "\n".join(terminal(events, **options))) is coloured


def test_a_partial_run_shows_what_it_came_to(events):
    trouble = Trouble("timed-out", "The adapter `./adapter` gave no answer.", ("last words",))
    partial = [*events[:-1], RunEnded(1, 200, 5000, 2.5, (), "the adapter failed", trouble)]
    lines = plain(partial)
    assert not any("MT-ROLLBACK-6" in line for line in lines)
    assert "The run is partial: the adapter failed; 1 requirement not reached." in lines
    assert lines[-2:] == ["The adapter `./adapter` gave no answer.", "  stderr: last words"]
    assert "last words" in "\n".join(terminal(partial))


def test_the_json_result_has_its_schema(events, finding, tmp_path):
    consume = JsonReporter(tmp_path / "deep" / "result.json")
    for event in events:
        consume(event)
    result = json.loads((tmp_path / "deep" / "result.json").read_bytes())
    jsonschema.validate(result, result_schema())
    assert result["exit_code"] == 1
    assert result["partial"] == ""
    assert result["implementation"]["name"] == "an-implementation"
    assert [entry["verdict"] for entry in result["requirements"]] == ["conforms", "deviates", "not exercised"]
    (found,) = result["findings"]
    assert found["id"] == finding.id
    assert found["file"] == "findings/x.json"
    assert found["finding"]["count"] == 30
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["result.json"]


def test_a_run_that_could_not_start_has_a_result_too(tmp_path):
    consume = JsonReporter(tmp_path / "result.json")
    consume(RunStarted(("./adapter",), 7, "quick", 2, 3))
    consume(RunEnded(2, 0, 0, 0.1, (), "the adapter failed", Trouble("cannot-start", "It is not there.")))
    result = json.loads((tmp_path / "result.json").read_bytes())
    jsonschema.validate(result, result_schema())
    assert result["implementation"] is None
    assert result["trouble"]["code"] == "cannot-start"


def test_a_real_run_passes_through_all_of_them(tmp_path):
    output = io.StringIO()
    consumers = [
        PlainReporter(lambda line: None),
        TerminalReporter(Console(file=output, width=100)),
        JsonReporter(tmp_path / "result.json"),
    ]
    tiny = str(Path(__file__).parents[1] / "tiny.toml")
    budget = Budget("small", cases=1, shards=1, operations=500, scope=tiny, walks=3_000)
    options = RunOptions(command=EMBEDDED, requirements=select("NODE-ADD"), budget=budget)
    assert run(options, lambda event: [consume(event) for consume in consumers]) == 0
    jsonschema.validate(json.loads((tmp_path / "result.json").read_bytes()), result_schema())
    assert "hsm-model 0.1.0 conforms." in output.getvalue()


def test_the_published_schema_of_results_is_current():
    published = Path(json_report.__file__).with_name("result.schema.json")
    current = json.loads(schema_file("result.schema.json"))
    assert sorted_unions(current) == sorted_unions(json.loads(published.read_text())), "python -m hsm_specs.report"


def sorted_unions(schema):
    """Return a schema with the members of each union in one order, in which releases of msgspec differ."""
    if isinstance(schema, list):
        return [sorted_unions(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    members = {key: sorted_unions(value) for key, value in schema.items()}
    if "anyOf" in members:
        members["anyOf"] = sorted(members["anyOf"], key=json.dumps)
    return members


def test_statements_are_cut_between_words(events):
    (requirement,) = select("NODE-ADD-1")
    [line] = [line for line in terminal(events) if "NODE-ADD-1" in line]
    statement = line.split("40 ", 1)[1].strip()
    assert statement.endswith(" \N{HORIZONTAL ELLIPSIS}") or statement == requirement.statement
    for word in statement.removesuffix(" \N{HORIZONTAL ELLIPSIS}").split():
        assert word in requirement.statement.split()


def test_the_bar_of_tours_moves_though_they_have_few_parts():
    console = Console(file=io.StringIO(), force_terminal=True, force_interactive=True)
    consume = TerminalReporter(console)
    consume(RunStarted(("./adapter",), 7, "quick", 2, 3))
    for phase, total in (("directed", 3), ("tours", 2)):
        consume(PhaseStarted(phase, total))
    assert [3, None] == [task.total for task in consume._bars.tasks]
    consume(RunEnded(0, 0, 0, 0.1))
