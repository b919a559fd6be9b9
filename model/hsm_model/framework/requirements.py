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

_REPLICATION = (
    documented(
        "replication",
        "REPL-TASKS-1",
        "Sync replaces the data of machines that are newer elsewhere and stores the tasks that it calls for.",
        "TaskRegenerator#1",
    ),
    characterization(
        "replication", "REPL-EVENTS-1", "State is not taken before the events are there that it may depend on."
    ),
    characterization("replication", "REPL-EVENTS-2", "An event makes the same machines and tasks in every cell."),
    characterization("replication", "REPL-NEWER-1", "A sync without anything new writes nothing."),
    characterization("replication", "REPL-NEWER-2", "Older state never replaces newer state."),
    characterization("replication", "REPL-COUNT-1", "Transition counts are local to a cell: a sync adds one."),
    characterization(
        "replication", "REPL-MISSING-1", "A sync fails if a machine is there that no event has made here."
    ),
    characterization(
        "replication", "REPL-INITIAL-1", "A sync fails if two cells added different machines at one path."
    ),
    characterization("replication", "REPL-FAIL-1", "A sync in which a machine fails to regenerate changes nothing."),
)

FRAMEWORK_REQUIREMENTS = {
    requirement.id: requirement for area in (_ENVIRONMENT, _COMMIT, _REPLICATION) for requirement in area
}
"""The requirements by ID, area by area."""
