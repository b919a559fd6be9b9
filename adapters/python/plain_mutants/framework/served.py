"""The mutants of the framework that the adapter can show to be wrong."""

from plain_mutants.framework import FRAMEWORK_MUTANTS

OFFERED = (
    *("ENV-READ-1", "ENV-READ-2", "ENV-READ-3", "ENV-READ-4", "ENV-WRITE", "ENV-ERROR", "ENV-PANIC", "ENV-LOCK"),
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
    *("COMMIT-OWNER", "ENV-CLOCK", "TIMER-DUE", "TIMER-ONCE", "TIMER-GROUP", "TIMER-SCHEDULE", "TIMER-BATCH"),
    *("TIMER-SKIP", "TIMER-TERMINAL", "TIMER-STALE", "TIMER-PAST", "TIMER-EARLY", "TIMER-FAR"),
    *("OUTBOUND-DESTINATION", "OUTBOUND-EXECUTE", "OUTBOUND-READ", "OUTBOUND-FATE"),
    *("COMMIT-PASSIVE", "COMMIT-VERSIONS", "TIMER-STANDBY", "OUTBOUND-STANDBY", "OUTBOUND-FAILBACK"),
    *("REFRESH-TASKS", "REFRESH-STALE", "REFRESH-TIMERS", "REFRESH-STATE", "REFRESH-FAIL", "REFRESH-PASSIVE"),
    "REPL",
)
"""The requirements, or the beginnings of their IDs, that the adapter offers what is needed for."""
BEYOND = {
    "queue-tasks-are-due-early": "A task that is delivered early fires nothing, and is shown in whole milliseconds.",
    "executors-see-deadlines-in-milliseconds": "Executors show whole milliseconds.",
    "terminal-failures-keep-what-was-done": "No executor of the palette fails as if it were not registered.",
    "unreadable-timers-are-dropped": "The palette reads all timers that it stores.",
    "nothing-found-is-retried": "No executor of an outbound task fails with NotFound.",
    "timer-tasks-are-never-stale": "The task of the queue that refresh has added fires the same timers.",
    "equal-deadlines-are-apart": "Timers with equal deadlines fire together in any case.",
    "refresh-updates-versions": "When a machine last transitioned is what only a sync shows.",
    "transitions-are-not-dated": "When a machine last transitioned is what only a sync shows.",
    "everything-is-updated": "When a machine last transitioned is what only a sync shows.",
    "passive-cells-forget-concurrent-timers": "The palette has no concurrent tasks.",
    "concurrent-tasks-have-a-count": "The palette has no concurrent tasks.",
    "concurrent-tasks-are-superseded": "The palette has no concurrent tasks.",
    "events-are-applied-at-the-version-here": "No third cluster learns when an event took place.",
    "sync-goes-on-where-regeneration-fails": "The palette regenerates the tasks of all machines that it reads.",
    "ids-are-used-again": "The IDs of tasks are not observed.",
}
"""Mutants that the adapter cannot show to be wrong, and why."""


SERVED = {
    name: mutant
    for name, mutant in FRAMEWORK_MUTANTS.items()
    if mutant.requirement.startswith(OFFERED) and name not in BEYOND
}
"""The mutants that are served and scored, by name."""
