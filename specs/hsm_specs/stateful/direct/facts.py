"""Plain facts about trees, and the invariants that hold for every tree whatever is done to it.

Nothing here predicts by the model: a fact is a number, a value or a list that a rule notes when an operation succeeds,
and a failed operation is compared with what was seen before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import NamedTuple

from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, initialize, invariant, multiple, rule

import hsm_model as hsm  # by name at each call, so that a mutant can replace a part of it
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.stateful.direct import vocabulary as some
from hsm_specs.stateful.direct.vocabulary import Definition, Function, Machine

Path = tuple[hsm.Key, ...]
MOST_NODES = 20
"""No operation adds a node to a larger tree, so that an invariant takes little time."""
MOST_GONE = 6
"""So many of the nodes that rollbacks took away are looked at again, to the end of the example."""


class Violation(AssertionError):
    """The model does not do what the documentation says. ``requirement`` is the ID of what it violates."""

    def __init__(self, requirement: str, expected: object, observed: object) -> None:
        statement = load_catalogue()[requirement].statement
        super().__init__(f"{requirement}: {statement}\n    expected: {expected!r}\n    observed: {observed!r}")
        self.requirement = requirement


def demand(requirement: str, expected: object, observed: object) -> None:
    """Raise `Violation` unless both are equal. Of two mappings, the error shows the entries that differ."""
    if expected == observed:
        return
    if isinstance(expected, dict) and isinstance(observed, dict):
        differ = [
            key for key in {**expected, **observed} if expected.get(key) != observed.get(key) or key not in expected
        ]
        expected = {key: expected[key] for key in differ if key in expected}
        observed = {key: observed[key] for key in differ if key in observed}
    raise Violation(requirement, expected, observed)


def demand_rolled_back(before: dict[str, Seen], after: dict[str, Seen]) -> None:
    """Raise `Violation` unless both snapshots of a tree are equal, for the requirement that the difference concerns."""
    demand(
        "MT-ROLLBACK-5",
        *(
            {path: seen for path, seen in look.items() if path not in other}
            for look, other in ((before, after), (after, before))
        ),
    )
    for member, requirement in enumerate(("MT-ROLLBACK-1", "MT-ROLLBACK-2", "MT-ROLLBACK-3", "MT-ROLLBACK-4")):
        demand(requirement, *({path: seen[member] for path, seen in look.items()} for look in (before, after)))


def raised(operation: Callable[[], object]) -> BaseException | None:
    """Return what an operation raises, interrupts included, or None."""
    try:
        operation()
    except Violation:
        raise
    except BaseException as error:  # a rule compares it with what is expected
        return error
    return None


def outcome(operation: Callable[[], object]) -> object:
    """Return what an operation returns, or the error that it raises."""
    returned: list[object] = []
    error = raised(lambda: returned.append(operation()))
    return returned[0] if error is None else error


def kind(error: BaseException | None) -> str:
    """Return the name of an error's class."""
    return "no error" if error is None else type(error).__name__


@dataclass(eq=False)
class Place:
    """A node, and the plain facts about it."""

    tree: Tree
    path: Path
    node: hsm.Node
    data: Machine | None
    """The data that the last transition left; None where the documentation leaves it open."""
    transitions: int = 0
    """How many have succeeded."""
    outputs: list[hsm.TransitionOutput] = field(default_factory=list)
    """Those of the transitions since the last clearing, in order."""
    present: bool = True

    def __repr__(self) -> str:
        return f"<{text(self.path)}>"

    def is_below(self, other: Place) -> bool:
        """Return whether this is the other place or one below it."""
        return self.path[: len(other.path)] == other.path


class Seen(NamedTuple):
    """The facts about one node that operations show."""

    transitions: int | None
    data: bytes | None
    outputs: tuple[hsm.TransitionOutput, ...]
    dirty: bool | None


