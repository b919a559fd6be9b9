"""Reading traces: compression, and all that a file can have wrong. Each is one sentence, and the rest is judged."""

from __future__ import annotations

import gzip
import io
import itertools
import sys
from contextlib import nullcontext

import pytest
import zstandard

from hsm_specs.parallel.processes import local
from hsm_specs.traces import Judging, JudgingOptions
from hsm_specs.traces.format import lines as lines_module

GOOD = b'{"op":{"op":"new_registry"},"saw":{"ok":null}}\n{"op":{"op":"machine","type":1},"saw":{"ok":null}}\n'
SETUP = b'{"op":{"op":"new_registry"},"saw":{"ok":null}}\n'
WRONG = b'{"op":{"op":"machine","type":1},"saw":{"ok":3}}\n'
DEEP = 100_000


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_compressed_files_are_read(judge, compress) -> None:
    judged = judge(compress(SETUP) + compress(WRONG), compress(GOOD * 50_000))
    assert (1, 100_002, []) == (judged.code, judged.result.operations, judged.problems)


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_truncated_compressed_files_are_told(judge, compress) -> None:
    whole = compress(GOOD * 100)
    for size in range(5, len(whole), 7):
        judged = judge(whole[:size])
        assert 2 == judged.code
        assert any("ends in the middle" in said for said in judged.said)


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_damaged_compressed_files_are_told(judge, compress) -> None:
    whole = bytearray(compress(GOOD * 100))
    whole[12:] = b"\xff" * (len(whole) - 12)
    judged = judge(bytes(whole), GOOD)
    assert (2, 2) == (judged.code, judged.result.operations)
    assert "a: it is damaged" in judged.said[0]


