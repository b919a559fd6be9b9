"""A program as a sequence chart: what the test, executors, the environment, memory, the store and the queues exchange.

The program runs on the model. Loads, writes and stored tasks are those of its framework; without cells, the chart has
the calls of the test and the functions that they run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import networkx as nx
from msgspec import UNSET

from hsm_diagrams.drawing.drawing import Drawing
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.drawing.sequence import Message, SequencePicture
from hsm_model.framework import Framework
from hsm_model.framework.amendments import amend_world
from hsm_model.framework.state import OutboundTask, QueueTask
from hsm_specs.language import operations as ops
from hsm_specs.language.functions import notes
from hsm_specs.language.observations import Observation
from hsm_specs.language.rendering import answer, call
from hsm_specs.language.values import executed, fired
from hsm_specs.oracle.world import Excluded, Unspecified, World
from hsm_specs.results.findings import Finding, load

TEST, EXECUTOR, ENVIRONMENT = "test", "executor", "environment"
MEMORY, STORE, QUEUES = "memory", "store", "queues"
THE_IMPLEMENTATION = "implementation"
ORDER = (TEST, ENVIRONMENT, MEMORY, STORE, QUEUES, EXECUTOR, THE_IMPLEMENTATION)
SUCCESS = answer(Observation(ok=None))
LONGEST = 64
"""The number of characters of a message above which it is cut."""


def sequence_of(path: Path) -> Picture:
    """Return the program of a saved finding as a sequence chart. Raise `InputError` if the file is not one."""
    finding = load(path)
    return _chart(finding, tuple(_messages(finding)))


def _chart(finding: Finding, messages: Sequence[Message]) -> Picture:
    """Return the chart of a finding's program."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(kind="sequence", name=finding.id)
    said = "; ".join(f"{message.source} to {message.target}: {message.said}" for message in messages)
    title = f"{finding.requirement}: {finding.statement}"
    caption = [f"{finding.where[0] + 1} operations with the results of the model, and the one observed for the last."]
    drawing = Drawing(name="sequence", title=title, caption=caption, description=said, boxes=[], arrows=[])
    return SequencePicture(graph, drawing, messages, order=ORDER)


def _messages(finding: Finding) -> Iterator[Message]:
    """Yield the messages of a program, up to the operation whose results differ, and what was observed there."""
    world = World(amend_world(names=finding.amendments), dialect=finding.dialect or "v1.25")
    with suppress(Unspecified, Excluded):
        for operation in finding.program[: finding.where[0] + 1]:
            before = _Look(world)
            observation = world.observe(operation)
            yield from _exchanged(operation, observation, before, _Look(world))
    if len(finding.observed) > finding.where[0]:
        index = finding.where[0]
        answered = answer(finding.observed[index], finding.program[index])
        yield Message(THE_IMPLEMENTATION, TEST, _short(f"answers instead: {answered}"), failed=True)


class _Look:
    """The counts of loads and writes, and the stored tasks, of all frameworks."""

    def __init__(self, world: World) -> None:
        frameworks: list[Framework] = list(world.frameworks.values())
        self.loads = sum(framework.loads for framework in frameworks)
        self.writes = sum(framework.writes for framework in frameworks)
        self.tasks: dict[tuple[int, str, int], QueueTask] = {
            (number, cluster, task_id): task
            for number, framework in enumerate(frameworks)
            for cluster, store in framework.world.stores.items()
            for task_id, task in store.tasks.items()
        }


def _exchanged(operation: ops.AnyOperation, observation: Observation, before: _Look, after: _Look) -> Iterator[Message]:
    """Yield what one operation makes the participants exchange."""
    cells = hasattr(operation, "cell")
    failed = observation.ok is UNSET
    target = (QUEUES if operation.__struct_config__.tag in PUMPS else ENVIRONMENT) if cells else MEMORY
    yield Message(TEST, target, _said(operation, observation), failed)
    for _ in range(after.loads - before.loads):
        yield Message(STORE, MEMORY, "load")
    yield from _inside(operation, observation, ENVIRONMENT if cells else TEST)
    if target == QUEUES and not failed:
        yield from _calls(observation.ok)
    for _ in range(after.writes - before.writes):
        yield Message(MEMORY, STORE, "write: the tree, and its tasks")
    for key, task in after.tasks.items():
        if key not in before.tasks:
            yield Message(STORE, QUEUES, _short(_task(task)))
    gone = len(before.tasks.keys() - after.tasks.keys())
    if gone:
        yield Message(QUEUES, STORE, f"{gone} {'task is' if gone == 1 else 'tasks are'} finished")


PUMPS = ("pump_timers", "pump_outbound")


def _inside(operation: Any, observation: Observation, who: str) -> Iterator[Message]:
    """Yield what the function of an operation does in memory."""
    script: ops.Script | None = getattr(operation, "script", None)
    inner = observation.inner or ()
    if script is None or not inner:
        return
    first = notes(operation)
    for each, seen in zip(script.ops, inner[first:], strict=False):
        yield Message(who, MEMORY, _said(each, seen), seen.ok is UNSET)
        yield from _inside(each, seen, who)


def _calls(delivered: Any) -> Iterator[Message]:
    """Yield the calls of executors that a queue made."""
    for entry in delivered:
        outbound = len(entry) == 4 and isinstance(entry[3], list)
        for each in map(executed, entry[3]) if outbound else map(fired, [entry]):
            yield Message(QUEUES, EXECUTOR, _short(each))


def _task(task: QueueTask) -> str:
    if isinstance(task, OutboundTask):
        return f"outbound task {task.task.type} to {task.destination!r}"
    return f"timer due at {task.due:%H:%M:%S.%f}"


def _said(operation: ops.AnyOperation, observation: Observation) -> str:
    answered = answer(observation, operation)
    return _short(call(operation) if answered == SUCCESS else f"{call(operation)} -> {answered}")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
