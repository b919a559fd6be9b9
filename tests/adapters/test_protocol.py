"""The lines that come and go."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from plain_hsm.adapter import answer

ADAPTER = Path(__file__).parents[2] / "adapters" / "python"
HELLO = b'{"seq":0,"hello":{"protocol":1}}'


def says(line: bytes) -> Any:
    return json.loads(answer(line))


def test_the_handshake_says_who_this_is_and_what_it_offers() -> None:
    greeting = says(HELLO)["hello"]
    assert (1, "plain-hsm", "1", "python") == tuple(greeting[k] for k in ("protocol", "name", "version", "language"))
    assert "panics" in greeting["capabilities"]
    assert "wire" not in greeting["capabilities"]


def test_another_version_of_the_protocol_is_not_spoken() -> None:
    assert {"seq", "protocol_error"} == says(b'{"seq":0,"hello":{"protocol":2}}').keys()


def test_an_answer_is_compact_and_in_canonical_order() -> None:
    line = b'{"seq":3,"programs":[[{"op":"new_registry"},{"op":"key","node":0}],[]]}'
    assert b'{"seq":3,"observations":[[{"ok":null},{"unbound":true}],[]]}' == answer(line)


def test_text_beyond_ascii_is_written_as_it_is() -> None:
    line = '{"seq":1,"programs":[[{"op":"state_machine_path","ref":{"path":[[1,"é\\u0001<"]]}}]]}'
    assert '{"seq":1,"observations":[[{"ok":[[1,"é\\u0001<"]]}]]}' == answer(line.encode()).decode()


def test_every_program_has_a_world_of_its_own() -> None:
    line = b'{"seq":1,"programs":[[{"op":"new_registry"}],[{"op":"machine","type":1}]]}'
    assert [[{"ok": None}], [{"unbound": True}]] == says(line)["observations"]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"nonsense",
        b"\xff",
        b"[]",
        b"3",
        b"{}",
        b'{"seq":1}',
        b'{"seq":1,"programs":3}',
        b'{"seq":1,"programs":[[3]]}',
        b'{"seq":1,"programs":[[{"node":0}]]}',
        b'{"seq":1,"programs":[[{"op":"dance"}]]}',
        b'{"seq":1,"programs":[[{"op":"key"}]]}',
        b'{"seq":1,"programs":[[{"op":"marshal","node":0}]]}',
        b"[" * 100_000,
    ],
)
def test_a_line_that_cannot_be_understood_is_a_protocol_error_in_one_sentence(line: bytes) -> None:
    complaint = says(line)
    assert "\n" not in complaint["protocol_error"]
    assert complaint.keys() <= {"seq", "protocol_error"}


def test_an_unknown_operation_deep_inside_is_a_protocol_error_and_no_panic(tree: Any) -> None:
    tree("machine_data", node=0)
    inside = tree.op("machine_transition", node=0, script={"ops": [tree.op("dance")]})
    request = {"seq": 7, "programs": [[*tree.operations, inside]]}
    assert {"seq": 7, "protocol_error": "'dance' is missing or unknown"} == says(json.dumps(request).encode())


def test_the_session_in_the_readme_is_true() -> None:
    lines = (ADAPTER / "README.md").read_text(encoding="utf-8").splitlines()
    requests = [line.removeprefix("    > ") for line in lines if line.startswith("    > ")]
    answers = [line.removeprefix("    < ") for line in lines if line.startswith("    < ")]
    assert 3 == len(requests)
    assert answers == [answer(request.encode()).decode() for request in requests]


def test_the_process_answers_line_by_line_survives_nonsense_and_ends_with_its_input() -> None:
    lines = [HELLO, b"nonsense", b'{"seq":1,"programs":[[{"op":"new_registry"}]]}']
    ended = subprocess.run(
        [sys.executable, "-m", "plain_hsm.adapter"],
        input=b"\n".join(lines) + b"\n",
        capture_output=True,
        check=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ADAPTER), "PYTHONIOENCODING": "ascii"},
    )
    greeting, complaint, observations = map(json.loads, ended.stdout.splitlines())
    assert "plain-hsm" == greeting["hello"]["name"]
    assert ["protocol_error"] == list(complaint)
    assert {"seq": 1, "observations": [[{"ok": None}]]} == observations
    assert b"" == ended.stderr


def test_an_answer_comes_before_the_next_line_is_sent() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "plain_hsm.adapter"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ADAPTER)},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(HELLO + b"\n")
            process.stdin.flush()
            assert "hello" in json.loads(process.stdout.readline())
        process.stdin.close()
        assert 0 == process.wait(timeout=60)
