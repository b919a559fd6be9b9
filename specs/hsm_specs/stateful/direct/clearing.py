"""Clearing: the outputs of a node and of all nodes below it are reset, and nothing else is."""

from __future__ import annotations

from hypothesis.stateful import rule

import hsm_model as hsm
from hsm_specs.stateful.direct import vocabulary as some
from hsm_specs.stateful.direct.facts import Place, TreeMachine, demand
from hsm_specs.stateful.direct.vocabulary import Function, Machine

nodes = TreeMachine.nodes


class DirectClearing(TreeMachine):
    """Has nodes at any depth transition and be cleared."""

    @rule(place=nodes, data=some.data, output=some.outputs)
    def a_transition_has_an_output(self, place: Place, data: Machine, output: hsm.TransitionOutput) -> None:
        """One output, even without tasks."""
        before = place.node.transition_count()
        self.transition(place, Function([], data, output))
        demand("MT-COMMIT-2", before + 1, place.node.transition_count())
        demand("MT-COMMIT-3", True, place.node.dirty())
        demand("MT-COMMIT-4", output, dict(place.node.outputs()).get(place.path, (None,))[-1])

    @rule(place=nodes)
    def clearing_resets_the_node_and_all_below_it(self, place: Place) -> None:
        before = place.tree.look()
        place.tree.clear(place)
        demand("CLEAR-TREE-1", [], place.node.outputs())
        demand(
            "CLEAR-TREE-2",
            [],
            [below for below in place.tree.places.values() if below.is_below(place) and below.node.dirty()],
        )
        after = place.tree.look()
        demand("CLEAR-TREE-4", *({path: seen[:2] for path, seen in looks.items()} for looks in (before, after)))
