"""Tasks, references and clocks that come out otherwise than they went in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from plain_hsm.machine import HsmError, Registry, Task, TaskKind
from plain_hsm.node import Environment, Key, Node, Ref
from plain_hsm.palette import Serializer
from plain_mutants.mutant import breaks
from plain_mutants.tasks import Altering


@breaks("TASK-CARRY-1")
class DestinationsAreTrimmed(Altering):
    """The destination of an outbound task loses the blanks around it."""

    def altered(self, task: Task) -> Task:
        return task._replace(kind=task.kind.strip()) if isinstance(task.kind, str) else task


@breaks("TASK-CARRY-1")
class DestinationsIn255Characters(Altering):
    """The destination of an outbound task is cut to 255 characters."""

    def altered(self, task: Task) -> Task:
        return task._replace(kind=task.kind[:255]) if isinstance(task.kind, str) else task


@breaks("TASK-CARRY-1")
class DestinationsOfDigitsAreDeadlines(Altering):
    """An outbound task whose destination has only digits is taken for a timer."""

    def altered(self, task: Task) -> Task:
        if isinstance(task.kind, str) and task.kind.isascii() and task.kind.isdigit():
            return task._replace(kind=int(task.kind))
        return task


@breaks("TASK-CARRY-1")
class EmptyDestinationsAreTimers(Altering):
    """An outbound task without a destination is taken for a timer that is due."""

    def altered(self, task: Task) -> Task:
        return task._replace(kind=task.kind or 0)


@breaks("TASK-CARRY-1")
class DeadlinesInFourBytes(Altering):
    """The deadline of a timer is kept in seconds of 32 bits, and its milliseconds apart."""

    def altered(self, task: Task) -> Task:
        if isinstance(task.kind, str):
            return task
        seconds, milliseconds = divmod(task.kind, 1000)
        return task._replace(kind=((seconds + 2**31) % 2**32 - 2**31) * 1000 + milliseconds)


@breaks("TASK-CARRY-1")
class DeadlinesInNanoseconds(Altering):
    """The deadline of a timer is kept in nanoseconds of 64 bits."""

    def altered(self, task: Task) -> Task:
        if isinstance(task.kind, str):
            return task
        return task._replace(kind=((task.kind * 10**6 + 2**63) % 2**64 - 2**63) // 10**6)


@breaks("TASK-CARRY-1")
class DeadlinesBeginIn1970(Altering):
    """The deadline of a timer is not before 1970."""

    def altered(self, task: Task) -> Task:
        return task if isinstance(task.kind, str) else task._replace(kind=max(0, task.kind))


@breaks("TASK-CARRY-1")
class PayloadsAreShortFloats(Altering):
    """A payload beyond 24 bits is rounded to even numbers."""

    def altered(self, task: Task) -> Task:
        return task._replace(payload=task.payload // 2 * 2) if abs(task.payload) > 2**24 else task


@breaks("TASK-CARRY-1")
class PayloadZeroIsTheType(Altering):
    """A payload of 0 is taken for none, in whose place stands the type."""

    def altered(self, task: Task) -> Task:
        return task._replace(payload=task.payload or task.type)


# --- serializers ------------------------------------------------------------------------------------------------------


@breaks("TASK-SERIAL-1")
class SerializedPayloadsInFourBytes(Serializer):
    """A payload is serialized in 32 bits."""

    def serialize(self, task: Task) -> bytes:
        return super().serialize(task._replace(payload=(task.payload + 2**31) % 2**32 - 2**31))


@breaks("TASK-SERIAL-1")
class SerializedPayloadsWithoutSign(Serializer):
    """A payload is serialized without its sign."""

    def serialize(self, task: Task) -> bytes:
        return super().serialize(task._replace(payload=abs(task.payload)))


@breaks("TASK-SERIAL-1")
class DeserializedDeadlinesAreSeconds(Serializer):
    """A timer is deserialized with a deadline in whole seconds."""

    def deserialize(self, data: bytes, kind: TaskKind) -> Task:
        task = super().deserialize(data, kind)
        return task._replace(kind=kind // 1000 * 1000) if isinstance(kind, int) else task


@breaks("TASK-SERIAL-1")
class DeserializedDestinationsAreSmall(Serializer):
    """An outbound task is deserialized with a destination in lower case."""

    def deserialize(self, data: bytes, kind: TaskKind) -> Task:
        task = super().deserialize(data, kind)
        return task._replace(kind=kind.lower()) if isinstance(kind, str) else task


@breaks("TASK-SERIAL-1")
class EmptyKindsAreInvalid(Serializer):
    """A deadline of 0 and an empty destination are taken for no kind at all."""

    def deserialize(self, data: bytes, kind: TaskKind) -> Task:
        if not kind:
            raise HsmError("invalid_task_kind")
        return super().deserialize(data, kind)


@breaks("TASK-KIND-1")
class DestinationsOfDigitsAreKindsOfTimers(Serializer):
    """A destination that has only digits is a deadline for timers."""

    def deserialize(self, data: bytes, kind: TaskKind) -> Task:
        if self.type % 2 and isinstance(kind, str) and kind.isascii() and kind.isdigit():
            return super().deserialize(data, int(kind))
        return super().deserialize(data, kind)


# --- references and environments --------------------------------------------------------------------------------------


class Handing(Registry):
    """A registry that hands executors another reference."""

    def handed(self, ref: Ref) -> Ref:
        """The reference that is handed on: the reference, until a mutant says what else."""
        return ref

    def execute(self, environment: object, ref: Any, task: Task) -> None:
        super().execute(environment, self.handed(ref), task)


@breaks("EXEC-ARGS-1")
class WorkflowsAreSplitAtSlashes(Handing):
    """The workflow key is kept as text with slashes in between, and taken apart at them."""

    def handed(self, ref: Ref) -> Ref:
        return ref._replace(workflow=(*"/".join(ref.workflow).split("/"), "", "")[:3])


@breaks("EXEC-ARGS-1")
class WorkflowIdsAreTrimmed(Handing):
    """The workflow ID that the executor is handed has lost the blanks around it."""

    def handed(self, ref: Ref) -> Ref:
        namespace, workflow, run = ref.workflow
        return ref._replace(workflow=[namespace, workflow.strip(), run])


@breaks("EXEC-ARGS-1")
class RunIdsAreSmall(Handing):
    """The run ID that the executor is handed is in lower case."""

    def handed(self, ref: Ref) -> Ref:
        return ref._replace(workflow=[*ref.workflow[:2], ref.workflow[2].lower()])


@breaks("EXEC-ARGS-1")
class NamespaceIdsIn64Characters(Handing):
    """The namespace ID that the executor is handed is cut to 64 characters."""

    def handed(self, ref: Ref) -> Ref:
        return ref._replace(workflow=[ref.workflow[0][:64], *ref.workflow[1:]])


@breaks("EXEC-ARGS-1")
class VersionsInFourBytes(Handing):
    """The failover version that the executor is handed has 32 bits."""

    def handed(self, ref: Ref) -> Ref:
        return ref._replace(failover_version=(ref.failover_version + 2**31) % 2**32 - 2**31)


@breaks("EXEC-ARGS-1")
class NegativeVersionsAreNone(Handing):
    """A negative failover version is handed on as 0."""

    def handed(self, ref: Ref) -> Ref:
        return ref._replace(failover_version=max(0, ref.failover_version))


@breaks("EXEC-ARGS-1")
class CountsOfRefsInAByte(Handing):
    """The transition count of the reference that the executor is handed has 8 bits."""

    def handed(self, ref: Ref) -> Ref:
        return ref._replace(transition_count=ref.transition_count % 256)


@breaks("EXEC-ARGS-1")
class ClockInSeconds(Environment):
    """The clock of the environment tells whole seconds."""

    def __init__(self, now: int, node: Node, report: Callable[[str], None]) -> None:
        super().__init__(now // 1000 * 1000, node, report)


@breaks("EXEC-ARGS-1")
class ClockBeginsIn1970(Environment):
    """The clock of the environment is not before 1970."""

    def __init__(self, now: int, node: Node, report: Callable[[str], None]) -> None:
        super().__init__(max(0, now), node, report)


@breaks("REF-PATH-1")
class RefsAreSplitAtSlashes(Ref):
    """The path of a reference is kept as text with slashes in between, and taken apart at them."""

    def state_machine_path(self) -> list[Key]:
        parts = "/".join(key.id for key in self.path).split("/")
        return [Key(key.type, part) for key, part in zip(self.path, parts, strict=False)]


@breaks("REF-PATH-1")
class RefsAreTrimmed(Ref):
    """The path of a reference has IDs without the blanks around them."""

    def state_machine_path(self) -> list[Key]:
        return [Key(key.type, key.id.strip()) for key in self.path]


@breaks("REF-PATH-1")
class RefsOfTwoBytes(Ref):
    """The path of a reference has the low 16 bits of types."""

    def state_machine_path(self) -> list[Key]:
        return [Key((key.type + 2**15) % 2**16 - 2**15, key.id) for key in self.path]


def alike(node: Node, path: Iterable[Key]) -> list[Key]:
    """A path with the IDs of children that are the same in lower case, the first of them."""
    keys = []
    for key in path:
        same = (k for k in node.children if k.type == key.type and k.id.lower() == key.id.lower())
        keys.append(next(same, key))
        node = node.children.get(keys[-1], node)
    return keys


@breaks("ENV-ACCESS-1")
class AccessIgnoresCase(Environment):
    """The accessor is called with the first node whose IDs are those of the reference in lower case."""

    def access(self, ref: Ref, access: str, accessor: Callable[[Node], object]) -> None:
        super().access(ref._replace(path=alike(self.node, ref.path)), access, accessor)