def test_zstd_that_is_not_installed_is_told(judge, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    judged = judge(zstandard.compress(GOOD), GOOD)
    assert (2, 2) == (judged.code, judged.result.operations)
    assert [
        "a: a is compressed with zstd, and the package zstandard is not installed. `pip install hsmspec[zstd]`"
        " installs it."
    ] == judged.said


def test_files_that_are_none_are_told(judge, tmp_path) -> None:
    (tmp_path / "b").mkdir()
    problems = []
    (tmp_path / "a").write_bytes(GOOD)
    result = Judging(JudgingOptions(["none", "b", "a"]), on_problem=problems.append).run()
    assert (2, 2) == (result.exit_code, result.operations)
    assert ["none: it cannot be read (No such file or directory).", "b: it cannot be read (Is a directory)."] == [
        problem.message for problem in problems
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"nonsense", "it is no JSON object (nonsense)"),
        (b"[]", "it is no JSON object ([])"),
        (b"\xff", "it is not UTF-8"),
        (b"\xef\xbb\xbf{}", "it is no JSON object"),
        (b"\0\0\0", "it is no JSON object, and has NUL bytes"),
        (b'{"op":{"op":"machine","type":1' + b"0" * 5000 + b'},"saw":{"ok":null}}', "a number in it is too large"),
        (b'{"op":{"op":"child","node":0,"path":[[1,"\\ud800"]]},"saw":{"ok":null}}', "a text in it is not Unicode"),
        (b'{"op":{"op":"collection_type","node":0,"type":1},"saw":{"ok":"\\udfff"}}', "a text in it is not Unicode"),
        (b"{}", "`op` is missing"),
        (b'{"op":{"op":"new_registry"}}', "`saw` is missing"),
        (b'{"saw":{"ok":null}}', "`op` is missing"),
        (b'{"op":{"op":"new_registri"},"saw":{"ok":1}}', 'no operation "new_registri"; is `new_registry` meant?'),
        (b'{"op":{"op":"\xc3\xa4"},"saw":{"ok":null}}', "there is no operation"),
        (b'{"op":{"op":"machine"},"saw":{"ok":null}}', "missing required field `type`, at `op`."),
        (b'{"op":{"op":"machine","type":1,"more":1},"saw":{"ok":null}}', "unknown field `more`"),
        (b'{"op":{"op":"machine","type":1.5},"saw":{"ok":null}}', ": Expected `int`, got `float`, at `op.type`."),
        (b'{"op":{"op":"child","node":0,"path":[[1]]},"saw":{"ok":null}}', ", at `op.path[0]`."),
        (b'{"op":7,"saw":{"ok":null}}', "Expected `object`, got `int`, at `op`."),
        (b'{"op":{"op":"new_registry"},"saw":{"ok":null},"more":1}', "unknown field `more`"),
        (b'{"op":{"op":"new_registry"},"saw":{"ok":null},"trace":1}', "Expected `str`, got `int`, at `trace`."),
        (b'{"op":{"op":"machine","type":1,"type":1},"saw":{"ok":null}}', "an object has the member `type` twice"),
        (b'{"op":{"op":"machine","type":1},"saw":{"ok":null},"op":{"op":"machine","type":1}}', "member `op` twice"),
        (b'{"op":{"op":"machine","type":1},"saw":{"ok":1,"ok":null}}', "an object has the member `ok` twice"),
        (b'{"op":{"op":"machine","type":1},"saw":{"ok":{"a":1,"a":2}}}', "an object has the member `a` twice"),
        (b'{"op":{"op":"machine","type":1e400},"saw":{"ok":null}}', "out of range"),
        (b'{"op":{"op":"machine","type":1' + b"0" * 400 + b'},"saw":{"ok":null}}', "in"),
        (b'{"op":{"op":"machine","type":1},"saw":{"ok":1' + b"0" * 5000 + b"}}", "a number in it is too large"),
        (b'{"op":{"op":"machine","type":1},"saw":{"ok":1e999}}', "no observation"),
        (b'{"op":{"op":"machine","type":3000000000},"saw":{"ok":null}}', "Expected `int` <= 2147483647"),
        (b'{"op":' + b"[" * DEEP + b"]" * DEEP + b',"saw":{"ok":null}}', "nested too deeply"),
        (b'{"op":{"op":"machine","type":1},"saw":{"ok":' + b"[" * DEEP + b"]" * DEEP + b"}}", "nested too deeply"),
        (b'{"op":{"op":"machine","type":1},"saw":{}}', "is not exactly one of ok, error, panic and unbound"),
        (b'{"op":{"op":"machine","type":1},"saw":{"ok":1,"error":"x"}}', "is not exactly one of"),
        (b'{"op":{"op":"machine","type":1},"saw":{"ok":1,"inner":[{"ok":1}]}}', "which runs no function"),
        (
            b'{"op":{"op":"machine","type":1},"saw":7}',
            "what was seen is no observation: Expected `object`, got `int`, at `saw`.",
        ),
        (b'{"op":{"op":"machine","type":1},"saw":{"error":1}}', ", at `saw.error`."),
        (b'{"op":{"op":"collection_type","node":0,"type":1},"saw":{"ok":"\\ud800"}}', "a text in it is not Unicode"),
        (b'{"end":true}{"end":true}', "it is no JSON object"),
        (b'{"end":true,"op":{"op":"new_registry"}}', "the end of a trace has neither `op` nor `saw`"),
        (b'{"end":false}', "`op` is missing"),
    ],
    ids=itertools.count(),
)
def test_a_line_that_is_not_understood_is_told_and_the_rest_judged(judge, line, sentence) -> None:
    judged = judge(SETUP + line + b"\n" + WRONG)
    [said] = judged.said
    assert said.startswith("a, line 2: ")
    assert sentence in said
    assert len(said) < 400
    assert said.isprintable()
    assert 2 == judged.code
    [trace] = judged.traces
    assert (None, 3) == (trace.departure, trace.silence.line)
    assert trace.silence.reason.startswith("line 2 was not understood, and a difference here (REG-MACHINE-")


