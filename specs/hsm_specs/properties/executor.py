"""Properties of execution: executors, what they are given, access and refs."""

from __future__ import annotations

from hsm_specs import operations as ops
from hsm_specs.properties.builder import TASKS, Builder
from hsm_specs.properties.property import shows


def task(p: Builder) -> ops.Task:
    return p.pick(*TASKS)


def key_of(p: Builder, handle: int) -> ops.Key:
    """The key under which the case added a node."""
    return next(op.key for op in p.operations if isinstance(op, ops.AddChild) and op.bind == handle)


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
        p.do(ops.RegisterExecutor(chosen[0] % 4 + 1, 3))
    p.check(ops.Execute(chosen, ops.RefSpec(()), root))


@shows("EXEC-RUN-3", "Execute returns the executor's own error.")
def _(p: Builder) -> None:
    root, chosen = p.root(), task(p)
    access: ops.Access | None = p.pick(None, "read", "write")
    p.do(ops.RegisterExecutor(chosen[0], 3, access, None, ops.Script(fail=p.failure())))
    p.check(ops.Execute(chosen, ops.RefSpec(()), root))


@shows("EXEC-ARGS-1", "The executor is given the environment, the ref and the task that Execute was given.")
def _(p: Builder) -> None:
    line, chosen = p.line(), task(p)
    p.do(ops.RegisterExecutor(chosen[0], 3))
    path = p.pick(((1, "a"),), (), ((1, "a"), (2, "b")))
    ref = ops.RefSpec(path, p.pick(("n", "w", "r"), ("", "x", "ü")), p.pick(2, 0, 5), p.pick(3, 0, 9))
    p.check(ops.Execute(chosen, ref, line[0], p.pick(1234, 0, 10**12)))


@shows("ENV-ACCESS-1", "The accessor is given the node that the ref names.")
def _(p: Builder) -> None:
    root, chosen, handle = p.root(), task(p), p.fresh()
    child = p.child(root)
    path = [key_of(p, child)]
    if p.sometimes():
        path.append(key_of(p, p.child(child)))
    script = ops.Script((ops.PathOf(handle), ops.MachineData(handle)))
    p.do(ops.RegisterExecutor(chosen[0], 3, p.pick("read", "write"), handle, script))
    p.check(ops.Execute(chosen, ops.RefSpec(tuple(path)), root))


@shows("ENV-ACCESS-2", "Read access and write access are told apart.")
def _(p: Builder) -> None:
    root = p.root()
    first, second = p.pick((1, 3), (3, 1))
    p.do(ops.RegisterExecutor(first, 3, "read"), ops.RegisterExecutor(second, 4, "write"))
    p.check(*(ops.Execute((type_id, 0, 1000), ops.RefSpec(()), root) for type_id in (1, 3)))


@shows("REF-PATH-1", "A ref's path is its keys in order.")
def _(p: Builder) -> None:
    keys: list[ops.Key] = [(1, "a"), (2, "b"), (1, "a"), (3, "")]
    p.check(ops.StateMachinePath(ops.RefSpec(tuple(keys[: p.pick(2, 0, 1, 3, 4)]))))
