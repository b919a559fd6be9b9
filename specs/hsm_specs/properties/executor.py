"""Properties of execution: executors, what they are given, access and refs."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import EXECUTED, Builder
from hsm_specs.properties.property import shows


def task(p: Builder) -> ops.Task:
    return p.pick(*EXECUTED)


@shows("EXEC-RUN-1", "Execute runs the executor once.")
def _(p: Builder) -> None:
    root, chosen = p.root(), task(p)
    p.do(ops.RegisterExecutor(chosen[0], 3))
    p.check(ops.Execute(chosen, ops.RefSpec(()), root))
    if p.sometimes():
        p.check(ops.Execute(chosen, ops.RefSpec(()), root, 8))


@shows("EXEC-RUN-2", "Execute refuses a task whose type has no executor.")
def _(p: Builder) -> None:
    root, chosen = p.root(), task(p)
    if p.sometimes():
        p.do(ops.RegisterExecutor(chosen[0] + 10, 3))
    p.check(ops.Execute(chosen, ops.RefSpec(()), root))


@shows("EXEC-RUN-3", "Execute returns the executor's own error.")
def _(p: Builder) -> None:
    root, chosen = p.root(), task(p)
    child = p.child(root)
    access: ops.Access | None = p.pick(None, "read", "write")
    p.do(ops.RegisterExecutor(chosen[0], 3, access, None, ops.Script(fail=p.failure())))
    p.check(ops.Execute(chosen, ops.RefSpec((p.keys[child],)), root))


@shows("EXEC-ARGS-1", "The executor is given the environment, the ref and the task that Execute was given.")
def _(p: Builder) -> None:
    root, chosen = p.root(), task(p)
    p.do(ops.RegisterExecutor(chosen[0], 3))
    path = p.pick(((1, "a"),), (), ((1, "a"), (2, "b")))
    ref = ops.RefSpec(path, p.pick(("n", "w", "r"), ("", "x", "ü")), p.pick(2, 0, 5), p.pick(3, 0, 9))
    p.check(ops.Execute(chosen, ref, root, p.pick(1234, 0, 10**12)))


@shows("ENV-ACCESS-1", "The accessor is given the node that the ref names.")
def _(p: Builder) -> None:
    root, chosen, handle = p.root(), task(p), p.fresh()
    child = p.child(root)
    path = [p.keys[child]]
    if p.sometimes():
        path.append(p.keys[p.child(child)])
    access: ops.Access = p.pick("read", "write")
    change = (p.transition(handle),) if access == "write" and p.sometimes() else ()
    script = ops.Script((ops.KeyOf(handle), ops.Export(handle), *change))
    p.do(ops.RegisterExecutor(chosen[0], 3, access, handle, script))
    p.check(ops.Execute(chosen, ops.RefSpec(tuple(path)), root))
    if change:
        p.check(ops.Export(root), ops.Dirty(root))


@shows("ENV-ACCESS-2", "Read access and write access are distinguished.")
def _(p: Builder) -> None:
    root = p.root()
    ref = ops.RefSpec((p.keys[p.child(root)],))
    first, second = p.pick((EXECUTED[0], EXECUTED[1]), (EXECUTED[1], EXECUTED[0]))
    p.do(ops.RegisterExecutor(first[0], 3, "read"), ops.RegisterExecutor(second[0], 4, "write"))
    p.check(ops.Execute(EXECUTED[0], ref, root), ops.Execute(EXECUTED[1], ref, root))


@shows("REF-PATH-1", "A ref's path is its keys in order.")
def _(p: Builder) -> None:
    keys: list[ops.Key] = [(2, "a"), (1, "b"), (2, "a"), (3, "")]
    p.check(ops.StateMachinePath(ops.RefSpec(tuple(keys[: p.pick(2, 0, 1, 3, 4)]))))
