"""The gallery: pictures that are kept with the sources, so that a change of the model shows in a review.

``python -m hsm_diagrams.gallery FOLDER`` draws them anew. Compared is the DOT text of a picture; its SVG is for looking
at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

from hsm_diagrams.machine_names import find_machine
from hsm_diagrams.machine_picture import machine_picture
from hsm_diagrams.pictures import Picture
from hsm_diagrams.themes import DARK, LIGHT, Theme

MEND = "make gallery"
"""The command that draws everything anew."""
HEADING = f"""# Gallery

Pictures of the executed model, drawn by `{MEND}`; a test compares their DOT text with what the model says now.

Temporal's machines are those of v1.25.1, defined in Python in [`hsm_model.machines`](../../model/hsm_model/machines).
Another test compares these definitions with the real Go package, edge by edge, so the pictures are true of it.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture of the gallery, the command that draws it, and what it shows."""

    picture: Picture
    command: str
    shows: str

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


def entries() -> Iterator[Entry]:
    """The pictures, in the order of the index."""
    for name, shows in MACHINES.items():
        yield Entry(machine_picture(find_machine(name)), f"hsmspec diagram machine {name}", shows)


def texts() -> dict[str, str]:
    """The files that are compared, by name: the index and the DOT text of all pictures."""
    found = list(entries())
    compared = {entry.file(theme, ".dot"): entry.picture.dot(theme) for entry in found for theme in (LIGHT, DARK)}
    return {"README.md": index(found), **compared}


def images() -> Iterator[tuple[str, bytes]]:
    """The files that people look at, by name."""
    for entry in entries():
        for theme in (LIGHT, DARK):
            yield entry.file(theme, ".svg"), entry.picture.encode("svg", theme)


def index(found: list[Entry]) -> str:
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

`{entry.command}`: [light]({light}), [dark]({dark}), as DOT text
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


if __name__ == "__main__":
    write(Path(sys.argv[1]))
