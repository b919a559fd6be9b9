"""Traces that were not recorded to their ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hsm_specs.traces.judging.result import Unfinished

from .test_judging import ADDED, YES, line, recorded
from .test_shards import judged as judged_in_shares

WHY = "a deletion, of which traces say nothing"
CUT = b'{"trace":"a","end":true,"because":"%s"}\n' % WHY.encode()


def test_a_trace_is_judged_as_far_as_it_was_recorded(judge, tmp_path: Path) -> None:
    judged = judge([*recorded(ADDED, "a"), CUT, *recorded(ADDED, "b")], json_file=tmp_path / "result")
    assert (0, [], {"conforms": 2}, 1) == (
        judged.code,
        judged.said,
        judged.result.verdicts,
        judged.result.unfinished,
    )
    assert [(5, Unfinished(6, WHY)), (5, None)] == [(trace.operations, trace.unfinished) for trace in judged.traces]
    written = json.loads((tmp_path / "result").read_bytes())
    assert [{"line": 6, "because": WHY}, None] == [trace["unfinished"] for trace in written["traces"]]
    assert 1 == written["unfinished"]


def test_a_departure_is_one_wherever_recording_ended(judge) -> None:
    judged = judge([*recorded(ADDED, "a", YES), CUT])
    assert (1, 1, 5) == (judged.code, judged.result.unfinished, judged.traces[0].departure.line)


def test_the_name_can_be_used_again(judge) -> None:
    judged = judge([*recorded(ADDED, "a"), CUT, *recorded(ADDED, "a")])
    assert [1, 7] == [trace.line for trace in judged.traces]


def test_of_a_trace_nothing_may_have_been_recorded(judge) -> None:
    judged = judge([*recorded(ADDED), CUT])
    assert (0, {"conforms": 1, "not judged": 1}, 1) == (judged.code, judged.result.verdicts, judged.result.unfinished)


def test_what_breaks_off_a_known_beginning_is_told_too(judge) -> None:
    judged = judge([*recorded(ADDED, "b"), *recorded(ADDED[:3], "a"), CUT])
    assert [("a", 3, True), ("b", 5, False)] == [
        (trace.trace, trace.operations, trace.unfinished is not None) for trace in judged.traces
    ]


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        (b'"end":true,"because":7', "Expected `str`, got `int`"),
        (b'"end":true,"because":null', "Expected `str`, got `null`"),
        (b'"end":true,"because":"a","because":"b"', "an object has the member `because` twice"),
        (b'"end":false,"because":"a"', "`op` is missing"),
        (b'"op":{"op":"new_registry"},"saw":{"ok":null},"because":"a"', "only the end of a trace has `because`"),
        (b'"because":"a"', "`op` is missing"),
    ],
)
def test_only_an_end_has_a_reason_and_it_is_a_text(judge, members, sentence) -> None:
    for before in ([], recorded(ADDED[:1], "b"), recorded(ADDED, "a")):
        judged = judge([*before, b'{"trace":"a",' + members + b"}\n", *recorded(ADDED)])
        [said] = judged.said
        assert sentence in said
        assert (2, 0) == (judged.code, judged.result.unfinished)


@pytest.mark.parametrize("end", [b'{"end":true,"because":""}\n', b'{"because":"","end":true}\n'])
def test_a_reason_may_be_empty(judge, end) -> None:
    assert Unfinished(6, "") == judge([*recorded(ADDED), end]).traces[0].unfinished


def test_shares_tell_the_same() -> None:
    content = b"".join(
        [*recorded(ADDED, "a"), CUT, CUT, *recorded(ADDED, "b"), line(ADDED[0]), b'{"end":true,"because":"x"}']
    )
    alone = judged_in_shares(content, 0)
    assert 3 == alone[0]["unfinished"]
    assert alone == judged_in_shares(content, 3)
