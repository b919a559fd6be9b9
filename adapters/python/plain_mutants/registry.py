"""Registries that are wrong."""

from typing import Any

from plain_hsm.machine import HsmError, Registry, Table
from plain_hsm.node import Key, Node
from plain_hsm.palette import Serializer
from plain_mutants.mutant import breaks


@breaks("REG-NEW-1")
class OneRegistryForTheProcess(Registry):
    """All registries are views of tables that the process has once."""

    shared = Table(), Table(), Table()

    def __init__(self) -> None:
        self.machines, self.task_serializers, self.executors = self.shared


@breaks("REG-NEW-1")
class SerializersAsDefaultArgument(Registry):
    """The table of serializers is a default argument, so that all registries share it."""

    def __init__(self, task_serializers: Table = Table()) -> None:  # noqa: B008  # the mistake
        super().__init__()
        self.task_serializers = task_serializers


# --- machines -------------------------------------------------------------------------------------------------------


@breaks("REG-MACHINE-1", table="machines")
class LatestDefinitionForAll(Table):
    """Lookup returns the definition that was registered last, whatever the type."""

    def get(self, number: int, default: Any = None) -> Any:
        return list(self.values())[-1] if number in self else default


@breaks("REG-MACHINE-1", table="machines")
class TypeZeroIsNoType(Table):
    """Lookup takes the type 0 for a type that is missing."""

    def get(self, number: int, default: Any = None) -> Any:
        return super().get(number, default) if number else default


@breaks("REG-MACHINE-1", table="machines")
class TypesInOneByte(Table):
    """Lookup uses the lowest eight bits of the type, so that others are found too."""

    def get(self, number: int, default: Any = None) -> Any:
        return super().get(number & 255, default)


@breaks("REG-MACHINE-1", table="machines")
class MissesAreRemembered(Table):
    """A lookup that finds nothing is remembered, also when the type is registered later."""

    def get(self, number: int, default: Any = None) -> Any:
        misses: set[int] = self.__dict__.setdefault("misses", set())
        if number not in self:
            misses.add(number)
        return default if number in misses else super().get(number)


@breaks("REG-MACHINE-2", table="machines")
class DefinitionsAreOverwritten(Table):
    """A second registration replaces the first without an error."""

    def register(self, number: int, entry: object) -> None:
        self[number] = entry


@breaks("REG-MACHINE-2", table="machines")
class SecondDefinitionIsIgnored(Table):
    """A second registration is ignored without an error."""

    def register(self, number: int, entry: object) -> None:
        self.setdefault(number, entry)


@breaks("REG-MACHINE-2", table="machines")
class EqualDefinitionIsWelcome(Table):
    """A second registration is refused only if its definition is another one."""

    def register(self, number: int, entry: object) -> None:
        if number not in self or self[number] != entry:
            super().register(number, entry)


@breaks("REG-MACHINE-3", table="machines")
class MissingDefinitionIsAnError(Table):
    """Lookup of a type that is not registered raises an error."""

    def get(self, number: int, default: Any = None) -> Any:
        return self[number]


@breaks("REG-MACHINE-3", table="machines")
class AnyDefinitionWillDo(Table):
    """Lookup of a type that is not registered returns a definition of another type."""

    def get(self, number: int, default: Any = None) -> Any:
        return super().get(number, next(iter(self.values()), default))


@breaks("REG-MACHINE-4", table="machines")
class RefusedDefinitionIsStored(Table):
    """The second definition is stored before its registration is refused."""

    def register(self, number: int, entry: object) -> None:
        known, self[number] = number in self, entry
        if known:
            raise HsmError("duplicate_registration")


@breaks("REG-LATE-1")
class RegistryCopiedByTheRoot(Node):
    """A tree copies the registry when it is made, so that it does not know types that are registered later."""

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        if parent is None:
            machines, registry = registry.machines, Registry()
            registry.machines.update(machines)
        super().__init__(registry, type_, persisted, key, parent)


# --- task serializers -----------------------------------------------------------------------------------------------


@breaks("REG-TASK-1", table="task_serializers")
class LatestSerializerForAll(Table):
    """Lookup returns the serializer that was registered last, whatever the type."""

    def get(self, number: int, default: Any = None) -> Any:
        return list(self.values())[-1] if number in self else default


@breaks("REG-TASK-1", table="task_serializers")
class SerializersInOneByte(Table):
    """Lookup uses the lowest eight bits of the type, so that others are found too."""

    def get(self, number: int, default: Any = None) -> Any:
        return super().get(number & 255, default)


@breaks("REG-TASK-2", table="task_serializers")
class SerializersAreOverwritten(Table):
    """A second registration replaces the first without an error."""

    def register(self, number: int, entry: object) -> None:
        self[number] = entry


@breaks("REG-TASK-3", table="task_serializers")
class DefaultSerializer(Table):
    """Lookup of a type that has no serializer returns one made for the occasion."""

    def get(self, number: int, default: Any = None) -> Any:
        return super().get(number) or Serializer(number, 0)


@breaks("REG-TASK-4", table="task_serializers")
class RefusedSerializerIsStored(Table):
    """The second serializer is stored before its registration is refused."""

    def register(self, number: int, entry: object) -> None:
        known, self[number] = number in self, entry
        if known:
            raise HsmError("duplicate_registration")


# --- executors ------------------------------------------------------------------------------------------------------


@breaks("REG-EXEC-1", table="executors")
class LatestExecutorForAll(Table):
    """Tasks are handled by the executor that was registered last, whatever their type."""

    def __getitem__(self, number: int) -> Any:
        return list(self.values())[-1] if number in self else self.__missing__(number)


@breaks("REG-EXEC-1", table="executors")
class FirstExecutorForAll(Table):
    """Tasks of the types that were registered later are handled by the first executor."""

    def __getitem__(self, number: int) -> Any:
        return next(iter(self.values())) if number in self else self.__missing__(number)


@breaks("REG-EXEC-2", table="executors")
class SecondExecutorIsIgnored(Table):
    """A second registration is ignored without an error."""

    def register(self, number: int, entry: object) -> None:
        self.setdefault(number, entry)


@breaks("REG-EXEC-2", table="executors")
class ExecutorsAreOverwritten(Table):
    """A second registration replaces the first without an error."""

    def register(self, number: int, entry: object) -> None:
        self[number] = entry


@breaks("REG-EXEC-4", table="executors")
class RefusedExecutorIsStored(Table):
    """The second executor is stored before its registration is refused."""

    def register(self, number: int, entry: object) -> None:
        known, self[number] = number in self, entry
        if known:
            raise HsmError("duplicate_registration")


@breaks("REG-MAPS-1")
class OneTableForEverything(Registry):
    """Machines, serializers and executors are kept in one table."""

    def __init__(self) -> None:
        self.machines = self.task_serializers = self.executors = Table()
