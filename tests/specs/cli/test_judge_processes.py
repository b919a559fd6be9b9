"""Judging by processes that are killed or interrupted: nothing is lost, and nobody is left."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from ..engine.soaks import runs, said_up_to, until
from .judging import TRACES, begin, environment, opened, result

pytestmark = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="processes are looked up in /proc")


def test_the_share_of_a_killed_worker_is_judged_again_to_the_same_result(cli, tmp_path):
    (tmp_path / "held.jsonl").write_bytes(TRACES)
    arguments = ("--json", "by_two.json", "--workers", "2", "held.jsonl")
    with begin(*arguments, folder=tmp_path, env=environment(tmp_path)) as process:
        until(lambda: len(opened(tmp_path)) == 2, process)
        before = opened(tmp_path)
        os.kill(min(before), signal.SIGKILL)
        until(lambda: len(opened(tmp_path)) == 3, process)
        (tmp_path / "go").touch()
        said = process.communicate()[0]
    assert process.returncode == 1, said
    assert "1 worker lost so far; their work is repeated" in said
    assert not any(map(runs, opened(tmp_path)))
    assert cli("judge", "held.jsonl", "--json", "here.json").code == 1
    assert result(tmp_path / "here.json") == result(tmp_path / "by_two.json")
    assert len(result(tmp_path / "here.json")["traces"]) == 20


def test_an_interrupt_ends_workers_with_a_report_of_what_was_judged(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(TRACES)
    (tmp_path / "held.jsonl").write_bytes(TRACES)
    arguments = ("--workers", "2", "a.jsonl", "held.jsonl", *["a.jsonl"] * 100)
    with begin(*arguments, "--json", "r.json", folder=tmp_path, env=environment(tmp_path)) as process:
        before = said_up_to("a.jsonl", process)
        until(lambda: opened(tmp_path), process)
        process.send_signal(signal.SIGINT)
        (tmp_path / "go").touch()
        said = before + process.communicate()[0]
    assert process.returncode == 2, said
    assert "a.jsonl: not all of it was judged, as judging was interrupted." in said
    assert "DIRTY-TREE-3" in said
    assert "not everything could be judged" in said
    assert "Traceback" not in said
    found = result(tmp_path / "r.json")
    assert found["verdicts"]["deviates"] >= 4
    assert len(found["files"]) == 102
    assert not any(map(runs, opened(tmp_path)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_nothing_comes_from_stdin_ends_it_with_a_report(tmp_path, number):
    (tmp_path / "a.jsonl").write_bytes(TRACES)
    ended = TRACES.decode() + "".join(f'{{"trace":"trace {n}","end":true}}\n' for n in range(20))
    arguments = ("--json", "r.json", "-", "a.jsonl")
    with begin(*arguments, folder=tmp_path, stdin=subprocess.PIPE) as process:
        process.stdin.write(ended)
        process.stdin.flush()
        before = said_up_to("trace 15", process)
        process.send_signal(number)
        said = before + process.stdout.read()
    assert process.returncode == 2, said
    lines = ended.count("\n")
    assert f"stdin, line {lines}: the file was not read on, as judging was interrupted." in said
    assert "a.jsonl: not all of it was judged, as judging was interrupted." in said
    assert "20 traces: 16 conform, 4 deviate" in said
    assert result(tmp_path / "r.json")["problem_count"] == 2


def test_a_pipe_is_judged_here_whoever_judges_the_rest(cli, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.jsonl").write_bytes(TRACES)
    with begin("--workers", "2", "--json", "r.json", "a.jsonl", "pipe", folder=tmp_path) as process:
        (tmp_path / "pipe").write_bytes(TRACES)
        said = process.communicate()[0]
    assert process.returncode == 1, said
    assert "40 traces: 32 conform, 8 deviate" in said
