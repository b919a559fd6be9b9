"""Deliberately wrong frameworks: each is the plain one with one part that has a bug."""

from plain_mutants.framework import (
    commit,
    environment,
    outbound,
    references,
    refresh,
    replication,
    schedule,
    tasks,
    timers,
)
from plain_mutants.framework.mutant import FRAMEWORK_MUTANTS, FrameworkMutant

__all__ = [
    "FRAMEWORK_MUTANTS",
    "FrameworkMutant",
    "commit",
    "environment",
    "outbound",
    "references",
    "refresh",
    "replication",
    "schedule",
    "tasks",
    "timers",
]
