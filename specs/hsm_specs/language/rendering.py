"""Programs in the words of the documentation, one readable line an operation.

Registries, nodes and machines are written ``r0``, ``n1`` and ``m2`` after their handles. How an operation reads is part
of its specification; how its members are written follows from their domains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from string import Formatter
from typing import Any, Final, NamedTuple

from hsm_specs.language import operations as ops
from hsm_specs.language import values
from hsm_specs.language.functions import calls_its_own, notes
from hsm_specs.language.members import json_shape, marked, members
from hsm_specs.language.shapes import HANDLES, Domain, Use
from hsm_specs.language.values import answer

__all__ = ["ProgramLine", "answer", "call", "ending", "lines"]


class ProgramLine(NamedTuple):
    """A line of a program: its depth inside functions, and the place of its answer in the observations.

    A line that closes a function or says how it ends has no place.
    """

    depth: int
    text: str
    where: tuple[int, ...] | None

    @property
    def top(self) -> int | None:
        """The index of the operation in the program, None for lines inside functions."""
        return None if self.where is None or len(self.where) != 1 else self.where[0]

    @property
    def opens(self) -> bool:
        """Whether the lines of a function follow."""
        return self.text.endswith("{")


def lines(program: ops.Program) -> Iterator[ProgramLine]:
    """Yield the program, line by line, with the functions written out inside their operations."""
    for index, operation in enumerate(program):
        yield from _lines(operation, (index,), 0)


def _lines(operation: ops.AnyOperation, where: tuple[int, ...], depth: int) -> Iterator[ProgramLine]:
    text = call(operation)
    script: ops.Script | None = getattr(operation, "script", None)
    called = calls_its_own(operation)
    if script is None or not (called or _says_something(operation, script)):
        yield ProgramLine(depth, text, where)
        return
    head = text.removesuffix(")") + f", {_function(operation)} {{"
    end = ending(script, puts_out=called)
    if not script.ops:
        yield ProgramLine(depth, f"{head} {end} }})", where)
        return
    yield ProgramLine(depth, head, where)
    # The observations of a function that is called later are inside another operation's.
    first = notes(operation)
    for index, inner in enumerate(script.ops):
        yield from _lines(inner, (*where, first + index), depth + 1)
    yield ProgramLine(depth + 1, end, None)
    yield ProgramLine(depth, "})", None)


def _says_something(operation: ops.AnyOperation, script: ops.Script) -> bool:
    """Return whether a function that is called later does more than report what it was called with."""
    return getattr(operation, "access", None) is not None or script != ops.Script()


def _function(operation: ops.AnyOperation) -> str:
    function = ops.SPECIFICATIONS[type(operation)].function
    return "func()" if function is None else function(operation)


def ending(script: ops.Script, *, puts_out: bool = True) -> str:
    """Return how a function ends."""
    if script.fail == "panic":
        return "panic"
    if script.fail is not None:
        return f"return {script.fail}"
    if not puts_out:
        return "return"
    return "return tasks " + ", ".join(map(values.task, script.tasks)) if script.tasks else "return no tasks"


def call(operation: ops.AnyOperation) -> str:
    """Return an operation as a call, without its function."""
    return "".join([part if isinstance(part, str) else part(operation) for part in _CALLS[type(operation)]])


# --- how members are written ------------------------------------------------------------------------------------------


def _tag(tag: int) -> str:
    return f", definition {tag}" if tag else ""


def _cast(cast: str) -> str:
    return "" if cast == "own" else "[wrong type]"


def _transition(transition: ops.TransitionSpec) -> str:
    return f"NewTransition({list(transition.sources)} -> {transition.destination})"


def _cluster(cluster: int) -> str:
    return f", cluster {cluster}" if cluster else ""


def _destination(destination: str | None) -> str:
    return "" if destination is None else f", to {values.quoted(destination)}"


def _delivery(delivery: str) -> str:
    return "" if delivery == "once" else f", {delivery}"


def _executor_ending(how: str) -> str:
    return "" if how == "script" else f", ends with {how}"


_DOMAINS: Final[dict[Domain | None, Callable[[Any], str]]] = {
    Domain.REGISTRY: "r{}".format,
    Domain.NODE: "n{}".format,
    Domain.MACHINE: "m{}".format,
    Domain.COLLECTION: "c{}".format,
    Domain.TRANSITION: "t{}".format,
    Domain.CELL: "cell{}".format,
    Domain.WORKFLOW: "w{}".format,
    Domain.ID: values.quoted,
    Domain.DATA: values.data_of,
    Domain.TAG: _tag,
    Domain.CAST: _cast,
    Domain.MESSAGE: values.quoted,
    Domain.TASK_DATA: values.quoted,
    Domain.DESTINATION: _destination,
    Domain.DELIVERY: _delivery,
    Domain.ENDING: _executor_ending,
    Domain.MICROSECONDS: "{} µs".format,
    Domain.CLUSTER: _cluster,
}
_SHAPES: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (ops.Key, values.key),
    (ops.Path, values.path),
    (ops.Task, values.task),
    (ops.Kind, values.kind_of),
    (ops.RefSpec, values.ref),
    (ops.MachineRef, values.machine_ref),
    (ops.TransitionSpec, _transition),
)


def _writer(shape: Any) -> Callable[[Any], str]:
    """Return how values of a shape are written."""
    for known, write in _SHAPES:
        if json_shape(shape) == json_shape(known):
            return write
    return _DOMAINS.get(marked(shape, Domain), str)


def _member(operation: type[ops.Operation], field: str) -> Callable[[ops.AnyOperation], str]:
    """Return how a member is written, or an element of it: ``task[0]``."""
    name, _, index = field.partition("[")
    member = next(member for member in members(operation) if member.name == name)
    if index:
        at = int(index.removesuffix("]"))
        return lambda holder: str(getattr(holder, name)[at])
    write = _writer(member.shape)
    if member.reference is not None and member.domain in HANDLES and member.reference.use is Use.MAKES:
        return lambda holder: "" if getattr(holder, name) is None else f"{write(getattr(holder, name))} = "
    if member.domain in (Domain.COLLECTION, Domain.TRANSITION):
        return lambda holder: "" if getattr(holder, name) is None else f" kept as {write(getattr(holder, name))}"
    return lambda holder: write(getattr(holder, name))


def _parts(operation: type[ops.Operation]) -> Iterator[str | Callable[[ops.AnyOperation], str]]:
    for text, field, _, _ in Formatter().parse(ops.SPECIFICATIONS[operation].reads):
        if text:
            yield text
        if field is not None:
            yield _member(operation, field)


_CALLS: Final = {operation: tuple(_parts(operation)) for operation in ops.OPERATIONS}
