"""The client's side of the adapter protocol: a command, its process group, its pipes, its answers."""

from hsm_specs.adapter.answers import decode_observations
from hsm_specs.adapter.client import Adapter
from hsm_specs.adapter.in_process import Client, InProcess
from hsm_specs.adapter.recovering import LossKind, RecoveringAdapter, SameImplementation
from hsm_specs.adapter.streams import Limits, Timeouts

__all__ = [
    "Adapter",
    "Client",
    "InProcess",
    "Limits",
    "LossKind",
    "RecoveringAdapter",
    "SameImplementation",
    "Timeouts",
    "decode_observations",
]
