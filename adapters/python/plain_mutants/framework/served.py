"""The mutants of the framework that the adapter can show to be wrong."""

from plain_mutants.framework import FRAMEWORK_MUTANTS

OFFERED = (
    *("ENV-READ-1", "ENV-READ-3", "ENV-READ-4", "ENV-WRITE", "ENV-ERROR", "ENV-PANIC", "ENV-LOCK"),
    *("REF-ACCESS", "REF-COUNT", "REF-VERSION", "REF-MISSING", "REF-CALLED", "REF-RELOAD", "REF-LOADED"),
    *(
        "COMMIT-ATOMIC",
        "COMMIT-SERIALIZER",
        "COMMIT-CLEAR",
        "COMMIT-ERROR",
        "COMMIT-REF",
        "COMMIT-QUEUE",
        "COMMIT-SUPERSEDED",
    ),
    "COMMIT-OWNER-1",
    "COMMIT-OWNER-3",
)
"""The requirements, or the beginnings of their IDs, that the adapter offers what is needed for."""
BEYOND = {
    "task-reads-are-writes": "It is wrong only for the tasks of a queue.",
    "concurrent-tasks-have-a-count": "The palette has no concurrent tasks.",
    "concurrent-tasks-are-superseded": "The palette has no concurrent tasks.",
    "ids-are-used-again": "The IDs of tasks are not observed.",
    "version-of-the-namespace-is-compared": "It needs a failover.",
    "version-of-the-last-update-is-compared": "It needs a failover.",
    "tasks-refer-to-the-last-update": "It needs a failover.",
    "older-versions-are-followed": "It needs a failover.",
}
"""Mutants that the adapter cannot show to be wrong, and why."""


SERVED = {
    name: mutant
    for name, mutant in FRAMEWORK_MUTANTS.items()
    if mutant.requirement.startswith(OFFERED) and name not in BEYOND
}
"""The mutants that are served and scored, by name."""
