"""``hsmspec vectors``."""

from __future__ import annotations

from pathlib import Path

from hsm_specs.properties import PROPERTIES
from hsm_specs.vectors import write


def test_what_is_written_is_not_stale(cli) -> None:
    count = len(PROPERTIES)
    assert 0 == cli("vectors", "--output", "v", "--seed", "7", "--cases", "1").code
    said = cli("vectors", "--check", "v")
    assert (0, "") == (said.code, said.err)
    assert f"v: {count} programs of {count} requirements, answered as the model answers them" in said.out
    assert 0 == cli("vectors", "--output", "v", "--check").code


def test_staleness_is_named_and_so_is_what_mends_it(tmp_path: Path, cli) -> None:
    write(tmp_path / "v", cases=1)
    (tmp_path / "v" / "NODE-ADD-1.jsonl").unlink()
    (tmp_path / "v" / "NODE-ADD-2.jsonl").write_bytes(b"{}\n")
    (tmp_path / "v" / "NODE-GONE-99.jsonl").write_bytes(b"")
    said = cli("vectors", "--check", "v")
    assert 1 == said.code
    assert (
        "v is stale: 1 different (NODE-ADD-2.jsonl); 1 missing (NODE-ADD-1.jsonl); 1 left over (NODE-GONE-99.jsonl)."
        " `hsmspec vectors --output v --cases 1` writes it anew.\n"
    ) == said.out
    assert 0 == cli("vectors", "--output", "v", "--cases", "1").code
    assert 0 == cli("vectors", "--check", "v").code


def test_one_folder_is_named(cli) -> None:
    for arguments in (["--check", "none"], [], ["--check"], ["--output", "a", "--check", "b"]):
        said = cli("vectors", *arguments)
        assert 2 == said.code
        assert "Traceback" not in said.err


def test_a_scope_adds_its_tours(cli) -> None:
    tiny = str(Path(__file__).parents[1] / "tiny.toml")
    said = cli("vectors", "--output", "v", "--cases", "1", "--scope", tiny)
    assert (0, "") == (said.code, said.err)
    assert f"they try all 738 pairs of a state and an action of the scope {tiny}" in said.out
    assert 0 == cli("vectors", "--check", "v").code


def test_a_scope_belongs_to_writing(cli) -> None:
    said = cli("vectors", "--check", "v", "--scope", "quick")
    assert 2 == said.code
    assert "--scope" in said.err
