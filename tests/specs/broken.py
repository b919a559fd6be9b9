"""Broken rules: wrong implementations, each the model with one rule of the specification replaced by a wrong one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from dataclasses import replace
from typing import Any, NoReturn

from hsm_model import semantics as rules
from hsm_model.amendments import AMENDMENTS
from hsm_model.errors import DuplicateRegistration, HsmError, NotRegistered, StateMachineNotFound
from hsm_model.semantics import SPECIFICATION, PathOutputs, Semantics
from hsm_model.state import NO_CHILDREN, Children, Key, NodeState, Open, Path, TreeState, find_open, put, put_open
from hsm_model.tasks import TransitionOutput


def nothing_refused(*_: object) -> None:
    """Refuse nothing."""


def refused_as(error: type[HsmError]) -> Callable[..., NoReturn]:
    """Return a rule that refuses with another error."""

    def refuse(found: object, *_: object) -> None:
        if found is None:
            raise error

    return refuse  # type: ignore[return-value]  # like the rule that it replaces


def refused_as_duplicate(*_: object) -> NoReturn:
    """Look-ups are refused, with an error that has nothing to do with it."""
    raise DuplicateRegistration


def with_node(state: TreeState, path: Path, change: Callable[[NodeState], NodeState]) -> TreeState:
    """Return the state with one node changed."""
    return TreeState(put(state.root, path, change(rules.present(state, path))), state.open)


def counted(node: NodeState, by: int) -> NodeState:
    return node._replace(transition_count=node.transition_count + by)


# --- trees ---


def root_with_a_count(data: bytes, children: Any) -> TreeState:
    return TreeState(NodeState(1, data, children), None)


def root_without_data(data: bytes, children: Any) -> TreeState:
    return TreeState(NodeState(0, b"0:0", children), None)


def root_without_children(data: bytes, children: Any) -> TreeState:
    return TreeState(NodeState(0, data, NO_CHILDREN), None)


def root_dirty_by_its_children(data: bytes, children: Any) -> TreeState:
    return TreeState(NodeState(0, data, children), put_open(None, (), ()) if len(children) else None)


def id_taken_by_any_type(parent: NodeState, key: Key) -> None:
    for other in parent.children:
        if other.id == key.id:
            rules.refuse_existing(parent, other)


def child_with_a_count(state: TreeState, path: Path, data: bytes) -> TreeState:
    return with_node(rules.child_added(state, path, data), path, lambda node: counted(node, 1))


def child_without_data(state: TreeState, path: Path, data: bytes) -> TreeState:
    return rules.child_added(state, path, b"0:0")


def child_not_found_is_not_registered(parent: NodeState, key: Key) -> NodeState:
    try:
        return rules.child_found(parent, key)
    except StateMachineNotFound:
        raise NotRegistered from None


def children_of_all_types(parent: NodeState, type_id: int) -> list[Key]:
    return list(parent.children)


def children_but_one(parent: NodeState, type_id: int) -> list[Key]:
    return rules.keys_of_type(parent, type_id)[1:]


# --- transitions ---


def begun_without_count(state: TreeState, path: Path) -> TreeState:
    return state


def begun_counting_twice(state: TreeState, path: Path) -> TreeState:
    return with_node(state, path, lambda node: counted(node, 2))


def committed_without_data(state: TreeState, path: Path, data: bytes, output: TransitionOutput) -> TreeState:
    return rules.transition_committed(state, path, rules.present(state, path).data, output)


def committed_without_output(state: TreeState, path: Path, data: bytes, output: TransitionOutput) -> TreeState:
    return with_node(state, path, lambda node: node._replace(data=data))


def committed_without_dirt(state: TreeState, path: Path, data: bytes, output: TransitionOutput) -> TreeState:
    if output.tasks:
        return rules.transition_committed(state, path, data, output)
    return committed_without_output(state, path, data, output)


def committed_output_first(state: TreeState, path: Path, data: bytes, output: TransitionOutput) -> TreeState:
    opened = find_open(state.open, path)
    earlier = () if opened is None else opened.outputs or ()
    state = rules.transition_committed(rules.cleared_below(state, path), path, data, output)
    return TreeState(state.root, put_open(state.open, path, earlier))


def committed_output_of_the_last(state: TreeState, path: Path, data: bytes, output: TransitionOutput) -> TreeState:
    return rules.transition_committed(rules.cleared_below(state, path), path, data, output)


def committed_tasks_reversed(state: TreeState, path: Path, data: bytes, output: TransitionOutput) -> TreeState:
    return rules.transition_committed(state, path, data, TransitionOutput(output.tasks[::-1]))


def nothing_rolled_back(before: TreeState, failed: TreeState, path: Path) -> TreeState:
    return failed


def data_not_rolled_back(before: TreeState, failed: TreeState, path: Path) -> TreeState:
    return TreeState(put(before.root, path, rules.present(before, path)._replace(data=b"7:7")), before.open)


def count_not_rolled_back(before: TreeState, failed: TreeState, path: Path) -> TreeState:
    return with_node(before, path, lambda node: counted(node, 1))


def failure_makes_dirty(before: TreeState, failed: TreeState, path: Path) -> TreeState:
    return TreeState(before.root, put_open(before.open, path, ()))


def failure_has_an_output(before: TreeState, failed: TreeState, path: Path) -> TreeState:
    return TreeState(before.root, put_open(before.open, path, (TransitionOutput(),)))


def failure_clears(before: TreeState, failed: TreeState, path: Path) -> TreeState:
    return TreeState(before.root, None)


def open_not_rolled_back(before: TreeState, failed: TreeState, path: Path) -> TreeState:
    return TreeState(before.root, failed.open)


def always_possible(sources: Collection[Hashable], state: Hashable) -> bool:
    return True


def possible_without_sources(sources: Collection[Hashable], state: Hashable) -> bool:
    return not sources or state in sources


def never_possible(sources: Collection[Hashable], state: Hashable) -> bool:
    return False


# --- the open transaction ---


def dirty_alone(state: TreeState, path: Path) -> bool:
    opened = find_open(state.open, path)
    return opened is not None and opened.outputs is not None


def dirty_anywhere(state: TreeState, path: Path) -> bool:
    return state.open is not None


def never_dirty(state: TreeState, path: Path) -> bool:
    return False


def outputs_alone(state: TreeState, path: Path) -> list[PathOutputs]:
    return [entry for entry in rules.outputs_below(state, path) if entry[0] == path]


def outputs_of_the_whole_tree(state: TreeState, path: Path) -> list[PathOutputs]:
    return rules.outputs_below(state, ())


def outputs_at_relative_paths(state: TreeState, path: Path) -> list[PathOutputs]:
    return [(place[len(path) :], outputs) for place, outputs in rules.outputs_below(state, path)]


def outputs_with_tasks_only(state: TreeState, path: Path) -> list[PathOutputs]:
    kept = [(at, tuple(output for output in all_ if output.tasks)) for at, all_ in rules.outputs_below(state, path)]
    return [entry for entry in kept if entry[1]]


def nothing_cleared(state: TreeState, path: Path) -> TreeState:
    return state


def cleared_alone(state: TreeState, path: Path) -> TreeState:
    def without_own(opened: Open | None, path: Path) -> Open | None:
        if opened is None:
            return None
        if not path:
            return Open(None, opened.below) if len(opened.below) else None
        child = without_own(opened.below.get(path[0]), path[1:])
        below = opened.below.discard(path[0]) if child is None else opened.below.insert(path[0], child)
        return Open(opened.outputs, below) if opened.outputs is not None or len(below) else None

    return TreeState(state.root, without_own(state.open, path))


def everything_cleared(state: TreeState, path: Path) -> TreeState:
    return TreeState(state.root, None)


def outputs_cleared_but_dirty(state: TreeState, path: Path) -> TreeState:
    opened = find_open(state.open, path)
    cleared = rules.cleared_below(state, path)
    return cleared if opened is None else TreeState(state.root, put_open(cleared.open, path, ()))


def cleared_with_counts(state: TreeState, path: Path) -> TreeState:
    return with_node(rules.cleared_below(state, path), path, lambda node: node._replace(transition_count=0))


def cleared_with_children(state: TreeState, path: Path) -> TreeState:
    none: Children = NO_CHILDREN
    return with_node(rules.cleared_below(state, path), path, lambda node: node._replace(children=none))


def broken(**rule: Any) -> Semantics:
    """Return the specification with a rule broken."""
    return replace(SPECIFICATION, **rule)


WRONG: dict[str, list[Callable[..., Any]]] = {
    "root_made": [
        root_with_a_count,
        root_without_data,
        root_without_children,
        root_dirty_by_its_children,
    ],
    "refuse_existing": [id_taken_by_any_type],
    "child_added": [child_with_a_count, child_without_data],
    "child_found": [child_not_found_is_not_registered],
    "keys_of_type": [children_of_all_types, children_but_one],
    "transition_begun": [begun_without_count, begun_counting_twice],
    "transition_committed": [
        committed_without_data,
        committed_without_output,
        committed_without_dirt,
        committed_output_first,
        committed_output_of_the_last,
        committed_tasks_reversed,
    ],
    "transition_rolled_back": [
        nothing_rolled_back,
        data_not_rolled_back,
        count_not_rolled_back,
        failure_makes_dirty,
        failure_has_an_output,
        failure_clears,
        open_not_rolled_back,
    ],
    "possible": [always_possible, possible_without_sources, never_possible],
    "dirty_below": [dirty_alone, dirty_anywhere, never_dirty],
    "outputs_below": [
        outputs_alone,
        outputs_of_the_whole_tree,
        outputs_at_relative_paths,
        outputs_with_tasks_only,
    ],
    "cleared_below": [
        nothing_cleared,
        cleared_alone,
        everything_cleared,
        outputs_cleared_but_dirty,
        cleared_with_counts,
        cleared_with_children,
    ],
}
"""Wrong functions by the rule that they stand in for."""
BROKEN: dict[str, Semantics] = {
    "duplicates are not refused": broken(refuse_duplicate=nothing_refused),
    "what is not registered is not found": broken(require_registered=refused_as(StateMachineNotFound)),
    "what is not registered is looked up": broken(unregistered_sought=refused_as_duplicate),
    "existing children are replaced": broken(refuse_existing=nothing_refused),
    "wrong casts succeed": broken(cast=nothing_refused),
    "impossible transitions are made": broken(refuse_impossible=nothing_refused),
    **{
        function.__name__.replace("_", " "): broken(**{rule: function})
        for rule, functions in WRONG.items()
        for function in functions
    },
    **{name: broken(**{amendment.rule: amendment.instead}) for name, amendment in AMENDMENTS.items()},
}
"""Wrong semantics by what is wrong with them."""
