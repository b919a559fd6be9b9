"""The semantics: a record of the rules that the documentation demands, each naming the requirements it states.

An operation looks up each of its rules in the record. Another semantics, such as that of a known release, is the record
with a rule replaced: ``dataclasses.replace(SPECIFICATION, cleared_below=...)``. No rule has a switch in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from hsm_model.errors import (
    DuplicateRegistration,
    IncompatibleType,
    InvalidTransition,
    NodeIsGone,
    NotRegistered,
    StateMachineAlreadyExists,
    StateMachineNotFound,
)
from hsm_model.state import (
    NO_CHILDREN,
    Children,
    Key,
    NodeState,
    Open,
    Path,
    TreeState,
    find,
    find_open,
    new,
    put,
    put_open,
    without_open,
)
from hsm_model.tasks import TransitionOutput

F = TypeVar("F", bound=Callable[..., Any])

PathOutputs = tuple[Path, tuple[TransitionOutput, ...]]
_STATED: dict[Callable[..., Any], tuple[str, ...]] = {}


def states(*requirements: str) -> Callable[[F], F]:
    """Mark a function as a rule that states these requirements, which `requirements_of` returns."""

    def mark(rule: F) -> F:
        _STATED[rule] = requirements
        return rule

    return mark


def requirements_of(rule: Callable[..., Any]) -> tuple[str, ...]:
    """Return the IDs of the requirements that a rule states; none for a function that was not marked."""
    return _STATED.get(rule, ())


# --- registry -------------------------------------------------------------------------------------------------------


@states("REG-MACHINE-2", "REG-TASK-2", "REG-EXEC-2")
def refuse_duplicate(registered: bool, what: str, type_id: int) -> None:
    """Refuse to register a type twice. Raise `DuplicateRegistration`."""
    if registered:
        raise DuplicateRegistration(f"{what} type {type_id}")


@states("ROOT-NEW-3", "NODE-ADD-3", "EXEC-RUN-2")
def require_registered(found: object | None, what: str, type_id: int) -> None:
    """Require that something is registered for a type. Raise `NotRegistered`."""
    if found is None:
        raise NotRegistered(f"{what} type {type_id}")


# --- tree -----------------------------------------------------------------------------------------------------------


@states("ROOT-NEW-1", "ROOT-LOAD-1", "ROOT-LOAD-2", "NODE-COUNT-1")
def root_made(data: bytes, children: Children) -> TreeState:
    """Return a new tree with the data and children given, no transitions and nothing dirty."""
    return new(TreeState, (new(NodeState, (0, data, children, b"")), None))


@states("NODE-ADD-2", "COLL-ADD-2", "NODE-ADD-7")
def refuse_existing(parent: NodeState, key: Key) -> None:
    """Refuse to add a key twice under a node. Raise `StateMachineAlreadyExists`."""
    if key in parent.children:
        raise StateMachineAlreadyExists(f"{key.type}:{key.id}")


@states("NODE-ADD-1", "NODE-ADD-8", "NODE-COUNT-1", "DIRTY-TREE-3")
def child_added(state: TreeState, path: Path, data: bytes) -> TreeState:
    """Return the tree with a new child at ``path``. Adding is not a transition, so nothing becomes dirty."""
    return new(TreeState, (put(state.root, path, new(NodeState, (0, data, NO_CHILDREN, b""))), state.open))


@states("NODE-CHILD-1", "NODE-CHILD-2", "COLL-NODE-2")
def child_found(parent: NodeState, key: Key) -> NodeState:
    """Return the child of a key. Raise `StateMachineNotFound`."""
    child = parent.children.get(key)
    if child is None:
        raise StateMachineNotFound(f"{key.type}:{key.id}")
    return child


@states("NODE-CHILD-4")
def unregistered_sought(parent: NodeState, key: Key) -> None:
    """Refuse to look up a key of a type that is not registered, whether there is a child or not."""
    raise NotRegistered(f"machine type {key.type}")


@states("COLL-LIST-1", "COLL-LIST-2")
def keys_of_type(parent: NodeState, type_id: int) -> list[Key]:
    """Return the keys of all children of a type, in no particular order."""
    return [new(Key, (type_id, machine_id)) for machine_id in parent.children.of_type(type_id)]


# --- data and transitions -------------------------------------------------------------------------------------------


@states("DATA-CAST-1", "MT-FAIL-3")
def cast(data: object, wanted: type[object]) -> None:
    """Require data to be an instance of the wanted type.

    Raise `IncompatibleType` if it is not, and TypeError if ``wanted`` cannot be checked at run time: a protocol that
    is not runtime-checkable, a parametrized generic, or no type at all.
    """
    try:
        compatible = isinstance(data, wanted)
    except TypeError as error:
        raise TypeError(f"{wanted!r} cannot be used as a data type: {error}") from error
    if not compatible:
        raise IncompatibleType(f"data is a {type(data).__name__}, not a {getattr(wanted, '__name__', wanted)}")


@states("MT-COMMIT-2", "MT-NESTED-1", "NODE-COUNT-1")
def transition_begun(state: TreeState, path: Path) -> TreeState:
    """Return the tree with the count one higher, as the function already sees it."""
    count, data, children, extra = present(state, path)
    return new(TreeState, (put(state.root, path, new(NodeState, (count + 1, data, children, extra))), state.open))


@states("MT-COMMIT-1", "MT-COMMIT-3", "MT-COMMIT-4", "OUT-LIST-2", "OUT-LIST-3", "TASK-ATOMIC-1")
def transition_committed(state: TreeState, path: Path, data: bytes, output: TransitionOutput) -> TreeState:
    """Return the tree with the data persisted and the output appended to the node's, which makes the node dirty."""
    count, _, children, extra = present(state, path)
    root = put(state.root, path, new(NodeState, (count, data, children, extra)))
    return new(TreeState, (root, put_open(state.open, path, (output,))))


