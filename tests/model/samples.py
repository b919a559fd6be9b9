"""Samples for the tests of the model: a registry, any tree, and things done to trees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from hsm_model.errors import HsmError
from hsm_model.node import Node, machine_transition, new_root
from hsm_model.registry import Registry
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.state import Key
from hsm_model.tasks import TransitionOutput
from hsm_specs.language.palette import MachineA, MachineB, PaletteDefinition, PaletteMachine, PaletteTask, class_of

TYPES = (1, 2, 3)
UNKNOWN = 9
"""A type that is registered nowhere."""
NOT_SERIALIZABLE, NOT_DESERIALIZABLE = -1, -2
"""Values of data: the first does not serialize, the second serializes to bytes that do not deserialize."""
NOTHING = TransitionOutput()

types = st.sampled_from(TYPES)
keys = st.builds(Key, types, st.sampled_from(["a", "b", "", "ä/1"]))
numbers = st.integers(0, 3)
outputs: SearchStrategy[TransitionOutput] = st.lists(
    st.builds(PaletteTask, types, numbers, st.sampled_from([1000, "x"])), max_size=2
).map(lambda tasks: TransitionOutput(tuple(tasks)))


def registry(semantics: Semantics = SPECIFICATION) -> Registry:
    """Return a registry that has the three types."""
    made = Registry(semantics)
    for type_id in TYPES:
        made.register_machine(PaletteDefinition(type_id, type_id))
    return made


def root(semantics: Semantics = SPECIFICATION) -> Node:
    """Return a new root of type 1 in state 0 with the value 0."""
    return new_root(registry(semantics), 1, MachineA(0, 0))


def data_for(type_id: int, state: int = 0, value: int = 0) -> PaletteMachine:
    """Return data of the class that belongs to a type."""
    return class_of(type_id)(state, value)


def class_for(node: Node) -> type[PaletteMachine]:
    """Return the class of a node's data."""
    definition = node.definition
    return class_of(definition.type().id)


def other_class(node: Node) -> type[PaletteMachine]:
    """Return the class that a node's data is not of."""
    return MachineB if class_for(node) is MachineA else MachineA


def transition(
    node: Node,
    state: int = 1,
    value: int = 0,
    output: TransitionOutput = NOTHING,
    inside: Callable[[], object] = lambda: None,
) -> None:
    """Return a transition that does something, sets state and value and puts something out."""

    def function(machine: PaletteMachine) -> TransitionOutput:
        inside()
        machine.set_state(state)
        machine.value = value
        return output

    machine_transition(node, class_for(node), function)


# --- any tree ---


@dataclass(frozen=True)
class Add:
    """Adds a child, unless it is there."""

    at: int
    key: Key
    value: int


@dataclass(frozen=True)
class Transit:
    """Makes a transition."""

    at: int
    state: int
    output: TransitionOutput


@dataclass(frozen=True)
class Clear:
    """Clears."""

    at: int


Action = Add | Transit | Clear
places = st.integers(0, 5)
actions: SearchStrategy[Action] = st.one_of(
    st.builds(Add, places, keys, numbers), st.builds(Transit, places, numbers, outputs), st.builds(Clear, places)
)


def perform(action: Action, nodes: list[Node]) -> None:
    """Do an action to one of the nodes; a child that it adds is one of them from then on."""
    node = nodes[action.at % len(nodes)]
    match action:
        case Add(_, key, value):
            try:
                nodes.append(node.add_child(key, data_for(key.type, 0, value)))
            except HsmError:
                return
        case Transit(_, state, output):
            transition(node, state, 0, output)
        case Clear():
            node.clear_transaction_state()


@st.composite
def trees(draw: DrawFn) -> list[Node]:
    """Return the nodes of any tree, with any history; the first is the root."""
    nodes = [root()]
    for action in draw(st.lists(actions, max_size=8)):
        perform(action, nodes)
    return nodes


def any_of(nodes: list[Node], at: int) -> Node:
    """Return one of the nodes."""
    return nodes[at % len(nodes)]
