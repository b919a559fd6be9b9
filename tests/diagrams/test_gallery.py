"""The gallery is up to date with the model."""

from __future__ import annotations

import re
import sys
from difflib import unified_diff
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hsm_diagrams.book.pictures import INDEX
from hsm_diagrams.gallery import EXAMPLE, MACHINES, MAKE, RELEASES, alike_releases, entries, main, texts, write
from hsm_model import machines
from hsm_specs.installed import installed_version

pytestmark = pytest.mark.xdist_group("gallery")
GALLERY = Path(__file__).parents[2] / "diagrams" / "gallery"
README = GALLERY.parent / "README.md"
TEXTS = sorted([*GALLERY.glob("*.dot"), *GALLERY.glob("*.mmd")])
"""The pictures as text. Pictures with boxes are DOT, sequence charts Mermaid."""
installed = pytest.mark.skipif(
    installed_version().startswith("unknown"), reason="hsmspec is not installed, so pictures cannot name its version"
)


def difference(name: str, kept: str, now: str) -> str:
    lines = unified_diff(
        kept.splitlines(), now.splitlines(), f"{name} as it is kept", f"{name} as the model has it", n=4
    )
    return "\n".join(lines)


# Names are those of files, so that nothing is drawn while tests are collected. That none is missing is another test.
@installed
@pytest.mark.parametrize("name", sorted(["README.md", INDEX, *(path.name for path in TEXTS)]))
def test_the_text_of_every_picture_is_what_the_model_says_now(name):
    kept = (GALLERY / name).read_text("utf-8")
    changes = difference(name, kept, texts().get(name, ""))
    if changes:
        pytest.fail(f"{name} is out of date. If the change is intended, run `{MAKE}`.\n\n{changes}", False)


def test_a_change_is_shown_line_by_line():
    changes = difference("door.dot", '"a" [\n  penwidth=1\n]', '"a" [\n  penwidth=2\n]')
    assert "-  penwidth=1\n+  penwidth=2" in changes


def test_every_picture_has_an_image_and_there_are_no_others():
    pictures = {Path(name).stem for name in texts().keys() - {"README.md", INDEX}}
    assert pictures == {path.stem for path in GALLERY.glob("*.svg")} == {path.stem for path in TEXTS}


@pytest.mark.parametrize("path", sorted(GALLERY.glob("*.mmd")), ids=lambda path: path.stem)
def test_an_image_has_the_messages_of_its_text(path):
    said = re.findall(r"^    p\d+-(?:>>|x)p\d+: (.+)", path.read_text("utf-8"), re.MULTILINE)
    drawn = [element.text for element in ElementTree.parse(path.with_suffix(".svg")).iter()]  # noqa: S314  # of ours
    assert said
    assert said == [text for text in drawn if text in said]


@pytest.mark.parametrize("path", [path for path in TEXTS if path.suffix == ".dot"], ids=lambda path: path.stem)
def test_an_image_is_of_the_same_picture_as_its_text(path):
    """The bytes of images are not compared; that all nodes and edges are there is."""
    named = set(re.findall(r'^  id="([^"]+)"', path.read_text("utf-8"), re.MULTILINE))
    path = path.with_suffix(".svg")
    drawn = {element.get("id") for element in ElementTree.parse(path).iter()}  # noqa: S314  # a file of ours
    assert named
    assert named <= drawn


def test_every_machine_and_every_release_is_in_the_gallery():
    assert machines.MACHINES.keys() == MACHINES.keys()
    commands = [entry.command.split() for entry in entries()]
    drawn = [file for command in commands if command[2:4] == ["diff", "specification"] for file in command[4:]]
    for path in RELEASES.glob("*/deviations.toml"):
        assert f"adapters/temporal/{path.parent.name}/deviations.toml" in drawn


def test_releases_that_deviate_alike_have_one_picture():
    assert [["v1.25.1"], ["v1.27.3", "v1.30.4", "v1.32.2"]] == alike_releases()


def test_the_machine_of_the_instructions_is_the_one_in_the_gallery():
    *_, shown = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert (EXAMPLE / "door.py").read_text("utf-8").endswith(shown)


def test_every_command_of_the_gallery_draws_its_picture(cli, monkeypatch):
    for entry in entries():
        monkeypatch.chdir(GALLERY.parents[1] / entry.folder)
        said = cli(*entry.command.split()[1:], "--format", entry.picture.as_text)
        assert (0, entry.picture.encode(entry.picture.as_text).decode()) == (said.code, said.out)
    monkeypatch.delitem(sys.modules, "door")


def test_the_index_shows_every_picture_and_says_what_it_shows():
    index = " ".join(texts()["README.md"].split())
    for entry in entries():
        assert entry.shows in index
        assert f"`{entry.command}`" in index
    named = set(re.findall(r'(?:\(|src(?:set)?=")([^)"]+)', texts()["README.md"]))
    assert {path.name for path in GALLERY.iterdir()} - {"README.md", INDEX} <= named


def test_drawing_the_gallery_again_removes_pictures_that_it_no_longer_has(tmp_path):
    (tmp_path / "former.dot").write_text("")
    (tmp_path / "notes.txt").write_text("")
    write(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert "former.dot" not in left
    assert "notes.txt" in left
    assert {path.name for path in GALLERY.iterdir()} == left - {"notes.txt"}


@installed
def test_a_gallery_that_is_what_the_model_says_passes_the_check(tmp_path, capsys, monkeypatch):
    (tmp_path / "gallery").symlink_to(GALLERY)
    monkeypatch.chdir(tmp_path)
    assert 0 == main(["--check", "gallery"])
    assert "gallery: up to date\n" == capsys.readouterr().out


def test_the_picture_of_the_readme_is_readable_in_its_column():
    root = ElementTree.parse(GALLERY / "node-life-light.svg").getroot()  # noqa: S314  # written by this project
    shrunk = min(1.0, 838 / (float(root.get("width", "").removesuffix("pt")) * 4 / 3))
    sizes = {float(text.get("font-size", "0")) for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert min(sizes) * 4 / 3 * shrunk >= 11