@states(*(f"MT-ROLLBACK-{n}" for n in range(1, 13) if n != 10))
def transition_rolled_back(before: TreeState, failed: TreeState, path: Path) -> TreeState:
    """Return the tree after a failure: as it was before the transition began, whatever the function did."""
    return before


@states("TRANS-APPLY-5")
def apply_failed(before: Hashable, left: Hashable) -> Hashable:
    """Return the state of a machine whose apply function failed: the one it had before."""
    return before


@states("TRANS-POSSIBLE-1")
def possible(sources: Collection[Hashable], state: Hashable) -> bool:
    """Return whether the state equals one of the sources. A state that does not equal itself, NaN, never does."""
    return state in sources and state == state  # noqa: PLR0124 - `in` finds an identical NaN, which equals nothing


@states("TRANS-APPLY-2", "TRANS-APPLY-3")
def refuse_impossible(is_possible: bool, state: Hashable, destination: Hashable) -> None:
    """Refuse a transition that is not possible. Raise `InvalidTransition`."""
    if not is_possible:
        raise InvalidTransition(f"from {state} to {destination}")


# --- open transaction -----------------------------------------------------------------------------------------------


@states("DIRTY-TREE-1", "DIRTY-TREE-2")
def dirty_below(state: TreeState, path: Path) -> bool:
    """Return whether the node or one below it has transitioned in the open transaction."""
    return find_open(state.open, path) is not None


@states("OUT-LIST-1", "OUT-LIST-4", "OUT-LIST-5")
def outputs_below(state: TreeState, path: Path) -> list[PathOutputs]:
    """Return the outputs of the node and all below it by path from the root, the nodes in no particular order."""
    found: list[PathOutputs] = []
    opened = find_open(state.open, path)
    pending: list[tuple[Path, Open]] = [] if opened is None else [(path, opened)]
    while pending:
        place, (own, below) = pending.pop()
        if own:
            found.append((place, own))
        if len(below):
            pending.extend(((*place, key), child) for key, child in below.items())
    return found


@states("CLEAR-TREE-1", "CLEAR-TREE-2", "CLEAR-TREE-3", "CLEAR-TREE-4", "CLEAR-TREE-5")
def cleared_below(state: TreeState, path: Path) -> TreeState:
    """Return the tree without outputs and dirtiness of the node and those below it. All else stays."""
    return new(TreeState, (state.root, without_open(state.open, path)))


@dataclass(frozen=True, slots=True)
class Semantics:
    """One rule for each decision of an operation. The defaults are those of the documentation."""

    refuse_duplicate: Callable[[bool, str, int], None] = refuse_duplicate
    require_registered: Callable[[object | None, str, int], None] = require_registered
    root_made: Callable[[bytes, Children], TreeState] = root_made
    refuse_existing: Callable[[NodeState, Key], None] = refuse_existing
    child_added: Callable[[TreeState, Path, bytes], TreeState] = child_added
    child_found: Callable[[NodeState, Key], NodeState] = child_found
    unregistered_sought: Callable[[NodeState, Key], None] = unregistered_sought
    keys_of_type: Callable[[NodeState, int], list[Key]] = keys_of_type
    cast: Callable[[object, type[object]], None] = cast
    transition_begun: Callable[[TreeState, Path], TreeState] = transition_begun
    transition_committed: Callable[[TreeState, Path, bytes, TransitionOutput], TreeState] = transition_committed
    transition_rolled_back: Callable[[TreeState, TreeState, Path], TreeState] = transition_rolled_back
    apply_failed: Callable[[Hashable, Hashable], Hashable] = apply_failed
    possible: Callable[[Collection[Hashable], Hashable], bool] = possible
    refuse_impossible: Callable[[bool, Hashable, Hashable], None] = refuse_impossible
    dirty_below: Callable[[TreeState, Path], bool] = dirty_below
    outputs_below: Callable[[TreeState, Path], list[PathOutputs]] = outputs_below
    cleared_below: Callable[[TreeState, Path], TreeState] = cleared_below


SPECIFICATION = Semantics()
"""The semantics that the documentation describes."""


def text_of(path: Path) -> str:
    """Return a path as messages show it."""
    return "/".join(f"{key.type}:{key.id}" for key in path) or "the root"


def present(state: TreeState, path: Path) -> NodeState:
    """Return the node at a path. Raise `NodeIsGone` if there is none."""
    node = find(state.root, path)
    if node is None:
        raise NodeIsGone(text_of(path))
    return node
