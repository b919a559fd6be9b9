"""Commands that files bring along, and arguments that are to stay secret."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from hsm_specs.adapter import Adapter

from .soaking import IMPLEMENTATIONS

ARGUMENT = "argument-0123456789"
SOAK = ("soak", "--seed", "3", "--size", "1500", "--workers", "1", "--shards")


@pytest.fixture
def finding(cli, amended):
    """The file of a finding in the folder of findings."""
    cli("run", "--budget", "quick", "-k", "DIRTY-TREE-3", "--", *amended("add-child-dirties"))
    (file,) = Path(".hsmspec/findings").iterdir()
    return file


@pytest.fixture
def starts(monkeypatch):
    """The commands that are started."""
    started = []
    start = Adapter.start
    monkeypatch.setattr(Adapter, "start", lambda command, *more: started.append(command) or start(command, *more))
    return started


class Terminal:
    """A stdin at which somebody types."""

    def __init__(self, typed):
        self._typed = typed

    def isatty(self):
        return True

    def readline(self, *_):
        return self._typed


def copied(file: Path) -> str:
    return shutil.copy(file, "downloaded.json")


def test_the_command_of_one_of_ones_own_findings_runs(cli, finding, starts):
    assert 1 == cli("replay", str(finding)).code
    assert 1 == len(starts)


def test_the_command_of_another_file_does_not_run_if_nobody_can_be_asked(cli, finding, starts):
    said = cli("replay", copied(finding))
    assert 2 == said.code
    assert "downloaded.json is none of your own files (.hsmspec/findings), and nobody can be asked" in said.err
    assert [] == starts


def test_a_link_to_another_file_is_not_ones_own(cli, finding, starts):
    link = finding.with_name("link.json")
    link.symlink_to(Path(copied(finding)).resolve())
    assert 2 == cli("replay", str(link)).code
    assert [] == starts


@pytest.mark.parametrize(("typed", "code", "count"), [("y\n", 1, 1), ("n\n", 2, 0), ("\n", 2, 0)])
def test_a_person_is_asked(cli, finding, starts, monkeypatch, typed, code, count):
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    said = cli("replay", copied(finding))
    assert (code, count) == (said.code, len(starts))
    assert "amended.py add-child-dirties, the command in downloaded.json" in said.out


@pytest.mark.parametrize("more", [("--yes",), ("--findings", ".")])
def test_it_runs_without_a_question_if_that_is_asked_for(cli, finding, starts, more):
    assert 1 == cli("replay", copied(finding), *more).code
    assert 1 == len(starts)


@pytest.mark.usefixtures("in_this_process")
def test_the_command_of_anothers_journal_does_not_run(cli, amended, starts):
    cli(*SOAK, "1", "--", *amended())
    shutil.copy(".hsmspec/soak.jsonl", "downloaded.jsonl")
    starts.clear()
    resume = ("soak", "--resume", "--journal", "downloaded.jsonl", "--workers", "1", "--shards", "1")
    said = cli(*resume)
    assert 2 == said.code
    assert "downloaded.jsonl is none of your own files" in said.err
    assert [] == starts
    assert 0 == cli(*resume, "--yes").code


# --- redaction --------------------------------------------------------------------------------------------------------


def written() -> str:
    return "".join(path.read_text("utf-8") for path in Path().rglob("*") if path.is_file())


REPORTS = ("--json", "result.json", "--junit", "result.xml")


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--budget", "quick", "-k", "DIRTY-TREE-3", *REPORTS, "--html", "result.html", "--github"),
        (*SOAK, "1", *REPORTS, "--github"),
    ],
)
def test_no_argument_is_in_what_is_printed_reported_and_saved(cli, arguments, monkeypatch, amended):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    command = amended("add-child-dirties")
    adapter = Path("adapter.py").absolute()
    adapter.write_text(f"import os, sys; os.execv(sys.executable, {command!r})", "utf-8")
    said = cli(*arguments, "--redact", "--", sys.executable, str(adapter), ARGUMENT)
    assert 1 == said.code, said.out
    assert list(Path(".hsmspec/findings").iterdir())
    assert ARGUMENT not in said.out + said.err + written()
    assert [sys.executable, "<redacted>"] == json.loads(Path("result.json").read_text("utf-8"))["command"]


@pytest.mark.parametrize("command", [("run",), (*SOAK, "1"), ("doctor", "--json", "result.json")])
def test_no_argument_is_in_what_an_adapter_is_blamed_for(cli, command):
    program = f"import sys; sys.exit('I do not know {ARGUMENT}')"
    said = cli(*command, "--redact", "--", sys.executable, "-c", program, ARGUMENT)
    assert said.code in (1, 2)
    assert "I do not know" in said.out + said.err
    assert ARGUMENT not in said.out + said.err + written()


def test_without_the_arguments_a_finding_needs_a_command(cli, amended):
    command = amended("add-child-dirties")
    cli("run", "--budget", "quick", "-k", "DIRTY-TREE-3", "--redact", "--", *command)
    (file,) = Path(".hsmspec/findings").iterdir()
    said = cli("replay", str(file))
    assert 2 == said.code
    assert "since it was saved with `--redact`: give COMMAND." in said.err
    assert 1 == cli("replay", str(file), "--", *command).code


@pytest.mark.usefixtures("in_this_process")
def test_a_redacted_journal_goes_on_with_a_command_and_stays_redacted(cli, amended):
    command = amended("add-child-dirties")
    cli(*SOAK, "1", "--redact", "--", *command)
    resume = ("soak", "--resume", "--workers", "1", "--shards", "2", "--json", "result.json")
    assert "give COMMAND." in cli(*resume).err
    said = cli(*resume, "--", *command)
    assert 1 == said.code, said.out
    assert [sys.executable, "<redacted>"] == json.loads(Path("result.json").read_text("utf-8"))["command"]


# --- one implementation -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("arguments", [("soak", "--shards", "3", "--size", "1500"), ("run", "--budget", "quick")])
def test_an_adapter_that_is_another_version_later_is_refused(cli, workers, arguments):
    # The first start is the session's own, the later ones are the workers'.
    program = (
        "import sys, pathlib; from msgspec.structs import replace;"
        "from hsm_specs.adapter.serve import GREETING, observe, serve;"
        "count = pathlib.Path('count'); later = count.exists(); count.touch();"
        "greeting = replace(GREETING, version='2' if later else '1');"
        "serve(sys.stdin.buffer, sys.stdout.buffer, observe, greeting)"
    )
    said = cli(*arguments, "--workers", workers, "--", sys.executable, "-c", program)
    assert 2 == said.code, said.out
    assert "The adapter says that it is hsm-model 2, and it began as hsm-model 1." in said.out
    assert "The same implementation belongs on all machines, and stays while it is judged." in said.out


def test_an_adapter_that_is_another_version_later_is_refused_by_replay(cli, finding):
    said = cli("replay", str(finding), "--", sys.executable, str(IMPLEMENTATIONS / "updates.py"), "starts", "new_root")
    assert 2 == said.code, said.out
    assert "The adapter says that it is hsm-model 2, and it began as hsm-model 1." in said.err


@pytest.mark.usefixtures("in_this_process")
def test_a_damaged_journal_is_repaired_and_says_what_runs_again(cli, amended):
    cli(*SOAK, "3", "--", *amended())
    journal = Path(".hsmspec/soak.jsonl")
    head, _, *rest = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([head, b"damage\n", *rest]))
    resume = ("soak", "--resume", "--workers", "1", "--shards", "3")
    assert "`--repair` leaves such lines out" in cli(*resume).out
    said = cli(*resume, "--repair")
    assert 0 == said.code, said.out
    assert "left out damaged lines (2); the journal as it was is .hsmspec/soak.jsonl.old" in said.out
    assert "shards that are run again: 0\n" in said.out
    assert "continuing after 2 shards of the journal" in said.out
    assert 2 == cli(*SOAK, "3", "--repair", "--", *amended()).code
