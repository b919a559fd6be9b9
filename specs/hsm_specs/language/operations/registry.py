"""Operations on registries: what is registered, tasks and their execution, references to machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from hsm_specs.language import operations as ops
from hsm_specs.language.shapes import (
    Access,
    Called,
    ExecutableTask,
    Failure,
    FoundTag,
    Kind,
    NewExecutorType,
    NewNodeHandle,
    NewRegistryHandle,
    NewSerializerType,
    NewType,
    NodeHandle,
    Operation,
    Path,
    RefSpec,
    RegistryHandle,
    Script,
    SerializableTask,
    SerializerType,
    SoughtType,
    Tag,
    Task,
    TaskData,
    Time,
)
from hsm_specs.language.specification import Builder, Choice, Inner, Modelled, OperationSpec

SPECIFIED: dict[type[Operation], OperationSpec] = {}
NOTHING: Final = "nothing found"


class NewRegistry(Operation, tag="new_registry", frozen=True):
    """NewRegistry. Binds ``registry``. Returns null."""

    registry: NewRegistryHandle = 0


SPECIFIED[NewRegistry] = OperationSpec(
    reads="{registry}NewRegistry()",
    value=None,
    about="REG-NEW-1",
    modelled=Modelled("new_registry", ("REG-NEW-1",)),
    sets_up=True,
    choices=(),  # Each random program begins with one.
    example=lambda: (NewRegistry(1), Machine(1, 1)),
)


class RegisterMachine(Operation, tag="register_machine", frozen=True):
    """Registry.RegisterMachine with the palette's definition for ``type``, marked with ``tag``. Returns null."""

    type: NewType
    tag: Tag = 0
    registry: RegistryHandle = 0


SPECIFIED[RegisterMachine] = OperationSpec(
    reads="{registry}.RegisterMachine(type {type}{tag})",
    value=None,
    about="REG-MACHINE-1",
    modelled=Modelled(
        "Registry.register_machine",
        (
            "REG-MACHINE-1",
            "REG-MACHINE-4",
            "REG-MAPS-1",
        ),
    ),
    refusals={"duplicate_registration": "REG-MACHINE-2"},
    sets_up=True,
    choices=(Choice(1),),
    example=lambda: (RegisterMachine(3, 30), RegisterMachine(3, 31)),
)


class Machine(Operation, tag="machine", frozen=True):
    """Registry.Machine. Returns the tag of the definition that was found, or null if none was."""

    type: SoughtType
    registry: RegistryHandle = 0


SPECIFIED[Machine] = OperationSpec(
    reads="{registry}.Machine(type {type})",
    value=FoundTag | None,
    null=NOTHING,
    about="REG-MACHINE-1",
    modelled=Modelled(
        "Registry.machine",
        (
            "REG-MACHINE-1",
            "REG-MACHINE-3",
        ),
    ),
    choices=(Choice(1),),
    example=lambda: (Machine(1), Machine(3)),
)


class RegisterTaskSerializer(Operation, tag="register_task_serializer", frozen=True):
    """Registry.RegisterTaskSerializer with the palette's serializer, marked with ``tag``. Returns null."""

    type: NewSerializerType
    tag: Tag = 0
    registry: RegistryHandle = 0


SPECIFIED[RegisterTaskSerializer] = OperationSpec(
    reads="{registry}.RegisterTaskSerializer(type {type}{tag})",
    value=None,
    about="REG-TASK-1",
    modelled=Modelled(
        "Registry.register_task_serializer",
        (
            "REG-TASK-1",
            "REG-TASK-4",
            "REG-MAPS-1",
        ),
    ),
    refusals={"duplicate_registration": "REG-TASK-2"},
    capability="tasks",
    sets_up=True,
    choices=(Choice(1),),
    example=lambda: (RegisterTaskSerializer(1, 100), RegisterTaskSerializer(1, 101)),
)


class TaskSerializer(Operation, tag="task_serializer", frozen=True):
    """Registry.TaskSerializer. Returns the tag of the serializer that was found, or null if none was."""

    type: SerializerType
    registry: RegistryHandle = 0


SPECIFIED[TaskSerializer] = OperationSpec(
    reads="{registry}.TaskSerializer(type {type})",
    value=FoundTag | None,
    null=NOTHING,
    about="REG-TASK-1",
    modelled=Modelled(
        "Registry.task_serializer",
        (
            "REG-TASK-1",
            "REG-TASK-3",
        ),
    ),
    capability="tasks",
    choices=(Choice(1),),
    example=lambda: (RegisterTaskSerializer(1, 100), TaskSerializer(1), TaskSerializer(2)),
)


