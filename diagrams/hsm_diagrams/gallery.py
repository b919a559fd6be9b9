"""The gallery: pictures that are kept with the sources, so that a change of the model shows in a review.

``python -m hsm_diagrams.gallery FOLDER`` draws them anew, with ``--check`` it says which are stale.
Compared is the DOT text of a picture; its SVG is for looking at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import chdir
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import fill

from hsm_diagrams.difference.operands import SPECIFIED
from hsm_diagrams.difference.picture import difference_picture
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.drawing.themes import DARK, LIGHT, Theme
from hsm_diagrams.explored.picture import explored_picture
from hsm_diagrams.life.picture import life_picture
from hsm_diagrams.machine.names import find_machine
from hsm_diagrams.machine.picture import machine_picture
from hsm_model.amendments import AMENDMENTS
from hsm_specs.oracle.known_deviations import deviations_in

MEND = "make gallery"
"""The command that draws everything anew."""
RELEASES = Path(__file__).parents[2] / "adapters" / "temporal"
"""Where the known deviations of the real package's releases are, in a checkout."""
EXAMPLE = Path(__file__).parents[1] / "example"
"""Where the machine is that the instructions draw."""
EXPLORED = ("quick", "types")
"""The scope, and its part, of which all states are in the gallery."""
HEADING = f"""# Gallery

Pictures of the executed model, drawn by `{MEND}`; a test compares their DOT text with what the model says now.

Temporal's machines are those of v1.25.1, defined in Python in [`hsm_model.machines`](../../model/hsm_model/machines).
Another test compares these definitions with the real Go package, edge by edge, so the pictures are true of it. What
releases of the package do otherwise is drawn from their [known deviations](../../adapters/temporal), which
`make conformance-all` holds against the real code.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture of the gallery, the command that draws it, and what it shows."""

    picture: Picture
    command: str
    shows: str
    folder: str = ""
    """The folder of the repository that the command is run in, if it matters which."""

    def file(self, theme: Theme, suffix: str) -> str:
        """The name of a file of the picture."""
        return f"{self.picture.drawing.name}-{theme.name}{suffix}"


MACHINES = {
    "callback": (
        "A callback waits for its trigger, then invokes its caller until that succeeds or fails for good. Where the"
        " caller's address is of no use, scheduling fails and is rolled back."
    ),
    "nexus-operation": (
        "A Nexus operation is started at its endpoint, with backing off between attempts, and may then be completed"
        " from outside. Once cancelation is requested it puts out no tasks. An operation with limited time regenerates"
        " the timer of its timeout in final states too."
    ),
    "nexus-cancelation": (
        "The cancelation of a Nexus operation is its child, and asks the endpoint until it has been heard. No"
        " transition leads to its state for having timed out."
    ),
    "scheduler": "The scheduler waits for the next time of its schedule, then does what is due, for ever.",
}
"""What the pictures of Temporal's machines show."""


NODE = (
    "What operations make of a node, each of them executed in all states of a small tree. Wherever a function fails,"
    " panics or leaves data that does not serialize, the node is back where it was."
)
EXPLORED_SHOWS = (
    "All states that a root with one child comes into within a scope, folded by what their nodes look like. A root is"
    " dirty below where only its child has transitioned."
)
DOOR = (
    "A machine of anybody's: a class with a few transitions, [door.py](../example/door.py). Its lock is jammed, and a"
    " state that nothing leads to is grey."
)
DIFFERENT = (
    "What {release} does otherwise than {former}, operation by operation, each in the first state in which it shows."
    " {statements}"
)
SAME_AS = " This is the same as in {former}."
LIFE_DIFFERENT = (
    "The same deviations, seen by what a node goes through: it is dirty from the beginning, and what a function did"
    " inside leads on although it failed."
)


@cache
def entries() -> tuple[Entry, ...]:
    """The pictures, in the order of the index."""
    scope, part = EXPLORED
    return (
        Entry(life_picture(), "hsmspec diagram node", NODE),
        Entry(explored_picture(scope, part), f"hsmspec diagram explore --scope {scope} --part {part}", EXPLORED_SHOWS),
        *(
            Entry(machine_picture(find_machine(name)), f"hsmspec diagram machine {name}", MACHINES[name])
            for name in MACHINES
        ),
        _example(),
        *_releases(),
    )


def _example() -> Entry:
    """The machine that the instructions draw."""
    with chdir(EXAMPLE):
        picture = machine_picture(find_machine("door:Door"))
    # Nobody else is to find this module in place of one that is called like it.
    sys.modules.pop("door")
    folder = EXAMPLE.relative_to(EXAMPLE.parents[1]).as_posix()
    return Entry(picture, "hsmspec diagram machine door:Door", DOOR, folder)


