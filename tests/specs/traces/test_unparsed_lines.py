"""A line that was not understood leaves in doubt the traces that it may belong to, and no others."""

from __future__ import annotations

import pytest

from hsm_specs.traces.format import lines

from .test_judging import ADDED, YES, recorded
from .test_shards import judged as judged_in_shares

WRONG = b'{"trace":"a","op":{"op":"new_registri"},"saw":{"ok":null}}\n'
NOBODYS = b"nonsense\n"
END = b'{"trace":"a","end":true}\n'
HEADER = b'{"hsmspec":1}\n'


def bad(name: str) -> list[bytes]:
    return recorded(ADDED, name, YES)


@pytest.mark.parametrize(
    ("content", "doubts"),
    [
        ([WRONG, *bad("a")], {"a": 1}),
        ([NOBODYS, *bad("a")], {"a": 1}),
        ([NOBODYS, WRONG, *bad("a"), *bad("b")], {"a": 1, "b": 1}),
        ([WRONG, NOBODYS, *bad("a"), *bad("b")], {"a": 1, "b": 2}),
        ([WRONG, WRONG, *bad("b"), *bad("a")], {"a": 1, "b": 0}),
        ([*bad("b"), WRONG, *bad("a")], {"a": 6, "b": 0}),
        ([WRONG, *recorded(ADDED, "b"), *bad("a")], {"b": 0, "a": 1}),
        ([WRONG, HEADER, *bad("a")], {"a": 0}),
        ([NOBODYS, HEADER, *bad("a")], {"a": 0}),
        ([END, *bad("a")], {"a": 0}),
    ],
)
def test_a_line_before_its_trace_begins_leaves_it_in_doubt(judge, content, doubts) -> None:
    judged = judge(content)
    assert doubts == {trace.trace: trace.doubt for trace in judged.traces}
    for trace in judged.traces:
        if trace.doubt and trace.silence is not None:
            assert trace.silence.reason.startswith(f"line {trace.doubt} was not understood")
        assert trace.departure is None or not trace.doubt
    for of in (0, 3):
        found, *_ = judged_in_shares(b"".join(content), of)
        assert doubts == {trace["trace"]: trace["doubt"] for trace in found["traces"]}


def test_the_next_trace_of_a_name_is_in_no_doubt(judge) -> None:
    judged = judge([WRONG, *recorded(ADDED, "a"), END, *bad("a")])
    assert [1, 0] == [trace.doubt for trace in judged.traces]


def test_where_doubts_are_too_many_to_be_kept_by_name_all_are_in_doubt(judge, monkeypatch) -> None:
    monkeypatch.setattr(lines, "MOST_UNPARSED", 1)
    judged = judge([WRONG, WRONG.replace(b'"a"', b'"c"'), *bad("a"), *bad("b")])
    assert {"a": 1, "b": 2} == {trace.trace: trace.doubt for trace in judged.traces}


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        (b'{"op":{"op":"new_registri"},"saw":{"ok":null}}', "is `new_registry` meant?"),
        (b'{"op":{"op":"new_registry"}}', "`saw` is missing."),
        (b"{}}", "it is no JSON object"),
        (b"\0\0", "and has NUL bytes"),
        (b"\xff", "it is not UTF-8"),
        (b"[]", "it is no JSON object"),
        (b'{"op":{"op":"machine","type":1}x', "it is no JSON object"),
        (b'{"op":{"op":"machine","type":1.', "the file ends in the middle of this line."),
        (b'{"op":{"op":"machine","type":-', "the file ends in the middle of this line."),
        (b'{"op":{"op":"mach', "the file ends in the middle of this line."),
    ],
)
def test_of_a_last_line_without_an_end_the_true_cause_is_told(judge, last, sentence) -> None:
    judged = judge([*recorded(ADDED), last])
    [said] = judged.said
    assert said.startswith("a, line 6: ")
    assert sentence in said