class SerializeTask(Operation, tag="serialize_task", frozen=True):
    """Registry.TaskSerializer for the task's type, then its Serialize. Returns the bytes as text, null without one."""

    task: SerializableTask
    registry: RegistryHandle = 0


SPECIFIED[SerializeTask] = OperationSpec(
    reads="{registry}.TaskSerializer(type {task[0]}).Serialize({task})",
    value=TaskData | None,
    null=NOTHING,
    about="TASK-SERIAL-1",
    modelled=Modelled(
        "TaskSerializer",
        (
            "TASK-SERIAL-1",
            "TASK-KIND-1",
            "REG-TASK-3",
        ),
    ),
    capability="tasks",
    palette_only=True,
    choices=(Choice(1),),
    example=lambda: (RegisterTaskSerializer(1), SerializeTask((1, 8, 1000)), SerializeTask((2, 8, "dest"))),
)


class DeserializeTask(Operation, tag="deserialize_task", frozen=True):
    """Registry.TaskSerializer for ``type``, then its Deserialize with the bytes of ``data`` and ``kind``.

    Returns the task, null without a serializer. The palette's serializer returns ErrInvalidTaskKind for a kind that
    its type does not have: tasks of odd types are timers, of even types outbound.
    """

    type: SerializerType
    data: TaskData
    kind: Kind
    registry: RegistryHandle = 0


def _deserialize_task(builder: Builder) -> DeserializeTask:
    random = builder.random.random
    return DeserializeTask(builder.type(), str(int(random() * 9)), 1000 if random() < 0.5 else "x")


SPECIFIED[DeserializeTask] = OperationSpec(
    reads="{registry}.TaskSerializer(type {type}).Deserialize({data}, {kind})",
    value=Task | None,
    null=NOTHING,
    about="TASK-SERIAL-1",
    modelled=Modelled(
        "TaskSerializer",
        (
            "TASK-SERIAL-1",
            "TASK-KIND-1",
            "REG-TASK-3",
        ),
    ),
    refusals={"invalid_task_kind": "TASK-KIND-1"},
    capability="kinds",
    palette_only=True,
    choices=(Choice(1, _deserialize_task),),
    example=lambda: (
        RegisterTaskSerializer(1),
        DeserializeTask(1, "8", 1000),
        DeserializeTask(1, "8", "dest"),
        DeserializeTask(1, "eight", 1000),
    ),
)


class RegisterExecutor(Operation, tag="register_executor", frozen=True):
    """RegisterExecutor with an executor that reports what it was called with and then does what the members say.

    With ``access`` the executor calls Environment.Access for its ref; the accessor binds the node that it is given
    to ``bind`` and runs ``script``. Without, the executor only ends as ``script.fail`` says. Returns null.
    """

    type: NewExecutorType
    tag: Tag = 0
    access: Access | None = None
    bind: NewNodeHandle | None = None
    script: Script = Script()
    registry: RegistryHandle = 0


def _function(operation: RegisterExecutor) -> str:
    if operation.access is None:
        return "func()"
    return f"func({'' if operation.bind is None else f'n{operation.bind}'}) with {operation.access} access"


def _register_executor(builder: Builder) -> RegisterExecutor:
    random = builder.random.random
    node, machine = builder.fresh_inside(), builder.fresh_inside()
    fail: Failure | None = "user_2" if random() < 0.25 else None
    if random() < 0.5:
        script = Script((ops.PathOf(node), ops.TransitionCount(node)), (), fail)
        return RegisterExecutor(builder.task_type(), int(random() * 9), "read", node, script)
    inside = Script((ops.SetValue(machine, int(random() * 4)),), ((1, 0, 1000),))
    script = Script((ops.MachineTransition(node, inside, machine),), (), fail)
    return RegisterExecutor(builder.task_type(), int(random() * 9), "write", node, script)


SPECIFIED[RegisterExecutor] = OperationSpec(
    reads="RegisterExecutor({registry}, task type {type}{tag})",
    function=_function,
    value=None,
    about="REG-EXEC-1",
    modelled=Modelled(
        "register_executor",
        (
            "REG-EXEC-1",
            "REG-EXEC-4",
            "REG-MAPS-1",
        ),
    ),
    refusals={"duplicate_registration": "REG-EXEC-2"},
    capability="executors",
    sets_up=True,
    choices=(Choice(2, _register_executor),),
    example=lambda: (
        RegisterExecutor(1, 7, "read", 2, Script((ops.TransitionCount(2),))),
        RegisterExecutor(2, 8, script=Script(fail="user_1")),
        RegisterExecutor(2),
    ),
)


