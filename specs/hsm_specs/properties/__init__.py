"""The directed properties: for each requirement that can be shown, programs and the evidence in them."""

from hsm_specs.properties import (
    addition,
    alphabet_nodes,
    alphabet_registries,
    alphabet_transitions,
    collection,
    data,
    executor,
    histories,
    machine_transition,
    node,
    outputs,
    registry,
    rollback,
    sizes,
    tasks,
    transition,
)
from hsm_specs.properties.property import PROPERTIES, Case, Property

__all__ = [
    "PROPERTIES",
    "Case",
    "Property",
    "addition",
    "alphabet_nodes",
    "alphabet_registries",
    "alphabet_transitions",
    "collection",
    "data",
    "executor",
    "histories",
    "machine_transition",
    "node",
    "outputs",
    "registry",
    "rollback",
    "sizes",
    "tasks",
    "transition",
]