@pytest.mark.parametrize("version", [b"2", b"0", b'"1"', b"null", b"1.0", b"true", b"1" + b"0" * 999])
def test_the_lines_of_a_foreign_version_are_left_out(judge, version) -> None:
    judged = judge(SETUP + b'{"hsmspec":' + version + b"}\n" + b"?\n" + WRONG + b'{"hsmspec":1}\n' + GOOD)
    assert (2, 3, {"conforms": 2}) == (judged.code, judged.result.operations, judged.result.verdicts)
    [said] = judged.said
    assert said.startswith("a, line 2: it is a recording of format ")
    assert "this hsmspec reads format 1; the lines behind it are not judged" in said


@pytest.mark.parametrize(
    "members",
    [
        b'"dialect":"v9"',
        b'"capabilities":["flying"]',
        b'"implementation":1',
        b'"hsmspec":1',
        b'"more":' + b"9" * 5000,
        b'"more":' + b"[" * DEEP + b"]" * DEEP,
        b'"more":nonsense',
        b'"world":"other"',
    ],
    ids=itertools.count(),
)
def test_a_header_that_is_not_understood_is_told(judge, members) -> None:
    judged = judge(b'{"hsmspec":1,' + members + b"}\n" + GOOD)
    assert 2 == judged.code
    assert "a, line 1: it is a header that is not understood" in judged.said[0]
    assert judged.said[0].endswith("; the lines behind it are not judged.")


@pytest.mark.parametrize("line", [b'{"trace":"other",nonsense', b'{"trace":"other","trace":"b"}', b'{"trace":"other"}'])
def test_a_line_belongs_to_the_trace_that_it_begins_with(judge, line) -> None:
    judged = judge(SETUP + line + b"\n" + WRONG)
    assert 1 == len(judged.said)
    assert "" == judged.traces[0].departure.note


def test_a_byte_order_mark_is_told_and_its_line_judged(judge) -> None:
    for content in (GOOD, gzip.compress(GOOD)):
        marked = gzip.compress(b"\xef\xbb\xbf" + GOOD) if content != GOOD else b"\xef\xbb\xbf" + GOOD
        judged = judge(marked)
        assert ["a, line 1: the file begins with a byte order mark, which UTF-8 does not need."] == judged.said
        assert (2, 2) == (judged.code, judged.result.operations)


def test_ends_of_lines_may_be_those_of_windows(judge) -> None:
    judged = judge(b'{"hsmspec":1}\r\n' + GOOD.replace(b"\n", b"\r\n") + b"\r\n")
    assert (0, 2) == (judged.code, judged.result.operations)


@pytest.mark.parametrize(
    "content",
    [b"", gzip.compress(b""), zstandard.compress(b""), b"\n\n \r\n"],
    ids=["nothing", "gzip", "zstd", "blank"],
)
def test_a_file_with_nothing_in_it_has_nothing_to_judge(judge, content) -> None:
    judged = judge(content)
    assert (2, ["a has no operation."], []) == (judged.code, judged.said, judged.traces)


@pytest.mark.parametrize("content", [b"", b'{"hsmspec":1}\n', b'{"hsmspec":1}\n{"end":true,"because":"so"}\n'])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_without_an_operation_is_told_though_others_have_some(judge, tmp_path, content, workers) -> None:
    judge(GOOD, content, GOOD)
    told: list[str] = []
    with local(workers) if workers > 1 else nullcontext() as pool:
        judging = Judging(JudgingOptions(["a", "b", "c"]), on_problem=lambda problem: told.append(problem.message))
        result = judging.run(pool)
    assert (2, ["b has no operation."], 4) == (result.exit_code, told, result.operations)


def test_a_file_of_which_something_else_is_told_is_not_said_to_be_empty(judge) -> None:
    for content in (b"nonsense\n", b'{"hsmspec":2}\n' + GOOD, b'{"op":{"op":"new_registry"},"saw":{"ok":nul'):
        assert 1 == len(judge(content).said)


def test_compressed_parts_one_behind_another_are_read(judge) -> None:
    skipped = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
    for content in (
        gzip.compress(SETUP) + gzip.compress(WRONG) + b"\0" * 100,
        zstandard.compress(SETUP) + skipped + zstandard.compress(WRONG),
        skipped + zstandard.compress(SETUP) + zstandard.compress(WRONG),
    ):
        judged = judge(content)
        assert (1, 2, []) == (judged.code, judged.result.operations, judged.said)


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_what_stands_behind_compressed_data_is_told(judge, compress) -> None:
    judged = judge(compress(GOOD) + b"something else")
    assert (2, 2) == (judged.code, judged.result.operations)
    assert judged.said[0].startswith("a, line 2: the file is damaged (")


