"""Soaks on a cluster of Dask: a scheduler and two workers on this machine."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ..engine.soaks import said_up_to, until
from .clusters import running
from .soaking import NEVER, begin, result, starts, waiting

WRONG = ("add-child-dirties", "failed-apply-keeps-destination")


@pytest.fixture
def cluster(tmp_path):
    """Yield a scheduler and two workers, which end with the test."""
    with running(tmp_path) as cluster:
        yield cluster


@pytest.fixture
def folder(tmp_path):
    """Return an empty folder."""
    (tmp_path / "soak").mkdir()
    return tmp_path / "soak"


def test_the_shard_of_a_killed_worker_is_run_again_by_another_to_the_same_findings(cluster, folder):
    command = waiting(folder, 1, *WRONG)
    arguments = ("--shards", "6", "--timeout", "60", "--json", "cluster.json", "--scheduler", cluster.address)
    with begin(*arguments, "--", *command, folder=folder) as process:
        # The first start is the soak's own; then each worker has an adapter that waits.
        until(lambda: len({start.parent for start in starts(folder)[1:]}) == 2, process)
        assert {worker.pid for worker in cluster.workers} == {start.parent for start in starts(folder)[1:]}
        cluster.workers[0].kill()
        cluster.workers[0].wait()
        (folder / "go").touch()
        said = process.communicate()[0]
    assert process.returncode == 1, said
    assert f"on the cluster at {cluster.address}" in said
    # The adapter of a killed worker goes on to the end of its input.
    with begin("--shards", "6", "--json", "here.json", "--", *waiting(folder, NEVER, *WRONG), folder=folder) as process:
        process.communicate()
    assert result(folder / "cluster.json") == result(folder / "here.json")


def test_an_interrupt_ends_it_with_a_report(cluster, folder):
    arguments = ("--time", "1h", "--scheduler", cluster.address, "--", *waiting(folder, NEVER))
    with begin(*arguments, folder=folder) as process:
        before = said_up_to(" operations (", process)
        process.send_signal(signal.SIGINT)
        said = before + process.communicate()[0]
    assert process.returncode == 0, said
    assert "The soak ended because it was interrupted" in said
    assert "Traceback" not in said


def test_a_scheduler_that_goes_away_is_a_sentence_and_leaves_what_was_done(cluster, folder):
    arguments = ("--time", "1h", "--scheduler", cluster.address, "--", *waiting(folder, NEVER))
    with begin(*arguments, folder=folder) as process:
        before = said_up_to(" operations (", process)
        cluster.scheduler.kill()
        said = before + process.communicate()[0]
    assert process.returncode == 2, said
    assert f"The cluster at {cluster.address} did not run it" in said
    assert "`--resume` continues it" in said
    assert "Traceback" not in said


VERSIONED = """
import os, sys
from msgspec.structs import replace
from hsm_specs.adapter.serve import GREETING, observe, serve

serve(sys.stdin.buffer, sys.stdout.buffer, observe, replace(GREETING, version=os.environ.get("ADAPTER", "1")))
"""


def test_another_version_of_the_adapter_on_the_machines_of_the_cluster_is_refused(tmp_path, folder):
    command = (sys.executable, "-c", VERSIONED)
    with running(tmp_path, {**os.environ, "ADAPTER": "2"}) as cluster:
        arguments = ("--shards", "3", "--scheduler", cluster.address, "--", *command)
        with begin(*arguments, folder=folder) as process:
            said = process.communicate()[0]
    assert 2 == process.returncode, said
    assert "The adapter says that it is hsm-model 2, and it began as hsm-model 1." in said
    assert "The same implementation belongs on all machines" in said


def test_an_address_without_a_scheduler_is_a_sentence(folder, monkeypatch, cli):
    monkeypatch.setattr("hsm_specs.parallel.cluster.CONNECTING", 1)
    said = cli("soak", "--scheduler", "tcp://127.0.0.1:9", "--", *waiting(folder, NEVER))
    assert said.code == 2
    assert "No scheduler answers at tcp://127.0.0.1:9" in said.out
    assert not Path(".hsmspec/soak.jsonl").exists()


@pytest.mark.parametrize(
    "banner", [b"SSH-2.0-banner\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 64, b""], ids=repr
)
@pytest.mark.parametrize("command", ["soak", "judge"])
def test_a_port_at_which_something_else_answers_is_a_sentence(folder, monkeypatch, cli, banner, command):
    monkeypatch.setattr("hsm_specs.parallel.cluster.CONNECTING", 1)
    Path("trace.jsonl").write_bytes(b"")
    more = ("trace.jsonl",) if command == "judge" else ("--", *waiting(folder, NEVER))
    with answering(banner) as port:
        said = cli(command, "--scheduler", f"tcp://127.0.0.1:{port}", *more)
    assert said.code == 2
    assert f"No scheduler answers at tcp://127.0.0.1:{port}" in said.out + said.err
    assert "internal error" not in said.out + said.err


@contextmanager
def answering(banner: bytes) -> Iterator[int]:
    """A port at which each connection gets some bytes and is closed."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.sendall(banner)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def test_without_the_extra_one_is_told_how_to_get_it(folder, monkeypatch, cli):
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = cli("soak", "--scheduler", "tcp://127.0.0.1:9", "--", *waiting(folder, NEVER))
    assert said.code == 2
    assert "dask.distributed, which is not installed. `pip install 'hsmspec[dask]'` installs it." in said.out
