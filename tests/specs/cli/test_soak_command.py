"""``hsmspec soak``: what it takes, what it refuses, what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from junitparser import JUnitXml

from hsm_specs.cli import soak_command
from hsm_specs.engine.soak import SIZE
from hsm_specs.report.json import result_schema
from hsm_specs.results.findings import load

from .known import KNOWN

SMALL = ("soak", "--workers", "1", "--seed", "3", "--size", "1500")


@pytest.fixture
def given(cli, monkeypatch):
    """Return the options that the engine gets from arguments."""

    def call(*arguments):
        told = []
        monkeypatch.setattr(soak_command, "soak", lambda options, emit: told.append(options) or 0)
        said = cli("soak", *arguments)
        return told[0] if told else said

    return call


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("1.5s", 1.5), ("10m", 600), ("1h30m", 5400), ("2d", 172_800)],
)
def test_a_time_is_a_number_with_units(given, text, seconds):
    assert seconds == given("--time", text).seconds


@pytest.mark.parametrize("text", ["", "0", "m", "10 m", "-5", "10m!", "1e3", "x10m", "9" * 400])
def test_what_is_no_time_is_refused_with_an_example(given, text):
    said = given("--time", text)
    assert said.code == 2
    assert "is not a duration: use 90 (seconds), 10m or 1h30m." in said.err


@pytest.mark.parametrize(
    ("text", "shards"),
    [("1", (0, 0)), ("100", (0, 99)), ("5-5", (5, 5)), ("40-49", (40, 49))],
)
def test_shards_are_a_number_or_a_range(given, text, shards):
    options = given("--shards", text)
    assert shards == (options.first, options.last)
    assert options.seconds is None


@pytest.mark.parametrize("text", ["0", "-1", "5-3", "1-2-3", "x", "1" * 20])
def test_what_names_no_shards_is_refused_with_an_example(given, text):
    said = given("--shards", text)
    assert said.code == 2
    assert "is not a range of shards: use 100 (the first 100) or 40-49." in said.err


def test_without_an_end_it_takes_ten_minutes(given):
    options = given()
    assert (options.seconds, options.last, options.size) == (600, None, SIZE)


def test_seeds_differ_unless_one_is_given(given):
    assert given().seed != given().seed
    assert given("--seed", "5").seed == 5


@pytest.mark.parametrize("more", [("--workers", "2"), ("--pin",)])
def test_a_cluster_has_workers_of_its_own(given, more):
    said = given("--scheduler", "tcp://127.0.0.1:9", *more)
    assert said.code == 2
    assert "use `--scheduler` without `--workers` and `--pin`" in said.err


def test_a_soak_that_finds_nothing_says_what_was_done(cli, amended):
    said = cli(*SMALL, "--shards", "2", "--pin", "--", *amended())
    assert said.code == 0, said.out
    assert "hsmspec: soak with seed 3, shards 0 to 1" in said.out
    assert "shards of 1,500 operations on 1 worker, journal .hsmspec/soak.jsonl" in said.out
    assert "shards 0 to 1 done: " in said.out
    assert " steps from an operation to the next, " in said.out
    assert "hsm-model 0.1.0: no difference was found." in said.out
    assert Path(".hsmspec/soak.jsonl").read_text().count('"is":"shard"') == 2


def test_a_soak_that_finds_something_writes_it_everywhere(cli, amended, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    files = ("--json", "result.json", "--junit", "result.xml", "--github")
    said = cli(*SMALL, "--shards", "2", *files, "--", *amended("add-child-dirties"))
    assert said.code == 1, said.out
    assert "DIRTY-TREE-3  Adding a child is no transition and makes no node dirty." in said.out
    assert "hsm-model 0.1.0 does not conform." in said.out
    result = json.loads(Path("result.json").read_text())
    jsonschema.validate(result, result_schema())
    assert [[0, 1]] == result["soak"]["done"]
    finding = load(Path(result["findings"][0]["file"]))
    assert finding.shrunk
    (suite,) = JUnitXml.fromfile("result.xml")
    assert "DIRTY-TREE-3" in {case.name for case in suite if case.is_failure}
    assert "::error title=DIRTY-TREE-3::" in said.out
    assert "does not conform" in Path("summary.md").read_text()


def test_a_passing_soak_is_a_case_of_junit_and_a_summary(cli, amended, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    assert cli(*SMALL, "--shards", "1", "--junit", "result.xml", "--github", "--", *amended()).code == 0
    (suite,) = JUnitXml.fromfile("result.xml")
    assert [("soak", True)] == [(case.name, case.is_passed) for case in suite]
    assert "passed the soak" in Path("summary.md").read_text()


def test_a_soak_goes_on_with_the_seed_the_size_and_the_command_of_its_journal(cli, amended):
    cli(*SMALL, "--shards", "1", "--", *amended())
    said = cli("soak", "--resume", "--workers", "1", "--shards", "2")
    assert said.code == 0, said.out
    assert "amended.py, the command in .hsmspec/soak.jsonl" in said.out.splitlines()[0]
    assert "hsmspec: soak with seed 3, shards 0 to 1" in said.out
    assert "continuing after 1 shard of the journal" in said.out
    assert "shards 0 to 1 done: " in said.out


def test_what_is_done_already_is_not_run_again(cli, amended):
    cli(*SMALL, "--shards", "2", "--", *amended("add-child-dirties"))
    before = Path(".hsmspec/soak.jsonl").read_bytes()
    said = cli("soak", "--resume", "--workers", "1", "--shards", "2")
    assert said.code == 1
    assert "shards 0 to 1 done: " in said.out
    assert before == Path(".hsmspec/soak.jsonl").read_bytes()


def test_a_soak_goes_on_with_the_known_deviations_of_its_journal(cli, amended):
    Path("known.toml").write_text(KNOWN, "utf-8")
    known = ("--deviations", "known.toml")
    said = cli(*SMALL, "--shards", "1", *known, "--timeout", "9", "--", *amended("add-child-dirties"))
    assert said.code == 0, said.out
    assert "; `--resume` continues it from .hsmspec/soak.jsonl." in said.out
    Path("known.toml").unlink()
    said = cli("soak", "--resume", "--workers", "1", "--shards", "2")
    assert said.code == 0, said.out
    assert "known deviations of the journal, from known.toml" in said.out
    assert "soak held to the specification as amended: add-child-dirties" in said.out
    assert "shards 0 to 1 done: " in said.out
    Path("known.toml").write_text(KNOWN, "utf-8")
    assert cli("soak", "--resume", "--workers", "1", "--shards", "2", *known).code == 0


def test_a_soak_goes_on_with_the_time_for_answers_of_its_journal(cli, amended, given):
    cli(*SMALL, "--shards", "1", "--timeout", "9", "--", *amended())
    assert given("--resume").timeouts.answer == 9
    assert given("--resume", "--timeout", "8").timeouts.answer == 8


@pytest.mark.parametrize(("first", "second"), [((), (KNOWN,)), ((KNOWN,), (KNOWN.replace("So.", "Why not."),))])
def test_with_other_known_deviations_it_is_said_how_to_go_on(cli, amended, first, second):
    more = [[], []]
    for number, content in enumerate((first, second)):
        for text in content:
            Path(f"{number}.toml").write_text(text, "utf-8")
            more[number] = ["--deviations", f"{number}.toml"]
    cli(*SMALL, "--shards", "1", *more[0], "--", *amended(*("add-child-dirties",) * len(first)))
    before = Path(".hsmspec/soak.jsonl").read_bytes()
    said = cli("soak", "--resume", "--workers", "1", *more[1])
    assert said.code == 2
    assert (
        ".hsmspec/soak.jsonl is the journal of a soak with other known deviations. Without `--deviations`, it"
        " continues with its own. Without `--resume`, a new soak begins and this journal is renamed." in said.out
    )
    assert before == Path(".hsmspec/soak.jsonl").read_bytes()
    assert cli("soak", "--resume", "--workers", "1", "--shards", "1").code == 0


def test_only_shards_of_this_soak_have_a_rate(cli, amended):
    cli(*SMALL, "--shards", "2", "--", *amended())
    said = cli("soak", "--resume", "--workers", "1", "--shards", "3")
    lines = said.out.splitlines()
    on = lines.index("continuing after 2 shards of the journal")
    assert [line for line in lines[:on] if "/s)" in line] == []
    assert lines[on + 1].startswith("3 shards: ")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--seed", "4"), "is the journal of a soak with another seed: 3, and this one has 4."),
        (("--size", "1600"), "is the journal of a soak with another size: 1500, and this one has 1600."),
        (("--shards", "1-2"), "is the journal of a soak with another first shard: 0, and this one has 1."),
    ],
)
def test_the_journal_of_another_soak_is_refused(cli, amended, more, sentence):
    cli(*SMALL, "--shards", "1", "--", *amended())
    before = Path(".hsmspec/soak.jsonl").read_bytes()
    said = cli("soak", "--resume", "--workers", "1", *more)
    assert said.code == 2
    assert sentence in said.out
    assert before == Path(".hsmspec/soak.jsonl").read_bytes()


def test_there_must_be_something_to_resume(cli):
    said = cli("soak", "--resume")
    assert said.code == 2
    assert "There is no journal .hsmspec/soak.jsonl to resume. Leave out `--resume` to begin a soak." in said.err
    assert not Path(".hsmspec").exists()


def test_an_adapter_that_ends_at_once_is_a_sentence(cli, hostile):
    said = cli(*SMALL, "--shards", "1", "--timeout", "1", "--", *hostile("hangs_at_start"))
    assert said.code == 2
    assert "gave no answer within 1 s" in said.out
    assert "no shard was done" in said.out
    assert not Path(".hsmspec/soak.jsonl").exists()


def test_a_journal_that_cannot_be_written_is_a_sentence(cli, amended):
    Path("file").touch()
    said = cli(*SMALL, "--shards", "1", "--journal", "file/soak.jsonl", "--", *amended())
    assert said.code == 2
    assert "hsmspec: file/soak.jsonl cannot be written (Not a directory): name another file.\n" == said.err
