"""Properties of MachineTransition: what runs, what a success commits, which error a failure returns."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import TASKS, Builder
from hsm_specs.properties.data import poisoned
from hsm_specs.properties.property import shows


@shows("MT-RUN-1", "The function is run once with the machine's data.")
def _(p: Builder) -> None:
    line, machine = p.line(), p.fresh()
    node = p.pick(line[-1], p.loaded(line)[-1]) if p.sometimes() else line[-1]
    p.check(ops.MachineTransition(node, ops.Script((ops.ReadMachine(machine),)), machine))


@shows("MT-COMMIT-1", "A successful transition persists the data as the function left it.")
def _(p: Builder) -> None:
    line = p.seasoned(p.line())
    if p.sometimes(0.3):
        p.check(ops.Export(line[0]))
    p.do(p.transition(line[-1]))
    p.check(ops.Export(line[-1]), ops.Export(line[0]))


@shows("MT-COMMIT-2", "A successful transition makes the count one higher.")
def _(p: Builder) -> None:
    root = p.root()
    p.do(p.transition(root))
    p.check(ops.TransitionCount(root), ops.Export(root))


@shows("MT-COMMIT-3", "A successful transition makes the node dirty.")
def _(p: Builder) -> None:
    line = p.line()
    node = p.pick(*line)
    p.clean(line[0])
    p.do(p.pick(p.transition(node, tasks=()), p.transition(node), p.bare(node)))
    p.check(ops.Dirty(node))


@shows("MT-COMMIT-4", "A successful transition records its output, with all tasks in order.")
def _(p: Builder) -> None:
    root = p.root()
    p.do(p.transition(root, tasks=p.pick((*TASKS[:2], TASKS[0]), TASKS[1::-1], TASKS)))
    p.check(ops.Outputs(root))


@shows("MT-FAIL-1", "The function's error is returned.")
def _(p: Builder) -> None:
    node = p.node()
    p.check(p.failing(node))
    if p.sometimes(0.3):
        p.check(p.failing(node))


@shows("MT-FAIL-2", "Data that does not serialize after the function is answered with the error.")
def _(p: Builder) -> None:
    p.check(p.transition(p.node(), changed=(p.number(3), -1)))


@shows("MT-FAIL-3", "A transition with a wrong type is refused, and the function not run.")
def _(p: Builder) -> None:
    line, machine = p.line(), p.fresh()
    node = p.pick(*line)
    script = ops.Script((ops.SetValue(machine, 77),), p.tasks())
    p.check(ops.MachineTransition(node, script, machine, "other"))
    p.check(ops.Export(node), ops.TransitionCount(node), ops.Outputs(line[0]))


@shows("MT-FAIL-4", "A transition of data that does not deserialize is answered with the error, and not run.")
def _(p: Builder) -> None:
    node = poisoned(p)
    p.check(p.transition(node), ops.TransitionCount(node), ops.Dirty(node))


@shows("MT-NESTED-1", "Inside the function the count is already one higher.")
def _(p: Builder) -> None:
    node = p.node()
    p.check(p.transition(node, ops.TransitionCount(node)))


@shows("MT-NESTED-2", "A transition inside a function that succeeds counts, persists and is recorded like any other.")
def _(p: Builder) -> None:
    line = p.line()
    sibling = p.child(line[-2])
    node, other = p.pick((line[0], line[-1]), (line[-1], line[0]), (line[-1], sibling), (line[-1], line[-1]))
    p.do(p.transition(node, p.transition(other)))
    p.check(ops.TransitionCount(node), ops.TransitionCount(other), ops.Outputs(line[0]), ops.Export(line[0]))
