"""Whole runs against adapters that do not keep to the protocol: an exit code, a sentence, and nothing left behind."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from hsm_specs.cli.commands import hsmspec
from hsm_specs.cli.error_handling import guarded

TIMEOUT = 0.6
SEQUENCE = '{"seq":%d,"observations":'
PROGRAMS = {
    **{path.stem: [path.stem] for path in sorted((Path(__file__).parent / "hostile").glob("[a-z]*.py"))},
    "greets": ["greets", "good morning"],
    "ends": ["ends", "mid-batch", "0"],
    "ends with 1": ["ends", "mid-batch", "1"],
    "ends by a signal": ["ends", "mid-batch", "-9"],
    "ends at the start": ["ends", "start", "0"],
    "ends once greeted": ["ends", "greeted", "1"],
    "raw": ["raw", "garbage"],
    "another number": ["raw", '{"seq":77,"observations":%s}'],
    "deep": ["raw", SEQUENCE + "[" * 100_000],
    "deep values": ["raw", SEQUENCE + '[[{"ok":' + "[" * 600 + "]" * 600 + "}]]}"],
    "twice a member": ["raw", SEQUENCE + '[[{"ok":1,"ok":2}]]}'],
    "a large number": ["raw", SEQUENCE + '[[{"ok":9223372036854775808}]]}'],
    "a lone surrogate": ["raw", SEQUENCE + '[[{"ok":"\\ud800"}]]}'],
    "not a number": ["raw", SEQUENCE + '[[{"ok":NaN}]]}'],
    "claims and refuses": ["claims", "refuses"],
    "leaves a child elsewhere": ["leaves_child", "own-session"],
}


@pytest.mark.usefixtures("no_process_left")
@pytest.mark.parametrize("arguments", PROGRAMS.values(), ids=PROGRAMS)
def test_a_run_ends_in_time_with_a_sentence(hostile, arguments, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    selection = ("run", "-k", "NODE-KEY-1,NODE-PARENT-1,NODE-PATH-1", "--budget", "quick", "--workers", "1")
    started = time.monotonic()
    command = (*selection, "--timeout", str(TIMEOUT), "--json", "result.json", "--", *hostile(*arguments))
    code = guarded(hsmspec, list(command))
    # What was found is shrunk by another adapter, which may fail in the same way.
    # A program that got no answer is tried again twice, in fresh processes.
    assert time.monotonic() - started < 5 * (TIMEOUT + 1) + 1
    said = capsys.readouterr()
    result = json.loads(Path("result.json").read_bytes())
    assert result["exit_code"] == code
    assert code == (1 if result["problems"] else 2)
    assert result["findings"] or result["trouble"]
    assert {Path(found["file"]).is_file() for found in result["findings"]} <= {True}
    assert "Traceback" not in said.out + said.err
    assert "internal error" not in said.err


def test_what_was_shown_before_the_adapter_failed_is_kept(hostile, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = ("run", "-k", "NODE-KEY-1,NODE-PARENT-1,NODE-PATH-1", "--budget", "quick", "--timeout", "2")
    assert guarded(hsmspec, [*command, "--", *hostile("hangs_mid_batch", "6")]) == 1
    said = capsys.readouterr()
    assert "documented requirements are violated: NODE-KEY-1" in said.out
    assert "The run is partial" in said.out
    assert "gave no answer within 2 s" in said.out


def test_what_is_claimed_and_not_there_is_not_conformance(hostile, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = ("run", "-k", "TRANS-APPLY-1,OUT-LIST-1", "--budget", "quick", "--timeout", "5", "--")
    assert guarded(hsmspec, [*command, *hostile("claims")]) == 1
    assert "observed: an error that is none of the documented ones (it is not there)" in capsys.readouterr().out
    assert guarded(hsmspec, [*command, *hostile("claims", "refuses")]) == 2
    assert "“there is no such operation here”" in capsys.readouterr().out
