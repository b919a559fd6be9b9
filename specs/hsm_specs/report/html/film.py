"""Films: a program run on the model step by step, with a snapshot before and after each step.

A function is several steps: its beginning, each operation in it, and its end, so that a rollback is visible.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Literal, NamedTuple

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.language import operations as ops
from hsm_specs.language import rendering
from hsm_specs.language.functions import notes
from hsm_specs.language.messages import Dialect
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world import Excluded, Unspecified, World
from hsm_specs.report.html.messages import readable
from hsm_specs.report.html.snapshots import NOTHING, Camera, Snapshot

Part = Literal["whole", "begin", "end"]
Where = tuple[int, ...]


class Frame(NamedTuple):
    """An operation, or the beginning or the end of one whose function ran operations.

    ``where`` is the place of its answer; ``before`` and ``after`` are None if the specification is silent.
    """

    where: Where
    part: Part
    text: str
    operation: ops.AnyOperation
    before: Snapshot | None
    after: Snapshot | None
    dialect: Dialect = "v1.25"

    @property
    def number(self) -> str:
        """The number of the operation in the program; empty inside functions and at their ends."""
        return str(self.where[0] + 1) if len(self.where) == 1 and self.part != "end" else ""

    @property
    def depth(self) -> int:
        """The number of functions around it."""
        return len(self.where) - 1


def film(
    program: ops.Program, semantics: Semantics = SPECIFICATION, dialect: Dialect | None = None
) -> tuple[Frame, ...]:
    """Return the steps of a program."""
    recorder = _Recorder(semantics, dialect or "v1.25")
    done = 0
    with suppress(Unspecified, Excluded):
        for operation in program:
            recorder.observe(operation)
            done += 1
    steps = [step for step in recorder.steps if step.where[0] < done]
    for index, operation in enumerate(program[done:], start=done):
        text = readable(_whole(operation), operation, recorder.dialect)
        steps.append(Frame((index,), "whole", text, operation, None, None, recorder.dialect))
    return tuple(steps)


class _Recorder(World):
    """A world that records the steps of the operations that run in it."""

    __slots__ = ("_camera", "_last", "_open", "steps")

    def __init__(self, semantics: Semantics, dialect: Dialect) -> None:
        super().__init__(semantics, dialect=dialect)
        self.steps: list[Frame] = []
        self._camera = Camera()
        self._last = NOTHING
        self._open: list[_Call] = [_Call((), None, 0)]

    def observe(self, operation: ops.AnyOperation) -> Observation:
        """Run an operation, record its steps and return the observation."""
        around = self._open[-1]
        if around.operation is not None and not around.begun:
            around.begun = True
            self._note(around.where, "begin", _begin(around.operation), around.operation)
        where = (*around.where, around.next)
        around.next += 1
        call = _Call(where, operation, notes(operation))
        self._open.append(call)
        try:
            return super().observe(operation)
        finally:
            self._open.pop()
            if call.begun:
                self._note(where, "end", _end(operation), operation)
            else:
                self._note(where, "whole", _whole(operation), operation)

    def _note(self, where: Where, part: Part, text: str, operation: ops.AnyOperation) -> None:
        now = self._camera.take(self)
        text = readable(text, operation, self.dialect)
        self.steps.append(Frame(where, part, text, operation, self._last, now, self.dialect))
        self._last = now


class _Call:
    """A running operation: its place, and the index of the next operation inside it."""

    __slots__ = ("begun", "next", "operation", "where")

    def __init__(self, where: Where, operation: ops.AnyOperation | None, first: int) -> None:
        self.where = where
        self.operation = operation
        self.next = first
        self.begun = False


def _whole(operation: ops.AnyOperation) -> str:
    return "\n".join("  " * line.depth + line.text for line in rendering.lines((operation,)))


def _begin(operation: ops.AnyOperation) -> str:
    if isinstance(operation, ops.Execute):
        return f"{rendering.call(operation)}: accessor {{"
    return next(rendering.lines((operation,))).text


def _end(operation: ops.AnyOperation) -> str:
    script: ops.Script | None = getattr(operation, "script", None)
    return "} the accessor ends" if script is None else f"{rendering.ending(script)} }})"
