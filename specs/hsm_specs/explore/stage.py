"""A stage: a world that can be put into any state of an exploration, to see what each action does there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import UNSET

from hsm_model.framework.state import World as Workflows
from hsm_model.node import Node, Tree, new_root
from hsm_model.registry import Registry
from hsm_model.semantics import Semantics
from hsm_model.state import Key, NodeState, Path, TreeState, find, put
from hsm_specs.explore.actions import ROOT_TYPE, Action
from hsm_specs.explore.scope import Scope
from hsm_specs.language.observations import Observation
from hsm_specs.language.palette import NOT_DESERIALIZABLE, PaletteDefinition, class_of
from hsm_specs.oracle.world import Excluded, Unspecified, World

POISON = b":%d" % NOT_DESERIALIZABLE


class State(NamedTuple):
    """A state of an exploration.

    The tree, whether the late type is registered, whether the tree was rehydrated, and at which places data came from
    persistence that does not deserialize.

    Of a workflow, the tree is the one that the next access finds, and ``workflow`` has all else.
    """

    tree: TreeState
    late: bool = False
    rehydrated: bool = False
    poisoned: tuple[int, ...] = ()
    workflow: Workflows | None = None


class Stage:
    """A world whose tree can be put into any state, with a node for each place at hand."""

    def __init__(self, scope: Scope, semantics: Semantics, without: frozenset[str]) -> None:
        self.counts = (0, 0)
        """How often the last action has loaded a workflow and written it: trees are no workflows."""
        self._scope = scope
        self._semantics = semantics
        self._places: list[Path] = [tuple(Key(*key) for key in place) for place in scope.places]
        self._worlds = {late: self._world(World(semantics, without), late) for late in (False, True)}
        self._enabled: dict[tuple[bool, ...], list[tuple[int, Action]]] = {}

    def _registry(self, late: bool) -> Registry:
        registry = Registry(self._semantics)
        for type_id in [*self._scope.types(), *([self._scope.late] if late else [])]:
            registry.register_machine(PaletteDefinition(type_id, 0))
        return registry

    def _world(self, world: World, late: bool) -> tuple[World, Tree]:
        registry = world.registries[0] = self._registry(late)
        root = new_root(registry, ROOT_TYPE, class_of(ROOT_TYPE)(0, 0))
        world.nodes[0] = root
        for index, place in enumerate(self._places[1:], 1):
            parent = world.nodes[self._places.index(place[:-1])]
            definition = registry.machine(place[-1].type) or PaletteDefinition(place[-1].type, 0)
            world.nodes[index] = Node(root.tree, place[-1], parent, definition)
        return world, root.tree

    def first(self) -> State:
        """Return the state of a new root."""
        return State(self._worlds[False][1].state)

    def successors(
        self, state: State, actions: tuple[Action, ...]
    ) -> Iterator[tuple[int, tuple[Observation, ...], State]]:
        """Yield each specified action in a state: its index, its answer and the state afterwards."""
        world, tree = self._worlds[state.late]
        nodes, handles, machines = dict(world.nodes), dict(tree.handles), world.machines
        before, registry, observe = state.tree, world.registries[0], world.observe
        tree.state = before
        world.rehydrated = {tree: self._origin(state)}
        present = tuple([find(before.root, place) is not None for place in self._places])
        for index, action in self._enabled_actions(present, actions):
            renews = action.registers or action.rehydrates
            if renews:
                world.registries[0] = self._registry(state.late)
            try:
                observations = tuple([observe(operation) for operation in action.operations])
            except (Unspecified, Excluded):
                observations = ()
            machines.clear()
            after = world.nodes[0].tree.state if action.rehydrates else tree.state
            if after is before and not renews:
                if observations:
                    yield index, observations, state
                continue
            tree.state = before
            world.nodes, tree.handles = dict(nodes), dict(handles)
            for node in nodes.values():
                node.gone = False
            if renews:
                world.registries[0] = registry
            if observations:
                late = state.late or (action.registers and observations[-1].ok is not UNSET)
                poisoned = self._poisoned(after) if action.rehydrates else state.poisoned
                changed = State(after, late, state.rehydrated or action.rehydrates, poisoned)
                yield index, observations, state if changed == state else changed

    def _poisoned(self, state: TreeState) -> tuple[int, ...]:
        """Return the places, below the root, whose data does not deserialize."""
        return tuple(
            index
            for index, place in enumerate(self._places)
            if place and (node := find(state.root, place)) is not None and node.data.endswith(POISON)
        )

    def _origin(self, state: State) -> NodeState:
        """Return what the tree may have been rehydrated from: as it is, but for data that was never in persistence."""
        root = state.tree.root
        for index in self._poisoned(state.tree):
            node = find(root, self._places[index])
            if index not in state.poisoned and node is not None:
                root = put(root, self._places[index], node._replace(data=b""))
        return root

    def _enabled_actions(self, present: tuple[bool, ...], actions: tuple[Action, ...]) -> list[tuple[int, Action]]:
        found = self._enabled.get(present)
        if found is None:
            there = {place for place, is_there in enumerate(present) if is_there}
            found = self._enabled[present] = [
                (index, action)
                for index, action in enumerate(actions)
                if action.needs <= there and (action.lacks is None or action.lacks not in there)
            ]
        return found
