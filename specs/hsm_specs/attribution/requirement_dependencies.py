"""Reliance: which requirements must be kept for another one to be shown at all.

Where a requirement is broken, those that rely on it go red with it. What is then broken is the one that the others rely
on: a child that is added in the wrong place is in the wrong place for everything that is done with children later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from types import MappingProxyType

from hsm_specs.catalogue.requirements import load_catalogue

RELIES: tuple[tuple[str, str], ...] = (
    # registries and execution
    ("REG-MACHINE REG-TASK REG-EXEC REG-MAPS REG-LATE", "REG-NEW"),
    ("REG-MACHINE-4", "REG-MACHINE-1"),
    ("REG-TASK-4", "REG-TASK-1"),
    ("REG-EXEC-4 EXEC ENV", "REG-EXEC-1 REG-MAPS"),
    ("EXEC-RUN-3 ENV", "EXEC-RUN-1"),
    ("EXEC-RUN-3", "ENV-ACCESS-1"),
    ("EXEC-ARGS-1 ENV-ACCESS-1", "REF-PATH-1"),
    ("ENV-ACCESS-1", "NODE-CHILD-1 ROOT-NEW-1"),
    ("TASK-SERIAL TASK-KIND", "REG-TASK-1"),
    # machines apart from trees
    ("TRANS MACH-TASKS MT-RUN-1 ROOT-NEW-1", "MACH-STATE-1"),
    ("TRANS-APPLY", "TRANS-POSSIBLE-1 TRANS-NEW-1"),
    ("TRANS-APPLY-4", "TRANS-APPLY-1"),
    (
        "TRANS-KEEP-1",
        "TRANS-POSSIBLE-1 TRANS-APPLY-1 TRANS-APPLY-2 TRANS-APPLY-4 TRANS-APPLY-6 TRANS-APPLY-9 TRANS-NEW-1",
    ),
    ("TRANS-APPLY-5 TRANS-APPLY-7 TRANS-APPLY-8", "TRANS-APPLY-1 TRANS-APPLY-4"),
    # making, adding and finding nodes
    ("ROOT-NEW-2 ROOT-NEW-3 ROOT-NEW-4 NODE-ADD-1", "ROOT-NEW-1"),
    ("ROOT-NEW-5", "ROOT-NEW-3 ROOT-NEW-4"),
    ("NODE-ADD-2 NODE-ADD-3 NODE-ADD-4 NODE-ADD-5 NODE-ADD-7 NODE-KEY NODE-PARENT NODE-COUNT NODE-CHILD", "NODE-ADD-1"),
    ("NODE-ADD-5 NODE-ADD-6", "NODE-ADD-2 NODE-ADD-3 NODE-ADD-4"),
    ("NODE-ADD-5", "NODE-COUNT-1"),
    ("NODE-PATH-1", "NODE-KEY-1 NODE-PARENT-1"),
    ("NODE-CHILD-3 NODE-CHILD-4 NODE-CHILD-5 NODE-CHILD-6 NODE-CHILD-7 NODE-CHILD-8", "NODE-CHILD-1 NODE-CHILD-2"),
    ("ROOT-LOAD", "NODE-ADD-1 NODE-COUNT-1"),
    ("NODE-ADD-8 NODE-ADD-9 NODE-CHILD-1 NODE-CHILD-5 NODE-CHILD-7 DATA-READ-2", "ROOT-LOAD-1"),
    # data and transitions
    ("DATA-READ-1", "NODE-ADD-1"),
    ("DATA-READ-2 DATA-CAST MT-RUN-1", "DATA-READ-1"),
    ("DATA-CAST-2 DATA-CAST-3 MT-FAIL-3", "DATA-CAST-1"),
    ("DATA-CAST-3 MT-FAIL-4", "DATA-READ-2"),
    ("MT-FAIL MT-NESTED MT-ROLLBACK", "MT-RUN-1"),
    ("MT-FAIL-2 MT-NESTED", "MT-COMMIT-1"),
    ("NODE-COUNT-1 MT-NESTED", "MT-COMMIT-2"),
    ("MT-NESTED-2", "NODE-COUNT-1"),
    ("DIRTY", "MT-COMMIT-3"),
    ("OUT-LIST TASK-CARRY-1 MT-NESTED-2", "MT-COMMIT-4"),
    ("MT-NESTED-2 MT-ROLLBACK CLEAR TASK-ATOMIC", "OUT-LIST-1 OUT-LIST-2 OUT-LIST-3"),
    ("MT-ROLLBACK CLEAR-TREE-3", "DIRTY-TREE-1 DIRTY-TREE-2"),
    ("DIRTY-TREE-1 DIRTY-TREE-2", "CLEAR-TREE-2"),
    ("DIRTY-TREE-3", "DIRTY-TREE-1"),
    ("MT-ROLLBACK-3", "OUT-LIST-4"),
    ("OUT-LIST MT-COMMIT-4", "NODE-PATH-1"),
    # rollback
    ("MT-ROLLBACK", "MT-FAIL-1 NODE-COUNT-1 DATA-READ-1"),
    (
        "MT-ROLLBACK-6 MT-ROLLBACK-7 MT-ROLLBACK-8 MT-ROLLBACK-9 MT-ROLLBACK-11 MT-ROLLBACK-12",
        "MT-ROLLBACK-1 MT-ROLLBACK-2 MT-ROLLBACK-3 MT-ROLLBACK-4",
    ),
    ("MT-ROLLBACK-9 MT-ROLLBACK-11", "MT-ROLLBACK-6"),
    ("MT-ROLLBACK-6 MT-ROLLBACK-7 MT-ROLLBACK-8", "MT-NESTED-2"),
    ("MT-ROLLBACK-11", "MT-FAIL-2"),
    ("MT-ROLLBACK-12", "CLEAR-TREE-1 CLEAR-TREE-3"),
    ("TASK-ATOMIC-1", "MT-ROLLBACK-3 MT-ROLLBACK-11"),
    # clearing
    ("CLEAR-TREE-2 CLEAR-TREE-5", "CLEAR-TREE-1"),
    # collections
    ("COLL-ADD", "COLL-TYPE-1"),
    ("COLL-ADD-1", "NODE-ADD-1 NODE-CHILD-1"),
    ("COLL-ADD-2 COLL-ADD-3 COLL-NODE COLL-DATA COLL-LIST COLL-TRANS", "COLL-ADD-1"),
    ("COLL-ADD-2", "NODE-ADD-2"),
    ("COLL-ADD-3", "NODE-ADD-3 NODE-ADD-4 NODE-ADD-5"),
    ("COLL-NODE-1", "NODE-CHILD-1"),
    ("COLL-NODE-2", "NODE-CHILD-2"),
    ("COLL-DATA COLL-TRANS", "COLL-NODE-1 COLL-NODE-2"),
    ("COLL-DATA-1", "DATA-READ-1"),
    ("COLL-DATA-2", "DATA-CAST-1 DATA-READ-2"),
    ("COLL-LIST", "NODE-PATH-1 ROOT-LOAD-1"),
    ("COLL-TRANS-1", "MT-RUN-1 MT-COMMIT-1 MT-COMMIT-2 MT-COMMIT-3 MT-COMMIT-4"),
    ("COLL-KEEP-1", "COLL-ADD-1 COLL-NODE-1 COLL-DATA-1 COLL-LIST-1 COLL-LIST-2 COLL-TRANS-1 NODE-CHILD-1"),
    ("COLL-TRANS-2", "MT-FAIL MT-ROLLBACK-1 MT-ROLLBACK-2 DATA-CAST-1 DATA-READ-2"),
    # workflows
    (
        "ENV-READ-3 ENV-READ-4 ENV-ERROR-1 ENV-ERROR-2 ENV-PANIC REF-ACCESS COMMIT-ATOMIC-2 COMMIT-ATOMIC-3",
        "ENV-WRITE-1",
    ),
    ("ENV-WRITE-1", "COMMIT-ATOMIC-1"),
    (
        "ENV-WRITE-3 COMMIT-CLEAR COMMIT-REF COMMIT-QUEUE COMMIT-SUPERSEDED COMMIT-OWNER COMMIT-SERIALIZER",
        "COMMIT-ATOMIC-1",
    ),
    ("REF-COUNT REF-VERSION REF-RELOAD REF-LOADED", "REF-ACCESS-1"),
    ("REF-CALLED-1", "REF-COUNT-1 REF-VERSION-1"),
    ("REF-MISSING-2", "REF-MISSING-1"),
    ("COMMIT-OWNER-3", "COMMIT-ATOMIC-3"),
    ("COMMIT-OWNER-1 COMMIT-ERROR-1", "ENV-WRITE-2"),
    # replication
    ("REPL-EVENTS-1 REPL-TASKS REPL-NEWER REPL-COUNT REPL-MISSING REPL-INITIAL REPL-FAIL", "REPL-EVENTS-2"),
    ("REPL-TASKS REPL-NEWER-2 REPL-MISSING REPL-INITIAL REPL-FAIL REPL-EVENTS-1", "REPL-NEWER-1"),
    ("REPL-TASKS REPL-NEWER-2 REPL-FAIL", "REPL-COUNT-1"),
    ("REPL-INITIAL-1", "REPL-NEWER-2"),
    ("REPL-MISSING-1 REPL-INITIAL-1", "REPL-FAIL-1"),
    ("REPL-NEWER-2 REPL-FAIL REPL-EVENTS-1", "REPL-TASKS-1"),
    ("REPL", "COMMIT-ATOMIC COMMIT-REF COMMIT-QUEUE COMMIT-CLEAR COMMIT-ERROR COMMIT-OWNER-1 ENV-WRITE ENV-ERROR"),
    # queues
    ("REFRESH-TASKS-1", "REFRESH-STATE-1"),
    ("REFRESH-STALE REFRESH-TIMERS REFRESH-FAIL", "REFRESH-TASKS-1"),
    ("TIMER-PAST-1 OUTBOUND-DESTINATION-1", "COMMIT-ATOMIC-1"),
    ("OUTBOUND-DESTINATION-1", "COMMIT-QUEUE-1 COMMIT-REF-1"),
    (
        "REFRESH TIMER-DUE TIMER-ONCE TIMER-GROUP TIMER-BATCH TIMER-SKIP TIMER-TERMINAL TIMER-STALE TIMER-SCHEDULE"
        " TIMER-EARLY TIMER-FAR ENV-CLOCK OUTBOUND-EXECUTE OUTBOUND-FATE OUTBOUND-READ COMMIT-OWNER-2",
        "COMMIT-ATOMIC COMMIT-REF COMMIT-QUEUE COMMIT-CLEAR COMMIT-ERROR COMMIT-SERIALIZER COMMIT-OWNER-1 REF-COUNT"
        " REF-CALLED REF-ACCESS ENV-WRITE ENV-ERROR ENV-LOCK",
    ),
    (
        "TIMER-DUE TIMER-ONCE TIMER-GROUP TIMER-BATCH TIMER-SKIP TIMER-TERMINAL TIMER-STALE TIMER-SCHEDULE TIMER-EARLY"
        " TIMER-FAR",
        "ENV-CLOCK-1",
    ),
    ("TIMER-GROUP TIMER-BATCH TIMER-SKIP TIMER-TERMINAL TIMER-STALE TIMER-SCHEDULE-2", "TIMER-ONCE-1"),
    ("TIMER-SCHEDULE-1", "TIMER-GROUP-1"),
    ("TIMER-BATCH-1", "TIMER-SCHEDULE-1"),
    ("OUTBOUND-DESTINATION-2", "OUTBOUND-DESTINATION-1"),
    ("COMMIT-QUEUE-1 COMMIT-REF-1", "TIMER-PAST-1"),
    ("OUTBOUND-FATE OUTBOUND-READ OUTBOUND-DESTINATION-2 REFRESH-STALE ENV-CLOCK", "OUTBOUND-EXECUTE-1"),
    ("OUTBOUND-FATE-2 OUTBOUND-FATE-3 REFRESH-STALE", "OUTBOUND-FATE-1"),
    ("REFRESH-STALE", "OUTBOUND-FATE-2"),
    ("OUTBOUND-FATE-4 COMMIT-OWNER-2", "OUTBOUND-FATE-3"),
    ("COMMIT-OWNER-2 COMMIT-OWNER-4 COMMIT-OWNER-5", "COMMIT-OWNER-3"),
    # failovers
    (
        "COMMIT-PASSIVE COMMIT-VERSIONS ENV-READ-2 ENV-WRITE-4 REF-VERSION-2 TIMER-STANDBY OUTBOUND-STANDBY"
        " OUTBOUND-FAILBACK REFRESH-PASSIVE",
        "COMMIT-ATOMIC COMMIT-REF COMMIT-QUEUE COMMIT-CLEAR COMMIT-ERROR COMMIT-SERIALIZER COMMIT-OWNER-1 REF-COUNT"
        " REF-CALLED REF-ACCESS REF-VERSION-1 ENV-READ-1 ENV-WRITE-1 ENV-WRITE-2 ENV-ERROR ENV-LOCK",
    ),
    ("ENV-WRITE-4 TIMER-STANDBY OUTBOUND-STANDBY REFRESH-PASSIVE", "COMMIT-PASSIVE-1"),
    ("ENV-READ-2", "ENV-WRITE-4"),
    ("REF-VERSION-2", "COMMIT-VERSIONS-1"),
    ("TIMER-STANDBY", "TIMER-DUE-1 TIMER-ONCE-1 TIMER-STALE-1"),
    ("TIMER-STANDBY-3", "TIMER-STANDBY-1"),
    ("OUTBOUND-STANDBY OUTBOUND-FAILBACK", "OUTBOUND-EXECUTE-1 OUTBOUND-FATE-1 OUTBOUND-FATE-2"),
    ("REFRESH-PASSIVE-1", "REFRESH-TASKS-1"),
)
"""Requirements, or the beginnings of their IDs, and those that they rely on."""


@cache
def relied_on() -> Mapping[str, frozenset[str]]:
    """Return for each requirement all that it relies on, directly or through others."""
    direct: dict[str, set[str]] = {requirement: set() for requirement in load_catalogue()}
    for relying, relied in RELIES:
        for requirement in _named(relying):
            direct[requirement].update(_named(relied))
    closed = {requirement: frozenset(_closure(requirement, direct)) for requirement in direct}
    return MappingProxyType(closed)


def foundations(requirements: Collection[str]) -> frozenset[str]:
    """Return those of some requirements that rely on no other one of them."""
    among, relies = frozenset(requirements), relied_on()
    return frozenset(r for r in among if not (relies.get(r, frozenset()) & among) - {r})


def _named(text: str) -> list[str]:
    return [
        requirement for requirement in load_catalogue() if any(_matches(requirement, part) for part in text.split())
    ]


def _matches(requirement: str, part: str) -> bool:
    return requirement == part or requirement.startswith(part + "-")


def _closure(requirement: str, direct: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    pending = list(direct[requirement])
    while pending:
        other = pending.pop()
        if other not in found:
            found.add(other)
            pending.extend(direct[other])
    return found
