"""A world: the reference model run on operations, predicting what each of them must return.

A prediction ends where the specification does: an operation about whose outcome the documentation is silent raises
`Unspecified`, one that needs a feature that is switched off `Excluded`. The world must not be used after either.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

from msgspec import UNSET
from mypy_extensions import mypyc_attr

from hsm_model.errors import HsmError, NodeIsGone
from hsm_model.framework.errors import FrameworkError
from hsm_model.framework.semantics import FrameworkSemantics, framework_rules
from hsm_model.node import Node, Tree
from hsm_model.registry import Registry
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.state import NodeState
from hsm_specs.language.messages import Dialect
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import AnyOperation, Program, Script
from hsm_specs.language.palette import PaletteError, ScriptPanic
from hsm_specs.oracle.world.unspecified import Excluded, Frame, Slot, Unspecified

NULL: Final = Observation(ok=None)
BOOLEAN: Final = (Observation(ok=False), Observation(ok=True))
UNBOUND: Final = Observation(unbound=True)
PANIC = "panic"


class Unbound(Exception):
    """A handle is bound to nothing."""


Handler = Callable[["World", Any], Observation]
HANDLERS: Final[dict[type, Handler]] = {}
"""The function that runs each operation, by the operation's class."""
F = TypeVar("F", bound=Handler)


def runs(operation: type) -> Callable[[F], F]:
    """Make a function the one that runs an operation."""

    def register(handler: F) -> F:
        HANDLERS[operation] = handler
        return handler

    return register


@mypyc_attr(allow_interpreted_subclasses=True)
class World:
    """Registries, nodes and machines by handle, and the model's answers to operations on them.

    ``without`` names features (`FEATURES`) that are switched off; ``dialect`` is that of ``marshal`` and ``load``.
    """

    __slots__ = (
        "calls",
        "cells",
        "collections",
        "dialect",
        "fraction",
        "frames",
        "framework_rules",
        "frameworks",
        "machines",
        "nodes",
        "other_events",
        "read_only",
        "registries",
        "rehydrated",
        "scripts",
        "semantics",
        "transitions",
        "without",
        "workflows",
    )

    def __init__(
        self,
        semantics: Semantics = SPECIFICATION,
        without: frozenset[str] = frozenset(),
        dialect: Dialect = "v1.25",
    ) -> None:
        self.framework_rules: FrameworkSemantics = framework_rules(semantics)
        self.semantics = semantics
        self.without = without
        self.dialect: Dialect = dialect
        self.registries: dict[int, Registry] = {}
        self.nodes: dict[int, Node] = {}
        self.machines: dict[int, Slot] = {}
        self.collections: dict[int, Any] = {}
        self.transitions: dict[int, Any] = {}
        self.scripts: list[Any] = []
        """The functions of kept transitions that are being applied, the innermost last."""
        self.frames: list[Frame] = []
        self.read_only = False
        self.rehydrated: dict[Tree, NodeState] = {}
        self.frameworks: dict[Registry, Any] = {}
        """The framework around the trees of each registry that has cells."""
        self.cells: dict[int, Any] = {}
        self.workflows: set[int] = set()
        """The handles that are bound to workflows."""
        self.other_events: set[Any] = set()
        """The keys of workflows that have had a workflow task, so that events of other kinds are in their histories."""
        self.calls: list[Any] = []
        """The calls of executors by the queue that is delivering, as they are shown."""
        self.fraction = 0
        """The microseconds by which deadlines of timers are later than programs say."""

    def observe(self, operation: AnyOperation) -> Observation:
        """Return the predicted observation of the operation. Raise `Unspecified` and `Excluded`."""
        try:
            return HANDLERS[type(operation)](self, operation)
        except Exception as error:
            return failure(error)

    def close(self) -> None:
        """Forget everything. Trees and their nodes refer to each other, which only a collector would find out."""
        for node in self.nodes.values():
            node.tree.handles.clear()
        self.nodes.clear()
        self.machines.clear()
        self.collections.clear()
        self.transitions.clear()
        self.registries.clear()
        self.cells.clear()
        self.frameworks.clear()

    def attempt(self, call: Callable[[list[Observation]], Observation]) -> Observation:
        """Run a call that may run functions, which note their observations in the list that it is given."""
        inner: list[Observation] = []
        try:
            observation = call(inner)
        except Exception as error:
            observation = failure(error)
        if not inner:
            return observation
        return Observation(ok=observation.ok, error=observation.error, panic=observation.panic, inner=tuple(inner))

    def perform(self, script: Script, inner: list[Observation]) -> None:
        """Run a script. Raise `PaletteError` or `ScriptPanic` as it says."""
        for operation in script.ops:
            observation = self.observe(operation)
            inner.append(observation)
            if observation.panic is not UNSET:
                raise ScriptPanic
        if script.fail is not None:
            raise ScriptPanic if script.fail == "panic" else PaletteError(script.fail)

    def registry(self, handle: int) -> Registry:
        """Return the registry of a handle. Raise `Unbound`."""
        registry = self.registries.get(handle)
        if registry is None:
            raise Unbound
        return registry

    def registry_to_change(self, handle: int) -> Registry:
        """Return the registry of a handle, to be changed. Raise `Unbound`, `Unspecified`."""
        registry = self.registry(handle)
        if self.frames or self.read_only:
            raise Unspecified("REG-THREAD-1", "a registry is changed inside a function")
        return registry

    def node(self, handle: int) -> Node:
        """Return the node of a handle. Raise `Unbound`, `Unspecified`."""
        node = self.nodes.get(handle)
        if node is None:
            raise Unbound
        if node.gone:
            raise Unspecified("NODE-GONE-1", "a node is used that a rollback took away")
        return node

    def node_to_change(self, handle: int) -> Node:
        """Return the node of a handle, to be changed. Raise `Unbound`, `Unspecified`."""
        node = self.node(handle)
        if self.read_only:
            raise Unspecified("ENV-ACCESS-3", "an accessor with read access changes state")
        if self.frames and node.tree is not self.frames[-1].tree:
            raise Unspecified("MT-TREE-1", "another tree is changed inside a transition")
        return node

    def machine(self, handle: int) -> Slot:
        """Return the machine of a handle. Raise `Unbound`."""
        slot = self.machines.get(handle)
        if slot is None:
            raise Unbound
        return slot


def failure(error: Exception) -> Observation:
    """Return the observation of an exception. Raise it again if no operation can end in it."""
    match error:
        case NodeIsGone():
            raise Unspecified("NODE-GONE-1", "a node is used that a rollback took away") from error
        case HsmError() | PaletteError() | FrameworkError():
            return Observation(error=error.code)
        case Unbound():
            return UNBOUND
        case ScriptPanic():
            return Observation(panic=PANIC)
        case _:
            raise error


def predict(
    program: Program,
    semantics: Semantics = SPECIFICATION,
    without: frozenset[str] = frozenset(),
    dialect: Dialect = "v1.25",
) -> tuple[Observation, ...]:
    """Return the predicted observations of a program, as far as the specification says anything.

    One observation for each operation, fewer if what comes next is unspecified.
    """
    world = World(semantics, without, dialect)
    observations: list[Observation] = []
    with suppress(Unspecified, Excluded):
        observations.extend(map(world.observe, program))
    world.close()
    return tuple(observations)
