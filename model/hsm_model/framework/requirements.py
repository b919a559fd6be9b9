"""The requirements of the framework, as data: the catalogue's format, before they are in the catalogue.

``documented``: the documentation says so. ``obligation``: the documentation demands it of the framework around the
package, or of its users. ``characterization``: the documentation is silent, and what a real release does is worth
watching. Sources are sentences of the documentation, written ``Symbol#number``.
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class FrameworkRequirement(NamedTuple):
    """One requirement. ``area`` is the file of the catalogue that it belongs to."""

    id: str
    area: str
    classification: Literal["documented", "obligation", "characterization"]
    statement: str
    sources: tuple[str, ...] = ()


def documented(area: str, requirement_id: str, statement: str, *sources: str) -> FrameworkRequirement:
    """Return a requirement that the documentation states."""
    return FrameworkRequirement(requirement_id, area, "documented", statement, sources)


def obligation(area: str, requirement_id: str, statement: str, *sources: str) -> FrameworkRequirement:
    """Return a requirement that the documentation makes of the framework or of users."""
    return FrameworkRequirement(requirement_id, area, "obligation", statement, sources)


def characterization(area: str, requirement_id: str, statement: str) -> FrameworkRequirement:
    """Return a requirement on which the documentation is silent."""
    return FrameworkRequirement(requirement_id, area, "characterization", statement)


_ENVIRONMENT = (
    characterization(
        "environment",
        "ENV-READ-5",
        "Data written into without a transition is seen until the workflow is unloaded, and is not stored.",
    ),
)

_COMMIT = (
    characterization(
        "commit", "COMMIT-CONDITION-1", "A write is refused if another one has replaced the record that was loaded."
    ),
)

FRAMEWORK_REQUIREMENTS = {requirement.id: requirement for area in (_ENVIRONMENT, _COMMIT) for requirement in area}
"""The requirements by ID, area by area."""
