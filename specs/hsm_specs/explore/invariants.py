"""The invariants of trees, and what holds invariants against an exploration."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from hsm_model.persistence import Dialect, marshal, unmarshal
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.state import NodeState, Path, TreeState, find
from hsm_model.tasks import TransitionOutput
from hsm_specs.explore.explorer import Edge, Graph
from hsm_specs.explore.invariant import (
    Invariant,
    Judgement,
    LeadsTo,
    OfEdges,
    OfStates,
    Statement,
    answers,
    of_states,
)
from hsm_specs.explore.scope import Scope
from hsm_specs.explore.stage import State
from hsm_specs.explore.workflow_invariants import WORKFLOW_INVARIANTS
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world.tree import structure


def invariants_of(scope: Scope) -> tuple[Invariant, ...]:
    """Return the invariants of a part: of trees, or of a workflow and its queues."""
    return INVARIANTS if scope.workflow is None else WORKFLOW_INVARIANTS


def judge(graph: Graph, semantics: Semantics = SPECIFICATION) -> Iterator[Judgement]:
    """Yield each invariant of a part held against its exploration."""
    for invariant in invariants_of(graph.scope):
        wanted, number = invariant.modality == "sometimes", 0
        of_edges = isinstance(invariant.statement, OfEdges)
        for number, (index, holds) in enumerate(outcomes(graph, invariant.statement, semantics), 1):
            if holds == wanted:
                edge, state = (index, None) if of_edges else (None, index)
                yield Judgement(invariant, wanted, number, edge, state)
                break
        else:
            yield Judgement(invariant, not wanted, number)


def outcomes(graph: Graph, statement: Statement, semantics: Semantics) -> Iterator[tuple[int, bool]]:
    """Yield the index of each edge or state that a statement is about, and whether it holds there."""
    match statement:
        case OfEdges(holds=of_edge):
            yield from ((index, of_edge(graph, edge)) for index, edge in enumerate(graph.edges))
        case OfStates(holds=of_state):
            yield from ((index, of_state(state, semantics)) for index, state in enumerate(graph.states))
        case LeadsTo(holds=leads):
            yield from leads(graph)


# --- always -----------------------------------------------------------------------------------------------------------


def paths(node: NodeState, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of a node and all below it."""
    yield path
    for key, child in node.children.items():
        yield from paths(child, (*path, key))


def failed_changes_nothing(graph: Graph, edge: Edge) -> bool:
    action = graph.actions[edge.action]
    alone = len(action.operations) == 1
    return not alone or edge.observations[0].ok is not UNSET or edge.source == edge.target


def counts_follow_transitions(graph: Graph, edge: Edge) -> bool:
    action = graph.actions[edge.action]
    if action.rehydrates:
        return True
    before, after = graph.states[edge.source].tree.root, graph.states[edge.target].tree.root
    grown = sum(
        node.transition_count - (0 if (former := find(before, path)) is None else former.transition_count)
        for path in paths(after)
        if (node := find(after, path)) is not None
    )
    return grown == sum(
        successes(operation, observation)
        for operation, observation in zip(action.operations, edge.observations, strict=True)
    )


def successes(operation: ops.AnyOperation, observation: Observation) -> int:
    """Return how many transitions succeeded, those that a failure around them undid not counted."""
    if not isinstance(operation, ops.MachineTransition | ops.CollectionTransition) or observation.ok is UNSET:
        return 0
    inside = observation.inner or ()
    return 1 + sum(map(successes, operation.script.ops, inside))


def dirty_means_outputs(state: State, semantics: Semantics) -> bool:
    tree = state.tree
    return all(
        semantics.dirty_below(tree, path) == bool(semantics.outputs_below(tree, path)) for path in paths(tree.root)
    )


def clear_is_idempotent(state: State, semantics: Semantics) -> bool:
    tree = state.tree
    for path in paths(tree.root):
        once = semantics.cleared_below(tree, path)
        if once.root is not tree.root or semantics.cleared_below(once, path) != once:
            return False
        if semantics.dirty_below(once, path) or semantics.outputs_below(once, path):
            return False
    return True


