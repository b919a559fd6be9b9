"""Strategies for what operations are made of. All shrink towards the plainest: type 1, ID "a", state 0, success.

None of them maps to small numbers or to empty tuples. There is only one object of each of these, and of an object that
it knows how it made, Hypothesis prints the making: where many are the same one, it takes seconds to find out which.
"""

from __future__ import annotations

from typing import Literal, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import Struct
from msgspec.structs import replace

from hsm_model.state import Children, Key, NodeState
from hsm_specs.language import operations as ops
from hsm_specs.language.members import bare
from hsm_specs.language.palette import NOT_DESERIALIZABLE, NOT_SERIALIZABLE

TYPES = (1, 2, 3)
"""The machine types that the state machines register at the beginning."""
UNREGISTERED = 4
NOWHERE = 999
"""A handle that nothing is bound to."""
INSIDE = 1_000
"""The first of the handles that functions bind nodes to: a few, bound again and again."""
ACCESSED = 2_000
"""The handle that accessors bind the node to that they are given."""

registries = st.integers(0, 1)
machines = st.integers(0, 2)
"""Handles, of which a few are enough: binding one again is worth a try, too. Functions bind data to others."""
tags = st.integers(0, 3)
states = st.integers(0, 3)
values = st.integers(0, 3)
ids = st.sampled_from(["a", "b", ""])
registered = st.sampled_from(TYPES)
types = st.sampled_from((*TYPES, UNREGISTERED))
"""Types, one of them not registered."""
keys: SearchStrategy[ops.Key] = st.sampled_from([(1, "a"), (2, "a"), (1, "b"), (3, ""), (UNREGISTERED, "a")])
"""Few, so that the same one is met again."""
good_data: SearchStrategy[ops.Data] = st.tuples(states, values)
data: SearchStrategy[ops.Data] = st.tuples(states, values | st.sampled_from([NOT_SERIALIZABLE, NOT_DESERIALIZABLE]))
"""Data, some of which does not serialize or not deserialize."""
tasks: SearchStrategy[ops.Task] = st.sampled_from([(1, 0, 1000), (2, 0, "x"), (1, 1, 0), (3, 2, 5000), (4, 3, "ü")])
outputs: SearchStrategy[tuple[ops.Task, ...]] = st.just(()) | st.tuples(tasks) | st.tuples(tasks, tasks)
paths: SearchStrategy[ops.Path] = st.just(()) | st.tuples(keys) | st.tuples(keys, keys) | st.tuples(keys, keys, keys)
own: SearchStrategy[ops.Cast] = st.just("own")
casts = st.one_of(own, own, own, own, st.sampled_from(get_args(bare(ops.Cast))))
"""Seldom a wrong one."""
failures: SearchStrategy[ops.Failure] = st.sampled_from(["user_1", "user_2", "panic"])
endings: SearchStrategy[ops.Failure | None] = st.none() | failures
accesses: SearchStrategy[Literal["read", "write"] | None] = st.sampled_from(["read", "write", None])
kinds: SearchStrategy[ops.Kind] = st.sampled_from([1000, "x"])
sources: SearchStrategy[tuple[int, ...]] = st.sampled_from([(0, 1, 2, 3), (0, 1), (1, 2), (3,), ()])
specs = st.builds(ops.TransitionSpec, sources, states)
ends = st.builds(ops.Script, st.just(()), outputs, endings)
"""Scripts that only end."""
refs = st.builds(ops.RefSpec, paths, version=states, count=states)
"""References, most of them to places where a node may be."""


class Function(Struct, frozen=True):
    """A function for a transition: its script, and the handle that it binds the machine to."""

    script: ops.Script
    machine: int


Change = ops.Data | ops.Apply | None
"""A function's effect on its own machine: it sets state and value, applies a transition, or only reads it."""
changes: SearchStrategy[Change] = st.none() | good_data | data | st.builds(ops.Apply, st.just(0), specs, values, ends)


def function(
    machine: int, nested: list[ops.AnyOperation], change: Change, tasks: tuple[ops.Task, ...], fail: ops.Failure | None
) -> Function:
    """Return a function that runs operations, then changes the data that it was handed, then ends.

    In this order, since what is seen of data that a transition under way has changed is not specified.
    """
    match change:
        case None:
            own: list[ops.AnyOperation] = [ops.ReadMachine(machine)]
        case ops.Apply():
            own = [replace(change, machine=machine)]
        case state, value:
            own = [ops.SetState(machine, state), ops.SetValue(machine, value)]
    return Function(ops.Script((*nested, *own), tasks, fail), machine)


def functions(
    nodes: SearchStrategy[int], ending: SearchStrategy[ops.Failure | None], depth: int = 0
) -> SearchStrategy[Function]:
    """Return functions that run operations on any nodes, transitions with functions of their own among them."""
    inside: SearchStrategy[list[ops.AnyOperation]] = st.just([])
    if depth < 2:
        inside = st.lists(nested(nodes, depth + 1), max_size=2)
    own = st.integers(10 * (depth + 1), 10 * (depth + 1) + 2)
    return st.builds(function, own, inside, changes, outputs, ending)


def transition(node: int, function: Function) -> ops.MachineTransition:
    """Return a transition of a node that runs a function."""
    return ops.MachineTransition(node, function.script, function.machine)


def nested(nodes: SearchStrategy[int], depth: int = 1) -> SearchStrategy[ops.AnyOperation]:
    """Return operations inside functions: on the nodes given, and on those that functions bound."""
    inside = st.integers(INSIDE, INSIDE + 2)
    anywhere = nodes | nodes | inside
    transitions = st.builds(transition, anywhere, functions(nodes, endings, depth))
    return st.one_of(
        st.builds(ops.AddChild, anywhere, keys, data, inside),
        transitions,
        transitions,
        st.builds(ops.Clear, anywhere),
        st.builds(ops.TransitionCount, anywhere),
        st.builds(ops.Dirty, anywhere),
        st.builds(ops.Outputs, anywhere),
        st.builds(ops.MachineData, anywhere),
    )


on_accessed = st.one_of(
    st.sampled_from([ops.PathOf(ACCESSED), ops.TransitionCount(ACCESSED), ops.MachineData(ACCESSED)]),
    nested(st.just(ACCESSED)),
)
accessors = st.builds(
    ops.Script,
    st.just(()) | st.tuples(on_accessed) | st.tuples(on_accessed, on_accessed),
    st.just(()),
    st.none() | st.sampled_from(["user_1", "user_2"]),
)
"""Scripts of executors' accessors, about the node that they are given."""


def node_state(count: int, data: ops.Data, children: dict[Key, NodeState]) -> NodeState:
    """Return a node as it comes from persistence."""
    return NodeState(count, b"%d:%d" % data, Children.of(children))


leaves = st.builds(node_state, st.integers(0, 2), good_data, st.just({}))
persisted = st.recursive(
    leaves,
    lambda below: st.builds(
        node_state, st.integers(0, 2), good_data, st.dictionaries(st.builds(Key, registered, ids), below, max_size=2)
    ),
    max_leaves=4,
)
"""Trees as they come from persistence."""
