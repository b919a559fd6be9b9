"""A scope: the part of the model that is explored.

Named scopes are TOML files; so are a user's own. A file has a ``title`` and one table ``part`` or more, each a scope
that is explored by itself: small ones with many operations, large ones with few.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path as FilePath
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hsm_specs.errors import InputError
from hsm_specs.files import read
from hsm_specs.language.operations import Path, TypeID
from hsm_specs.language.shapes import Natural


class WorkflowBounds(Struct, frozen=True, forbid_unknown_fields=True):
    """The further bounds of a part that is about a workflow.

    States that have more than ``tasks`` outbound tasks, timers, or tasks in the timer queue, or a clock beyond so many
    ``milliseconds``, are not gone on from.
    """

    tasks: Natural
    milliseconds: Natural = 0


class Scope(Struct, frozen=True, forbid_unknown_fields=True):
    """The bounds of an exploration.

    ``places`` are the paths at which nodes may be, parents before children. States in which a node has more than
    ``counts`` transitions or ``outputs`` open outputs are reached but not gone on from. ``actions`` names families of
    operations (`hsm_specs.explore.actions.FAMILIES`). ``late`` is a type that is not registered at first.

    With ``workflow``, the tree is that of a workflow in a cell, and is reached by access alone.
    """

    name: str
    places: tuple[Path, ...]
    counts: int
    outputs: int
    actions: tuple[str, ...]
    late: TypeID = 3
    workflow: WorkflowBounds | None = None

    def types(self) -> list[TypeID]:
        """Return the types that are registered from the start."""
        found = {1} | {key[0] for place in self.places for key in place}
        return sorted(found - {self.late})


def scope_folder() -> Traversable:
    """Return the folder of the named scopes: inside the installed package, or next to it in a checkout."""
    inside = files("hsm_specs") / "scopes"
    return inside if inside.is_dir() else FilePath(__file__).parents[2] / "scopes"


def scope_names() -> list[str]:
    """Return the names of the scopes that come with hsmspec."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in scope_folder().iterdir() if entry.name.endswith(".toml")
    )


class ScopeFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The contents of a scope file."""

    title: str
    part: Annotated[tuple[Scope, ...], Meta(min_length=1)]


def tree_parts(parts: Sequence[Scope]) -> list[int]:
    """Return the indexes of the parts that are about trees and not about workflows."""
    return [index for index, part in enumerate(parts) if part.workflow is None]


def load_scopes(name: str) -> tuple[Scope, ...]:
    """Return the parts of a scope, by its name or from a TOML file. Raise `InputError`."""
    if name in scope_names():
        text, where = (scope_folder() / f"{name}.toml").read_text("utf-8"), name
    elif FilePath(name).is_file():
        text, where = read(FilePath(name)).decode("utf-8", "replace"), name
    else:
        near = get_close_matches(name, scope_names(), 1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise InputError(f"There is no scope {name!r}; there are {', '.join(scope_names())}, or a TOML file.{meant}")
    try:
        file = msgspec.convert(tomllib.loads(text), type=ScopeFile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InputError(f"The scope {where} cannot be read: {error}.") from error
    except RecursionError:
        raise InputError(f"The scope {where} is nested too deeply.") from None
    for part in file.part:
        check(part, f"{where}, part {part.name!r},")
    return file.part


def check(scope: Scope, where: str) -> None:
    """Raise `InputError` for a scope that contradicts itself."""
    from hsm_specs.explore.actions import families  # noqa: PLC0415 (actions are made from scopes)

    for index, place in enumerate(scope.places):
        if (index == 0) != (place == ()) or (place and place[:-1] not in scope.places[:index]):
            raise InputError(f"The scope {where} must list the root [] first and every place after its parent.")
    known = families(scope)
    for family in scope.actions:
        if family not in known:
            near = get_close_matches(family, known, 1)
            meant = f" Did you mean {near[0]}?" if near else f" There are {', '.join(known)}."
            raise InputError(f"The scope {where} names actions {family!r}, which are none.{meant}")
