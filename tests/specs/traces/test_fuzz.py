"""The reader takes anything: whatever the bytes, there is a result, and no line is lost without a sentence."""

from __future__ import annotations

import gzip
import json
import os
import re
import tempfile
from pathlib import Path

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.traces import Judging, JudgingOptions
from hsm_specs.traces.judging.result import TraceJudgement

from .fuzz.harness import check

EXAMPLES = int(os.environ.get("HSMSPEC_FUZZ", "150"))
"""More of them find more; `HSMSPEC_FUZZ=100000` takes some minutes."""


def _recorded() -> list[bytes]:
    """Return a line of each operation of each property's plainest case, in traces of their own."""
    lines = []
    for name, shown in PROPERTIES.items():
        case = next(shown.cases(0, 1))
        for operation, seen in zip(case.program, predict(case.program), strict=True):
            lines.append(msgspec.json.encode({"trace": name, "op": operation, "saw": seen}))
    return lines


LINES = _recorded()
DOCUMENT = (Path(__file__).parents[3] / "TRACES.md").read_text(encoding="utf-8")
OPEN = [
    line.replace("callbacks.Callback", name).encode()
    for example in re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    if '"open"' in example
    for line in example.splitlines()
    for name in ("callbacks.Callback", "1")
]
CHILDREN = b'[["1","x",[3,[null,"v"],[]]]]'
OPEN.append(b'{"op":{"op":"load","type":"1","data":["a",1],"bind":1,"children":%s},"saw":{"ok":null}}' % CHILDREN)
ODD = (
    b'{"hsmspec":1}',
    b'{"hsmspec":2}',
    b'{"hsmspec":1,"dialect":"v1.24","capabilities":["wire"]}',
    b'{"trace":"NODE-ADD-1","end":true}',
    b'{"end":true}',
    b"",
    b"{}",
    b"[" * 2000,
)
TOKENS = st.sampled_from(
    [
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b"-",
        b"9" * 30,
        b"1e999",
        b"null",
        b"NaN",
        b"\\",
        b"\\u0000",
        b"\xff",
        b"\n",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(max_size=3), of, max_size=3), max_leaves=6
)
BIG = st.sampled_from([2**53, -(2**53), 2**31 - 1, -(2**31), 2**63, 10**30, 0, -1, 1.5])


@st.composite
def mutated_line(draw: st.DrawFn) -> bytes:
    """Return a line with bytes cut out, put in or replaced, or with a value replaced by another."""
    line = draw(st.sampled_from(LINES) | st.sampled_from(OPEN))
    if draw(st.booleans()):
        start = draw(st.integers(0, len(line)))
        end = draw(st.integers(start, min(len(line), start + 9)))
        return line[:start] + draw(TOKENS | st.binary(max_size=4)) + line[end:]
    tree = json.loads(line)
    places = list(_places(tree))
    at, key = draw(st.sampled_from(places))
    at[key] = draw(BIG | VALUES)
    return json.dumps(tree, separators=draw(st.sampled_from([(",", ":"), (", ", ": ")]))).encode()


def _places(value):
    """Yield every place in a JSON value that something can be put into."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


LINE = st.one_of(
    st.sampled_from(LINES), st.sampled_from(OPEN), mutated_line(), st.sampled_from(ODD), st.binary(max_size=40)
)
CONTENT = st.lists(LINE, max_size=12).map(b"\n".join)


@settings(max_examples=EXAMPLES)
@given(CONTENT)
def test_whatever_the_lines_there_is_a_result(content: bytes) -> None:
    check(content)


@settings(max_examples=EXAMPLES)
@given(st.lists(st.sampled_from(OPEN) | mutated_line(), max_size=12))
def test_whatever_the_lines_of_an_open_world_there_is_a_result(lines: list[bytes]) -> None:
    check(b"\n".join([b'{"hsmspec":1,"world":"open"}', *lines]))


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parent / "fuzz" / "corpus").iterdir()), ids=lambda path: path.name
)
def test_what_a_fuzzer_found_has_a_result(path: Path) -> None:
    check(path.read_bytes())


@settings(max_examples=EXAMPLES // 3)
@given(CONTENT, st.sampled_from([gzip.compress, zstandard.compress]), st.data())
def test_whatever_happened_to_a_compressed_file_there_is_a_result(
    content: bytes, compress, data: st.DataObject
) -> None:
    whole = compress(content)
    at = data.draw(st.integers(0, len(whole)))
    check(whole[:at] + data.draw(st.binary(max_size=3)) + whole[at + data.draw(st.integers(0, 9)) :])


@settings(max_examples=EXAMPLES // 3)
@given(st.lists(mutated_line(), min_size=1, max_size=3), st.data())
def test_other_traces_are_judged_as_if_nothing_had_happened(garbage: list[bytes], data: st.DataObject) -> None:
    own = [line.replace(b'{"trace":"', b'{"trace":"own ') for line in LINES if b'"MT-' in line[:14]]
    names = {json.loads(line)["trace"] for line in own}
    mixed = [*own, *(line for line in garbage if b'"own' not in line and b"\n" not in line and b"hsmspec" not in line)]
    for position in range(len(own), len(mixed)):
        mixed.insert(data.draw(st.integers(0, len(own))), mixed.pop(position))
    traces: list[TraceJudgement] = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a").write_bytes(b"\n".join(mixed))
        Judging(JudgingOptions([str(Path(folder) / "a")]), traces.append).run()
    assert {"conforms"} == {trace.verdict for trace in traces if trace.trace in names}
    assert len(own) == sum(trace.operations for trace in traces if trace.trace in names)