def test_a_truncated_file_is_told(judge) -> None:
    whole = SETUP + WRONG.rstrip()
    assert 1 == judge(whole).code
    for size in range(len(SETUP) + 1, len(whole)):
        judged = judge(whole[:size])
        assert ["a, line 2: the file ends in the middle of this line."] == judged.said
        assert (2, 1) == (judged.code, judged.result.operations)


def test_a_line_without_an_end_does_not_fill_the_memory(judge, monkeypatch) -> None:
    monkeypatch.setattr(lines_module, "LONGEST", 2**20)
    judged = judge(SETUP + b" " * 3 * 2**20 + b"\n" + WRONG, b" " * 3 * 2**20)
    assert ["a, line 2: it is longer than 1 MiB.", "b, line 1: it is longer than 1 MiB."] == judged.said
    assert (1, 3) == (judged.result.operations, judged.traces[0].silence.line)


def test_values_that_the_model_cannot_run_end_their_trace(judge) -> None:
    load = b'{"trace":"x","op":{"op":"load","bytes":"?","type":1,"data":[0,0],"bind":0},"saw":{"ok":null}}\n'
    judged = judge(SETUP.replace(b"{", b'{"trace":"x",', 1) + load + SETUP + WRONG)
    assert ["a, line 2: the model cannot run `load` with these values (Error)."] == judged.said
    assert {"x": "conforms", "": "deviates"} == {trace.trace: trace.verdict for trace in judged.traces}
    assert 2 == judged.code


def test_stdin_is_read(judge, monkeypatch) -> None:
    for content in (GOOD, gzip.compress(GOOD), zstandard.compress(GOOD)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert (0, 2) == ((result := Judging(JudgingOptions(["-"])).run()).exit_code, result.operations)
        assert not sys.stdin.closed


AT = b'"at":{"file":"a_test.go","line":7,"inner":[null,{"file":"a_test.go","line":8}]}'


def test_where_a_call_was_made_is_no_part_of_what_is_judged(judge) -> None:
    lines = (SETUP + WRONG).replace(b"}}\n", b"}," + AT + b"}\n")
    assert 2 == lines.count(AT)
    plain, judged = judge(SETUP + WRONG), judge(lines)
    assert (1, []) == (judged.code, judged.problems)
    assert [each.departure.requirement for each in plain.traces] == [
        each.departure.requirement for each in judged.traces
    ]


def test_a_member_that_is_there_twice_is_told_beside_a_position(judge) -> None:
    judged = judge(b'{"op":{"op":"new_registry"},"saw":{"ok":null},"saw":{"ok":null},' + AT + b"}\n")
    assert 2 == judged.code
    assert "twice" in judged.said[0]


def test_what_is_shown_of_values_is_no_part_of_what_is_judged(judge) -> None:
    judged = judge(SETUP.replace(b"}}\n", b'},"shown":{"AA==":"{}"}}\n'))
    assert (0, [], 1) == (judged.code, judged.problems, judged.result.operations)


def test_remarks_about_machines_are_read_and_not_judged(judge) -> None:
    remark = b'{"trace":"a","machine":{"rule":"round-trip","type":"lamp","what":"it differs"},' + AT + b"}\n"
    judged = judge(remark + SETUP + remark)
    assert (0, [], 1) == (judged.code, judged.problems, judged.result.operations)
    assert 1 == len(judged.traces)


@pytest.mark.parametrize("member", [b'"op":{"op":"new_registry"},"saw":{"ok":null}', b'"end":true'])
def test_a_remark_is_a_line_of_its_own(judge, member) -> None:
    assert 2 == judge(GOOD + b'{"machine":{"rule":"round-trip"},' + member + b"}\n").code
