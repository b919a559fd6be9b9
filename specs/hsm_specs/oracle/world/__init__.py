"""The reference model run on operations: it predicts the answers to a program's operations."""

from hsm_specs.oracle.world import failover, queues, registry, replication, transactions, transition, tree
from hsm_specs.oracle.world.core import HANDLERS, World, predict
from hsm_specs.oracle.world.unspecified import FEATURES, Excluded, Unspecified

__all__ = [
    "FEATURES",
    "HANDLERS",
    "Excluded",
    "Unspecified",
    "World",
    "failover",
    "predict",
    "queues",
    "registry",
    "replication",
    "transactions",
    "transition",
    "tree",
]
