"""The messages of the adapter protocol: one JSON object a line, requests on stdin, answers on stdout."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program

PROTOCOL_VERSION = 1

Capability = Literal[
    "transitions",
    "collections",
    "outputs",
    "tasks",
    "kinds",
    "executors",
    "refs",
    "identity",
    "panics",
    "wire",
    "empty_data",
    "objects",
    "deep_scripts",
    "transactions",
    "refresh",
    "timers",
    "outbound",
    "failover",
    "replication",
]
Dialect = Literal["v1.24", "v1.25"]


Label = Annotated[str, Meta(max_length=200)]
"""A text of the handshake, which reports print."""


class Hello(Struct, frozen=True, forbid_unknown_fields=True):
    """The handshake's request: the version of the protocol that the runner speaks."""

    protocol: int = PROTOCOL_VERSION


class HelloRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The first line that an adapter reads. ``seq`` is 0."""

    seq: int
    hello: Hello


class Greeting(Struct, frozen=True, omit_defaults=True):
    """Who the implementation is, and which optional parts of the vocabulary it offers.

    ``dialect`` is the wire dialect of its persisted form, required with the capability ``wire``.
    """

    protocol: int
    name: Label
    version: Label
    language: Label
    capabilities: tuple[Capability, ...] = ()
    dialect: Dialect | None = None


class HelloAnswer(Struct, frozen=True):
    """The first line that an adapter writes."""

    seq: int
    hello: Greeting


class BatchRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Programs to run, each in a fresh world. Sequence numbers count up from 1; several may be in flight."""

    seq: int
    programs: tuple[Program, ...]


class BatchAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """For each program of the request with this ``seq``, in order, one observation for each operation, in order."""

    seq: int
    observations: tuple[tuple[Observation, ...], ...]


class ProtocolErrorAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """An adapter's response to a line that it cannot understand. It then goes on with the next line."""

    seq: int | UnsetType = UNSET
    protocol_error: str = ""
