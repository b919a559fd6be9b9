"""Output clearing: outputs and dirtiness of a subtree are reset, and nothing else is."""

from __future__ import annotations

from hypothesis.stateful import Bundle, MultipleResults, initialize, rule

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.language import operations as ops
from hsm_specs.stateful import strategies as some
from hsm_specs.stateful.implementation import Implementation
from hsm_specs.stateful.trial import ROOT, Trial, machine_for


class ClearingMachine(Trial):
    """Grows a tree, lets its nodes transition, and clears subtrees. After each clearing the whole tree is looked at."""

    nodes: Bundle[int] = Bundle("nodes")

    @initialize(target=nodes)
    def begin(self) -> MultipleResults[int]:
        """Make a registry and a root."""
        self.do(ops.NewRegistry())
        self.do(ops.RegisterMachine(1))
        return self.bind(lambda handle: ops.NewRoot(1, (0, 0), handle))

    @rule(target=nodes, parent=nodes, id=some.ids)
    def add_child(self, parent: int, id: str) -> MultipleResults[int]:
        """Add a child, unless there is one of that key."""
        return self.bind(lambda handle: ops.AddChild(parent, (1, id), (0, 0), handle))

    @rule(node=nodes, state=some.states, tasks=some.outputs)
    def transition(self, node: int, state: int, tasks: tuple[ops.Task, ...]) -> None:
        """Run a transition with an output, even if it has no tasks."""
        self.do(ops.MachineTransition(node, ops.Script((ops.SetState(0, state),), tasks), 0))

    @rule(node=nodes)
    def clear(self, node: int) -> None:
        """Reset the node and all below it; the rest, and all that is persisted, is as before."""
        self.do(ops.Clear(node))
        self.do(ops.Outputs(ROOT))
        self.do(ops.Dirty(node))
        self.do(ops.Dirty(ROOT))
        self.do(ops.Export(ROOT))

    @rule(node=nodes)
    def look(self, node: int) -> None:
        """Observe what is open in a subtree."""
        self.do(ops.Outputs(node))
        self.do(ops.Dirty(node))


def clearing_machine(
    implementation: Implementation, *, semantics: Semantics = SPECIFICATION, without: frozenset[str] = frozenset()
) -> type[ClearingMachine]:
    """Return the machine that tries output clearing on an implementation."""
    return machine_for(ClearingMachine, implementation, semantics, without)
