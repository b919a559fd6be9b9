"""Files that are written whole: what stands at a path stays what it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hsm_specs.errors import InputError
from hsm_specs.files import write_atomically


def test_what_is_written_replaces_what_was_there(tmp_path: Path) -> None:
    for content in (b"one", b"another"):
        write_atomically(tmp_path / "folder" / "file", content)
        assert content == (tmp_path / "folder" / "file").read_bytes()
    assert [tmp_path / "folder" / "file"] == list((tmp_path / "folder").iterdir())


@pytest.mark.parametrize("there", [True, False])
def test_of_a_link_the_target_is_written_and_the_link_stays(tmp_path: Path, there: bool) -> None:
    target, link = tmp_path / "far" / "target", tmp_path / "link"
    if there:
        target.parent.mkdir()
        target.write_bytes(b"before")
    link.symlink_to(Path("far", "target"))
    (tmp_path / "another").symlink_to("link")
    write_atomically(tmp_path / "another", b"after")
    assert link.is_symlink()
    assert b"after" == target.read_bytes()
    assert [target] == list(target.parent.iterdir())


def test_a_link_to_itself_is_told_and_stays(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("link")
    with pytest.raises(InputError, match="link cannot be written"):
        write_atomically(tmp_path / "link", b"content")
    assert (tmp_path / "link").is_symlink()


def test_a_pipe_is_written_to_through_a_link(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(tmp_path / "link", b"content")
        assert b"content" == os.read(reader, 100)
    finally:
        os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def test_what_stdout_goes_to_keeps_what_was_said(tmp_path: Path) -> None:
    # The name of a link: should it be replaced, then it is not that of the system.
    (tmp_path / "out").symlink_to("/dev/stdout")
    code = (
        "from pathlib import Path; from hsm_specs.files import write_atomically\n"
        "print('before'); write_atomically(Path('out'), b'content\\n'); print('after')"
    )
    with (tmp_path / "said").open("wb") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, cwd=tmp_path, check=True)
    assert ["after", "before", "content"] == sorted((tmp_path / "said").read_text().split())


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o755])
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "report"
    path.write_bytes(b"before")
    path.chmod(mode)
    write_atomically(path, b"after")
    assert b"after" == path.read_bytes()
    assert mode == path.stat().st_mode & 0o7777


def test_a_new_file_has_the_permissions_of_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "new", b"content")
    finally:
        os.umask(before)
    assert 0o640 == (tmp_path / "new").stat().st_mode & 0o7777
