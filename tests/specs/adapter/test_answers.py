"""Whatever an adapter writes is an answer or an error of the tool, never anything else."""

from __future__ import annotations

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hsm_specs.adapter import answers
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.comparison import first_difference

PROGRAM = (ops.NewRegistry(), ops.MachineTransition(1, ops.Script((ops.Dirty(1), ops.Outputs(1)))), ops.Outputs(1))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)
KINDS = st.dictionaries(st.sampled_from(["ok", "error", "panic", "unbound", "message", "more"]), VALUES, max_size=3)
OBSERVATIONS = st.recursive(
    KINDS,
    lambda inner: st.builds(lambda one, several: {**one, "inner": several}, KINDS, st.lists(inner, max_size=3)),
    max_leaves=8,
)


@given(st.binary())
@example(b"\xff")
@example(b"[" * 100_000)
@example(b'{"seq":1,"observations":' + b"[" * 100_000)
@example(b'{"seq":1,"observations":[[{"ok":9223372036854775808}]]}')
@example(b'{"seq":1,"observations":[[{"ok":"\\ud800"}]]}')
@example(b'{"seq":99999999999999999999999999,"observations":[]}')
def test_any_bytes(line):
    with suppress(answers.Malformed):
        payload = answers.payload(line, 1)
        answers.decode_observations(payload, [])
    with suppress(answers.Malformed):
        answers.greeting(line)


@given(st.lists(OBSERVATIONS, max_size=4))
def test_any_observations(observations):
    line = json.dumps({"seq": 1, "observations": [observations]}).encode()
    try:
        payload = answers.payload(line, 1)
        (decoded,) = answers.decode_observations(payload, [PROGRAM])
    except answers.Malformed:
        return
    assert len(decoded) == len(PROGRAM)
    expected = (Observation(ok=None),) * 3
    first_difference(PROGRAM, expected, decoded)
    first_difference(PROGRAM, decoded, expected)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("\x07bell", "(\N{REPLACEMENT CHARACTER}bell)"),
        ("x" * 500, "xxx...)"),
        ('{"seq":1,"observations":[[{"ok":1,"ok":2}]],"more":1}', "is no answer"),
    ],
)
def test_what_is_shown_of_a_line_is_short_and_printable(line, words):
    with pytest.raises(answers.Malformed) as caught:
        answers.payload(line.encode(), 2)
    assert words in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_canonical_answer_is_not_decoded():
    assert answers.payload(b'{"seq":12,"observations":[[nonsense]]}', 12) == b"[[nonsense]]"


def test_an_answer_in_another_order_is_made_canonical():
    line = b'{"observations": [[{"message": "m", "error": "other"}]], "seq": 12}'
    assert answers.payload(line, 12) == b'[[{"error":"other","message":"m"}]]'
    assert msgspec.json.decode(answers.payload(line, 12)) == [[{"error": "other", "message": "m"}]]
