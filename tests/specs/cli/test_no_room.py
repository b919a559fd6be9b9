"""A disk without room: what was found is shown all the same, and what could not be written is said in a sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .judging import TRACES

FULL = Path("/dev/full")
pytestmark = pytest.mark.skipif(not FULL.is_char_device(), reason="the system has no device that is always full")
REFUSED = "cannot be written (No space left on device)"
NOTHING_MORE = (
    "hsmspec: nothing more can be written (No space left on device): free space for output and temporary files\n"
)


@pytest.fixture
def full(cli) -> str:
    """Return a name of the device in the current folder, so that only the name could get lost."""
    Path("full").symlink_to(FULL)
    return "full"


@pytest.fixture
def traces(cli) -> str:
    Path("traces.jsonl").write_bytes(TRACES)
    return "traces.jsonl"


@pytest.mark.parametrize("option", ["--json", "--junit", "--html"])
def test_a_run(cli, amended, full, option) -> None:
    said = cli("run", "-k", "DIRTY-TREE-3", option, full, "--", *amended("add-child-dirties"))
    assert 1 == said.code
    assert f"hsmspec: {full} {REFUSED}.\n" == said.err
    assert "1 documented requirement is violated: DIRTY-TREE-3." in said.out


@pytest.mark.parametrize("option", ["--json", "--junit", "--html"])
def test_judging(cli, full, traces, option) -> None:
    said = cli("judge", traces, option, full)
    assert 1 == said.code
    assert f"hsmspec: {full} {REFUSED}.\n" == said.err
    assert "20 traces: 16 conform, 4 deviate" in said.out


@pytest.mark.parametrize("option", ["--json", "--junit"])
def test_a_soak(cli, amended, full, option) -> None:
    arguments = ("--seed", "3", "--shards", "1", "--size", "200", "--workers", "1", option, full)
    said = cli("soak", *arguments, "--", *amended("add-child-dirties"))
    assert 1 == said.code
    assert f"hsmspec: {full} {REFUSED}.\n" == said.err
    assert "DIRTY-TREE-3" in said.out


@pytest.mark.parametrize("command", ["run", "judge"])
def test_other_files_are_written_all_the_same(cli, amended, full, traces, command) -> None:
    what = (traces,) if command == "judge" else ("-k", "NODE-COUNT-1", "--", *amended())
    said = cli(command, "--json", full, "--junit", "r.xml", "--html", full, *what)
    # The run found nothing; that the traces deviate stays so.
    assert {"run": 2, "judge": 1}[command] == said.code
    assert f"hsmspec: {full} {REFUSED}. {full} {REFUSED}.\n" == said.err
    assert Path("r.xml").read_text("utf-8").startswith("<?xml")


def test_a_summary_for_github(cli, full, traces, monkeypatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", full)
    said = cli("judge", traces, "--github", "--junit", "r.xml")
    assert 1 == said.code
    assert f"hsmspec: {full}, which GITHUB_STEP_SUMMARY names, {REFUSED}.\n" == said.err
    assert "::error file=traces.jsonl" in said.out
    assert Path("r.xml").exists()


def test_a_device_stays_what_it_is(cli, full, traces) -> None:
    cli("judge", traces, "--json", full)
    assert Path(full).is_symlink()
    assert FULL.is_char_device()


def test_judgements_that_do_not_fit_into_a_temporary_file(cli, no_room) -> None:
    Path("traces.jsonl").write_bytes(b"".join(TRACES.replace(b'"trace ', b'"%d of ' % number) for number in range(20)))
    with no_room(2**14):
        said = cli("judge", "traces.jsonl", "--json", "r.json", "--junit", "r.xml")
    assert 1 == said.code
    assert (
        "r.json is not written, as what it is to hold did not fit into a temporary file (File too large)." in said.err
    )
    assert "TMPDIR" in said.err
    assert "400 traces: 320 conform, 80 deviate" in said.out
    assert Path("r.xml").exists()
    assert not Path("r.json").exists()


def test_a_file_that_does_not_fit_is_not_there_in_part(cli, no_room, traces) -> None:
    with no_room(2**10):
        said = cli("judge", traces, "--html", "r.html")
    assert 1 == said.code
    assert "hsmspec: r.html cannot be written (File too large).\n" == said.err
    assert [Path(traces)] == list(Path().iterdir())


def test_vectors(cli, no_room) -> None:
    with no_room(2**10):
        said = cli("vectors", "--output", "out")
    assert 2 == said.code
    assert "cannot be written (File too large)." in said.err
    assert said.err.startswith("hsmspec: out/")


def test_a_journal(cli, amended, no_room) -> None:
    arguments = ("--seed", "3", "--shards", "40", "--size", "200", "--workers", "1")
    with no_room(2**15):
        said = cli("soak", *arguments, "--", *amended("add-child-dirties"))
    assert 1 == said.code
    assert "The journal .hsmspec/soak.jsonl cannot be written (File too large)." in said.out
    assert "DIRTY-TREE-3" in said.out


def test_a_journal_that_is_no_file_stays_what_it_is(cli, amended, full) -> None:
    said = cli("soak", "--shards", "1", "--journal", full, "--", *amended())
    assert 2 == said.code
    assert "The journal full is not a file." in said.out
    assert Path(full).is_symlink()


def printing(where: int, *arguments: str) -> tuple[int, str]:
    """Run a command whose stdout is an open file, and return its exit code and stderr."""
    command = [sys.executable, "-m", "hsm_specs.cli", *arguments]
    done = subprocess.run(command, stdout=where, stderr=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stderr


def wrong(command: str, adapter: list[str]) -> tuple[str, ...]:
    """Return the arguments that have a command find something."""
    return {
        "judge": ("judge", "traces.jsonl"),
        "run": ("run", "-k", "DIRTY-TREE-3", "--", *adapter),
        "soak": ("soak", "--seed", "3", "--shards", "1", "--size", "200", "--workers", "1", "--", *adapter),
        "mutants": ("mutants", "mutants.json"),
    }[command]


@pytest.fixture
def finds(traces, amended):
    """Return the arguments that have a command find something."""
    adapter = amended("add-child-dirties")
    mutant = {"name": "one", "requirement": "CLEAR-TREE-1", "sentence": "It clears all.", "command": amended()}
    Path("mutants.json").write_text(json.dumps([mutant]))

    def arguments(command: str) -> tuple[str, ...]:
        name, *rest = wrong(command, adapter)
        return name, "--json", "r.json", *rest

    return arguments


@pytest.mark.parametrize("arguments", [("list",), ("--help",), ("run", "-k", "NODE-COUNT-1")])
def test_output(full, arguments) -> None:
    with Path(full).open("wb") as stdout:
        assert (2, NOTHING_MORE) == printing(stdout.fileno(), *arguments)


@pytest.mark.parametrize("command", ["run", "soak", "judge", "mutants"])
def test_what_is_found_while_nothing_can_be_printed_is_found_and_reported(full, finds, command) -> None:
    with Path(full).open("wb") as stdout:
        assert (1, NOTHING_MORE) == printing(stdout.fileno(), *finds(command))
    assert json.loads(Path("r.json").read_bytes())


@pytest.mark.parametrize("command", ["run", "soak", "judge"])
def test_what_is_found_while_nobody_reads_what_is_printed_is_reported(cli, finds, command) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        assert (1, "") == printing(writer, *finds(command))
    finally:
        os.close(writer)
    assert json.loads(Path("r.json").read_bytes())


def test_neither_output_nor_words_about_it(tmp_path) -> None:
    with FULL.open("wb") as full:
        command = [sys.executable, "-m", "hsm_specs.cli", "judge", "none"]
        assert 2 == subprocess.run(command, stdout=full, stderr=full, cwd=tmp_path, check=False).returncode
