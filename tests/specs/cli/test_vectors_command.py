"""``hsmspec vectors``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hsm_specs.properties import PROPERTIES
from hsm_specs.vectors import write


def test_what_is_written_is_not_stale(cli) -> None:
    count = len(PROPERTIES)
    assert 0 == cli("vectors", "--output", "v", "--seed", "7", "--cases", "1").code
    said = cli("vectors", "--check", "v")
    assert (0, "") == (said.code, said.err)
    programs = re.fullmatch(rf"v: (\d+) programs of {count} requirements, up to date\n", said.out)
    assert programs is not None
    assert count <= int(programs[1])
    assert 0 == cli("vectors", "--output", "v", "--check").code


def test_staleness_is_named_and_so_is_what_mends_it(tmp_path: Path, cli) -> None:
    write(tmp_path / "v", cases=1)
    (tmp_path / "v" / "NODE-ADD-1.jsonl").unlink()
    (tmp_path / "v" / "NODE-ADD-2.jsonl").write_bytes(b"{}\n")
    gone(tmp_path / "v", "NODE-GONE-99.jsonl")
    said = cli("vectors", "--check", "v")
    assert 1 == said.code
    assert (
        "v is stale: 2 different (manifest.json, NODE-ADD-2.jsonl); 1 missing (NODE-ADD-1.jsonl);"
        " 1 left over (NODE-GONE-99.jsonl)."
        " `hsmspec vectors --output v --cases 1` writes it again.\n"
    ) == said.out
    assert 0 == cli("vectors", "--output", "v", "--cases", "1").code
    assert 0 == cli("vectors", "--check", "v").code


def gone(folder: Path, name: str) -> Path:
    """Return a file that the manifest of the folder lists, of a requirement that there is not any more."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["requirements"]["GONE"] = {**manifest["requirements"]["NODE-ADD-1"], "file": name}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (folder / name).write_bytes(b"")
    return folder / name


def test_only_what_the_manifest_lists_is_removed(tmp_path: Path, cli) -> None:
    folder = tmp_path / "v"
    assert 0 == cli("vectors", "--output", "v", "--cases", "1").code
    (folder / "deviations").mkdir()
    mine = [folder / "mine.jsonl", folder / "deviations" / "mine.json", folder / "notes.txt", tmp_path / "up.jsonl"]
    gone(folder, "../up.jsonl")
    for path in mine:
        path.write_bytes(b"{}")
    for code, arguments in ((0, ("--output", "v", "--cases", "1")), (0, ("--check", "v"))):
        assert code == cli("vectors", *arguments).code
    assert {b"{}"} == {path.read_bytes() for path in mine}
    listed = gone(folder, "NODE-GONE-99.jsonl")
    assert 0 == cli("vectors", "--output", "v", "--cases", "1").code
    assert not listed.exists()


@pytest.mark.parametrize("name", ["traces.jsonl", "manifest.json", "schema.json"])
@pytest.mark.parametrize("option", ["--output", "--check"])
def test_a_folder_of_something_else_is_refused(cli, option: str, name: str) -> None:
    Path("v").mkdir()
    Path("v", name).write_bytes(b"{}")
    said = cli("vectors", option, "v")
    assert (2, "") == (said.code, said.out)
    sentence = "v has files, and no manifest of vectors: name an empty or a new folder."
    assert f"hsmspec: {sentence}\n" == said.err
    assert [Path("v", name)] == list(Path("v").iterdir())


def test_a_damaged_manifest_is_written_anew(cli) -> None:
    cli("vectors", "--output", "v", "--cases", "1")
    Path("v/manifest.json").write_bytes(b"<<<<<<< HEAD")
    assert 1 == cli("vectors", "--check", "v").code
    assert 0 == cli("vectors", "--output", "v", "--cases", "1").code
    assert 0 == cli("vectors", "--check", "v").code


def test_known_deviations_that_are_not_given_are_asked_for_and_not_removed(cli) -> None:
    for version in ("1", "2"):
        Path(f"{version}.toml").write_text(f'implementation = "mine"\nversion = "{version}"\n', "utf-8")
    known = ("--deviations", "1.toml", "--deviations", "2.toml")
    assert 0 == cli("vectors", "--output", "v", "--cases", "1", *known).code
    assert 0 == cli("vectors", "--check", "v", *known).code
    said = cli("vectors", "--check", "v", *known[:2])
    assert 2 == said.code
    assert (
        "v has deviations/mine-2.json: give `--deviations FILE` for each, with the file of known deviations that it was"
        " written with. `hsmspec vectors --output v --cases 1 --deviations 1.toml` writes the folder without them.\n"
    ) in said.err
    assert 0 == cli("vectors", "--output", "v", "--cases", "1", *known[:2]).code
    assert [Path("v/deviations/mine-1.json")] == list(Path("v/deviations").iterdir())


def test_one_folder_is_named(cli) -> None:
    for arguments in (["--check", "none"], [], ["--check"], ["--output", "a", "--check", "b"]):
        said = cli("vectors", *arguments)
        assert 2 == said.code
        assert "Traceback" not in said.err


def test_a_scope_adds_its_tours(cli) -> None:
    tiny = str(Path(__file__).parents[1] / "tiny.toml")
    said = cli("vectors", "--output", "v", "--cases", "1", "--scope", tiny)
    assert (0, "") == (said.code, said.err)
    assert f"they try all 683 pairs of a state and an action of the scope {tiny}" in said.out
    assert 0 == cli("vectors", "--check", "v").code


@pytest.mark.parametrize(("option", "value"), [("scope", "quick"), ("seed", "5"), ("cases", "2"), ("seed", "0")])
def test_what_a_folder_is_made_with_belongs_to_writing(cli, option: str, value: str) -> None:
    said = cli("vectors", "--check", "v", f"--{option}", value)
    assert 2 == said.code
    assert f"A folder is compared for the {option} it was written with: leave out --{option}." in said.err


def test_nothing_is_written_through_a_link(tmp_path: Path, cli) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    write(tmp_path / "v", cases=1)
    (tmp_path / "v" / "NODE-ADD-1.jsonl").unlink()
    (tmp_path / "v" / "NODE-ADD-1.jsonl").symlink_to(outside)
    before = (tmp_path / "v" / "manifest.json").read_bytes()
    said = cli("vectors", "--output", "v", "--cases", "2")
    assert 2 == said.code
    assert "v/NODE-ADD-1.jsonl is a symbolic link, and nothing is written through links" in said.err
    assert b"mine" == outside.read_bytes()
    assert before == (tmp_path / "v" / "manifest.json").read_bytes()


def test_no_folder_in_the_folder_leads_elsewhere(tmp_path: Path, cli) -> None:
    write(tmp_path / "v", cases=1)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "v" / "deviations").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    known = Path(__file__).parents[3] / "adapters" / "temporal" / "v1.25.1" / "deviations.toml"
    said = cli("vectors", "--output", "v", "--cases", "1", "--deviations", str(known))
    assert 2 == said.code
    assert "v/deviations is a symbolic link" in said.err
    assert [] == list((tmp_path / "elsewhere").iterdir())


def test_the_folder_itself_may_be_a_link(tmp_path: Path, cli) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "v").symlink_to(tmp_path / "real", target_is_directory=True)
    assert 0 == cli("vectors", "--output", "v", "--cases", "1").code
    assert (tmp_path / "real" / "manifest.json").is_file()
