"""Properties of commits: state and tasks, failures of the store, ownership."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import shows
from hsm_specs.properties.workflows.workflow import KINDS, TASKS, UNSERIALIZED, Workflow


def error(p: Builder) -> ops.StoreError:
    return p.pick("condition_failed", "unknown_outcome")


@shows("COMMIT-ATOMIC-1", "The state and the tasks of a commit are both stored, or neither is.")
def _(p: Builder) -> None:
    w = Workflow(p)
    w.settled()
    if p.sometimes():
        p.do(ops.FailStore(0, "before", error(p)))
    p.do(w.write(*w.transition(*w.tasks()), *p.pick((), w.below())))
    p.check(*w.committed())


@shows("COMMIT-ATOMIC-2", "If the store fails after it has written, the state and the tasks are both stored.")
def _(p: Builder) -> None:
    w = Workflow(p)
    w.settled()
    p.do(ops.FailStore(0, "after", error(p)))
    p.do(w.write(*w.transition(*w.tasks())))
    p.check(*w.committed())


@shows("COMMIT-ATOMIC-3", "However a write fails, the next access sees what is stored.")
def _(p: Builder) -> None:
    w = Workflow(p)
    w.loaded()
    p.do(ops.FailStore(0, p.pick("before", "after"), error(p)))
    p.do(w.write(*p.pick(w.transition(*w.tasks()), (w.addition(),))))
    p.check(w.read(), w.count())


@shows("COMMIT-ERROR-1", "Access fails with the error of the store, whether or not the write took place.")
def _(p: Builder) -> None:
    w = Workflow(p)
    p.do(ops.FailStore(0, p.pick("before", "after"), error(p)))
    p.check(w.write(*p.pick((), (w.addition(),), w.transition(*w.tasks()))))


@shows("COMMIT-SERIALIZER-1", "A task without a serializer makes the whole commit fail.")
def _(p: Builder) -> None:
    w = Workflow(p)
    w.settled()
    task = p.pick(*UNSERIALIZED)
    tasks = p.pick((task,), (TASKS[0], task), (task, TASKS[1]))
    p.check(w.write(*w.transition(*tasks)), *w.committed())


@shows("COMMIT-CLEAR-1", "The outputs of a commit are not stored again by a later one.")
def _(p: Builder) -> None:
    w = Workflow(p)
    p.do(w.write(*p.pick((), (w.addition(),)), *p.pick(w.transition(*w.tasks()), w.below())))
    if p.sometimes():
        p.do(w.forgetting())
    p.do(w.write(*p.pick((), (w.addition(),))))
    p.check(ops.StoredTasks(0, 0))


@shows("COMMIT-REF-1", "A stored task has a reference to the machine that asked for it.")
def _(p: Builder) -> None:
    w = Workflow(p)
    p.do(w.write(*w.transition(*w.tasks(KINDS))))
    if p.sometimes():
        p.do(w.write(*w.below(KINDS)))
    p.check(ops.StoredTasks(0, 0))


@shows("COMMIT-QUEUE-1", "The kind of a task, not its type, says whether it is a timer or goes to the outbound queue.")
def _(p: Builder) -> None:
    w = Workflow(p)
    kinds: tuple[ops.Kind, ...] = ("x", 1000, "", 5000)
    tasks = tuple((1 + p.number(4), p.number(9), p.pick(*kinds)) for _ in range(p.pick(1, 2, 3)))
    p.do(w.write(*w.transition((1, 7, "x"), *tasks)))
    p.check(ops.StoredTasks(0, 0))


@shows("COMMIT-SUPERSEDED-1", "A task that a later transition of the same commit made stale is not stored.")
def _(p: Builder) -> None:
    w = Workflow(p)
    p.do(w.write(*w.transition(*w.tasks(KINDS)), *w.transition(*p.pick((), w.tasks(KINDS)))))
    p.check(ops.StoredTasks(0, 0))


@shows("COMMIT-OWNER-1", "A cell that is no longer the owner of its store does not write; one that is restarted does.")
def _(p: Builder) -> None:
    w = Workflow(p)
    w.settled()
    p.do(ops.NewCell(1))
    change = w.transition(*w.tasks())
    p.check(w.write(*change), *w.committed())
    if p.sometimes():
        p.check(w.write(*change, cell=1))
    p.do(ops.Restart(0))
    p.check(w.write(*change), *w.committed())


@shows("COMMIT-OWNER-3", "A cell that has learned that it is no longer the owner loads nothing until it is restarted.")
def _(p: Builder) -> None:
    w = Workflow(p)
    p.do(ops.NewCell(1))
    if p.sometimes():
        p.do(ops.FailStore(0, p.pick("before", "after"), "unknown_outcome"))
    p.do(w.write(*p.pick((), w.transition(*w.tasks()))))
    p.check(*p.pick((w.read(),), (w.write(),), (w.count(), w.access(), w.count())))
    if p.sometimes():
        p.check(w.write(cell=1))
    p.do(ops.Restart(0))
    p.check(w.read())
