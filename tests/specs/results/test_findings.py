"""Findings as files, and files that are written whole or not at all."""

from __future__ import annotations

import pytest

from hsm_specs.errors import InputError
from hsm_specs.files import write_atomically
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.results.findings import FORMAT, Finding, load, save

PROGRAM = (ops.NewRegistry(), ops.Apply(1, ops.TransitionSpec((1,), 2), 3, ops.Script((ops.Dirty(1),), fail="panic")))


def finding(**more):
    given = {
        "format": FORMAT,
        "requirement": "NODE-ADD-1",
        "statement": "It adds.",
        "documented": True,
        "program": PROGRAM,
        "where": (1, 0),
        "expected": (Observation(ok=None), Observation(ok=None)),
        "observed": (Observation(ok=None), Observation(panic="ü", inner=(Observation(unbound=True),))),
        "phase": "soak",
        "count": 3,
        "shrunk": True,
        "command": ("./adapter", "with space"),
        "implementation": "an-implementation",
        "version": "1",
        "dialect": None,
        "amendments": ("add-child-dirties",),
        "seed": 5,
        **more,
    }
    return Finding(**given)


def test_a_finding_is_read_back_as_it_was_written(tmp_path):
    path = save(finding(), tmp_path / "new" / "folder")
    assert finding() == load(path)
    assert path.name == f"{finding().id}.json"
    assert path.name.startswith("NODE-ADD-1-")


def test_the_same_program_has_the_same_id_and_another_one_another():
    assert finding().id == finding(count=9, seed=1, command=("./other",)).id
    assert finding().id != finding(program=PROGRAM[:1]).id
    assert finding().id != finding(amendments=()).id


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"format": 2}, "finding of format 2"),
        ({"program": ()}, "without a program"),
        ({"where": ()}, "without a program"),
    ],
)
def test_a_finding_that_makes_no_sense_is_refused(tmp_path, more, words):
    with pytest.raises(InputError, match=words):
        load(save(finding(**more), tmp_path))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / "missing.json")


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "file"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "no bytes")  # type: ignore[arg-type]  # that is what is tried
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        write_atomically(tmp_path / "file" / "below", b"")
