"""Properties of MachineTransition: what runs, what a success commits, which error a failure answers."""

from __future__ import annotations

from hsm_specs import operations as ops
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.data import poisoned
from hsm_specs.properties.property import shows


@shows("MT-RUN-1", "The function is run once with the machine's data.")
def _(p: Builder) -> None:
    node, machine = p.node(), p.fresh()
    p.check(ops.MachineTransition(node, ops.Script((ops.ReadMachine(machine),)), machine))


@shows("MT-COMMIT-1", "A successful transition persists the data as the function left it.")
def _(p: Builder) -> None:
    line = p.line()
    node = line[-1]
    p.do(p.transition(node))
    p.check(ops.MachineData(node), ops.Export(node))
    if p.sometimes():
        fresh = p.fresh()
        p.do(ops.Rehydrate(line[0], p.type(), p.data(), fresh))
        p.check(ops.Export(fresh))


@shows("MT-COMMIT-2", "A successful transition makes the count one higher.")
def _(p: Builder) -> None:
    node = p.node()
    p.do(p.transition(node))
    p.check(ops.TransitionCount(node), ops.Export(node))


@shows("MT-COMMIT-3", "A successful transition makes the node dirty.")
def _(p: Builder) -> None:
    node = p.node()
    p.do(ops.Clear(node), p.transition(node, tasks=p.pick((), None)))
    p.check(ops.Dirty(node))


@shows("MT-COMMIT-4", "A successful transition records its output.")
def _(p: Builder) -> None:
    node = p.node()
    p.do(p.transition(node))
    p.check(ops.Outputs(node))


@shows("MT-FAIL-1", "The function's error is returned.")
def _(p: Builder) -> None:
    p.check(p.failing(p.node()))


@shows("MT-FAIL-2", "Data that does not serialize after the function is answered with the error.")
def _(p: Builder) -> None:
    p.check(p.transition(p.node(), changed=(p.number(3), -1)))


@shows("MT-FAIL-3", "A transition with a wrong type is refused, and the function not run.")
def _(p: Builder) -> None:
    node, machine = p.node(), p.fresh()
    script = ops.Script((ops.SetValue(machine, 77),), p.tasks())
    p.check(ops.MachineTransition(node, script, machine, "other"))
    p.check(ops.MachineData(node), ops.TransitionCount(node), ops.Outputs(node))


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
    node, other = p.pick((line[-1], line[0]), (line[0], line[-1]))
    p.do(p.transition(node, p.transition(other)))
    for handle in (node, other):
        p.check(ops.TransitionCount(handle), ops.MachineData(handle))
    p.check(ops.Outputs(line[0]))
