"""Everything at once: rollback, clearing and registration, with collections that are kept and trees loaded again."""

from __future__ import annotations

from copy import copy
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, multiple, precondition, rule

import hsm_model as hsm
from hsm_specs.stateful.direct import vocabulary as some
from hsm_specs.stateful.direct.clearing import DirectClearing
from hsm_specs.stateful.direct.facts import Place, Tree, TreeMachine, demand, outcome, raised, text
from hsm_specs.stateful.direct.registration import DirectRegistration
from hsm_specs.stateful.direct.rollback import DirectRollback
from hsm_specs.stateful.direct.vocabulary import Definition, Machine

places, nodes = TreeMachine.places, TreeMachine.nodes
MOST_TREES = 3
Kept = tuple[Place, "hsm.Collection[Machine]"]


class DirectEverything(DirectRollback, DirectClearing, DirectRegistration):
    """Does all that the other machines do to the same trees, and uses what was kept long after.

    Collections are made early and used later, across clearing, rollback and loading. A tree that was loaded again and
    the tree that it was saved from go separate ways.
    """

    collections: Bundle[Kept] = Bundle("collections")

    @rule(target=collections, place=nodes, type_id=some.types)
    def keep_a_collection(self, place: Place, type_id: int) -> Kept:
        before, kept = place.tree.look(), hsm.new_collection(place.node, type_id, Machine)
        demand("COLL-TYPE-1", type_id, kept.type)
        demand("CLEAR-TREE-4", before, place.tree.look())
        return place, kept

    @rule(target=places, kept=collections, id=some.ids, data=some.data)
    def add_by_a_kept_collection(self, kept: Kept, id: str, data: Machine) -> MultipleResults[Place]:
        """A collection of a node that is gone adds nothing."""
        parent, collection = kept
        tree, key = parent.tree, hsm.Key(collection.type, id)
        path, before = (*parent.path, key), parent.tree.look()
        added: list[hsm.Node] = []
        error = raised(lambda: added.append(collection.add(id, data)))
        if not parent.present:
            demand("MT-ROLLBACK-5", hsm.NodeIsGone, type(error))
        elif path in tree.places:
            demand("COLL-ADD-2", hsm.StateMachineAlreadyExists, type(error))
        else:
            demand("COLL-ADD-1", None, error)
            tree.places[path] = Place(tree, path, added[0], copy(data))
            return multiple(tree.places[path])
        demand("NODE-ADD-5", before, tree.look())
        return multiple()

    @rule(kept=collections, id=some.ids, data=some.data, output=some.outputs)
    def transition_by_a_kept_collection(self, kept: Kept, id: str, data: Machine, output: hsm.TransitionOutput) -> None:
        """The machine of that ID transitions; without one, it is not found."""
        parent, collection = kept
        before, place = parent.tree.look(), parent.tree.places.get((*parent.path, hsm.Key(collection.type, id)))

        def run(machine: Machine) -> hsm.TransitionOutput:
            machine.at, machine.value = data.at, data.value
            return output

        error = raised(lambda: collection.transition(id, run))
        if not parent.present or place is None:
            demand("COLL-TRANS-2", True, isinstance(error, hsm.StateMachineNotFound))
            demand("COLL-NODE-2", True, isinstance(raised(lambda: collection.data(id)), hsm.StateMachineNotFound))
            demand("COLL-TRANS-2", before, parent.tree.look())
            return
        demand("COLL-TRANS-1", None, error)
        demand("COLL-NODE-1", True, collection.node(id) is place.node)
        demand("COLL-DATA-1", data, collection.data(id))
        place.transitions += 1
        place.data = copy(data)
        place.outputs.append(output)

    @precondition(lambda self: len(self.trees) < MOST_TREES)
    @rule(target=places, index=st.integers(0, MOST_TREES), dialect=st.sampled_from(hsm.Dialect))
    def save_a_tree_and_load_it_again(self, index: int, dialect: hsm.Dialect) -> MultipleResults[Place]:
        """The loaded tree has the same machines, and nothing in it is dirty. The other one stays as it is."""
        saved = self.trees[index % len(self.trees)]
        before = saved.look()
        children = hsm.unmarshal(hsm.marshal(saved.root.persisted(), dialect), dialect).children
        registry = hsm.new_registry()
        for type_id in some.TYPES:
            registry.register_machine(Definition(type_id))
        root = hsm.new_root(registry, some.TYPES[0], hsm.machine_data(saved.root, Machine), children)
        tree = Tree(registry)
        for path, place in saved.places.items():
            # NewRoot counts the root's transitions from zero.
            node: Any = outcome(lambda: root.child(path))  # noqa: B023
            demand("ROOT-LOAD-1", hsm.Node, type(node))
            tree.places[path] = Place(tree, path, node, place.data, place.transitions if path else 0)
        self.trees.append(tree)
        loaded = {text(path): (place.transitions if path else 0) for path, place in saved.places.items()}
        demand("ROOT-LOAD-1", loaded, {path: seen.transitions for path, seen in tree.look().items()})
        demand("ROOT-LOAD-2", False, root.dirty())
        demand("ROOT-LOAD-2", before, saved.look())
        return multiple(*tree.places.values())