@dataclass(eq=False)
class Tree:
    """A tree, its nodes by path, and the nodes that rollbacks took away."""

    registry: hsm.Registry
    places: dict[Path, Place] = field(default_factory=dict)
    gone: list[Place] = field(default_factory=list)

    @property
    def root(self) -> hsm.Node:
        return self.places[()].node

    def grow(self, parent: Place, keys: list[hsm.Key], machine: Machine) -> list[Place]:
        """Add a chain of nodes. Where one is there already, go on below it. Return the new ones."""
        new: list[Place] = []
        for key in keys:
            path = (*parent.path, key)
            known = self.places.get(path)
            if known is None and len(self.places) >= MOST_NODES:
                break
            if known is None:
                known = Place(self, path, parent.node.add_child(key, machine), copy(machine))
                self.places[path] = known
                new.append(known)
            parent = known
        return new

    def clear(self, place: Place) -> None:
        """Clear, and note that no outputs are left."""
        place.node.clear_transaction_state()
        for below in self.places.values():
            if below.is_below(place):
                below.outputs.clear()

    def look(self) -> dict[str, Seen]:
        """Return a snapshot of all that the tree tells of itself: what persists, outputs and dirtiness."""
        outputs = dict(self.root.outputs())
        seen: dict[str, Seen] = {}
        pending: list[tuple[Path, hsm.NodeState]] = [((), self.root.persisted())]
        while pending:
            path, node = pending.pop()
            place = self.places.get(path)
            dirty = None if place is None else place.node.dirty()
            seen[text(path)] = Seen(node.transition_count, node.data, outputs.pop(path, ()), dirty)
            pending += [((*path, key), child) for key, child in node.children.items()]
        for path, left in outputs.items():
            seen[text(path)] = Seen(None, None, left, None)
        return seen

    def facts(self) -> list[tuple[Place, Machine | None, int, list[hsm.TransitionOutput]]]:
        """Return the facts about all nodes."""
        return [(place, place.data, place.transitions, [*place.outputs]) for place in self.places.values()]

    def restore(self, facts: list[tuple[Place, Machine | None, int, list[hsm.TransitionOutput]]]) -> None:
        """Forget what a failed operation did: the facts are those from before it."""
        before = {place for place, *_ in facts}
        for place in [place for place in self.places.values() if place not in before]:
            place.present = False
            if len(self.gone) < MOST_GONE:
                self.gone.append(place)
            del self.places[place.path]
        for place, data, transitions, outputs in facts:
            place.data, place.transitions, place.outputs = data, transitions, outputs


