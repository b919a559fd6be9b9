"""The package under test: the functions that a recorder calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hsm_model.collection import new_collection
from hsm_model.node import machine_data, machine_transition, new_root
from hsm_model.registry import new_registry
from hsm_model.transition import new_transition


@dataclass(frozen=True)
class Package:
    """Functions with the signatures of the model's, which are the default. Nodes and the like have its methods too.

    An error of the package has a ``code``, one of those that the adapter protocol names.
    """

    new_registry: Callable[[], Any] = new_registry
    new_root: Callable[..., Any] = new_root
    machine_data: Callable[[Any, Any], Any] = machine_data
    machine_transition: Callable[[Any, Any, Callable[[Any], Any]], None] = machine_transition
    new_collection: Callable[[Any, Any, Any], Any] = new_collection
    new_transition: Callable[[Any, Any, Callable[[Any, Any], Any]], Any] = new_transition