def releases() -> list[str]:
    """The releases of the real package, oldest first."""
    found = [path.parent.name for path in RELEASES.glob("v*/deviations.toml")]
    return sorted(found, key=lambda name: [int(number) for number in name[1:].split(".")])


def _releases() -> Iterator[Entry]:
    """What each release does otherwise than the specification, and than the release before if that is not the same."""
    former = ""
    for release in releases():
        shows = _shows("the specification", release)
        steps: list[Entry] = []
        if former and (step := _difference(_deviations(former), release, _shows(former, release))).picture.graph.size():
            steps.append(step)
        elif former:
            shows += SAME_AS.format(former=former)
        yield _difference(SPECIFIED, release, shows)
        yield from steps
        if not former:
            yield _difference(SPECIFIED, release, LIFE_DIFFERENT, life=True)
        former = release


def _difference(side: str, release: str, shows: str, *, life: bool = False) -> Entry:
    with chdir(RELEASES.parents[1]):
        picture = difference_picture(side, _deviations(release), life=life)
    command = f"hsmspec diagram diff {side} {_deviations(release)}"
    return Entry(picture, f"{command} --life" if life else command, shows)


def _deviations(release: str) -> str:
    """The file of a release's known deviations, as seen from the repository."""
    return (RELEASES / release / "deviations.toml").relative_to(RELEASES.parents[1]).as_posix()


def _shows(former: str, release: str) -> str:
    """What a release's amendments say that those of a former one do not."""
    known = set[str]() if former not in releases() else set(deviations_in(RELEASES / former / "deviations.toml").rules)
    new = [name for name in deviations_in(RELEASES / release / "deviations.toml").rules if name not in known]
    statements = " ".join(AMENDMENTS[name].statement for name in new)
    return DIFFERENT.format(release=release, former=former, statements=statements)


def texts() -> dict[str, str]:
    """The files that are compared, by name: the index and the DOT text of all pictures."""
    found = entries()
    compared = {entry.file(theme, ".dot"): entry.picture.dot(theme) for entry in found for theme in (LIGHT, DARK)}
    return {"README.md": index(found), **compared}


def images() -> Iterator[tuple[str, bytes]]:
    """The files that people look at, by name."""
    for entry in entries():
        for theme in (LIGHT, DARK):
            yield entry.file(theme, ".svg"), entry.picture.encode("svg", theme)


def index(found: Sequence[Entry]) -> str:
    """The page that shows all pictures and says what each shows."""
    return "\n".join([HEADING, *map(_section, found)])


def _section(entry: Entry) -> str:
    drawing = entry.picture.drawing
    light, dark = entry.file(LIGHT, ".svg"), entry.file(DARK, ".svg")
    return f"""## {drawing.title}

{fill(entry.shows, 120)}

<picture>
<source media="(prefers-color-scheme: dark)" srcset="{dark}">
<img src="{light}" alt="{drawing.title}">
</picture>

`{entry.command}`{f" in `{entry.folder}`" if entry.folder else ""}: [light]({light}), [dark]({dark}), as DOT text
[light]({entry.file(LIGHT, ".dot")}), [dark]({entry.file(DARK, ".dot")}).
"""


def write(folder: Path) -> None:
    """Writes all files of the gallery, and removes pictures that it has no longer."""
    files = {**{name: text.encode() for name, text in texts().items()}, **dict(images())}
    folder.mkdir(parents=True, exist_ok=True)
    for former in [*folder.glob("*.dot"), *folder.glob("*.svg")]:
        if former.name not in files:
            former.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    print(f"{folder}: {len(files)} files")


def stale(folder: Path) -> list[str]:
    """The names of the files of a gallery that are not what they would be now, and of pictures left over."""
    now = texts()
    kept = {path.name: path.read_text("utf-8") for path in folder.glob("*.dot")}
    kept |= {path.name: path.read_text("utf-8") for path in folder.glob("README.md")}
    return sorted(name for name in now.keys() | kept.keys() if now.get(name) != kept.get(name))


def main(arguments: Sequence[str]) -> int:
    """Writes the gallery, or compares it. Answers the exit code: 1 if it is stale."""
    folder = Path(arguments[-1])
    if arguments[0] != "--check":
        write(folder)
        return 0
    if found := stale(folder):
        print(f"{folder} is stale: {', '.join(found)}. `{MEND}` draws it anew.")
        return 1
    print(f"{folder}: what the model says now")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
