"""Properties of the framework around the tree: of workflows in a store, their queues and their clusters."""

from hsm_specs.properties.workflows import (
    access,
    commit,
    failover,
    outbound,
    refresh,
    replication,
    staleness,
    timers,
)

__all__ = ["access", "commit", "failover", "outbound", "refresh", "replication", "staleness", "timers"]
