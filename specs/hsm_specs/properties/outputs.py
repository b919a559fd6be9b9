"""Properties of the open transaction: outputs, dirtiness and clearing."""

from __future__ import annotations

from hsm_specs import operations as ops
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import shows


def clean_line(p: Builder) -> list[int]:
    """A line of nodes in a tree in which nothing is open."""
    line = p.line()
    p.do(ops.Clear(line[0]))
    return line


def family(p: Builder) -> tuple[int, int, int]:
    """A parent and two of its children, in a tree in which nothing is open."""
    parent = clean_line(p)[-1]
    first, second = p.child(parent), p.child(parent)
    p.do(ops.Clear(parent))
    return parent, first, second


@shows("OUT-LIST-1", "Outputs has the outputs of the node and of all nodes below it, at their paths.")
def _(p: Builder) -> None:
    root = p.root()
    child = p.child(root)
    handles = [root, child, p.child(child), p.child(root)]
    for handle in [child] if p.plain else p.random.choices(handles, k=p.random.randrange(5)):
        p.do(p.transition(handle))
    p.check(ops.Outputs(root))


@shows("OUT-LIST-2", "The outputs of a node are in the order of its transitions.")
def _(p: Builder) -> None:
    node = p.node()
    for payload in range(p.pick(2, 3, 4)):
        p.do(p.transition(node, tasks=((1, payload, 1000),)))
    p.check(ops.Outputs(node))


@shows("OUT-LIST-3", "Every transition has one output, also one without tasks.")
def _(p: Builder) -> None:
    node = clean_line(p)[-1]
    for _ in range(p.pick(1, 2, 3)):
        p.do(p.transition(node, tasks=()))
    p.check(ops.Outputs(node))


@shows("OUT-LIST-4", "The outputs of a subtree are not those of nodes outside it.")
def _(p: Builder) -> None:
    parent, first, second = family(p)
    p.do(p.transition(parent), p.transition(second))
    p.check(ops.Outputs(first))


@shows("OUT-LIST-5", "Paths of outputs are from the root, whichever node is asked.")
def _(p: Builder) -> None:
    node = p.node()
    p.do(p.transition(node))
    p.check(ops.Outputs(node))


@shows("DIRTY-TREE-1", "A node is dirty if it or a node below it has transitioned.")
def _(p: Builder) -> None:
    line = clean_line(p)
    p.check(ops.Dirty(line[0]))
    p.do(p.transition(line[-1]))
    p.check(*(ops.Dirty(handle) for handle in line))


@shows("DIRTY-TREE-2", "A node is not dirty by what its parent and siblings did.")
def _(p: Builder) -> None:
    parent, first, second = family(p)
    p.do(p.transition(p.pick(second, parent)))
    if p.sometimes():
        p.do(p.transition(parent))
    p.check(ops.Dirty(first))


@shows("DIRTY-TREE-3", "Adding a child is no transition, so nothing is dirty by it.")
def _(p: Builder) -> None:
    node = clean_line(p)[-1]
    child = p.child(node)
    p.check(ops.Dirty(node), ops.Dirty(child))


@shows("CLEAR-TREE-1", "Clearing resets the outputs of the node and of all nodes below it.")
def _(p: Builder) -> None:
    line = p.line()
    p.do(p.transition(p.pick(line[-1], line[0])), ops.Clear(line[0]))
    p.check(ops.Outputs(line[0]))


@shows("CLEAR-TREE-2", "After clearing nothing is dirty.")
def _(p: Builder) -> None:
    line = p.line()
    p.do(p.transition(p.pick(line[-1], line[0])), ops.Clear(line[0]))
    p.check(*(ops.Dirty(handle) for handle in line))


@shows("CLEAR-TREE-3", "Clearing a subtree leaves the outputs of all other nodes.")
def _(p: Builder) -> None:
    parent, first, second = family(p)
    p.do(p.transition(p.pick(second, parent)), p.transition(first), ops.Clear(first))
    p.check(ops.Outputs(parent), ops.Dirty(parent))


@shows("CLEAR-TREE-4", "Clearing changes no data, count or child.")
def _(p: Builder) -> None:
    line = p.line()
    p.do(p.transition(line[-1]), ops.Clear(line[0]))
    p.check(ops.Export(line[0]), ops.TransitionCount(line[-1]), ops.MachineData(line[-1]))


@shows("CLEAR-TREE-5", "After clearing, outputs are those of later transitions alone.")
def _(p: Builder) -> None:
    line = p.line()
    node = line[-1]
    p.do(p.transition(node), ops.Clear(p.pick(line[0], node)), p.transition(node, tasks=((1, 99, 1000),)))
    p.check(ops.Outputs(node))


@shows("TASK-CARRY-1", "Tasks come out with the type, payload and kind that they were put out with.")
def _(p: Builder) -> None:
    node = clean_line(p)[-1]
    tasks: tuple[ops.Task, ...] = p.pick(
        ((1, 5, 123456), (2, 6, "somewhere")), ((2, 0, ""),), ((3, -4, 0),), ((4, 2**40, "ä"), (1, 1, 253402300799999))
    )
    p.do(p.transition(node, tasks=tasks))
    p.check(ops.Outputs(node))


@shows("TASK-ATOMIC-1", "A transition's tasks are put out exactly if its change is persisted.")
def _(p: Builder) -> None:
    node = clean_line(p)[-1]
    p.do(p.transition(node, tasks=((1, 5, 1000),)))
    p.do(p.transition(node, tasks=((1, 6, 1000),), fail=p.failure()))
    if p.sometimes():
        p.do(p.transition(node, tasks=((1, 7, 1000),), changed=(1, -1)))
    p.check(ops.Outputs(node), ops.MachineData(node), ops.TransitionCount(node))
