"""Rollback: a failed transition leaves the tree as it was, whatever its function did."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, consumes, initialize, multiple, rule
from msgspec import UNSET
from msgspec.structs import replace

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.language import operations as ops
from hsm_specs.language.palette import NOT_SERIALIZABLE
from hsm_specs.stateful import strategies as some
from hsm_specs.stateful.implementation import Implementation
from hsm_specs.stateful.trial import ROOT, Trial, machine_for


class RollbackMachine(Trial):
    """Grows a tree, and has transitions succeed and fail in it.

    Their functions add children, transition other nodes and the same one, and clear; then they fail with an error, by
    a panic, or since their data does not serialize. After each failure the whole tree is looked at.
    """

    nodes: Bundle[int] = Bundle("nodes")
    kept: Bundle[int] = Bundle("kept")
    """Handles of data that a function was handed and failed with."""

    @initialize(target=nodes, type_id=some.registered, data=some.good_data)
    def begin(self, type_id: int, data: ops.Data) -> MultipleResults[int]:
        """Make a registry and a root."""
        self.do(ops.NewRegistry())
        for registered in some.TYPES:
            self.do(ops.RegisterMachine(registered))
        return self.bind(lambda handle: ops.NewRoot(type_id, data, handle))

    @rule(target=nodes, parent=nodes, type_id=some.registered, id=some.ids, data=some.good_data)
    def add_child(self, parent: int, type_id: int, id: str, data: ops.Data) -> MultipleResults[int]:
        """Add a child, unless there is one of that key."""
        return self.bind(lambda handle: ops.AddChild(parent, (type_id, id), data, handle))

    @rule(node=nodes, function=some.functions(nodes, st.none()))
    def succeed(self, node: int, function: some.Function) -> None:
        """Run a transition that is to succeed, so that there is something to lose."""
        self.do(ops.MachineTransition(node, function.script, function.machine))

    @rule(target=kept, node=nodes, function=some.functions(nodes, some.failures))
    def fail(self, node: int, function: some.Function) -> MultipleResults[int]:
        """Run a transition whose function fails after all that it did."""
        observed = self.do(ops.MachineTransition(node, function.script, function.machine))
        self.look()
        failed = observed is not None and observed.ok is UNSET
        return multiple(function.machine) if failed else multiple()

    @rule(node=nodes, function=some.functions(nodes, st.none()))
    def fail_to_serialize(self, node: int, function: some.Function) -> None:
        """Run a transition whose function succeeds, but leaves data that does not serialize."""
        spoiled = ops.SetValue(function.machine, NOT_SERIALIZABLE)
        script = replace(function.script, ops=(*function.script.ops, spoiled))
        self.do(ops.MachineTransition(node, script, function.machine))
        self.look()

    @rule(machine=consumes(kept), data=some.good_data)
    def change_kept_data(self, machine: int, data: ops.Data) -> None:
        """Change data that a failed function kept, which must not affect the tree."""
        self.do(ops.SetState(machine, data[0]))
        self.do(ops.SetValue(machine, data[1]))
        self.look()

    @rule(node=nodes)
    def clear(self, node: int) -> None:
        """Reset a part of the open transaction."""
        self.do(ops.Clear(node))

    @rule(node=nodes)
    def look_at_node(self, node: int) -> None:
        """Observe the state of one node."""
        self.do(ops.MachineData(node))
        self.do(ops.TransitionCount(node))
        self.do(ops.Dirty(node))

    @rule()
    def look(self) -> None:
        """Observe all that is persisted and all that is open, from the root."""
        self.do(ops.Export(ROOT))
        self.do(ops.Outputs(ROOT))
        self.do(ops.Dirty(ROOT))


def rollback_machine(
    implementation: Implementation, *, semantics: Semantics = SPECIFICATION, without: frozenset[str] = frozenset()
) -> type[RollbackMachine]:
    """Return the machine that tries the rollback of failed transitions on an implementation."""
    return machine_for(RollbackMachine, implementation, semantics, without)
