"""The specification of an operation: everything the suite needs to know about it beyond its members.

Types describe members and values (`hsm_specs.language.shapes`). Schema, protocol document, capabilities, generator,
dependencies, shrinker, comparison, rendering, attribution and traces derive what they need from both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from hsm_specs.language.messages import Capability
    from hsm_specs.language.observations import Observation
    from hsm_specs.language.operations import AnyOperation
    from hsm_specs.language.shapes import Data, Key, Path, Script, Task, TransitionSpec


class Builder(Protocol):
    """A random program under construction, as `Choice` sees it. The values that it returns are random."""

    @property
    def random(self) -> Random:
        """The source of all that is chosen."""

    @property
    def panics(self) -> bool:
        """Whether functions may panic."""

    def run(self, operation: AnyOperation) -> Observation:
        """Append an operation and return its predicted observation."""

    def fresh(self) -> int:
        """Return a handle that nothing is bound to."""

    def fresh_inside(self) -> int:
        """Return a handle that nothing is bound to, for use inside a function."""

    def bound(self, handle: int) -> None:
        """Let later operations use a node's handle, if it was bound."""

    def root(self) -> int:
        """Return the handle of the first root."""

    def node(self) -> int:
        """Return the handle of a node."""

    def machine(self) -> int:
        """Return the handle of a machine."""

    def cell(self) -> int:
        """Return the handle of a cell."""

    def standby(self) -> int:
        """Return the handle of a cell of the cluster in which the namespace is not active at first."""

    def version(self) -> int:
        """Return a failover version, which a machine may have."""

    def workflow(self) -> int:
        """Return the handle of a workflow."""

    def path(self, node: int) -> Path:
        """Return the path of a node."""

    def type(self) -> int:
        """Return a type, which need not be registered."""

    def task_type(self) -> int:
        """Return a type of tasks."""

    def id(self) -> str:
        """Return an ID."""

    def key(self) -> Key:
        """Return a key."""

    def data(self) -> Data:
        """Return data, which need not serialize."""

    def task(self) -> Task:
        """Return a task."""

    def tasks(self, most: int) -> tuple[Task, ...]:
        """Return fewer than ``most`` tasks."""

    def transition(self) -> TransitionSpec:
        """Return a transition."""

    def function(self, node: int) -> tuple[Script, int]:
        """Return the function of a transition of a node: its script, and the handle for the node's data."""

    def transitioned(self) -> None:
        """Let later operations use what the last function has bound."""


class Choice(NamedTuple):
    """One way for a random program to come to an operation. Weights are relative to those of all choices.

    ``choose`` returns the operation, or runs it and returns None if something remains to be done afterwards. Without
    it, the generator chooses each member by its domain.
    """

    weight: int
    choose: Callable[[Any], AnyOperation | None] | None = None


class Inner(NamedTuple):
    """The observations inside an operation's own: those of the function, then those of the operations of a script.

    Before its script runs, a function notes what it was called with: one observation for each shape in ``notes``. The
    script is the operation's own unless ``script`` finds it, given the earlier operations and this one.
    """

    notes: tuple[Any, ...] = ()
    script: Callable[[Sequence[AnyOperation], Any], Script | None] | None = None


class Modelled(NamedTuple):
    """The model's part in an operation that asks no rule: the name in the model, and what it makes true."""

    name: str
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationSpec:
    """Facts about an operation beyond its members.

    - ``reads``: the operation as a call in a finding. Members stand in braces and are written as their domain wants.
    - ``value``: the shape of ``ok``.
    - ``about``: the requirement that a wrong value breaks first of all.
    - ``example``: a short program for PROTOCOL.md. It runs where registry 0 has the types 1 and 2, node 0 is a root of
      type 1, node 1 its child with the key ``[2, "a"]``, and machine 0 has the data ``[0, 5]``.
    - ``choices``: how random programs come to it. Empty if they never do by themselves.
    - ``refusals``: by error code, the requirement that demands the error.
    - ``modelled``: what the model does for it without asking a rule of the semantics.
    - ``capability``: what an implementation must offer to be sent it.
    - ``delegates_to``: the name of the operation that it is made of.
    - ``inner``: the observations inside its own, if it calls a function.
    - ``function``: the function that it takes, as text in a finding.
    - ``null``: a null value, as text in a finding.
    - ``fixes_values``: whether it depends on values that stand in no member, such as times. Its programs keep theirs.
    - ``sets_up``: whether it only prepares things for later operations, so that its success says little. If all that it
      prepares is a node that it need not bind, it only counts if a later operation uses that node.
    - ``palette_only``: whether recordings of real systems never have it, since its value depends on how the palette
      serializes, or since nothing records it.
    """

    reads: str
    value: Any
    about: str
    example: Callable[[], Sequence[AnyOperation]]
    choices: tuple[Choice, ...]
    refusals: Mapping[str, str] = field(default_factory=dict)
    modelled: Modelled | None = None
    capability: Capability | None = None
    delegates_to: str | None = None
    inner: Inner | None = None
    function: Callable[[Any], str] | None = None
    null: str = "success"
    fixes_values: bool = False
    sets_up: bool = False
    palette_only: bool = False
