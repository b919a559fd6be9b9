"""Soaks whose processes are killed: nothing is lost, nothing is found twice, and nobody is left."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from hsm_specs.report.sentences import INTERRUPTED

from ..engine.soaks import runs, said_up_to, until
from .soaking import NEVER, begin, result, starts, waiting

WRONG = ("add-child-dirties", "failed-apply-keeps-destination")
pytestmark = [
    pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="processes are looked up in /proc"),
    pytest.mark.xdist_group("soak processes"),
]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Return the findings of an undisturbed soak of six shards."""
    folder = tmp_path_factory.mktemp("undisturbed")
    arguments = ("--shards", "6", "--workers", "1", "--json", "result.json", "--", *waiting(folder, NEVER, *WRONG))
    with begin(*arguments, folder=folder) as process:
        said = process.communicate()[0]
    assert process.returncode == 1, said
    return result(folder / "result.json")


def test_the_shard_of_a_killed_worker_is_run_again(undisturbed, tmp_path):
    arguments = ("--shards", "6", "--workers", "2", "--timeout", "60", "--json", "result.json")
    with begin(*arguments, "--", *waiting(tmp_path, 1, *WRONG), folder=tmp_path) as process:
        # The first start is the soak's own; then each worker has an adapter that waits.
        until(lambda: len(starts(tmp_path)) == 3, process)
        lost = starts(tmp_path)[1]
        os.kill(lost.parent, signal.SIGKILL)
        until(lambda: len(starts(tmp_path)) == 4, process)
        until(lambda: not runs(lost.pid), process)
        (tmp_path / "go").touch()
        said = process.communicate()[0]
    assert process.returncode == 1, said
    assert "1 worker lost so far; their work is repeated" in said
    assert result(tmp_path / "result.json") == undisturbed
    assert not any(runs(pid) for pid in (*starts(tmp_path)[-1], *starts(tmp_path)[2]))


def test_a_killed_soak_leaves_nobody_and_goes_on_to_the_same_findings(undisturbed, tmp_path):
    command, journal = waiting(tmp_path, 6, *WRONG), tmp_path / ".hsmspec" / "soak.jsonl"

    def written():
        return journal.read_text() if journal.exists() else ""

    # Six starts are enough for a shard, its properties and its findings, and for two shards at most besides.
    with begin("--shards", "6", "--workers", "1", "--timeout", "60", "--", *command, folder=tmp_path) as process:
        until(lambda: '"is":"finding"' in written() and len(starts(tmp_path)) > 6, process)
        process.kill()
        process.communicate()
    until(lambda: not any(runs(pid) for start in starts(tmp_path) for pid in start if pid != process.pid))
    with journal.open("a") as file:
        file.write('{"is":"shard","index":')
    (tmp_path / "go").touch()
    arguments = ("--resume", "--shards", "6", "--workers", "2", "--json", "result.json")
    with begin(*arguments, "--", *command, folder=tmp_path) as process:
        said = process.communicate()[0]
    assert process.returncode == 1, said
    assert "continuing after" in said
    assert result(tmp_path / "result.json") == undisturbed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("amendments", "code"), [((), 0), (("add-child-dirties",), 1)])
def test_a_signal_ends_it_with_a_report_and_without_orphans(number, amendments, code, tmp_path):
    arguments = ("--time", "1h", "--workers", "2", "--", *waiting(tmp_path, NEVER, *amendments))
    with begin(*arguments, folder=tmp_path) as process:
        before = said_up_to(" operations (", process)
        process.send_signal(number)
        said = before + process.communicate()[0]
    assert process.returncode == code, said
    assert "The soak ended because it was interrupted; `--resume` continues it" in said
    assert "Traceback" not in said
    assert not any(runs(pid) for start in starts(tmp_path) for pid in start)


def test_a_signal_waits_for_no_answer(tmp_path):
    arguments = ("--time", "1h", "--workers", "2", "--timeout", "600", "--", *waiting(tmp_path, 1))
    with begin(*arguments, folder=tmp_path) as process:
        until(lambda: len(starts(tmp_path)) == 3, process)
        process.send_signal(signal.SIGINT)
        said = process.communicate()[0]
    assert process.returncode == 2, said
    assert INTERRUPTED in said
    assert "Traceback" not in said
    assert not any(runs(pid) for start in starts(tmp_path) for pid in start)