class Execute(Operation, tag="execute", frozen=True):
    """Execute for ``task`` and ``ref``, in an environment whose clock says ``now`` (ms) and whose tree is ``node``'s.

    The adapter brings the environment: Access looks the ref's state machine path up from ``node`` with Child and
    calls the accessor. Returns null. What the executor saw is the first of ``inner``:
    ``{"ok": [tag, now, task, [workflow, path, version, count]]}``; then, if it asked for access, what
    Environment.Access was asked for: ``{"ok": "read"}``; then the observations of the script's operations.
    """

    task: ExecutableTask
    ref: RefSpec
    node: NodeHandle
    now: Time = 0
    registry: RegistryHandle = 0


def executor_of(before: Sequence[ops.AnyOperation], execution: Execute) -> RegisterExecutor | None:
    """Return the executor that an execution finds.

    It is the first of the task's type in the registry that the handle names.
    """
    found: RegisterExecutor | None = None
    for operation in before:
        if isinstance(operation, NewRegistry) and operation.registry == execution.registry:
            found = None
        elif isinstance(operation, RegisterExecutor) and found is None and operation.registry == execution.registry:
            found = operation if operation.type == execution.task[0] else None
    return found


def _script(before: Sequence[ops.AnyOperation], execution: Execute) -> Script | None:
    executor = executor_of(before, execution)
    return None if executor is None else executor.script


def _ref(builder: Builder, node: int) -> RefSpec:
    """Return a ref to some node, from the place of ``node``."""
    random = builder.random.random
    path = builder.path(builder.node())[len(builder.path(node)) :]
    return RefSpec(path if random() < 0.8 else (builder.key(),), version=int(random() * 3), count=int(random() * 3))


def _execute(builder: Builder) -> Execute:
    node = builder.node()
    return Execute(builder.task(), _ref(builder, node), node, int(builder.random.random() * 10_000))


SPECIFIED[Execute] = OperationSpec(
    reads="Execute({registry}, tree of {node} at {now} ms, {ref}, {task})",
    value=None,
    about="EXEC-RUN-1",
    modelled=Modelled(
        "execute",
        (
            "EXEC-RUN-1",
            "EXEC-RUN-3",
            "EXEC-ARGS-1",
            "ENV-ACCESS-1",
            "ENV-ACCESS-2",
        ),
    ),
    refusals={
        "not_registered": "EXEC-RUN-2",
        "user_1": "EXEC-RUN-3",
        "user_2": "EXEC-RUN-3",
        "state_machine_not_found": "ENV-ACCESS-1",
    },
    capability="executors",
    inner=Inner(notes=(Called, Access), script=_script),
    choices=(Choice(3, _execute),),
    example=lambda: (
        RegisterExecutor(1, 7, "read", 2, Script((ops.TransitionCount(2),))),
        Execute((1, 8, 1000), RefSpec(((2, "a"),), version=3, count=1), 0, 500),
        Execute((1, 8, 1000), RefSpec(((2, "nobody"),)), 0),
        RegisterExecutor(2, 8, script=Script(fail="user_1")),
        Execute((2, 8, "dest"), RefSpec(()), 0),
        Execute((3, 8, 1000), RefSpec(()), 0),
    ),
)


class StateMachinePath(Operation, tag="state_machine_path", frozen=True):
    """Ref.StateMachinePath. Returns ``[[type, id], ...]``."""

    ref: RefSpec


def _state_machine_path(builder: Builder) -> StateMachinePath:
    return StateMachinePath(_ref(builder, builder.root()))


SPECIFIED[StateMachinePath] = OperationSpec(
    reads="{ref}.StateMachinePath()",
    value=Path,
    about="REF-PATH-1",
    modelled=Modelled("Ref.state_machine_path", ("REF-PATH-1",)),
    capability="refs",
    palette_only=True,
    choices=(Choice(1, _state_machine_path),),
    example=lambda: (StateMachinePath(RefSpec(((2, "a"), (1, "x")))),),
)

RegistryOperation: TypeAlias = (
    NewRegistry
    | RegisterMachine
    | Machine
    | RegisterTaskSerializer
    | TaskSerializer
    | SerializeTask
    | DeserializeTask
    | RegisterExecutor
    | Execute
)
