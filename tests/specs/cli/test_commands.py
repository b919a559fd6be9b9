"""The other commands, and what all have in common."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys

import pytest

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.cli.commands import COMMANDS, hsmspec
from hsm_specs.cli.explain_command import command as explain_command

from .judging import TRACES


def test_help_answers_at_once():
    assert min(_seconds("--help") for _ in range(3)) < 0.3


def _seconds(*arguments):
    """Return the processor time of a command, which does not depend on what else the machine does."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-m", "hsm_specs.cli", *arguments], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert b"Examples:" in done.stdout
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(cli, name):
    said = cli(name, "--help")
    assert said.code == 0
    assert said.out.startswith(f"Usage: hsmspec {name} ")


def test_help_teaches_by_examples_and_names_the_exit_codes(cli):
    said = cli("--help")
    assert said.code == 0
    for words in ("hsmspec run -- ./adapter", "Exit codes: 0 conforms", "_HSMSPEC_COMPLETE"):
        assert words in said.out
    assert all(len(line) <= 80 for line in said.out.splitlines())


def test_the_version(cli):
    assert cli("--version").out.startswith("hsmspec ")


def test_an_unknown_command(cli):
    said = cli("frobnicate")
    assert said.code == 2
    assert "No such command 'frobnicate'; the commands are run, soak, judge," in said.err


@pytest.mark.parametrize(("word", "meant"), [("jsno", "--json"), ("colour", "--color"), ("sed", "--seed")])
def test_an_unknown_option_is_answered_with_near_ones(cli, word, meant):
    said = cli("run", f"--{word}")
    assert said.code == 2
    # Releases of click differ in marks between the words.
    assert re.search(rf"Error: No such option:? '?--{word}'?\.? Did you mean '?{meant}'?\?", said.err)


@pytest.mark.parametrize("word", ["foo", "file", "bar", "chatty"])
def test_nothing_far_is_taken_for_what_was_meant(cli, word):
    for name in COMMANDS:
        said = cli(name, f"--{word}")
        assert said.code == 2
        assert "Did you mean" not in said.err
        assert f"--{word}" in said.err


def test_requirements_are_completed():
    context = explain_command.make_context("explain", ["X"], resilient_parsing=True)
    (parameter, *_) = explain_command.params
    completed = parameter.shell_complete(context, "node-add-2,mt-rollback-1")
    assert "node-add-2,MT-ROLLBACK-10" in [item.value for item in completed]


def test_the_shell_asks_for_completions():
    done = subprocess.run(
        [sys.executable, "-m", "hsm_specs.cli"],
        env={"_HSMSPEC_COMPLETE": "bash_source", "PATH": os.environ["PATH"], "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        check=False,
    )
    assert b"_HSMSPEC_COMPLETE=bash_complete" in done.stdout


def test_a_bug_of_ours_is_told_apart(cli, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(hsmspec, "main", broken)
    said = cli("list")
    assert said.code == 2
    assert "internal error, a bug in hsmspec and not in the implementation: ZeroDivisionError: by zero" in said.err
    assert "Traceback" not in said.err


SOAK = ("soak", "--shards", "1", "--size", "200", "--workers", "1")


@pytest.mark.parametrize(
    "arguments",
    [("list",), ("--help",), ("judge", "t.jsonl"), ("run", "-k", "NODE-ADD-1"), SOAK, ("doctor",), ("smoke",)],
    ids=lambda arguments: arguments[0],
)
def test_output_that_nobody_reads_is_no_verdict(tmp_path, arguments):
    (tmp_path / "t.jsonl").write_bytes(TRACES)
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "hsm_specs.cli", *arguments],
            stdout=writer,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            check=False,
        )
    finally:
        os.close(writer)
    assert (2, b"") == (done.returncode, done.stderr)


