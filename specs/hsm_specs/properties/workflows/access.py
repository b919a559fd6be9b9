"""Properties of access to workflows: reading, writing, errors, panics and locks."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import shows
from hsm_specs.properties.workflows.workflow import Workflow


@shows("ENV-READ-1", "Read access writes nothing.")
def _(p: Builder) -> None:
    w = Workflow(p)
    if p.sometimes():
        p.do(ops.CloseWorkflow(0, 0))
    p.do(w.count())
    ref: ops.MachineRef | None = p.pick(None, ((w.key,), 1, 0))
    p.do(w.read(ref=ref))
    p.check(w.count(), *w.committed())


@shows("ENV-READ-3", "What an accessor changed under read access is not stored.")
def _(p: Builder) -> None:
    w = Workflow(p)
    w.loaded()
    change = p.pick(w.transition(*w.tasks()), (w.addition(),))
    p.do(w.read(*change, fail=p.pick(None, "user_1")))
    p.check(*w.committed())


@shows("ENV-READ-4", "Read access that changed the tree panics, and the next access loads the workflow.")
def _(p: Builder) -> None:
    w = Workflow(p)
    w.loaded()
    change = p.pick(w.transition(*w.tasks()), (w.addition(),))
    p.check(w.read(*change, fail=p.pick(None, "user_1")), w.read(), w.count())


@shows("ENV-WRITE-1", "Write access commits what its accessor did.")
def _(p: Builder) -> None:
    w = Workflow(p)
    change = p.pick(w.transition(), (w.addition(),), (w.addition(), *w.transition(*w.tasks())))
    p.do(w.write(*change))
    p.check(ops.Stored(0, 0))
    if p.sometimes():
        p.do(w.forgetting())
        p.check(w.read())


@shows("ENV-WRITE-2", "Write access that did nothing writes once.")
def _(p: Builder) -> None:
    w = Workflow(p)
    p.do(w.write(*p.pick((), (ops.Export(w.node),))))
    p.check(w.count())


@shows("ENV-WRITE-3", "A closed workflow is read and written like a running one.")
def _(p: Builder) -> None:
    w = Workflow(p)
    p.do(ops.CloseWorkflow(0, 0))
    p.check(w.write(*w.transition(*w.tasks())), *w.seen())


@shows("ENV-ERROR-1", "An accessor's error under read access leaves the workflow in memory.")
def _(p: Builder) -> None:
    w = Workflow(p)
    w.loaded()
    p.do(w.read(fail=p.failure()), w.read())
    p.check(w.count())


@shows("ENV-ERROR-2", "An accessor's error under write access discards all that it did and unloads the workflow.")
def _(p: Builder) -> None:
    w = Workflow(p)
    w.loaded()
    change = p.pick(w.transition(*w.tasks()), (w.addition(),))
    p.do(w.write(*change, fail=p.failure()))
    p.check(*w.seen(), w.count())


@shows("ENV-ERROR-3", "The error that Access returns is the accessor's own.")
def _(p: Builder) -> None:
    w = Workflow(p)
    p.check(w.access(fail=p.failure()))


@shows("ENV-PANIC-1", "An accessor's panic leaves the store as it was.")
def _(p: Builder) -> None:
    w = Workflow(p)
    w.loaded()
    change = p.pick(w.transition(*w.tasks()), (w.addition(),))
    p.do(w.write(*change, fail="panic"))
    p.check(*w.committed())


@shows("ENV-PANIC-2", "An accessor's panic unloads the workflow.")
def _(p: Builder) -> None:
    w = Workflow(p)
    w.loaded()
    p.do(p.pick(w.read(fail="panic"), w.write(fail="panic"), w.write(w.addition(), fail="panic")), w.read())
    p.check(w.count())


@shows("ENV-LOCK-1", "Access of a workflow inside of another access to it is busy; access of another workflow is not.")
def _(p: Builder) -> None:
    w = Workflow(p)
    p.check(w.write(w.access()))
    if p.sometimes():
        p.do(ops.StartWorkflow(0, 1))
        p.check(w.write(ops.AccessWorkflow(0, 1, p.pick("write", "read"))))


@shows("ENV-LOCK-2", "However an access ends, the workflow is not locked afterwards.")
def _(p: Builder) -> None:
    w = Workflow(p)
    ended = p.pick(
        w.write(fail="panic"),
        w.write(fail="user_1"),
        w.read(ref=((w.key,), 1, 99)),
        w.read(w.addition()),
        w.write(w.access()),
        w.write(),
    )
    p.do(ended)
    p.check(w.access())
