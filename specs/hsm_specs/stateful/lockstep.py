"""Lockstep: model and implementation side by side over the whole vocabulary, with a rule for every operation."""

from __future__ import annotations

from base64 import b64encode

from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, initialize, multiple, precondition, rule

from hsm_model.persistence import Dialect, marshal
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.state import NodeState
from hsm_specs.language import operations as ops
from hsm_specs.stateful import strategies as some
from hsm_specs.stateful.implementation import Implementation
from hsm_specs.stateful.machines import MachineRules
from hsm_specs.stateful.trial import ROOT, machine_for, offered

nodes, machines = MachineRules.nodes, MachineRules.machines
MOST_ROOTS = 3


def few_trees(trial: LockstepMachine) -> bool:
    """Return whether another tree may begin: few trees are used a lot rather than many a little."""
    return trial.trees < MOST_ROOTS


class LockstepMachine(MachineRules):
    """Does anything that the vocabulary has, in any order, and compares every observation with the model's.

    Operations on trees and collections are here, those on registries, machines and tasks in the class it inherits from.
    """

    @initialize(
        target=nodes,
        type_id=some.registered,
        data=some.good_data,
        children=st.lists(st.tuples(some.keys, some.good_data), max_size=3),
    )
    def begin(self, type_id: int, data: ops.Data, children: list[tuple[ops.Key, ops.Data]]) -> MultipleResults[int]:
        """Make a registry with a few types, and a root with a few children."""
        self.do(ops.NewRegistry())
        for registered in some.TYPES:
            self.do(ops.RegisterMachine(registered, registered))
        made = self.bind(lambda handle: ops.NewRoot(type_id, data, handle)).values
        for key, child_data in children:
            made += self.bind(lambda handle: ops.AddChild(ROOT, key, child_data, handle)).values  # noqa: B023 called at once
        return multiple(*made)

    @property
    def trees(self) -> int:
        """The number of trees."""
        return len({node.tree for node in self.world.nodes.values()})

    # --- trees ------------------------------------------------------------------------------------------------------

    @rule(target=nodes, type_id=some.types, data=some.data, registry=some.registries)
    @precondition(few_trees)
    def new_root(self, type_id: int, data: ops.Data, registry: int) -> MultipleResults[int]:
        return self.bind(lambda handle: ops.NewRoot(type_id, data, handle, registry))

    @rule(target=nodes, node=nodes, type_id=some.types, data=some.data, registry=some.registries)
    @precondition(few_trees)
    def rehydrate(self, node: int, type_id: int, data: ops.Data, registry: int) -> MultipleResults[int]:
        return self.bind(lambda handle: ops.Rehydrate(node, type_id, data, handle, registry))

    @rule(target=nodes, tree=some.persisted, type_id=some.types, data=some.data)
    @precondition(few_trees)
    @offered("wire")
    def load(self, tree: NodeState, type_id: int, data: ops.Data) -> MultipleResults[int]:
        message = b64encode(marshal(tree, Dialect(self.implementation.dialect))).decode()
        return self.bind(lambda handle: ops.Load(message, type_id, data, handle))

    @rule(node=nodes)
    @offered("wire")
    def marshal(self, node: int) -> None:
        self.do(ops.Marshal(node))

    @rule(node=nodes)
    def export(self, node: int) -> None:
        self.do(ops.Export(node))

    @rule(target=nodes, node=nodes, key=some.keys, data=some.data)
    def add_child(self, node: int, key: ops.Key, data: ops.Data) -> MultipleResults[int]:
        return self.bind(lambda handle: ops.AddChild(node, key, data, handle))

    @rule(target=nodes, node=nodes, path=some.paths)
    def child(self, node: int, path: ops.Path) -> MultipleResults[int]:
        return self.bind(lambda handle: ops.Child(node, path, handle))

    @rule(node=nodes)
    def key(self, node: int) -> None:
        self.do(ops.KeyOf(node))

    @rule(target=nodes, node=nodes)
    def parent(self, node: int) -> MultipleResults[int]:
        return self.bind(lambda handle: ops.Parent(node, handle))

    @rule(node=nodes, other=nodes)
    @offered("identity")
    def same(self, node: int, other: int) -> None:
        self.do(ops.Same(node, other))

    @rule(node=nodes)
    def path(self, node: int) -> None:
        self.do(ops.PathOf(node))

    @rule(node=nodes)
    def transition_count(self, node: int) -> None:
        self.do(ops.TransitionCount(node))

    @rule(node=nodes)
    def dirty(self, node: int) -> None:
        self.do(ops.Dirty(node))

    @rule(node=nodes)
    @offered("outputs")
    def outputs(self, node: int) -> None:
        self.do(ops.Outputs(node))

    @rule(node=nodes)
    def clear(self, node: int) -> None:
        self.do(ops.Clear(node))

    @rule(node=nodes, cast=some.casts)
    def machine_data(self, node: int, cast: ops.Cast) -> None:
        self.do(ops.MachineData(node, cast))

    @rule(target=machines, node=nodes, function=some.functions(nodes, some.endings), cast=some.casts)
    def machine_transition(self, node: int, function: some.Function, cast: ops.Cast) -> MultipleResults[int]:
        self.do(ops.MachineTransition(node, function.script, function.machine, cast))
        return self.kept(function.machine)

    @rule(operation=st.sampled_from([ops.Dirty, ops.Export, ops.TransitionCount, ops.PathOf, ops.Clear]))
    def unbound(self, operation: type[ops.Dirty]) -> None:
        """Run an operation on a handle that nothing is bound to."""
        self.do(operation(some.NOWHERE))

    # --- collections ------------------------------------------------------------------------------------------------

    @rule(node=nodes, type_id=some.types)
    @offered("collections")
    def collection_type(self, node: int, type_id: int) -> None:
        self.do(ops.CollectionType(node, type_id))

    @rule(target=nodes, node=nodes, type_id=some.types, id=some.ids, data=some.data)
    @offered("collections")
    def collection_add(self, node: int, type_id: int, id: str, data: ops.Data) -> MultipleResults[int]:
        return self.bind(lambda handle: ops.CollectionAdd(node, type_id, id, data, handle))

    @rule(target=nodes, node=nodes, type_id=some.types, id=some.ids)
    @offered("collections")
    def collection_node(self, node: int, type_id: int, id: str) -> MultipleResults[int]:
        return self.bind(lambda handle: ops.CollectionNode(node, type_id, id, handle))

    @rule(node=nodes, type_id=some.types, id=some.ids, cast=some.casts)
    @offered("collections")
    def collection_data(self, node: int, type_id: int, id: str, cast: ops.Cast) -> None:
        self.do(ops.CollectionData(node, type_id, id, cast))

    @rule(node=nodes, type_id=some.types)
    @offered("collections")
    def collection_list(self, node: int, type_id: int) -> None:
        self.do(ops.CollectionList(node, type_id))

    @rule(
        target=machines,
        node=nodes,
        type_id=some.types,
        id=some.ids,
        function=some.functions(nodes, some.endings),
        cast=some.casts,
    )
    @offered("collections")
    def collection_transition(
        self, node: int, type_id: int, id: str, function: some.Function, cast: ops.Cast
    ) -> MultipleResults[int]:
        self.do(ops.CollectionTransition(node, type_id, id, function.script, function.machine, cast))
        return self.kept(function.machine)

    # Listed again, so that what others depend on and what shows most is chosen more often.
    add_child_2, child_2, clear_2, outputs_2, outputs_3, dirty_2 = add_child, child, clear, outputs, outputs, dirty
    transition_2, transition_3, transition_4, transition_5 = (machine_transition,) * 4

    def finish(self) -> None:
        """Look at all trees, so that whatever went wrong before shows."""
        roots = {node.tree: handle for handle, node in self.world.nodes.items() if node.parent is None}
        for root in roots.values():
            self.do(ops.Export(root))
            self.do(ops.Outputs(root))
            self.do(ops.Dirty(root))

    def kept(self, machine: int) -> MultipleResults[int]:
        """Return the handle of data that a function was handed, if it may be used now that the transition has ended."""
        slot = self.world.machines.get(machine)
        return multiple() if slot is None or slot.spent else multiple(machine)


def lockstep_machine(
    implementation: Implementation, *, semantics: Semantics = SPECIFICATION, without: frozenset[str] = frozenset()
) -> type[LockstepMachine]:
    """Return the machine that tries the whole vocabulary on an implementation."""
    return machine_for(LockstepMachine, implementation, semantics, without)
