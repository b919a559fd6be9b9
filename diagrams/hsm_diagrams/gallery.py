"""The gallery: pictures that are kept with the sources, so that reviews show what a change of the model changes.

``python -m hsm_diagrams.gallery FOLDER`` draws them again; ``--check FOLDER`` reports which are stale.
The check compares the pictures as text, in DOT or Mermaid, not the SVG images.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import chdir
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from textwrap import fill

import msgspec

from hsm_diagrams.book.pictures import INDEX, PAYMENT, Shown
from hsm_diagrams.difference.picture import SPECIFIED, difference_picture
from hsm_diagrams.drawing.pictures import Format, Picture
from hsm_diagrams.drawing.themes import DARK, LIGHT, Theme
from hsm_diagrams.explored.drawing import explored_picture
from hsm_diagrams.finding.sequence import sequence_of
from hsm_diagrams.life.drawing import life_picture
from hsm_diagrams.life.task_drawing import task_picture
from hsm_diagrams.machine.drawing import machine_picture
from hsm_model.amendments import AMENDMENTS
from hsm_specs.files import write_below
from hsm_specs.machines.names import find_machine
from hsm_specs.oracle.deviations import Deviations, deviations_in

MAKE = "make gallery"
"""The command that draws all pictures again."""
RELEASES = Path(__file__).parents[2] / "adapters" / "temporal"
"""The folder of the real package's releases and their known deviations, in a checkout."""
EXAMPLE = Path(__file__).parents[1] / "example"
"""The folder of the README's example machine."""
EXPLORED = ("quick", "types")
"""The scope and its part whose states are in the gallery."""
HEADING = f"""# Gallery

Pictures of the executed model, drawn by `{MAKE}`; a test compares them as text with the current model.

Temporal's machines are those of v1.25.1, defined in Python in [`hsm_model.machines`](../../model/hsm_model/machines).
Another test compares these definitions with the real Go package, edge by edge, so the pictures hold for it too. How
releases of the package differ is drawn from their [known deviations](../../adapters/temporal), which
`make conformance-all` checks against the real code.
"""


TEXTS: dict[Format, tuple[str, str]] = {"dot": ("DOT", ".dot"), "mermaid": ("Mermaid", ".mmd")}
"""The formats in which pictures are compared: in words, and the end of the names of files."""


@dataclass(frozen=True, slots=True)
class GalleryEntry:
    """A picture of the gallery, the command that draws it, and its caption."""

    picture: Picture
    command: str
    shows: str
    folder: str = ""
    """The folder that the command must run in, relative to the repository; empty if any works."""
    part: str = ""
    """The part of the gallery that it is in."""

    @property
    def suffix(self) -> str:
        """The end of the names of the files that have the picture as text."""
        return TEXTS[self.picture.as_text][1]

    def file(self, theme: Theme, suffix: str) -> str:
        """Return the name of a file of the picture."""
        return f"{self.picture.drawing.name}-{theme.name}{suffix}"


MACHINES = {
    "callback": (
        "A callback waits for its trigger, then invokes its caller until that succeeds or fails permanently. If the"
        " caller's address is not usable, scheduling fails and is rolled back."
    ),
    "nexus-operation": (
        "A Nexus operation is started at its endpoint, with backoff between attempts, and may then be completed"
        " from outside. Once cancelation is requested, it starts no tasks. An operation with a timeout has its timer"
        " pending in final states too."
    ),
    "nexus-cancelation": (
        "The cancelation of a Nexus operation is its child, and calls the endpoint until the request is accepted. No"
        " transition leads to its timed-out state."
    ),
    "scheduler": "The scheduler waits for the next time of its schedule, starts what is due, and repeats.",
}
"""The captions of Temporal's machines."""


NODE = (
    "What operations do to a node, each of them executed in all states of a small tree. Whenever a function fails,"
    " panics or leaves data that does not serialize, the node is restored."
)
EXPLORED_SHOWS = (
    "All states that a root with one child reaches within a scope, folded by what their nodes look like. A root is"
    " dirty below if only its child has transitioned."
)
DOOR = (
    "A machine of your own: a class with a few transitions, [door.py](../example/door.py). Its lock is jammed, and an"
    " unreachable state is gray."
)
DIFFERENT = (
    "How {release} {differs} from {former}, operation by operation, each in the first state that shows it. {statements}"
)
TASK_SHOWS = (
    "What can happen to a task of either queue, each of it tried in all states of a workflow with one machine: commits"
    " that fail before, inside and after the write, executors that fail, deliveries early and again, refresh."
)
ENGINE_SHOWS = (
    "The same with the known deviations of the history engine of v1.25.1: a timer that is delivered early, or has no"
    " executor, stays stored and is delivered by no queue."
)
FINDING_SHOWS = (
    "A program that the history engine of v1.25.1 was sent, as the model runs it: what test, environment, memory, store"
    " and queues exchange. Of two timers the first has no executor. In red is what the engine did: the other one did"
    " not fire either."
)
FINDING = EXAMPLE / "timers-stop.json"
"""A finding of `hsmspec run` with the real engine."""
ENGINE = "adapters/temporal/framework/v1.25.1/deviations.toml"
"""The known deviations of the engine, in a checkout."""
LIFE_DIFFERENT = (
    "The same deviations in the life of a node: it is dirty from the beginning, and what a failed function did inside"
    " stays."
)