class TreeMachine(RuleBasedStateMachine):
    """Trees that grow and transition, and the invariants that the documentation states for every tree."""

    places: Bundle[Place] = Bundle("places")
    nodes = places.filter(lambda place: place.present)
    """The places that no rollback has taken away."""

    def __init__(self) -> None:
        super().__init__()
        self.trees: list[Tree] = []
        self.handed: list[Machine] = []
        """Data that functions of transitions were handed."""

    @initialize(target=places, data=some.data)
    def begin(self, data: Machine) -> Place:
        """A registry with all types, and a root."""
        registry = hsm.new_registry()
        for type_id in some.TYPES:
            registry.register_machine(Definition(type_id))
        tree = Tree(registry)
        return self.keep(tree, Place(tree, (), hsm.new_root(registry, some.TYPES[0], data), copy(data)))

    def keep(self, tree: Tree, root: Place) -> Place:
        """Note a new tree."""
        tree.places[()] = root
        self.trees.append(tree)
        return root

    @rule(target=places, parent=nodes, keys=some.paths, data=some.data)
    def add(self, parent: Place, keys: list[hsm.Key], data: Machine) -> MultipleResults[Place]:
        """A child with a child of its own, and so on."""
        return multiple(*parent.tree.grow(parent, keys, data))

    def transition(self, place: Place, function: Function) -> list[Place]:
        """Make a transition. Return the nodes that it added. Demand the failure that its function is to lead to."""
        tree, known = place.tree, set(place.tree.places.values())
        before, facts, calls = tree.look(), tree.facts(), 0
        nested = False

        def run(machine: Machine) -> hsm.TransitionOutput:
            nonlocal calls, nested
            calls += 1
            self.handed.append(machine)
            for action in function.inside:
                nested |= self.act(tree, place, action)
            machine.at, machine.value = function.data.at, function.data.value
            return function.end(place.node.definition)  # type: ignore[arg-type,return-value]

        wanted = function.expected_error()
        error = raised(lambda: hsm.machine_transition(place.node, Machine, run))
        demand("MT-FAIL-1", wanted, None if error is None else type(error))
        demand("MT-RUN-1", 1, calls)
        if error is not None:
            tree.restore(facts)
            demand_rolled_back(before, tree.look())
            return []
        place.transitions += 1
        place.data = None if nested else copy(function.data)
        place.outputs.append(function.output)
        return [place for place in tree.places.values() if place not in known]

    def act(self, tree: Tree, running: Place, action: some.Action) -> bool:
        """Do what a function does to its tree. Return whether that leaves open which data persists."""
        place = action.place
        if place.tree is not tree or not place.present:
            return False
        match action:
            case some.AddInside(_, keys):
                tree.grow(place, keys, Machine(0, 0))
            case some.ClearInside():
                tree.clear(place)
            case some.TransitionInside(_, function):
                self.transition(place, function)
                return place is running
        return False

    def all_places(self) -> Iterator[Place]:
        """Iterate over the nodes of all trees."""
        for tree in self.trees:
            yield from tree.places.values()

    # --- what the documentation says of every tree ------------------------------------------------------------------

    @invariant()
    def the_count_is_the_number_of_successful_transitions(self) -> None:
        for place in self.all_places():
            demand("NODE-COUNT-1", place.transitions, place.node.transition_count())

    @invariant()
    def the_data_is_what_the_last_successful_transition_left(self) -> None:
        for place in self.all_places():
            if place.data is not None:
                demand("MT-COMMIT-1", place.data, outcome(lambda: hsm.machine_data(place.node, Machine)))  # noqa: B023

    @invariant()
    def outputs_are_those_of_the_transitions_since_the_last_clearing(self) -> None:
        """Those of the node and of all nodes below it, each node's in order, and of no other node."""
        for tree in self.trees:
            noted = [(place.path, tuple(place.outputs)) for place in tree.places.values() if place.outputs]
            for place in tree.places.values():
                depth = len(place.path)
                below = sorted((path, outputs) for path, outputs in noted if path[:depth] == place.path)
                demand("OUT-LIST-1", below, sorted(place.node.outputs()))

    @invariant()
    def a_node_is_dirty_exactly_if_it_or_one_below_it_has_outputs(self) -> None:
        for tree in self.trees:
            dirty = {
                place.path[:depth]
                for place in tree.places.values()
                if place.outputs
                for depth in range(len(place.path) + 1)
            }
            for place in tree.places.values():
                demand("DIRTY-TREE-1", place.path in dirty, place.node.dirty())

    @invariant()
    def the_children_are_those_that_were_added(self) -> None:
        """A collection of each type lists them, each once, and nothing deeper."""
        for tree in self.trees:
            below: dict[tuple[Path, int], list[hsm.Key]] = {}
            for path in tree.places:
                if path:
                    below.setdefault((path[:-1], path[-1].type), []).append(path[-1])
            for path, place in tree.places.items():
                for type_id in some.TYPES:
                    listed = [node.key for node in hsm.new_collection(place.node, type_id, Machine).list()]
                    demand("COLL-LIST-1", sorted(below.get((path, type_id), ())), sorted(listed))

    @invariant()
    def a_path_leads_to_the_same_node_each_time(self) -> None:
        for tree in self.trees:
            for path, place in tree.places.items():
                demand("NODE-CHILD-5", True, tree.root.child(path) is place.node)
                demand("NODE-PATH-1", path, place.node.path())
                if path:
                    demand("NODE-KEY-1", path[-1], place.node.key)
                    demand("NODE-PARENT-1", True, place.node.parent is tree.places[path[:-1]].node)

    @invariant()
    def a_node_that_a_rollback_took_away_is_gone_for_good(self) -> None:
        """Also after a node was added under the same key again."""
        for tree in self.trees:
            for place in tree.gone:
                node = place.node
                for operation in (node.transition_count, node.dirty, node.outputs, node.clear_transaction_state):
                    demand("MT-ROLLBACK-5", hsm.NodeIsGone, type(raised(operation)))


def text(path: Path) -> str:
    """Return a path as messages show it."""
    return "/".join(("root", *(f"{key.type}:{key.id!r}" for key in path)))
