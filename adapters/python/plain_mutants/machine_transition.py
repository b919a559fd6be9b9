"""Transitions of a node's machine that run or commit wrongly."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, TypeVar

from plain_hsm.machine import HsmError, TransitionOutput
from plain_hsm.node import Node
from plain_hsm.palette import PaletteError
from plain_mutants.mutant import breaks

T = TypeVar("T")


@breaks("MT-RUN-1")
class FunctionRunsTwice(Node):
    """The function is called a second time once it has succeeded."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        def twice(data: T) -> TransitionOutput:
            function(data)
            return function(data)

        super().machine_transition(class_, twice)


@breaks("MT-RUN-1")
class FunctionIsNotRun(Node):
    """The function is not called, and the transition succeeds."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, lambda data: ())


@breaks("MT-RUN-1")
class FunctionGetsEmptyData(Node):
    """The function is called with empty data."""

    def machine_transition(self, class_: type[Any], function: Callable[[Any], TransitionOutput]) -> None:
        def emptied(data: Any) -> TransitionOutput:
            data.state = data.value = 0
            return function(data)

        super().machine_transition(class_, emptied)


# --- committing -----------------------------------------------------------------------------------------------------


@breaks("MT-COMMIT-1")
class FunctionGetsACopy(Node):
    """The function changes a copy of the data, of which nothing persists."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, lambda data: function(copy(data)))


@breaks("MT-COMMIT-1")
class StatePersistsAlone(Node):
    """Of the data the state persists and the value stays what it was."""

    def machine_transition(self, class_: type[Any], function: Callable[[Any], TransitionOutput]) -> None:
        def kept(data: Any) -> TransitionOutput:
            before, output = data.value, function(data)
            data.value = data.value if data.value == -1 else before
            return output

        super().machine_transition(class_, kept)


@breaks("MT-COMMIT-1")
class DataPersistsWithTasksAlone(Node):
    """Changes of the data by a transition without tasks do not persist."""

    def machine_transition(self, class_: type[Any], function: Callable[[Any], TransitionOutput]) -> None:
        def kept(data: Any) -> TransitionOutput:
            before, output = copy(data), function(data)
            if not output and data.value != -1:
                data.state, data.value = before.state, before.value
            return output

        super().machine_transition(class_, kept)


@breaks("MT-COMMIT-2")
class TransitionsAreNotCounted(Node):
    """The transition count stays what it was."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        before = self.count
        super().machine_transition(class_, function)
        self.count = before


@breaks("MT-COMMIT-2")
class TransitionsCountDouble(Node):
    """A transition makes the count two higher."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, function)
        self.count += 1


@breaks("MT-COMMIT-2")
class TasksAreCounted(Node):
    """The count grows by the number of tasks that a transition makes."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        before = self.count
        super().machine_transition(class_, function)
        self.count = before + len(self.own_outputs[-1])


@breaks("NODE-COUNT-1")
class AncestorsCountToo(Node):
    """A transition makes the counts of all ancestors higher too."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, function)
        node = self.parent
        while node:
            node.set("count", node.count + 1)
            node = node.parent


@breaks("MT-COMMIT-3")
class DirtyOnlyWithTasks(Node):
    """A transition that makes no tasks does not make its node dirty."""

    def dirty(self) -> bool:
        return any(any(node.own_outputs) for node in self.tree())


@breaks("MT-COMMIT-3")
class DirtyOnlyIfChanged(Node):
    """A transition that leaves the data as it was does not make its node dirty."""

    clean_data = ""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        if not self.own_outputs:
            self.clean_data = self.data
        super().machine_transition(class_, function)

    def dirty(self) -> bool:
        nodes = (node for node in self.tree() if isinstance(node, DirtyOnlyIfChanged))
        return any(node.own_outputs and node.data != node.clean_data for node in nodes)


@breaks("MT-COMMIT-4")
class OnlyTheFirstTaskIsRecorded(Node):
    """Of the output the first task is recorded alone."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, lambda data: function(data)[:1])


@breaks("MT-COMMIT-4")
class TasksAreRecordedBackwards(Node):
    """The tasks of an output are recorded in reverse order."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, lambda data: function(data)[::-1])


@breaks("MT-COMMIT-4")
class EqualTasksAreRecordedOnce(Node):
    """A task that is equal to another one of its output is not recorded."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, lambda data: tuple(dict.fromkeys(function(data))))


# --- failing --------------------------------------------------------------------------------------------------------


@breaks("MT-FAIL-1")
class FunctionErrorIsSwallowed(Node):
    """A transition whose function fails is undone and returns no error."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        failed = False

        def watched(data: T) -> TransitionOutput:
            nonlocal failed
            try:
                return function(data)
            except PaletteError:
                failed = True
                raise

        try:
            super().machine_transition(class_, watched)
        except PaletteError:
            if not failed:
                raise


@breaks("MT-FAIL-1")
class FunctionErrorIsInvalidTransition(Node):
    """An error of the function is answered as an invalid transition."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        def wrapped(data: T) -> TransitionOutput:
            try:
                return function(data)
            except PaletteError as error:
                raise HsmError("invalid_transition") from error

        super().machine_transition(class_, wrapped)


@breaks("MT-FAIL-1")
class FunctionErrorIsThePreviousOne(Node):
    """The first error that a node's functions made is the one that is always answered."""

    first: Exception | None = None

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        def remembered(data: T) -> TransitionOutput:
            try:
                return function(data)
            except PaletteError as error:
                self.first = self.first or error
                raise self.first from error

        super().machine_transition(class_, remembered)


@breaks("MT-FAIL-3")
class WrongTypeCounts(Node):
    """A transition of a wrong type is counted before it is refused."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        try:
            super().machine_transition(class_, function)
        except HsmError:
            self.set("count", self.count + 1)
            raise


@breaks("MT-FAIL-3")
class WrongTypeIsRun(Node):
    """A transition runs its function with the data whatever its type."""

    def machine_transition(self, class_: type[Any], function: Callable[[Any], TransitionOutput]) -> None:
        super().machine_transition(object, function)


@breaks("MT-FAIL-3")
class TypeIsCheckedAfterTheFunction(Node):
    """A transition of a wrong type is refused after its function was called."""

    def machine_transition(self, class_: type[Any], function: Callable[[Any], TransitionOutput]) -> None:
        def checked(data: Any) -> TransitionOutput:
            output = function(data)
            if not isinstance(data, class_):
                raise HsmError("incompatible_type")
            return output

        super().machine_transition(object, checked)


@breaks("MT-FAIL-4")
class BrokenDataStartsFromZero(Node):
    """A transition of a machine whose data does not deserialize begins with empty data."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        try:
            self.machine_data(class_)
        except PaletteError:
            self.set("data", "0:0")
        super().machine_transition(class_, function)


@breaks("MT-FAIL-4")
class BrokenDataIsCountedFirst(Node):
    """A transition of a machine whose data does not deserialize is counted before it fails."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        try:
            self.machine_data(class_)
        except PaletteError:
            self.set("count", self.count + 1)
            raise
        super().machine_transition(class_, function)
