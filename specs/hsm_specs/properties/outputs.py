"""Properties of the open transaction: outputs, dirtiness and clearing."""

from __future__ import annotations

import itertools

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import shows


def family(p: Builder) -> tuple[int, int, int]:
    """Return a parent and two of its children, the first sometimes with a child, in a tree in which nothing is open."""
    line = p.line()
    parent = p.pick(*line)
    first, second = p.child(parent), p.child(parent)
    if p.sometimes():
        p.child(first)
    p.clean(line[0])
    return parent, first, second


def leaf(p: Builder) -> tuple[int, int]:
    """Return the root and a node without children: the root itself or its only child."""
    root = p.root()
    return root, p.child(root) if p.sometimes() else root


@shows("OUT-LIST-1", "Outputs has the outputs of the node and of all nodes below it, at their paths.")
def _(p: Builder) -> None:
    root = p.root()
    child = p.child(root)
    handles = [root, child, p.child(child), p.child(root)]
    chosen = [child] if p.plain else p.random.choices(handles, k=p.random.randrange(1, 5))
    for payload, handle in enumerate(chosen):
        p.do(p.transition(handle, tasks=((1, payload, 1000),)))
    p.check(ops.Outputs(root))


@shows("OUT-LIST-2", "The outputs of a node are in the order of its transitions.")
def _(p: Builder) -> None:
    root, node = leaf(p)
    for payload in p.pick((9, 3), (1, 2, 3), (3, 1, 2)):
        p.do(p.transition(node, tasks=((1, payload, 1000),)))
    p.check(ops.Outputs(root))


@shows("OUT-LIST-3", "Every transition has one output of its own, also one without tasks.")
def _(p: Builder) -> None:
    root, node = leaf(p)
    for tasks in p.pick(((),), ((), ()), (((1, 1, 1000),), ((1, 1, 1000),)), (((1, 1, 1000),), (), ((1, 2, 1000),))):
        p.do(p.transition(node, tasks=tasks))
    p.check(ops.Outputs(root))


@shows("OUT-LIST-4", "The outputs of a subtree are not those of nodes outside it.")
def _(p: Builder) -> None:
    parent, first, second = family(p)
    p.do(p.transition(parent), p.transition(second))
    p.check(ops.Outputs(first))


@shows("OUT-LIST-5", "Paths of outputs are from the root, whichever node is asked.")
def _(p: Builder) -> None:
    node = p.line()[-1]
    p.do(p.transition(node))
    p.check(ops.Outputs(node))


@shows("DIRTY-TREE-1", "A node is dirty if it or a node below it has transitioned.")
def _(p: Builder) -> None:
    line = [p.root()]
    p.check(ops.Dirty(line[0]))
    for _ in range(p.pick(0, 1, 2)):
        if p.sometimes():
            p.child(line[-1])
        line.append(p.child(line[-1]))
    if p.sometimes(0.4):
        line = p.loaded(line)
    else:
        p.clean(line[0])
    p.do(p.transition(line[-1]))
    if p.sometimes(0.3):
        p.do(*(ops.Child(above, (p.keys[below],)) for above, below in itertools.pairwise(line)))
    p.check(*map(ops.Dirty, line))
    if p.sometimes():
        p.do(ops.Clear(line[-1]))
        p.check(*map(ops.Dirty, line))


@shows("DIRTY-TREE-2", "A node is not dirty by what its parent and siblings did.")
def _(p: Builder) -> None:
    parent, first, second = family(p)
    p.do(p.transition(p.pick(parent, second)))
    if p.sometimes():
        p.do(p.transition(second))
    p.check(ops.Dirty(first))


@shows("DIRTY-TREE-3", "Adding a child is no transition, so nothing is dirty by it.")
def _(p: Builder) -> None:
    node = p.node()
    child = p.child(node)
    p.check(ops.Dirty(node), ops.Dirty(child))


def transitioned(p: Builder) -> list[int]:
    """Return a line of which some nodes have transitioned, sometimes more than once."""
    line = p.line()
    for node in p.pick((line[0],), (line[-1],), (line[-1], line[-1]), tuple(line)):
        p.do(p.transition(node))
    return line


@shows("CLEAR-TREE-1", "Clearing resets the outputs of the node and of all nodes below it.")
def _(p: Builder) -> None:
    line = transitioned(p)
    p.do(ops.Clear(line[0]))
    p.check(ops.Outputs(line[0]))


@shows("CLEAR-TREE-2", "After clearing nothing is dirty.")
def _(p: Builder) -> None:
    line = transitioned(p)
    p.do(ops.Clear(line[0]))
    p.check(*map(ops.Dirty, line))


@shows("CLEAR-TREE-3", "Clearing a subtree leaves the outputs and the dirt of all other nodes.")
def _(p: Builder) -> None:
    root = p.root()
    parent = p.child(root) if p.sometimes() else root
    kind = p.type()
    first, second = p.child(parent, kind), p.child(parent, kind)
    other = p.pick(second, parent)
    if p.sometimes():
        p.child(first)
    p.clean(root)
    p.do(p.transition(other), ops.Clear(first))
    p.check(ops.Outputs(root), ops.Dirty(other), ops.Dirty(root))


@shows("CLEAR-TREE-4", "Clearing changes no data, count or child.")
def _(p: Builder) -> None:
    line = p.line()
    node = p.pick(*line)
    p.do(p.transition(node), ops.Clear(p.pick(*line)))
    p.check(ops.Export(line[0]), ops.TransitionCount(node), *map(ops.MachineData, reversed(line)))


@shows("CLEAR-TREE-5", "After clearing, outputs are those of later transitions alone.")
def _(p: Builder) -> None:
    line = p.line()
    node = p.pick(*line)
    p.do(p.transition(node), ops.Clear(p.pick(line[0], node)), p.transition(node, tasks=((1, 99, 1000),)))
    p.check(ops.Outputs(line[0]))


@shows("TASK-CARRY-1", "Tasks come out with the type, payload and kind that they were put out with.")
def _(p: Builder) -> None:
    line = p.line()
    tasks: tuple[ops.Task, ...] = p.pick(
        ((1, 5, 123456), (2, 6, "somewhere")), ((2, 0, ""),), ((3, -4, 0),), ((4, 2**40, "ä"), (1, 1, 253402300799999))
    )
    p.do(p.transition(p.pick(*line), tasks=tasks))
    p.check(ops.Outputs(line[0]))


@shows("TASK-ATOMIC-1", "A transition's tasks are put out exactly if its change is persisted.")
def _(p: Builder) -> None:
    root = p.root()
    node = p.child(root) if p.sometimes() else root
    failures = (p.failing(node), p.transition(node, changed=(1, -1), tasks=((1, 6, 1000),)))
    p.do(p.pick(failures[1], failures[0]), p.transition(node, tasks=((1, 7, 1000),)))
    if p.sometimes():
        p.do(p.pick(*failures))
    p.check(ops.Outputs(root), ops.Export(node))