def test_output_that_is_read_in_part_is_no_verdict(tmp_path):
    command = [sys.executable, "-u", "-m", "hsm_specs.cli", "run", "--budget", "quick", "-k", "NODE-ADD-1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as running:
        assert running.stdout.readline().startswith(b"no command given")
        running.stdout.close()
        assert b"" == running.stderr.read()
    assert 2 == running.returncode


def test_stdout_may_be_closed(tmp_path):
    command = [sys.executable, "-m", "hsm_specs.cli", "list"]
    shell = ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *command]
    done = subprocess.run(shell, stderr=subprocess.PIPE, cwd=tmp_path, check=False)
    assert (0, b"") == (done.returncode, done.stderr)


# --- list and explain -----------------------------------------------------------------------------------------------


def test_all_requirements_are_listed(cli):
    said = cli("list")
    assert said.code == 0
    assert all(name in said.out for name in load_catalogue())


def test_some_requirements_are_listed(cli):
    said = cli("list", "-k", "clear")
    assert said.out.splitlines()[1].startswith("  CLEAR-TREE-1     documented       ClearTransactionState")
    assert "NODE" not in said.out


@pytest.mark.parametrize("name", load_catalogue())
def test_every_requirement_is_explained(cli, name):
    said = cli("explain", name)
    assert said.code == 0
    assert load_catalogue()[name].statement in said.out


def test_an_explanation_has_source_class_property_and_example(cli):
    said = cli("explain", "node-add-2")
    for words in ("class:     documented", "#Node.AddChild", "property:  ", "expected: ErrStateMachineAlreadyExists"):
        assert words in said.out


def test_an_unknown_requirement_is_answered_with_near_ones(cli):
    said = cli("explain", "NODE-AD-2")
    assert said.code == 2
    assert "near it: NODE-ADD-2" in said.err


# --- smoke ----------------------------------------------------------------------------------------------------------


def test_a_good_adapter_smokes(cli, amended):
    said = cli("smoke", "--", *amended())
    assert said.code == 0
    assert said.out.count("ok    ") >= 12
    assert "Next: hsmspec run" in said.out


def test_the_first_wrong_answer_is_shown_with_advice(cli, hostile):
    said = cli("smoke", "--", *hostile("_speak"))
    assert said.code == 1
    assert "FAIL  registers machines" in said.out
    assert "expected: 7" in said.out
    assert "observed: nothing found" in said.out
    assert "`machine` returns the tag" in said.out


def test_an_adapter_that_ends_badly_does_not_smoke(cli, hostile):
    said = cli("smoke", "--", *hostile("ends", "start", "1"))
    assert said.code == 2
    assert "exited with status 1" in said.err


# --- replay ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def saved(cli, amended, tmp_path):
    cli("run", "--budget", "quick", "-k", "DIRTY-TREE-3", "--", *amended("add-child-dirties"))
    (file,) = (tmp_path / ".hsmspec" / "findings").iterdir()
    return str(file)


def test_a_finding_that_is_still_there(cli, saved):
    said = cli("replay", saved)
    assert said.code == 1
    assert "amended.py add-child-dirties" in said.out
    assert "observed: true" in said.out
    assert said.out.endswith("FAILED: DIRTY-TREE-3 is still violated\n")


def test_a_finding_that_is_gone(cli, saved, amended):
    said = cli("replay", saved, "--", *amended())
    assert said.code == 0
    assert said.out == "FIXED: DIRTY-TREE-3 holds for this program now\n"


def test_a_finding_that_cannot_be_run(cli, saved):
    said = cli("replay", saved, "--", "false")
    assert said.code == 2
    assert said.out == "ERROR\n"
    assert "exited with status 1" in said.err


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"format": 1}', "\udcff", "[" * 100000])
def test_a_file_that_is_no_finding(cli, tmp_path, content):
    (tmp_path / "file.json").write_text(content, "utf-8", "surrogateescape")
    said = cli("replay", "file.json", "--", "false")
    assert said.code == 2
    assert "is not a saved finding" in said.err
