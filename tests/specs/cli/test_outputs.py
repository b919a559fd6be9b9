"""Files that a command is to write: looked at before anything is done."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .judging import TRACES

COMMANDS = ("run", "judge", "soak")


@pytest.fixture
def outputs(cli, hostile):
    """Run a command with outputs; where an adapter is run, it would note that it was started."""
    Path("traces.jsonl").write_bytes(TRACES)
    adapter = (sys.executable, "-c", "open('started', 'w')")

    def call(command, *arguments):
        what = ("traces.jsonl",) if command == "judge" else ("--", *adapter)
        return cli(command, *arguments, *what)

    return call


def refused(said, sentence):
    assert 2 == said.code
    assert f"hsmspec: {sentence}\n" == said.err
    assert "" == said.out
    assert not Path("started").exists()
    assert not Path(".hsmspec").exists()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("second", ["same", "./same", "folder/../same", "link"])
def test_two_outputs_are_two_files(outputs, command, second) -> None:
    Path("folder").mkdir()
    Path("link").symlink_to("same")
    said = outputs(command, "--json", "same", "--junit", second)
    refused(said, f"`--json` and `--junit` name the same file, {Path(second)}: give each its own.")
    assert not Path("same").exists()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["known.toml", "./known.toml", "link"])
def test_what_is_read_is_not_written(outputs, command, name) -> None:
    Path("known.toml").write_bytes(b"deviation = []\n")
    Path("link").symlink_to("known.toml")
    said = outputs(command, "--deviations", "known.toml", "--json", name)
    refused(said, f"{Path(name)} is read, so `--json` cannot write it: name another file.")
    assert b"deviation = []\n" == Path("known.toml").read_bytes()


@pytest.mark.parametrize("name", ["traces.jsonl", "hard"])
@pytest.mark.parametrize("option", ["--json", "--junit", "--html"])
def test_a_trace_is_not_written_over(outputs, option, name) -> None:
    os.link("traces.jsonl", "hard")
    refused(outputs("judge", option, name), f"{name} is read, so `{option}` cannot write it: name another file.")
    assert TRACES == Path("traces.jsonl").read_bytes()


def test_nor_is_one_that_is_stdin(outputs) -> None:
    with Path("traces.jsonl").open("rb") as traces:
        done = subprocess.run(
            [sys.executable, "-m", "hsm_specs.cli", "judge", "-", "--json", "traces.jsonl"],
            stdin=traces,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (2, "") == (done.returncode, done.stdout)
    assert "hsmspec: traces.jsonl is read, so `--json` cannot write it: name another file.\n" == done.stderr
    assert TRACES == Path("traces.jsonl").read_bytes()


def test_a_journal_is_no_report(outputs) -> None:
    said = outputs("soak", "--json", "soak.jsonl", "--journal", "soak.jsonl")
    refused(said, "`--json` and `--journal` name the same file, soak.jsonl: give each its own.")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["traces.jsonl/report", "traces.jsonl/folder/report", "link"])
@pytest.mark.parametrize("option", ["--json", "--junit"])
def test_an_output_that_cannot_be_written_is_told_at_once(outputs, command, option, name) -> None:
    Path("link").symlink_to("traces.jsonl/report")
    refused(outputs(command, option, name), f"{name} cannot be written (Not a directory): name another file.")


def test_pipes_and_folders_that_are_not_there_yet_are_outputs(outputs) -> None:
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        said = outputs("judge", "--json", "pipe", "--junit", "a/b/report.xml")
        assert (1, "") == (said.code, said.err)
        assert b"{" == os.read(reader, 1)
    finally:
        os.close(reader)
    assert Path("a/b/report.xml").exists()
    assert [Path("a/b/report.xml")] == list(Path("a/b").iterdir())


def test_a_closed_stdin_is_told() -> None:
    for arguments in (["judge", "-"], ["mutants", "-"]):
        command = [sys.executable, "-m", "hsm_specs.cli", *arguments]
        done = subprocess.run(
            ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *command], capture_output=True, text=True, check=False
        )
        assert (2, "") == (done.returncode, done.stdout)
        assert "hsmspec: Stdin is closed, so nothing can be read from it: name a file.\n" == done.stderr


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--json", "--junit"])
def test_a_report_is_not_mixed_with_what_is_printed(outputs, command, option) -> None:
    sentence = f"`{option}` needs the name of a file, and `-` is none: name a file, or /dev/stdout."
    refused(outputs(command, option, "-"), sentence)
    assert not Path("-").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("explain", "NODE-ADD-1"), 0),
        (("list", "-k", "node"), 0),
        (("--help",), 0),
        (("run", "-k", "NODE-KEY", "--budget", "quick", "--json", "r.json"), 0),
        (("judge", "traces.jsonl", "--json", "r.json"), 1),
        (("soak", "--shards", "1", "--size", "100", "--workers", "1", "--json", "r.json"), 0),
        (("doctor", "--json", "r.json"), 0),
        (("smoke",), 0),
        (("explore", "--scope", "quick", "--json", "r.json"), 0),
        (("vectors", "--output", "v", "--cases", "1"), 0),
        (("replay", "missing.json"), 2),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else str(value),
)
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-"])
def test_a_closed_stdout_changes_no_exit_code(tmp_path, arguments, code, closed) -> None:
    (tmp_path / "traces.jsonl").write_bytes(TRACES)
    words = shlex.join([sys.executable, "-m", "hsm_specs.cli", *arguments])
    done = subprocess.run(
        ["/bin/sh", "-c", f"{words} {closed}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "internal error" not in done.stderr
    assert code == done.returncode
    if "--json" in arguments:
        assert (tmp_path / "r.json").stat().st_size
