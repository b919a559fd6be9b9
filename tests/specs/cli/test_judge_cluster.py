"""Judging on a cluster of Dask: a scheduler and two workers on this machine."""

from __future__ import annotations

import signal
import sys

import pytest

from ..engine.soaks import said_up_to, until
from .clusters import running
from .judging import TRACES, begin, environment, opened, result


@pytest.fixture
def folder(tmp_path):
    """Return a folder with traces."""
    folder = tmp_path / "traces"
    folder.mkdir()
    for name in ("held.jsonl", "a.jsonl"):
        (folder / name).write_bytes(TRACES)
    return folder


@pytest.fixture
def cluster(folder, tmp_path):
    """Yield a scheduler and two workers, which run elsewhere and wait with a file `held`."""
    with running(tmp_path, environment(folder)) as cluster:
        yield cluster


def test_the_share_of_a_killed_worker_is_judged_by_another_to_the_same_result(cluster, folder, cli, monkeypatch):
    arguments = ("--json", "cluster.json", "--scheduler", cluster.address)
    with begin(*arguments, "held.jsonl", "a.jsonl", folder=folder) as process:
        until(lambda: len(opened(folder)) == 2, process)
        assert {worker.pid for worker in cluster.workers} == opened(folder)
        cluster.workers[0].kill()
        cluster.workers[0].wait()
        (folder / "go").touch()
        said = process.communicate()[0]
    assert process.returncode == 1, said
    monkeypatch.chdir(folder)
    assert cli("judge", "held.jsonl", "a.jsonl", "--json", "here.json").code == 1
    assert result(folder / "here.json") == result(folder / "cluster.json")
    assert len(result(folder / "here.json")["traces"]) == 40


def test_an_interrupt_ends_it_with_a_report_of_what_was_judged(cluster, folder):
    arguments = ("--json", "r.json", "--scheduler", cluster.address, "a.jsonl", "held.jsonl")
    with begin(*arguments, folder=folder) as process:
        before = said_up_to("a.jsonl", process)
        until(lambda: opened(folder), process)
        process.send_signal(signal.SIGINT)
        said = before + process.communicate()[0]
    assert process.returncode == 2, said
    assert "held.jsonl: not all of it was judged, as judging was interrupted." in said
    assert "20 traces: 16 conform, 4 deviate" in said
    assert "Traceback" not in said


def test_a_scheduler_that_goes_away_is_a_sentence_and_leaves_what_was_judged(cluster, folder):
    arguments = ("--json", "r.json", "--scheduler", cluster.address, "a.jsonl", "held.jsonl", "a.jsonl")
    with begin(*arguments, folder=folder) as process:
        before = said_up_to("a.jsonl", process)
        until(lambda: opened(folder), process)
        cluster.scheduler.kill()
        said = before + process.communicate()[0]
    assert process.returncode == 2, said
    assert f"held.jsonl: not all of it was judged. The cluster at {cluster.address} did not run it" in said
    assert "deviate" in said
    assert "Traceback" not in said
    assert result(folder / "r.json")["verdicts"]["deviates"] >= 4


def test_an_address_without_a_scheduler_is_a_sentence(folder, monkeypatch, cli):
    monkeypatch.setattr("hsm_specs.parallel.cluster.CONNECTING", 1)
    said = cli("judge", "--scheduler", "tcp://127.0.0.1:9", str(folder / "a.jsonl"))
    assert said.code == 2
    assert "No scheduler answers at tcp://127.0.0.1:9" in said.err
    assert "`dask scheduler` prints its address when it starts" in said.err


@pytest.mark.parametrize("address", ["foo", "tls://127.0.0.1:9", "nonsense://127.0.0.1:9"])
def test_what_is_no_address_is_a_sentence_and_nothing_is_left_of_it(folder, address):
    with begin("--scheduler", address, "a.jsonl", folder=folder) as process:
        said = process.communicate()[0]
    assert process.returncode == 2
    [line] = said.splitlines()
    assert line.startswith(f"hsmspec: No scheduler answers at {address} (")
    assert line.endswith("`dask scheduler` prints its address when it starts, `tcp://host:port`.")


def test_without_the_extra_one_is_told_how_to_get_it(folder, monkeypatch, cli):
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = cli("judge", "--scheduler", "tcp://127.0.0.1:9", str(folder / "a.jsonl"))
    assert said.code == 2
    assert "dask.distributed, which is not installed. `pip install 'hsmspec[dask]'` installs it." in said.err


def test_a_cluster_has_its_own_workers(cli):
    said = cli("judge", "--scheduler", "tcp://127.0.0.1:9", "--workers", "2", "a.jsonl")
    assert said.code == 2
    assert "use `--scheduler` without `--workers`" in said.err