PAYMENT_SHOWS = (
    "The machine of the book's opening chapters: a payment that charges a card until the bank accepts. It has a task in"
    " two of its states."
)
OWN, REAL, TREE = "Small machines", "Temporal's machines", "Nodes and trees"
TASKS, RELEASED = "Tasks and transactions", "Releases"
AREAS = {
    "Door": ("transition",),
    "payment": ("tasks",),
    **dict.fromkeys(MACHINES, ("machine",)),
    "node-life": ("node",),
    "explored-types": ("dirty",),
    "task-life": ("commit", "outbound", "timers"),
    "sequence": ("access", "timers"),
    "diff-specification-temporal-hsm-v1.25.1": ("rollback",),
    "life-diff-specification-temporal-hsm-v1.25.1": ("dirty",),
    "diff-temporal-hsm-v1.25.1-temporal-hsm-v1.27.3-v1.30.4-and-v1.32.2": ("clear",),
}
"""The areas of the catalogue in whose chapters of the book pictures stand, by name."""


@cache
def entries() -> tuple[GalleryEntry, ...]:
    """Return the pictures in their order: machines from small to large, the nodes that they are in, then releases."""
    scope, part = EXPLORED
    parts = {
        OWN: (
            _example(),
            GalleryEntry(machine_picture(find_machine(PAYMENT)), f"hsmspec diagram machine {PAYMENT}", PAYMENT_SHOWS),
        ),
        REAL: (
            GalleryEntry(machine_picture(find_machine(name)), f"hsmspec diagram machine {name}", MACHINES[name])
            for name in MACHINES
        ),
        TREE: (
            GalleryEntry(life_picture(), "hsmspec diagram node", NODE),
            GalleryEntry(
                explored_picture(scope, part), f"hsmspec diagram explore --scope {scope} --part {part}", EXPLORED_SHOWS
            ),
        ),
        TASKS: _tasks(),
        RELEASED: _releases(),
    }
    return tuple(
        replace(entry, picture=entry.picture.without_ids(), part=part) for part, own in parts.items() for entry in own
    )


def _example() -> GalleryEntry:
    """Return the picture of the README's example machine."""
    with chdir(EXAMPLE):
        picture = machine_picture(find_machine("door:Door"))
    # Do not shadow another module with this name.
    sys.modules.pop("door")
    folder = EXAMPLE.relative_to(EXAMPLE.parents[1]).as_posix()
    return GalleryEntry(picture, "hsmspec diagram machine door:Door", DOOR, folder)


def _tasks() -> Iterator[GalleryEntry]:
    """Yield the life of a task, that in the real engine, and what becomes of tasks in one of its findings."""
    yield GalleryEntry(task_picture(), "hsmspec diagram task", TASK_SHOWS)
    with chdir(RELEASES.parents[1]):
        yield GalleryEntry(task_picture(ENGINE), f"hsmspec diagram task {ENGINE}", ENGINE_SHOWS)
        finding = FINDING.relative_to(RELEASES.parents[1]).as_posix()
        yield GalleryEntry(sequence_of(Path(finding)), f"hsmspec diagram finding {finding} --sequence", FINDING_SHOWS)


def releases() -> list[str]:
    """Return the releases of the real package, oldest first."""
    found = [path.parent.name for path in RELEASES.glob("v*/deviations.toml")]
    return sorted(found, key=lambda name: [int(number) for number in name[1:].split(".")])


def _releases() -> Iterator[GalleryEntry]:
    """Yield how each release differs from the specification, and from the previous release if it does."""
    former = ""
    for same in alike_releases():
        yield _difference(SPECIFIED, same, _shows("the specification", same))
        if former:
            step = _difference(_deviations(former), same, _shows(former, same))
            yield from [step] if step.picture.graph.size() else []
        else:
            yield _difference(SPECIFIED, same, LIFE_DIFFERENT, life=True)
        former = same[-1]


def alike_releases() -> list[list[str]]:
    """Return the releases, those together that deviate alike and follow one another."""
    return [list(same) for _, same in groupby(releases(), lambda release: _known(release).rules)]


