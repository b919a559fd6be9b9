"""Transitions between states that are wrong."""

from typing import Any

from plain_hsm.machine import HsmError, Task, Transition, TransitionOutput
from plain_hsm.palette import PaletteError
from plain_mutants.mutant import breaks


@breaks("TRANS-NEW-1")
class FunctionIsForgotten(Transition):
    """Apply moves the machine and does not call the function that the transition was made with."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        return Transition(self.sources, self.destination, lambda machine, event: ()).apply(machine, event)


@breaks("TRANS-POSSIBLE-1")
class NoSourcesMeanAnySource(Transition):
    """A transition without sources is possible in every state."""

    def possible(self, machine: Any) -> bool:
        return not self.sources or super().possible(machine)


@breaks("TRANS-POSSIBLE-1")
class DestinationIsASource(Transition):
    """A transition is possible in its destination."""

    def possible(self, machine: Any) -> bool:
        return bool(machine.state == self.destination) or super().possible(machine)


@breaks("TRANS-POSSIBLE-1")
class StateZeroIsNoState(Transition):
    """A machine in the state 0 is taken for one without a state, in which nothing is possible."""

    def possible(self, machine: Any) -> bool:
        return bool(machine.state) and super().possible(machine)


@breaks("TRANS-POSSIBLE-1")
class OnlyTheFirstSource(Transition):
    """A transition is possible in the first of its sources alone."""

    def possible(self, machine: Any) -> bool:
        return machine.state in self.sources[:1]


@breaks("TRANS-POSSIBLE-2")
class AskingMovesTheMachine(Transition):
    """Possible tries the transition out and does not take it back."""

    def possible(self, machine: Any) -> bool:
        if possible := super().possible(machine):
            machine.state = self.destination
        return possible

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        return Transition(self.sources, self.destination, self.function).apply(machine, event)


@breaks("TRANS-POSSIBLE-1")
class SourcesNamedTwiceAreNone(Transition):
    """A source that is named twice is none."""

    def possible(self, machine: Any) -> bool:
        return list(self.sources).count(machine.state) == 1


@breaks("TRANS-APPLY-1")
class MachineAlwaysMovesBack(Transition):
    """The old state is restored whether the function fails or not."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        before = machine.state
        try:
            return super().apply(machine, event)
        finally:
            machine.state = before


@breaks("TRANS-APPLY-1")
class MovesOnlyWithTasks(Transition):
    """A machine whose transition makes no tasks stays where it is."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        before = machine.state
        output = super().apply(machine, event)
        if not output:
            machine.state = before
        return output


@breaks("TRANS-APPLY-2")
class ImpossibleIsIgnored(Transition):
    """Apply of a transition that is not possible does nothing and says nothing."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        return super().apply(machine, event) if self.possible(machine) else ()


@breaks("TRANS-APPLY-2")
class ImpossiblePanics(Transition):
    """Apply of a transition that is not possible panics."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        if not self.possible(machine):
            raise RuntimeError("the transition is not possible")
        return super().apply(machine, event)


@breaks("TRANS-APPLY-3")
class MovesBeforeItIsRefused(Transition):
    """Apply of a transition that is not possible fails with the machine in the destination."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        if not self.possible(machine):
            machine.state = self.destination
        return super().apply(machine, event)


@breaks("TRANS-APPLY-3")
class FunctionRunsBeforeItIsRefused(Transition):
    """Apply asks whether the transition is possible only after the function."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        if not self.possible(machine):
            self.function(machine, event)
        return super().apply(machine, event)


@breaks("TRANS-APPLY-4")
class MovesAfterTheFunction(Transition):
    """The machine is moved to the destination when the function has succeeded."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        if not self.possible(machine):
            raise HsmError("invalid_transition")
        before, output = machine.state, self.function(machine, event)
        if machine.state == before:
            machine.state = self.destination
        return output


@breaks("TRANS-APPLY-5")
class FailedApplyStaysInDestination(Transition):
    """A machine whose apply function fails stays in the destination."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        if not self.possible(machine):
            raise HsmError("invalid_transition")
        machine.state = self.destination
        return self.function(machine, event)


@breaks("TRANS-APPLY-5")
class PanicStaysInDestination(Transition):
    """A machine whose apply function panics stays in the destination."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        try:
            return super().apply(machine, event)
        except (HsmError, PaletteError):
            raise
        except Exception:
            machine.state = self.destination
            raise


@breaks("TRANS-APPLY-5")
class FailedApplyGoesToFirstSource(Transition):
    """A machine whose apply function fails goes to the first source, whichever it came from."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        if not self.possible(machine):
            raise HsmError("invalid_transition")
        try:
            return super().apply(machine, event)
        except Exception:
            machine.state = self.sources[0]
            raise


@breaks("TRANS-APPLY-6")
class ApplyAnswersNothing(Transition):
    """The output of the apply function is lost."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        super().apply(machine, event)
        return ()


@breaks("TRANS-APPLY-6")
class ApplyAnswersOneTask(Transition):
    """Apply returns only the first task of the function."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        return super().apply(machine, event)[:1]


@breaks("TRANS-APPLY-6")
class ApplyAnswersTasksOfOneKind(Transition):
    """Apply returns only the timers of the function."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        def timer(task: Task) -> bool:
            return isinstance(task.kind, int)

        return tuple(filter(timer, super().apply(machine, event)))


@breaks("TRANS-APPLY-7")
class FunctionErrorIsWrapped(Transition):
    """An error of the apply function is answered as an invalid transition."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        try:
            return super().apply(machine, event)
        except PaletteError as error:
            raise HsmError("invalid_transition") from error


@breaks("TRANS-APPLY-8")
class DestinationWins(Transition):
    """The destination is set once more after the function, which may have set another state."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        output = super().apply(machine, event)
        machine.state = self.destination
        return output


@breaks("TRANS-APPLY-9")
class EventIsLost(Transition):
    """The apply function is called without the event."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        return super().apply(machine, None)


@breaks("TRANS-APPLY-9")
class FalseEventsAreLost(Transition):
    """An event that Python takes for false, 0 say, does not reach the apply function."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        return super().apply(machine, event or None)
