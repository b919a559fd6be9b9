"""``hsmspec diagram machine``: formats, files, machines of anybody's, and errors as sentences."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hsm_diagrams.cli.diagram_command import command
from hsm_diagrams.drawing import renderers
from hsm_model.machines import MACHINES

from ...specs.engine.soaks import until

README = Path(__file__).parents[3] / "diagrams" / "README.md"
LAMP = """
from dataclasses import dataclass
from hsm_model.machines import MachineDescription, Trial
from hsm_model.tasks import TransitionOutput
from hsm_model.transition import Transition

@dataclass
class Pressed:
    finger: str

class Lamp:
    now = "off"
    def state(self): return self.now
    def set_state(self, state): self.now = state
    def regenerate_tasks(self): return []

class Broken(Lamp):
    def set_state(self, state): raise OSError("no power")

class Button:
    pass

def press(lamp: Lamp, event: Pressed):
    return TransitionOutput()

PRESS = Transition(("off",), "on", press)
LAMP = MachineDescription(name="lamp", cases={"": Lamp}, trials={"Press": Trial(PRESS, {"": Pressed("thumb")})})
BROKEN = MachineDescription(name="broken", cases={"": Broken}, trials={"Press": Trial(PRESS)})
"""


@pytest.fixture
def door(tmp_path):
    """Yield the machine of the README, as a module in the working directory."""
    job, door = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "door.py").write_text(door, "utf-8")
    (tmp_path / "job.py").write_text(job, "utf-8")
    yield "door:Door"
    sys.modules.pop("door", None)
    sys.modules.pop("job", None)


@pytest.fixture
def lamp(tmp_path):
    (tmp_path / "lamp.py").write_text(LAMP, "utf-8")
    yield "lamp"
    sys.modules.pop("lamp", None)


def draw(cli, *arguments):
    return cli("diagram", "machine", *arguments)


def test_the_machine_of_twenty_lines_is_drawn_without_a_mistake(cli, tmp_path, door):
    said = draw(cli, "job:JOB", "--strict")
    assert (0, "job.svg\n", "") == (said.code, said.out, said.err)
    assert "Fail to BackingOff [attempts_left]" in (tmp_path / "job.svg").read_text("utf-8")


@pytest.mark.parametrize("name", [*MACHINES, "callbacks.Callback"])
def test_machines_of_temporal_are_drawn_by_name(cli, tmp_path, name):
    said = draw(cli, name)
    assert 0 == said.code
    assert all(line.endswith("is unreachable: nothing that succeeds leads there.") for line in said.err.splitlines())
    assert (tmp_path / said.out.strip()).read_text("utf-8").startswith("<svg ")


@pytest.mark.parametrize(
    ("output", "beginning"),
    [("a.svg", b"<svg "), ("a.PNG", b"\x89PNG"), ("a.dot", b"digraph"), ("a.mmd", b"---\n"), ("a.json", b"{\n")],
)
def test_the_name_of_the_file_says_the_format(cli, tmp_path, output, beginning):
    said = draw(cli, "scheduler", "--output", output)
    assert (0, f"{output}\n") == (said.code, said.out)
    assert (tmp_path / output).read_bytes().startswith(beginning)


@pytest.mark.parametrize(
    ("output_format", "beginning"), [("dot", "digraph"), ("mermaid", "---\n"), ("json", '{\n "directed": true')]
)
def test_text_goes_to_stdout(cli, tmp_path, output_format, beginning):
    said = draw(cli, "scheduler", "--format", output_format)
    assert said.out.startswith(beginning)
    assert [] == list(tmp_path.iterdir())


def test_an_image_goes_to_stdout_if_asked_for(cli, tmp_path):
    assert draw(cli, "scheduler", "--output", "-").out.startswith("<svg ")
    assert [] == list(tmp_path.iterdir())


def test_json_is_the_graph(cli):
    graph = json.loads(draw(cli, "callback", "--format", "json").out)
    [failed] = [edge for edge in graph["edges"] if edge["key"] == "Scheduled failed"]
    assert ("Standby", "Standby", True) == (failed["source"], failed["target"], failed["rolled_back"])


def test_options_reach_the_picture(cli):
    assert "#0d1117" in draw(cli, "scheduler", "--format", "dot", "--theme", "dark").out
    assert "there.html#TRANS-APPLY-1" in draw(cli, "scheduler", "--format", "dot", "--book", "there.html").out
    assert "URL=" not in draw(cli, "scheduler", "--format", "dot", "--book", "").out
    assert "rejected" not in draw(cli, "scheduler", "--format", "dot").out
    assert "rejected" in draw(cli, "scheduler", "--format", "dot", "--rejected").out


def test_the_machine_of_the_readme_is_drawn(cli, tmp_path, door):
    said = draw(cli, door)
    assert (0, "Door.svg\n", "hsmspec: locked is unreachable: nothing that succeeds leads there.\n") == said
    svg = (tmp_path / "Door.svg").read_text("utf-8")
    for words in ("closed", "OPEN", "fails, rolled back", "the key does not fit", "unreachable"):
        assert words in svg


def test_a_description_is_drawn(cli, lamp):
    said = draw(cli, "lamp:LAMP", "--format", "mermaid")
    assert 0 == said.code
    assert "<b>Press</b>" in said.out


def test_strict_fails_after_the_picture_of_a_machine_with_mistakes(cli, tmp_path, door):
    said = draw(cli, door, "--strict")
    assert (1, "Door.svg\n") == (said.code, said.out)
    assert "locked is unreachable" in said.err
    assert (tmp_path / "Door.svg").exists()


def test_a_new_machine_has_no_mistakes(cli):
    assert 0 == cli("machine", "new", "order").code
    assert (0, "order.svg\n", "") == draw(cli, "order.json", "--strict")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("callbak", ["no machine `callbak`", "did you mean callback", "module:attribute"]),
        ("zzz", ["no machine `zzz`.", "There are callback, nexus-operation"]),
        ("lamp:Lmp", ["`lamp` has no `Lmp`", "did you mean Lamp"]),
        ("lamb:Lamp", ["no module `lamb`"]),
        ("lamp:Lamp", ["`PRESS` wants an event Pressed", "MachineDescription"]),
        ("lamp:PRESS", ["neither a machine's class nor a description"]),
        ("lamp:Button", ["no state machine", "set_state"]),
        ("lamp:Pressed", ["`lamp:Pressed()` makes no machine", "finger"]),
        ("lamp:BROKEN", ["cannot be tried", "no power", "lamp.py"]),
        ("bad:Lamp", ["`bad` cannot be imported", "ZeroDivisionError", "line 1 of bad.py"]),
        ("needy:Lamp", ["`needy` cannot be imported", "not_there"]),
    ],
)
def test_what_cannot_be_drawn_is_a_sentence(cli, tmp_path, lamp, name, words):
    (tmp_path / "bad.py").write_text("1 / 0\n", "utf-8")
    (tmp_path / "needy.py").write_text("import not_there\n", "utf-8")
    said = draw(cli, name)
    assert (2, "") == (said.code, said.out)
    assert 1 == said.err.count("\n")
    assert "Traceback" not in said.err
    for each in words:
        assert each in said.err


@pytest.mark.parametrize(
    ("output", "words"), [("a.txt", "does not say which format"), ("nowhere/a.svg", "cannot be written")]
)
def test_a_file_that_cannot_be_is_a_sentence(cli, output, words):
    said = draw(cli, "scheduler", "--output", output)
    assert 2 == said.code
    assert words in said.err


@pytest.mark.parametrize(
    ("arguments", "place"), [([], "scheduler.dot"), (["--output", "x.png"], "x.dot"), (["--output", "-"], None)]
)
def test_without_a_renderer_the_dot_text_is_written(cli, tmp_path, monkeypatch, arguments, place):
    monkeypatch.setattr(renderers.shutil, "which", lambda *arguments, **more: None)
    said = draw(cli, "scheduler", *arguments)
    assert 2 == said.code
    assert 1 == said.err.count("\n")
    assert "Nothing here draws DOT text" in said.err
    assert (said.out if place is None else (tmp_path / place).read_text("utf-8")).startswith("digraph")
    assert (place or "on stdout") in said.err


def test_without_networkx_one_sentence_says_what_to_install(cli, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("hsm_diagrams.machine.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "networkx", None)
    said = draw(cli, "scheduler")
    assert 2 == said.code
    assert "pip install 'hsmspec[diagrams]'" in said.err


@pytest.mark.parametrize(
    "arguments", [["--help"], ["diagram", "--help"], *(["diagram", name, "--help"] for name in command.commands)]
)
def test_networkx_is_loaded_only_to_draw(arguments):
    code = (
        "import sys\n"
        "from hsm_specs.cli.commands import hsmspec\n"
        "hsmspec.main(sys.argv[1:], standalone_mode=False)\n"
        "sys.exit('networkx' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True)


def test_help_lists_the_kinds_of_pictures_and_shows_examples(cli):
    said = cli("diagram", "--help")
    assert 0 == said.code
    for name, each in command.commands.items():
        assert f"{name} {each.short_help}" in " ".join(said.out.split())
    assert "hsmspec diagram machine callback" in said.out


@pytest.mark.parametrize("name", command.commands)
def test_every_kind_of_picture_has_help_with_examples(cli, name):
    said = cli("diagram", name, "--help")
    assert 0 == said.code
    assert f"hsmspec diagram {name}" in said.out
    assert "Examples:" in said.out


def test_an_unknown_kind_of_picture_is_a_sentence(cli):
    said = cli("diagram", "machin")
    assert 2 == said.code
    assert "No such command 'machin'; did you mean machine?" in said.err


def test_a_picture_that_does_not_fit_on_the_disk_is_not_there_in_part(cli, no_room):
    with no_room(2**10):
        said = cli("diagram", "node", "--output", "node.svg")
    assert said.code == 2
    assert said.err == "hsmspec: node.svg cannot be written (File too large).\n"
    assert not list(Path().iterdir())


def test_the_direction_of_a_picture_is_chosen(cli):
    assert 'rankdir="TB"' in cli("diagram", "machine", "callback", "--format", "dot").out
    assert 'rankdir="LR"' in cli("diagram", "machine", "callback", "--format", "dot", "--direction", "right").out


def test_pictures_link_to_a_book_only_if_it_is_named(cli):
    assert "URL=" not in cli("diagram", "machine", "callback", "--format", "dot").out
    said = cli("diagram", "machine", "callback", "--format", "dot", "--book", "https://example.com/book.html")
    assert 'URL="https://example.com/book.html#' in said.out


def test_a_watched_machine_is_drawn_again_when_its_file_changes(cli, tmp_path):
    cli("machine", "new", "order")
    machine = tmp_path / "order.json"
    command = [sys.executable, "-m", "hsm_specs.cli", "diagram", "machine", "order.json", "--format", "dot", "--watch"]
    arguments = [*command, "--output", "order.dot"]
    with subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
        try:
            until((tmp_path / "order.dot").exists)
            text = machine.read_text("utf-8")
            machine.write_text(text.replace('"order"', '"renamed"'), "utf-8")
            until(lambda: "renamed" in (tmp_path / "order.dot").read_text("utf-8"))
        finally:
            process.terminate()


def test_a_machine_of_temporal_cannot_be_watched(cli):
    said = cli("diagram", "machine", "callback", "--watch")
    assert (2, "hsmspec: The machine `callback` is in no file of your own: name FILE.json or module:attribute.\n") == (
        said.code,
        said.err,
    )
