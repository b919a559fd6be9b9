"""Properties of Transition objects and of the machines that they are applied to."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import TASKS, Builder, spec
from hsm_specs.properties.property import shows


def machine(p: Builder, state: int) -> int:
    handle = p.fresh()
    p.do(ops.StateMachine(handle, (state, p.number(5))))
    return handle


@shows("TRANS-NEW-1", "A transition has the sources, destination and apply function that it was made from.")
def _(p: Builder) -> None:
    handle = machine(p, 1)
    p.check(ops.Apply(handle, spec((1, 2), 3), 1, ops.Script((ops.SetValue(handle, 50 + p.number(9)),))))
    p.check(ops.ReadMachine(handle), ops.Possible(handle, spec((1, 2), 3)), ops.Possible(handle, spec((3,), 3)))


@shows("TRANS-POSSIBLE-1", "A transition is possible in its sources and in no other state.")
def _(p: Builder) -> None:
    for state in (1, 2) if p.plain else range(4):
        handle = machine(p, state)
        sources = (1,) if p.plain else tuple(p.number(4) for _ in range(p.number(6)))
        p.check(ops.Possible(handle, spec(sources, p.pick(3, state, 0))))


@shows("TRANS-POSSIBLE-2", "Asking whether a transition is possible changes nothing.")
def _(p: Builder) -> None:
    handle = machine(p, p.pick(1, 2))
    p.do(ops.Possible(handle, spec((1,), 3)))
    p.check(ops.ReadMachine(handle))


@shows("TRANS-APPLY-1", "A machine is in the destination after a successful apply.")
def _(p: Builder) -> None:
    source, destination = p.pick(1, 2, 0), p.pick(3, 0, 2)
    handle = machine(p, source)
    p.do(ops.Apply(handle, spec((source, 5), destination), p.number(5)))
    p.check(ops.ReadMachine(handle))


@shows("TRANS-APPLY-2", "Apply in a state that is no source is refused.")
def _(p: Builder) -> None:
    handle = machine(p, p.pick(1, 0, 2))
    sources = p.pick((3,), (), (4, 5))
    p.check(ops.Apply(handle, spec(sources, p.pick(2, 1))))


@shows("TRANS-APPLY-3", "A refused apply does not call the function and leaves the machine alone.")
def _(p: Builder) -> None:
    handle = machine(p, p.pick(1, 0, 2))
    p.check(ops.Apply(handle, spec(p.pick((3,), (), (4, 5)), 2), 0, ops.Script((ops.SetValue(handle, 99),))))
    p.check(ops.ReadMachine(handle))


@shows("TRANS-APPLY-4", "The apply function sees the machine in the destination.")
def _(p: Builder) -> None:
    handle = machine(p, 1)
    p.check(ops.Apply(handle, spec((1,), p.pick(3, 0, 2)), p.number(5)))


@shows("TRANS-APPLY-5", "A failed apply leaves the machine in the state that it was in.")
def _(p: Builder) -> None:
    source = p.pick(1, 2, 0)
    handle = machine(p, source)
    inside = (ops.SetState(handle, 4),) if p.sometimes() else ()
    p.do(ops.Apply(handle, spec(p.pick((source,), (5, source)), 3), 0, ops.Script(inside, (), p.failure())))
    p.check(ops.ReadMachine(handle))


@shows("TRANS-APPLY-6", "Apply returns the output of the function.")
def _(p: Builder) -> None:
    handle = machine(p, 1)
    p.check(ops.Apply(handle, spec((1,), 3), 0, ops.Script(tasks=p.pick(TASKS[:1], (), TASKS[:2], TASKS[1::-1]))))


@shows("TRANS-APPLY-7", "Apply returns the function's own error.")
def _(p: Builder) -> None:
    handle = machine(p, 1)
    p.check(ops.Apply(handle, spec((1,), 3), 0, ops.Script(fail=p.failure())))


@shows("TRANS-APPLY-8", "A state that the function sets stays.")
def _(p: Builder) -> None:
    handle = machine(p, 1)
    p.do(ops.Apply(handle, spec((1,), 3), 0, ops.Script((ops.SetState(handle, p.pick(4, 1, 7)),))))
    p.check(ops.ReadMachine(handle))


@shows("TRANS-APPLY-9", "The function is given the event.")
def _(p: Builder) -> None:
    handle = machine(p, 1)
    p.check(ops.Apply(handle, spec((1,), 3), p.pick(7, 0, -4, 2**40)))


@shows("MACH-STATE-1", "A machine is in the state that it was last set to.")
def _(p: Builder) -> None:
    handle = machine(p, p.number(3))
    p.do(ops.SetState(handle, p.pick(4, 0, 2)))
    p.check(ops.ReadMachine(handle))


@shows("MACH-TASKS-2", "The tasks that a machine regenerates are those of its present state.")
def _(p: Builder) -> None:
    handle = machine(p, p.number(3))
    p.do(ops.SetState(handle, p.pick(1, 2, 0, 4)))
    p.check(ops.RegenerateTasks(handle))
    if p.sometimes():
        p.do(ops.SetState(handle, p.pick(2, 3, 1)))
        p.check(ops.RegenerateTasks(handle))


@shows("TRANS-KEEP-1", "A kept transition answers by the state that the machine is in now.")
def _(p: Builder) -> None:
    first, second, kept = machine(p, 1), machine(p, 3), p.fresh()
    states = spec((1, 4), p.pick(2, 5))
    p.do(ops.NewTransition(states, kept))
    p.check(ops.Possible(first, states, kept), ops.Possible(second, states, kept))
    # To ask must not move the machine; that it does would be another requirement's.
    p.do(ops.SetState(first, 1), ops.SetState(second, 3))
    p.check(ops.Apply(first, states, 1, ops.Script((ops.SetValue(first, 7),), p.tasks()), kept))
    p.check(ops.Apply(first, states, 2, kept=kept), ops.ReadMachine(first), ops.Possible(first, states, kept))
    p.do(ops.SetState(first, 4), ops.SetState(second, 4))
    p.check(ops.Possible(first, states, kept), ops.Apply(second, states, 3, ops.Script((), p.tasks()), kept))
    p.do(ops.SetState(first, 4))
    if p.sometimes():
        p.check(ops.Apply(first, states, 4, ops.Script(fail=p.failure()), kept), ops.Possible(first, states, kept))
