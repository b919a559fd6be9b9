"""Operations on machines apart from any tree, and on the data that a transition hands to its function."""

from __future__ import annotations

from typing import Final, TypeAlias

from hsm_specs.language.shapes import (
    Data,
    Event,
    Failure,
    MachineHandle,
    NewMachineHandle,
    NewTransitionHandle,
    Operation,
    Script,
    Seen,
    State,
    Task,
    TransitionHandle,
    TransitionSpec,
    Value,
)
from hsm_specs.language.specification import Builder, Choice, Inner, Modelled, OperationSpec

SPECIFIED: dict[type[Operation], OperationSpec] = {}
STEP: Final = TransitionSpec((0, 2), 1)
"""The transition of the examples."""


class StateMachine(Operation, tag="state_machine", frozen=True):
    """Makes a machine of the palette of class A that is in no tree. Binds ``machine``. Returns null."""

    machine: NewMachineHandle
    data: Data


SPECIFIED[StateMachine] = OperationSpec(
    reads="{machine}machine of {data}",
    value=None,
    about="MACH-STATE-1",
    modelled=Modelled("StateMachine", ("MACH-STATE-1",)),
    choices=(),  # Operations on machines make one where there is none.
    example=lambda: (StateMachine(1, (0, 5)),),
)


class ReadMachine(Operation, tag="read_machine", frozen=True):
    """StateMachine.State and the value beside it. Returns ``[state, value]``."""

    machine: MachineHandle


SPECIFIED[ReadMachine] = OperationSpec(
    reads="{machine}.State()",
    value=Data,
    about="MACH-STATE-1",
    modelled=Modelled("StateMachine", ("MACH-STATE-1",)),
    choices=(Choice(2),),
    example=lambda: (ReadMachine(0),),
)


class SetState(Operation, tag="set_state", frozen=True):
    """StateMachine.SetState. Returns null."""

    machine: MachineHandle
    state: State


SPECIFIED[SetState] = OperationSpec(
    reads="{machine}.SetState({state})",
    value=None,
    about="MACH-STATE-1",
    modelled=Modelled("StateMachine", ("MACH-STATE-1",)),
    choices=(Choice(1),),
    example=lambda: (SetState(0, 4), ReadMachine(0)),
)


class SetValue(Operation, tag="set_value", frozen=True):
    """Changes the value that the palette's data has beside its state. Returns null."""

    machine: MachineHandle
    value: Value


SPECIFIED[SetValue] = OperationSpec(
    reads="{machine}.value = {value}",
    value=None,
    about="MACH-STATE-1",
    modelled=Modelled("StateMachine", ("MACH-STATE-1",)),
    choices=(Choice(2),),
    example=lambda: (SetValue(0, 6), ReadMachine(0)),
)


class RegenerateTasks(Operation, tag="regenerate_tasks", frozen=True):
    """TaskRegenerator.RegenerateTasks of the palette's machine, which depends on its state. Returns the tasks."""

    machine: MachineHandle


SPECIFIED[RegenerateTasks] = OperationSpec(
    reads="{machine}.RegenerateTasks()",
    value=tuple[Task, ...],
    about="MACH-TASKS-2",
    modelled=Modelled("TaskRegenerator.regenerate_tasks", ("MACH-TASKS-2",)),
    palette_only=True,
    choices=(Choice(1),),
    example=lambda: (
        RegenerateTasks(0),
        SetState(0, 4),
        RegenerateTasks(0),
        SetState(0, 2),
        SetValue(0, 6),
        RegenerateTasks(0),
    ),
)


class Possible(Operation, tag="possible", frozen=True):
    """NewTransition, then Transition.Possible. Returns a boolean."""

    machine: MachineHandle
    transition: TransitionSpec
    kept: TransitionHandle | None = None


SPECIFIED[Possible] = OperationSpec(
    reads="{transition}{kept}.Possible({machine})",
    value=bool,
    about="TRANS-POSSIBLE-1",
    modelled=Modelled(
        "Transition.possible",
        (
            "TRANS-NEW-1",
            "TRANS-POSSIBLE-2",
        ),
    ),
    capability="transitions",
    choices=(Choice(2),),
    example=lambda: (Possible(0, STEP),),
)


class Apply(Operation, tag="apply", frozen=True):
    """NewTransition with ``script`` as the apply function, then Transition.Apply with ``event``.

    Returns the tasks of the output; ``inner`` has first what the function saw, ``{"ok": [state, value, event]}``,
    then the observations of the script's operations; it is absent if the function was not called.
    """

    machine: MachineHandle
    transition: TransitionSpec
    event: Event = 0
    script: Script = Script()
    kept: TransitionHandle | None = None


def _apply(builder: Builder) -> ReadMachine:
    machine, random = builder.machine(), builder.random.random
    fail: Failure | None = "user_1" if random() < 0.2 else "panic" if random() < 0.05 and builder.panics else None
    steps = (SetState(machine, int(random() * 4)),) if random() < 0.2 else ()
    script = Script(steps, builder.tasks(3), fail)
    builder.run(Apply(machine, builder.transition(), int(random() * 9), script))
    return ReadMachine(machine)


SPECIFIED[Apply] = OperationSpec(
    reads="{transition}{kept}.Apply({machine}, event {event})",
    value=tuple[Task, ...],
    about="TRANS-APPLY-6",
    modelled=Modelled(
        "Transition.apply",
        (
            "TRANS-NEW-1",
            "TRANS-APPLY-1",
            "TRANS-APPLY-4",
            "TRANS-APPLY-6",
            "TRANS-APPLY-7",
            "TRANS-APPLY-8",
            "TRANS-APPLY-9",
        ),
    ),
    refusals={"invalid_transition": "TRANS-APPLY-2", "user_1": "TRANS-APPLY-7", "user_2": "TRANS-APPLY-7"},
    capability="transitions",
    function=lambda apply: "func()",
    inner=Inner(notes=(Seen,)),
    choices=(Choice(3, _apply),),
    example=lambda: (
        Apply(0, STEP, 42, Script((SetValue(0, 42),), ((2, 42, "dest"),))),
        Apply(0, STEP, 43),
        SetState(0, 0),
        Apply(0, STEP, 44, Script(fail="user_1")),
        ReadMachine(0),
    ),
)


class NewTransition(Operation, tag="new_transition", frozen=True):
    """NewTransition. Binds ``kept`` to it. Returns null.

    An operation that names the handle as its ``kept`` uses that object in place of a new one, and its ``transition`` is
    the one that it was made with. The apply function of a kept transition runs the ``script`` of the ``apply`` that
    calls it.
    """

    transition: TransitionSpec
    kept: NewTransitionHandle


def _keep_transition(builder: Builder) -> Possible:
    transition, kept = builder.transition(), builder.fresh()
    builder.run(NewTransition(transition, kept))
    builder.run(Possible(builder.machine(), transition, kept))
    return Possible(builder.machine(), transition, kept)


SPECIFIED[NewTransition] = OperationSpec(
    reads="{kept}{transition}",
    value=None,
    about="TRANS-KEEP-1",
    modelled=Modelled("new_transition", ("TRANS-KEEP-1",)),
    capability="objects",
    sets_up=True,
    choices=(Choice(1, _keep_transition),),
    example=lambda: (
        NewTransition(STEP, 0),
        Possible(0, STEP, 0),
        Apply(0, STEP, 42, Script((SetValue(0, 42),)), 0),
        Possible(0, STEP, 0),
    ),
)

MachineOperation: TypeAlias = (
    StateMachine | ReadMachine | SetState | SetValue | RegenerateTasks | Possible | Apply | NewTransition
)
