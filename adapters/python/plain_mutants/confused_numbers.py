"""Machines, transitions and registries that take two numbers for one, or numbers for nothing."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

from plain_hsm.machine import HsmError, Table, Task, Transition, TransitionOutput
from plain_hsm.palette import Machine
from plain_mutants.mutant import breaks


class Holding(Machine):
    """A machine that holds something else than the numbers that it is given."""

    def held(self, number: int) -> int:
        """The number that is kept: the one given, until a mutant says otherwise."""
        return number

    def __setattr__(self, name: str, value: int) -> None:
        super().__setattr__(name, self.held(value) if name == "state" else value)


@breaks("MACH-STATE-1")
class StatesInAByte(Holding):
    """States are held in 8 bits with a sign."""

    def held(self, number: int) -> int:
        return (number + 128) % 256 - 128


@breaks("MACH-STATE-1")
class StatesInTwoBytes(Holding):
    """States are held in 16 bits."""

    def held(self, number: int) -> int:
        return (number + 2**15) % 2**16 - 2**15


@breaks("MACH-STATE-1")
class StatesInFourBytes(Holding):
    """States are held in 32 bits."""

    def held(self, number: int) -> int:
        return (number + 2**31) % 2**32 - 2**31


@breaks("MACH-STATE-1")
class StatesInShortFloats(Holding):
    """States are held as floating-point numbers of 32 bits."""

    def held(self, number: int) -> int:
        (value,) = struct.unpack("f", struct.pack("f", number))
        return int(value)


@breaks("MACH-STATE-1")
class StatesWithoutSign(Holding):
    """States are held without their signs."""

    def held(self, number: int) -> int:
        return abs(number)


@breaks("MACH-STATE-1")
class LargeStatesAreRounded(Holding):
    """States are held with fifteen digits."""

    def held(self, number: int) -> int:
        return int(float(f"{number:.15g}"))


@breaks("MACH-TASKS-2")
class RemaindersHaveTheSignOfTheState(Machine):
    """Tasks are made by a remainder that is negative for negative states."""

    def regenerate_tasks(self) -> list[Task]:
        return [] if math.fmod(self.state, 3) < 0 else super().regenerate_tasks()


# --- transitions ------------------------------------------------------------------------------------------------------


@breaks("TRANS-POSSIBLE-1")
class SourcesInABitMask(Transition):
    """The sources are bits of 32, so that states from 32 on are taken for lower ones."""

    def possible(self, machine: Any) -> bool:
        return machine.state % 32 in {source % 32 for source in self.sources}


@breaks("TRANS-POSSIBLE-1")
class SourcesAsText(Transition):
    """The sources are written in a row, and a state is one if its digits are found there."""

    def possible(self, machine: Any) -> bool:
        return str(machine.state) in str(self.sources)


@breaks("TRANS-POSSIBLE-1")
class SourceZeroIsNone(Transition):
    """State 0 is never a source."""

    def possible(self, machine: Any) -> bool:
        return machine.state != 0 and super().possible(machine)


@breaks("TRANS-POSSIBLE-1")
class SourcesWithoutSign(Transition):
    """A state is a source if it is one without its sign."""

    def possible(self, machine: Any) -> bool:
        return abs(machine.state) in map(abs, self.sources)


class Rewriting(Transition):
    """A transition that is applied with other numbers."""

    def lead(self, state: int, destination: int) -> int:
        """The state that a transition leads to: its destination, until a mutant says what else."""
        return destination

    def happening(self, event: Any) -> Any:
        """The event that the function is called with: the event, until a mutant says what else."""
        return event

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        proper, self.destination = self.destination, self.lead(machine.state, self.destination)
        try:
            return super().apply(machine, self.happening(event))
        finally:
            self.destination = proper


@breaks("TRANS-APPLY-1")
class DestinationZeroIsNone(Rewriting):
    """A transition to state 0 leads nowhere."""

    def lead(self, state: int, destination: int) -> int:
        return destination or state


@breaks("TRANS-APPLY-9")
class EventZeroIsNone(Rewriting):
    """Event 0 is taken for none, which is event 1."""

    def happening(self, event: Any) -> Any:
        return event or 1


@breaks("TRANS-APPLY-9")
class EventsInFourBytes(Rewriting):
    """Events are cut to 32 bits."""

    def happening(self, event: Any) -> Any:
        return (event + 2**31) % 2**32 - 2**31


@breaks("TRANS-APPLY-5")
class StateZeroIsNotRestored(Transition):
    """A failed apply gives the machine its old state back unless that was 0."""

    def __init__(self, sources: Sequence[int], destination: int, function: Callable[..., TransitionOutput]) -> None:
        super().__init__(sources, destination, function)

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        before = machine.state
        try:
            return super().apply(machine, event)
        except HsmError:
            raise
        except BaseException:
            machine.state = before or self.destination
            raise


# --- registries -------------------------------------------------------------------------------------------------------


class Numbering(Table):
    """A table that knows types by something that it makes of them."""

    def made(self, number: int) -> int:
        """The name that a type is known by: the type, until a mutant says otherwise."""
        return number

    def register(self, number: int, entry: object) -> None:
        super().register(self.made(number), entry)

    def get(self, number: int, default: Any = None) -> Any:
        return super().get(self.made(number), default)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and super().__contains__(self.made(number))

    def __getitem__(self, number: int) -> Any:
        return super().__getitem__(self.made(number))


class InTwoBytes(Numbering):
    """Types are known by their low 16 bits."""

    def made(self, number: int) -> int:
        return number % 2**16


class WithoutSign(Numbering):
    """Types are known without their signs."""

    def made(self, number: int) -> int:
        return abs(number)


@breaks("REG-MACHINE-1", table="machines")
class DefinitionsByTwoBytes(InTwoBytes):
    """Definitions are known by the low 16 bits of their type."""


@breaks("REG-MACHINE-1", table="machines")
class DefinitionsWithoutSign(WithoutSign):
    """Definitions are known by their type without its sign."""


@breaks("REG-MACHINE-1", table="machines")
class DefinitionOfTypeZeroIsNone(Table):
    """The definition of type 0 is never found."""

    def get(self, number: int, default: Any = None) -> Any:
        return super().get(number, default) if number else default


@breaks("REG-TASK-1", table="task_serializers")
class SerializersByTwoBytes(InTwoBytes):
    """Serializers are known by the low 16 bits of their type."""


@breaks("REG-TASK-1", table="task_serializers")
class SerializersWithoutSign(WithoutSign):
    """Serializers are known by their type without its sign."""


@breaks("REG-TASK-1", table="task_serializers")
class SerializerOfTypeZeroIsNone(Table):
    """The serializer of type 0 is never found."""

    def get(self, number: int, default: Any = None) -> Any:
        return super().get(number, default) if number else default


@breaks("REG-EXEC-1", table="executors")
class ExecutorsByTwoBytes(InTwoBytes):
    """Executors are known by the low 16 bits of their type."""


@breaks("REG-EXEC-1", table="executors")
class ExecutorsWithoutSign(WithoutSign):
    """Executors are known by their type without its sign."""


@breaks("TRANS-POSSIBLE-1")
class SourcesAreARange(Transition):
    """A transition is possible in all states between its least and its greatest source."""

    def possible(self, machine: Any) -> bool:
        return bool(self.sources) and min(self.sources) <= machine.state <= max(self.sources)
