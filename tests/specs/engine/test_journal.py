"""Journals of soaks: which are gone on with, and which are refused in a sentence."""

from __future__ import annotations

import os

import pytest
from msgspec.structs import replace

from hsm_specs.adapter.serve import GREETING
from hsm_specs.engine.journal import FORMAT, Journal, JournalHeader, ShardDone, digest, read_header, repair
from hsm_specs.errors import InputError
from hsm_specs.oracle.deviations import Deviation, Deviations

SOAKING = JournalHeader(FORMAT, ("./adapter", "--quick"), 7, 100, 0, "aa", "bb", GREETING)
SHARDS = [ShardDone(index, 10, 100, steps=(index,)) for index in range(4)]


@pytest.fixture
def path(tmp_path):
    """Return the journal of a soak with four shards."""
    with Journal.begin(tmp_path / "folder" / "soak.jsonl", SOAKING) as journal:
        for shard in SHARDS:
            journal.append(shard)
    return journal.path


def test_what_was_written_is_read(path):
    with Journal.resume(path, SOAKING) as journal:
        assert list(journal.lines()) == SHARDS
    assert read_header(path) == SOAKING


def test_each_line_is_on_disk_when_it_is_written(path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_size))
    with Journal.resume(path, SOAKING) as journal:
        journal.append(SHARDS[0])
        journal.append(SHARDS[1])
    assert len(synced) == 2
    assert synced[-1] == path.stat().st_size


@pytest.mark.parametrize(
    "half", [b'{"is":"shard","ind', b"\0\0\0", b'{"is":"shard","index":9,"programs":1,"operations":1}']
)
def test_half_a_last_line_goes_and_its_place_is_written_over(path, half):
    with path.open("ab") as file:
        file.write(half)
    with Journal.resume(path, SOAKING) as journal:
        journal.append(SHARDS[0])
        assert list(journal.lines()) == [*SHARDS, SHARDS[0]]


@pytest.mark.parametrize(
    ("mine", "sentence"),
    [
        (replace(SOAKING, seed=8), "another seed: 7, and this one has 8."),
        (replace(SOAKING, size=101), "another size: 100, and this one has 101."),
        (replace(SOAKING, first=1), "another first shard: 0, and this one has 1."),
        (replace(SOAKING, command=("./other",)), "another command: `./adapter --quick`, and this one has `./other`."),
        (
            replace(SOAKING, implementation=replace(GREETING, version="9")),
            "another implementation: hsm-model 0.1.0, and",
        ),
        (replace(SOAKING, implementation=replace(GREETING, capabilities=())), "introduced itself otherwise"),
        (replace(SOAKING, deviations="cc"), "other known deviations"),
        (replace(SOAKING, generator="cc"), "another version of hsmspec"),
    ],
)
def test_the_journal_of_another_soak_is_refused_and_left_as_it_is(path, mine, sentence):
    before = path.read_bytes()
    with pytest.raises(InputError) as raised:
        Journal.resume(path, mine)
    assert sentence in str(raised.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]\n", b'{"hsmspec":1}\n', b"\xff\xfe\n"])
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(InputError, match="is no journal of a soak"):
        read_header(tmp_path / "file")


def test_a_journal_of_another_format_is_refused(path):
    path.write_bytes(path.read_bytes().replace(b'"hsmspec_soak":1', b'"hsmspec_soak":2'))
    with pytest.raises(InputError, match="a journal of format 2, and this hsmspec writes 1"):
        read_header(path)


def test_a_journal_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="There is no journal"):
        read_header(tmp_path / "soak.jsonl")


def test_a_damaged_line_is_named(path):
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = b"{}\n"
    path.write_bytes(b"".join(lines))
    with Journal.resume(path, SOAKING) as journal, pytest.raises(InputError, match="line 3, is no line of a journal"):
        list(journal.lines())


def test_two_soaks_do_not_write_the_same_journal(path):
    with Journal.resume(path, SOAKING) as journal:
        for begin in (Journal.resume, Journal.begin):
            with pytest.raises(InputError, match="Another soak is writing the journal"):
                begin(path, SOAKING)
        journal.append(SHARDS[0])
        assert list(journal.lines()) == [*SHARDS, SHARDS[0]]


def test_a_new_journal_leaves_an_earlier_one_beside_it(path):
    before = path.read_bytes()
    with Journal.begin(path, replace(SOAKING, seed=8)):
        pass
    assert read_header(path).seed == 8
    assert path.with_name("soak.jsonl.old").read_bytes() == before


def test_no_earlier_journal_is_lost(path):
    for seed in range(8, 12):
        with Journal.begin(path, replace(SOAKING, seed=seed)):
            pass
    names = ["soak.jsonl.old", "soak.jsonl.old.2", "soak.jsonl.old.3", "soak.jsonl.old.4", "soak.jsonl"]
    assert [read_header(path.with_name(name)).seed for name in names] == [7, 8, 9, 10, 11]


def test_a_journal_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        Journal.begin(tmp_path / "file" / "soak.jsonl", SOAKING)


def test_lists_of_deviations_are_told_apart():
    some = Deviations(deviation=(Deviation("NODE-ADD-1", "x", "y"),))
    assert digest(some) != digest(Deviations())
    assert digest(some) == digest(Deviations(deviation=(Deviation("NODE-ADD-1", "x", "y"),)))


@pytest.mark.parametrize("damage", [b"{}\n", b"\xff\n", b'{"is":"shard"}\n', b"\n", b"[" * 100_000 + b"\n"])
def test_damaged_lines_are_left_out_and_their_shards_named(path, damage):
    head, *lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([head, lines[0], damage, lines[2], lines[3]]))
    before = path.read_bytes()
    repaired = repair(path)
    assert ((3,), (1,)) == (repaired.damaged, repaired.again)
    assert before == repaired.kept.read_bytes()
    with Journal.resume(path, SOAKING) as journal:
        assert list(journal.lines()) == [SHARDS[0], SHARDS[2], SHARDS[3]]


def test_a_whole_journal_is_left_as_it_is(path):
    before = path.read_bytes()
    assert repair(path) is None
    assert path.read_bytes() == before
    assert [path] == list(path.parent.iterdir())


def test_what_a_kill_left_of_the_last_line_is_no_damage(path):
    with path.open("ab") as file:
        file.write(b'{"is":"sh')
    assert repair(path) is None


def test_a_journal_that_is_being_written_is_not_repaired(path):
    with Journal.resume(path, SOAKING), pytest.raises(InputError, match="Another soak is writing the journal"):
        repair(path)


def test_a_journal_without_its_first_line_cannot_be_repaired(path):
    path.write_bytes(b"{}\n" + b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    with pytest.raises(InputError, match="its first line is not a header"):
        repair(path)
