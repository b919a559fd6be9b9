"""Rollback: an operation that fails leaves the tree as it was, whatever happened inside of it."""

from __future__ import annotations

from copy import copy
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, multiple, precondition, rule

import hsm_model as hsm
from hsm_specs.stateful.direct import vocabulary as some
from hsm_specs.stateful.direct.facts import Place, TreeMachine, demand, raised
from hsm_specs.stateful.direct.vocabulary import Definition, Function, Machine

places, nodes = TreeMachine.places, TreeMachine.nodes


class DirectRollback(TreeMachine):
    """Has operations succeed and fail. Whatever fails is framed by two snapshots of the whole tree, which are equal."""

    @rule(target=places, place=nodes, function=some.functions(nodes, st.none()))
    def a_transition_succeeds(self, place: Place, function: Function) -> MultipleResults[Place]:
        """Its effects, and those of what its function did, are noted as facts."""
        return multiple(*self.transition(place, function))

    @rule(place=nodes, function=some.functions(nodes, some.failures))
    def a_failed_transition_leaves_the_tree_as_it_was(self, place: Place, function: Function) -> None:
        """Its function fails with an error or an interrupt, returns no output, or leaves data without a serial form."""
        self.transition(place, function)

    @rule(place=nodes, error=some.errors)
    def a_transition_whose_data_does_not_deserialize_does_not_begin(
        self, place: Place, error: type[BaseException]
    ) -> None:
        before = place.tree.look()
        definition(place).refuses = refused = error("raised by deserialization")
        demand("MT-FAIL-4", True, raised(lambda: hsm.machine_transition(place.node, Machine, never)) is refused)
        demand("MT-FAIL-4", before, place.tree.look())
        definition(place).refuses = refused
        demand("DATA-READ-2", True, raised(lambda: hsm.machine_data(place.node, Machine)) is refused)
        demand("DATA-READ-2", before, place.tree.look())

    @rule(place=nodes)
    def a_wrong_type_of_data_is_incompatible_and_changes_nothing(self, place: Place) -> None:
        before = place.tree.look()
        error = raised(lambda: hsm.machine_transition(place.node, some.Other, never))
        demand("MT-FAIL-3", hsm.IncompatibleType, type(error))
        demand("DATA-CAST-1", hsm.IncompatibleType, type(raised(lambda: hsm.machine_data(place.node, some.Other))))
        demand("MT-FAIL-3", before, place.tree.look())

    @rule(place=nodes, source=some.states, destination=some.states, output=some.outputs)
    def a_transition_from_a_state_that_is_no_source_is_invalid(
        self, place: Place, source: int, destination: int, output: hsm.TransitionOutput
    ) -> None:
        """From a source, the function finds the machine in the destination; else it is not called."""
        if place.data is None:
            return
        before, found = place.tree.look(), list[int]()

        def apply(machine: Machine, event: None) -> hsm.TransitionOutput:
            found.append(machine.at)
            return output

        step = hsm.new_transition([source], destination, apply)
        error = raised(lambda: hsm.machine_transition(place.node, Machine, lambda machine: step.apply(machine, None)))
        if place.data.at != source:
            demand("TRANS-APPLY-2", hsm.InvalidTransition, type(error))
            demand("TRANS-APPLY-3", [], found)
            demand("TRANS-APPLY-3", before, place.tree.look())
            return
        demand("TRANS-POSSIBLE-1", None, error)
        demand("TRANS-APPLY-4", [destination], found)
        place.transitions += 1
        place.data = Machine(destination, place.data.value)
        place.outputs.append(output)

    @rule(place=nodes, data=some.data)
    def a_key_that_exists_is_not_added_again(self, place: Place, data: Machine) -> None:
        if place.node.parent is None:
            return
        parent, before = place.node.parent, place.tree.look()
        demand(
            "NODE-ADD-2", hsm.StateMachineAlreadyExists, type(raised(lambda: parent.add_child(place.node.key, data)))
        )
        demand("NODE-ADD-5", before, place.tree.look())

    @rule(place=nodes, id=some.ids, data=some.data)
    def a_type_that_is_not_registered_is_neither_added_nor_found(self, place: Place, id: str, data: Machine) -> None:
        before, key = place.tree.look(), hsm.Key(some.UNREGISTERED, id)
        demand("NODE-ADD-3", hsm.NotRegistered, type(raised(lambda: place.node.add_child(key, data))))
        demand("NODE-CHILD-4", hsm.NotRegistered, type(raised(lambda: place.node.child([key]))))
        demand("NODE-ADD-5", before, place.tree.look())

    @rule(place=nodes, key=some.keys, data=some.data, error=some.errors)
    def a_child_whose_data_does_not_serialize_is_not_added(
        self, place: Place, key: hsm.Key, data: Machine, error: type[BaseException]
    ) -> None:
        if (*place.path, key) in place.tree.places:
            return
        before = place.tree.look()
        child: Any = place.tree.registry.machine(key.type)
        child.refuses = refused = error("raised by serialization")
        demand("NODE-ADD-4", True, raised(lambda: place.node.add_child(key, data)) is refused)
        demand("NODE-ADD-5", before, place.tree.look())

    @rule(place=nodes, keys=some.paths)
    def a_path_that_leads_nowhere_is_not_found(self, place: Place, keys: list[hsm.Key]) -> None:
        if (*place.path, *keys) in place.tree.places:
            return
        before = place.tree.look()
        demand("NODE-CHILD-2", hsm.StateMachineNotFound, type(raised(lambda: place.node.child(keys))))
        demand("NODE-CHILD-8", before, place.tree.look())

    @precondition(lambda self: self.handed)
    @rule(index=st.integers(0, 100), data=some.data)
    def data_that_a_function_kept_no_longer_reaches_the_machine(self, index: int, data: Machine) -> None:
        """It is changed after the transition has ended, and all trees stay as they are."""
        before = [tree.look() for tree in self.trees]
        kept = self.handed[index % len(self.handed)]
        kept.at, kept.value = data.at, copy(data.value)
        for tree, seen in zip(self.trees, before, strict=True):
            demand("MT-ROLLBACK-10", seen, tree.look())


def definition(place: Place) -> Definition:
    """Return the definition of a node's machine."""
    registered: Any = place.node.definition
    found: Definition = registered
    return found


def never(machine: object) -> hsm.TransitionOutput:
    """A function that must not be called."""
    demand("MT-FAIL-3", "no call", "a call")
    return hsm.TransitionOutput()
