"""Recordings: trouble of a recorder or its file is reported, and does not affect the program."""

from __future__ import annotations

import io

import pytest

from hsm_specs.errors import InputError
from hsm_specs.traces.recorder import Recording

from .recorded import Judged, life_of_a_callback


def test_trouble_of_the_recorder_is_none_of_the_program(tmp_path) -> None:
    class Full(io.BytesIO):
        room = 6

        def write(self, data) -> int:
            self.room -= 1
            if self.room < 0:
                raise OSError("no space left")
            return super().write(data)

    file = Full()
    recording = Recording(file)
    with pytest.warns(RuntimeWarning, match="no space left"), recording.trace() as hsm:
        life_of_a_callback(hsm)
    assert "no space left" in str(hsm.trouble)
    assert 5 == Judged(file.getvalue(), tmp_path).result.operations


@pytest.mark.parametrize("place", ["no-folder/trace.jsonl", "."])
def test_a_file_that_cannot_be_opened_is_told_at_once(tmp_path, monkeypatch, place) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        InputError, match=rf"The recording cannot be written to {place} \(\w.*\). Name a file in a folder"
    ):
        Recording(place)


class Narrow(io.RawIOBase):
    """A file that takes a few bytes at a time, until it is full."""

    def __init__(self, room: int = 1_000_000) -> None:
        self.content = b""
        self.room = room

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        taken = bytes(data[: min(7, self.room - len(self.content))])
        self.content += taken
        return len(taken)


def test_lines_are_written_whole_whatever_the_file_takes_at_a_time(tmp_path) -> None:
    file = Narrow()
    with Recording(file) as recording, recording.trace() as hsm:
        life_of_a_callback(hsm)
    assert hsm.trouble is None
    assert "" == Judged(file.content, tmp_path).requirement


def test_a_file_without_room_for_the_header_is_told_at_once() -> None:
    with pytest.raises(InputError, match="the file takes no more"):
        Recording(Narrow(0))


def test_nothing_is_written_behind_a_part_of_a_line() -> None:
    file = Narrow(600)
    with Recording(file) as recording:
        for name in ("one", "two"):
            with pytest.warns(RuntimeWarning, match="the file takes no more"), recording.trace(name) as hsm:
                life_of_a_callback(hsm)
            file.room = 1_000_000
    assert 600 == len(file.content)


def test_a_file_that_cannot_be_flushed_is_no_trouble_of_the_program() -> None:
    class Full(io.BytesIO):
        def flush(self) -> None:
            raise OSError("no space left")

    with pytest.warns(RuntimeWarning, match="has not recorded all.*no space left"), Recording(Full()):
        pass


# --- the rest of the vocabulary ---
