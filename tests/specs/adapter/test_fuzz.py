"""Whatever bytes come from an adapter: they are an answer that can be judged and shown, or an error of the tool."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hsm_specs import errors
from hsm_specs.adapter import InProcess, answers
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Greeting, HelloAnswer
from hsm_specs.language.operations import Script, TransitionSpec
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.report.rendering import program_lines

PROGRAM = (
    ops.NewRegistry(),
    ops.RegisterMachine(1),
    ops.NewRoot(1, (0, 5), 0),
    ops.AddChild(0, (1, "a"), (2, 0), 1),
    ops.MachineTransition(1, Script((ops.SetState(0, 3), ops.Dirty(1)), ((1, 7, 1000), (2, 8, "ü"))), 0),
    ops.Outputs(0),
    ops.StateMachine(1, (1, 0)),
    ops.Apply(1, TransitionSpec((1,), 2), 3, Script((ops.ReadMachine(1),), fail="user_1")),
    ops.Export(0),
    ops.Marshal(0),
)
EXPECTED = predict(PROGRAM)
VALID = b'{"seq":1,"observations":%s}' % msgspec.json.encode([EXPECTED])
HELLO = msgspec.json.encode(HelloAnswer(0, Greeting(1, "an-implementation", "1", "go", ("outputs",))))
PIECES = st.sampled_from(
    (
        *(b"[", b"]", b"{", b"}", b'"', b",", b":", b"-", b"\\", b"\\ud800", b"\xed\xa0\x80", b"\x00", b'"\\u0000"'),
        *(b"null", b"NaN", b"1e999", b"9223372036854775808", b"[" * 300),
        *(b'{"ok":null}', b'"ok":1,', b'"inner":[{"unbound":true}],'),
    )
)


@st.composite
def mutated(draw, line):
    """Return a line with a few pieces taken out, put in, doubled or replaced."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(line)))
        end = min(len(line), start + draw(st.integers(0, 12)))
        piece = draw(PIECES | st.binary(max_size=4) | st.just(line[start:end] * 2))
        line = line[:start] + piece + line[end:]
    return line


def judged(line):
    """Process an answer to the end. Nothing but a malformed answer may stop it."""
    with suppress(answers.Malformed):
        payload = answers.payload(line, 1)
        (observed,) = answers.decode_observations(payload, [PROGRAM])
        difference = first_difference(PROGRAM, EXPECTED, observed)
        if difference is not None:
            assert list(program_lines(PROGRAM, EXPECTED, observed, difference.where))


def test_the_valid_answer_is_one():
    payload = answers.payload(VALID, 1)
    assert first_difference(PROGRAM, EXPECTED, *answers.decode_observations(payload, [PROGRAM])) is None


@given(mutated(VALID))
@settings(max_examples=500)
@example(VALID[:-1])
@example(VALID + VALID)
@example(VALID.replace(b"false", b"[" * 150 + b"]" * 150))
@example(VALID.replace(b"false", b"[" * 600 + b"]" * 600))
@example(VALID.replace(b"false", b'{"a":' * 600 + b"1" + b"}" * 600))
@example(VALID.replace(b"false", b'[{"a":[1,"b"]},null,2]'))
@example(VALID.replace(b'"0:5"', b"7"))
@example(VALID.replace(b'{"ok":null}', b'{"ok":9223372036854775808}'))
@example(VALID.replace(b'{"ok":null}', b'{"error":""}'))
@example(VALID.replace(b'{"ok":null}', b'{"panic":"\\u0000\\u001b[2J\\n"}'))
def test_answers_that_were_valid_once(line):
    judged(line)


@given(st.binary() | mutated(HELLO))
@example(HELLO.replace(b"1", b"9" * 30))
@example(HELLO.replace(b"outputs", b"\\ud800"))
def test_greetings(line):
    with suppress(answers.Malformed):
        answers.greeting(line)


@given(st.binary(max_size=200) | mutated(VALID))
def test_a_function_that_answers_anything_raises_nothing_but_harness_errors(line):
    client = InProcess(lambda request: HELLO if b"hello" in request else line)
    with suppress(errors.ToolError):
        client.run([PROGRAM])


@pytest.mark.parametrize("depth", [150, 201, 400, 600, 900, 5000])
@pytest.mark.parametrize(("opening", "middle", "closing"), [("[", "", "]"), ('{"a":', "1", "}")])
def test_a_value_is_judged_up_to_a_depth_and_refused_beyond_it(depth, opening, middle, closing):
    deep = opening * depth + middle + closing * depth
    line = f'{{"seq":1,"observations":[[{{"ok":{deep}}}]]}}'
    outputs = (ops.Outputs(0),)
    try:
        (observed,) = answers.decode_observations(answers.payload(line.encode(), 1), [outputs])
    except answers.Malformed:
        assert depth > answers.DEEPEST
        return
    assert depth <= answers.DEEPEST
    assert first_difference(outputs, predict((ops.NewRegistry(),)), observed) is not None


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 2**20,
        b'{"seq":1,"observations":' + b"[" * 2**20,
        b'{"seq":1,"observations":[[' + b'{"ok":null},' * 2**16 + b'{"ok":null}]]}',
        b'{"seq":1,"observations":[[{"ok":"' + b"x" * 2**20 + b'"}]]}',
        b'{"seq":1,"observations":[[{"ok":' + b"9" * 2**20 + b"}]]}",
        b'{"seq":1,"observations":[[{"ok":{' + b",".join(b'"%d":1' % n for n in range(2**16)) + b"}}]]}",
    ],
    ids=["brackets", "an answer of brackets", "many", "a long text", "a long number", "a large object"],
)
def test_a_megabyte_takes_a_bounded_amount_of_memory(line):
    tracemalloc.start()
    try:
        judged(line)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 40 * 2**20
