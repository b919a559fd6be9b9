"""The edges of a life, whether of a node or of a task, as arrows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from hsm_diagrams.drawing.drawing import Arrow, Role, ids_of, strong, with_loops_merged

Edge = tuple[str, str, Mapping[str, Any]]
"""A source, a target, and what is known of the edge between them."""


def bundles(edges: Sequence[Edge]) -> dict[tuple[str, str, str], list[Mapping[str, Any]]]:
    """Return the edges between different phases, by source, target and outcome."""
    found: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for source, target, data in edges:
        if source != target:
            found.setdefault((source, target, data["outcome"]), []).append(data)
    return found


def words_of(bundle: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what edges are called, each once."""
    return list(dict.fromkeys(data["words"] for data in bundle))


def requirements_of(bundle: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the requirements that edges show, each once."""
    return list(dict.fromkeys(name for data in bundle for name in data["requirements"]))


def failing_loops(
    edges: Sequence[Edge], everywhere: Collection[str], said: str, widths: tuple[int, int]
) -> Iterator[Arrow]:
    """Yield a loop for what fails and changes nothing in some phases only, with loops of one box merged.

    ``said`` is what to write for the words in its braces; ``widths`` are those of such lines and of the IDs.
    """
    loops = [
        Arrow(
            source=source,
            target=target,
            lines=[*strong([said.format(data["words"])], widths[0]), *ids_of(data["requirements"], widths[1])],
            role=Role.FAILED,
            requirements=data["requirements"],
            hint=f"{data['words']} fails and changes nothing",
        )
        for source, target, data in edges
        if source == target and data["outcome"] == "failed" and data["words"] not in everywhere
    ]
    return with_loops_merged(loops)
