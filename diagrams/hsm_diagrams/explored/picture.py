"""Pictures of explorations."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Literal

from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.explored.drawing import explored_drawing
from hsm_diagrams.explored.graph import Fold, explored_graph, fitting_fold
from hsm_diagrams.versions import own_version
from hsm_specs.errors import InputError
from hsm_specs.explore.explorer import explore
from hsm_specs.explore.scope import Scope, load_scopes


def explored_picture(name: str, part: str = "", fold: Fold | Literal["auto"] = "auto") -> Picture:
    """The picture of the states of a scope's part, the first one if none is named."""
    graph = explore(find_part(name, part))
    folded = explored_graph(graph, fitting_fold(graph) if fold == "auto" else fold)
    return Picture(folded, explored_drawing(folded, f"hsmspec {own_version()} from the scope {name}"))


def find_part(name: str, part: str = "") -> Scope:
    """The part of a scope. Raises `InputError`, which lists near names, for a name that is none."""
    parts = {scope.name: scope for scope in load_scopes(name)}
    if not part:
        return next(iter(parts.values()))
    if part not in parts:
        near = get_close_matches(part, parts, 1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise InputError(f"The scope {name} has no part {part!r}; there are {', '.join(parts)}.{meant}")
    return parts[part]
