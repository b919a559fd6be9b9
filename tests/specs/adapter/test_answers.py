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


ANSWER = '{"observations":[[{"ok":1}]],"seq":1}'
HELLO = '{"seq":0,"hello":{"protocol":1,"name":"a","version":"1","language":"go","capabilities":[]}}'


@pytest.mark.parametrize(
    ("take", "line", "member"),
    [
        (lambda line: answers.payload(line, 1), ANSWER.replace('"seq":1', '"seq":2,"seq":1'), "seq"),
        (lambda line: answers.payload(line, 1), ANSWER.replace("{", '{"observations":[],', 1), "observations"),
        (lambda line: answers.payload(line, 1), ANSWER.replace('"ok":1', '"ok":2,"ok":1'), "ok"),
        (
            lambda line: answers.payload(line, 1),
            '{"seq":1,"protocol_error":"a","protocol_error":"b"}',
            "protocol_error",
        ),
        (answers.greeting, HELLO.replace('"seq":0', '"seq":1,"seq":0'), "seq"),
        (answers.greeting, HELLO.replace('"name":"a"', '"name":"b","name":"a"'), "name"),
    ],
)
def test_a_member_that_is_there_twice_is_refused_wherever_it_is(take, line, member):
    with pytest.raises(answers.Malformed, match=f"the member `{member}` twice"):
        take(line.encode())


def test_the_name_of_a_member_that_is_there_twice_is_made_printable():
    with pytest.raises(answers.Malformed) as caught:
        answers.decode_observations(rb'[[{"\u001b]52;":1,"\u001b]52;":2}]]', [PROGRAM])
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("item", ["[]", "{}", '{"ok":null}'])
@pytest.mark.parametrize("form", ['{{"seq":1,"observations":[{}]}}', '{{"observations":[{}],"seq":1}}'])
def test_millions_of_lists_or_objects_are_refused_before_memory_is_spent_on_them(item, form, monkeypatch):
    line = form.format(",".join([item] * (answers.MOST + 1))).encode()
    for name in ("_LINE", "_OBSERVATIONS", "json"):
        monkeypatch.setattr(answers, name, Untouched())
    with pytest.raises(answers.Malformed, match="more than 524288 lists and objects"):
        answers.decode_observations(answers.payload(line, 1), [PROGRAM])


class Untouched:
    """A decoder that nothing is to be decoded with."""

    def __getattr__(self, name):
        raise AssertionError(f"{name} is used")


def test_as_many_lists_as_an_answer_can_have_are_decoded():
    data = b"[" + b",".join([b"[]"] * (answers.MOST - 1)) + b"]"
    assert answers.MOST - 1 == len(answers.decode_observations(data, [()] * (answers.MOST - 1)))
