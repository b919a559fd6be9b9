"""The framework around the tree: environment, commit, queues, refresh and replication as an executable model."""

from hsm_model.framework.environment import Environment
from hsm_model.framework.framework import Cell, EventDefinition, Framework, Inspection, TimerExecutor
from hsm_model.framework.queues import Delivery
from hsm_model.framework.semantics import FRAMEWORK_SPECIFICATION, FrameworkSemantics
from hsm_model.framework.state import Fate, OutboundTask, StoreError, TimerTask, When, World, instant, milliseconds

__all__ = [
    "FRAMEWORK_SPECIFICATION",
    "Cell",
    "Delivery",
    "Environment",
    "EventDefinition",
    "Fate",
    "Framework",
    "FrameworkSemantics",
    "Inspection",
    "OutboundTask",
    "StoreError",
    "TimerExecutor",
    "TimerTask",
    "When",
    "World",
    "instant",
    "milliseconds",
]