def clear_touches_nothing_else(state: State, semantics: Semantics) -> bool:
    tree = state.tree
    everything = semantics.outputs_below(tree, ())
    for path in paths(tree.root):
        left = semantics.outputs_below(semantics.cleared_below(tree, path), ())
        kept = [entry for entry in everything if entry[0][: len(path)] != path]
        if sorted(left) != sorted(kept):
            return False
    return True


def persistence_is_faithful(state: State, semantics: Semantics) -> bool:
    root = state.tree.root
    return all(structure(unmarshal(marshal(root, dialect), dialect)) == structure(root) for dialect in Dialect)


def disjoint_transitions_commute(state: State, semantics: Semantics) -> bool:
    places = list(paths(state.tree.root))
    for first in places:
        for second in places:
            if first < second and first[: len(second)] != second and second[: len(first)] != first:
                one = transitioned(transitioned(state.tree, first, semantics), second, semantics)
                other = transitioned(transitioned(state.tree, second, semantics), first, semantics)
                if one != other:
                    return False
    return True


def transitioned(tree: TreeState, path: Path, semantics: Semantics) -> TreeState:
    """Return the tree after a successful transition at a path."""
    return semantics.transition_committed(semantics.transition_begun(tree, path), path, b"1:1", TransitionOutput())


def depth_of_open(state: State, semantics: Semantics) -> bool:
    """Return the empty value for a node that is not there."""
    places = set(paths(state.tree.root))
    return all(path in places for path, _ in semantics.outputs_below(state.tree, ()))


# --- sometimes --------------------------------------------------------------------------------------------------------


def dirty_only_by_a_descendant(state: State) -> bool:
    opened = state.tree.open
    return opened is not None and opened.outputs is None


def a_grandchild(state: State) -> bool:
    return any(len(path) > 1 for path in paths(state.tree.root))


def rehydrated_and_dirty(state: State) -> bool:
    return state.rehydrated and state.tree.open is not None


def cleared_below_a_dirty_node(state: State) -> bool:
    opened = state.tree.open
    transitioned_below = any(
        path and (node := find(state.tree.root, path)) is not None and node.transition_count
        for path in paths(state.tree.root)
    )
    return opened is not None and opened.outputs is not None and not len(opened.below) and bool(transitioned_below)


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "a failed operation leaves the value identical", "MT-ROLLBACK-2", "always", OfEdges(failed_changes_nothing)
    ),
    Invariant(
        "counts grow by the successful transitions", "NODE-COUNT-1", "always", OfEdges(counts_follow_transitions)
    ),
    Invariant("dirty exactly where outputs are open", "DIRTY-TREE-1", "always", OfStates(dirty_means_outputs)),
    Invariant("clearing is idempotent", "CLEAR-TREE-1", "always", OfStates(clear_is_idempotent)),
    Invariant("clearing touches nothing else", "CLEAR-TREE-3", "always", OfStates(clear_touches_nothing_else)),
    Invariant("what persists survives both wire forms", "ROOT-LOAD-1", "always", OfStates(persistence_is_faithful)),
    Invariant(
        "transitions of disjoint subtrees commute", "OUT-LIST-4", "always", OfStates(disjoint_transitions_commute)
    ),
    Invariant("outputs are of nodes that are there", "MT-ROLLBACK-5", "always", OfStates(depth_of_open)),
    Invariant("a transition succeeds", "MT-COMMIT-2", "sometimes", answers(ops.MachineTransition, ok=None)),
    Invariant("a function fails", "MT-FAIL-1", "sometimes", answers(ops.MachineTransition, error="user_1")),
    Invariant(
        "data does not serialize", "MT-FAIL-2", "sometimes", answers(ops.MachineTransition, error="serialize_error")
    ),
    Invariant("a cast is wrong", "MT-FAIL-3", "sometimes", answers(ops.MachineTransition, error="incompatible_type")),
    Invariant(
        "a node is dirty by a descendant alone", "DIRTY-TREE-1", "sometimes", of_states(dirty_only_by_a_descendant)
    ),
    Invariant("a grandchild exists", "NODE-CHILD-1", "sometimes", of_states(a_grandchild)),
    Invariant("a rehydrated tree transitions", "ROOT-LOAD-1", "sometimes", of_states(rehydrated_and_dirty)),
    Invariant("a subtree was cleared alone", "CLEAR-TREE-3", "sometimes", of_states(cleared_below_a_dirty_node)),
)
"""The invariants of trees, in the order in which they are reported."""