def _difference(side: str, same: Sequence[str], shows: str, *, life: bool = False) -> GalleryEntry:
    files = [_deviations(release) for release in same]
    with chdir(RELEASES.parents[1]):
        picture = difference_picture(side, files[0], life=life, others=files[1:])
    command = f"hsmspec diagram diff {side} {' '.join(files)}"
    return GalleryEntry(picture, f"{command} --life" if life else command, shows)


def _deviations(release: str) -> str:
    """Return the path of a release's known deviations, relative to the repository."""
    return (RELEASES / release / "deviations.toml").relative_to(RELEASES.parents[1]).as_posix()


def _known(release: str) -> Deviations:
    return deviations_in(RELEASES / release / "deviations.toml")


def _shows(former: str, same: Sequence[str]) -> str:
    """Return the amendments of releases that a former one does not have, as text."""
    known = _known(former).rules if former in releases() else ()
    new = [name for name in _known(same[0]).rules if name not in known]
    statements = " ".join(AMENDMENTS[name].statement for name in new)
    named = same[0] if len(same) == 1 else f"{', '.join(same[:-1])} and {same[-1]}"
    return DIFFERENT.format(
        release=named, differs="differs" if len(same) == 1 else "differ", former=former, statements=statements
    )


def texts() -> dict[str, str]:
    """Return the files that the check compares, by name: the index and the DOT text of all pictures."""
    found = entries()
    compared = {
        entry.file(theme, entry.suffix): entry.picture.encode(entry.picture.as_text, theme).decode()
        for entry in found
        for theme in (LIGHT, DARK)
    }
    return {"README.md": index(found), INDEX: _shown(found), **compared}


def images() -> Iterator[tuple[str, bytes]]:
    """Yield the images: name and content."""
    for entry in entries():
        for theme in (LIGHT, DARK):
            yield entry.file(theme, ".svg"), entry.picture.encode("svg", theme)


def index(found: Sequence[GalleryEntry]) -> str:
    """Return the page that shows all pictures with their captions."""
    sections = [
        line
        for part, own in groupby(found, key=lambda entry: entry.part)
        for line in (f"## {part}\n", *map(_section, own))
    ]
    return "\n".join([HEADING, *sections])


def _shown(found: Sequence[GalleryEntry]) -> str:
    """Return the index that the book reads: order, parts, captions and areas."""
    shown = [
        Shown(name, entry.part, re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", entry.shows), AREAS.get(name, ()))
        for entry in found
        for name in (entry.picture.drawing.name,)
    ]
    return json.dumps([msgspec.to_builtins(each) for each in shown], indent=1) + "\n"


def _section(entry: GalleryEntry) -> str:
    drawing = entry.picture.drawing
    light, dark = entry.file(LIGHT, ".svg"), entry.file(DARK, ".svg")
    text = TEXTS[entry.picture.as_text][0]
    return f"""### {drawing.title}

{fill(entry.shows, 120)}

<picture>
<source media="(prefers-color-scheme: dark)" srcset="{dark}">
<img src="{light}" alt="{drawing.title}">
</picture>

`{entry.command}`{f" in `{entry.folder}`" if entry.folder else ""}: [light]({light}), [dark]({dark}), as {text} text
[light]({entry.file(LIGHT, entry.suffix)}), [dark]({entry.file(DARK, entry.suffix)}).
"""


def write(folder: Path) -> None:
    """Write all files of the gallery, and remove pictures that it no longer has."""
    files = {**{name: text.encode() for name, text in texts().items()}, **dict(images())}
    folder.mkdir(parents=True, exist_ok=True)
    for former in [*_as_text(folder), *folder.glob("*.svg")]:
        if former.name not in files:
            former.unlink()
    for name, content in files.items():
        write_below(folder, name, content)
    print(f"{folder}: {len(files)} files")


def _as_text(folder: Path) -> list[Path]:
    """Return the files of a gallery that have pictures as text."""
    return [path for _, suffix in TEXTS.values() for path in folder.glob(f"*{suffix}")]


def stale(folder: Path) -> list[str]:
    """Return the names of files that are out of date, missing or left over."""
    now = texts()
    kept = {path.name: path.read_text("utf-8") for path in _as_text(folder)}
    kept |= {path.name: path.read_text("utf-8") for path in (folder / "README.md", folder / INDEX) if path.is_file()}
    return sorted(name for name in now.keys() | kept.keys() if now.get(name) != kept.get(name))


def main(arguments: Sequence[str]) -> int:
    """Write or check the gallery. Return the exit code: 1 if it is stale."""
    folder = Path(arguments[-1])
    if arguments[0] != "--check":
        write(folder)
        return 0
    if found := stale(folder):
        print(f"{folder} is stale: {', '.join(found)}. `{MAKE}` draws it again.")
        return 1
    print(f"{folder}: up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
