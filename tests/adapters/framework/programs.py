"""Random programs for the framework: every operation, every fault, and what executors may do.

The model steers: references are mostly right, deadlines are near the clock, and machines are mostly there.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from hsm_model.framework import milliseconds

from .model_player import ModelPlayer, key, keys

Op = dict[str, Any]

A, B, BELOW, MISSING, UNREGISTERED = [[1, "a"]], [[1, "b"]], [[1, "a"], [2, "c"]], [[1, "z"]], [[9, "z"]]
PATHS = (A, A, A, A, B, B, B, BELOW, BELOW, MISSING, UNREGISTERED)
FAILURES = (*[None] * 20, "boom", "not_found", "panic", "not_registered")


def op(name: str, **members: Any) -> Op:
    return {"op": name, **members}


def add(path: Any, data: Any = (0, 5)) -> Op:
    return op("add", path=path, data=list(data))


def transition(path: Any, data: Any = (1, 6), tasks: Any = (), steps: Any = (), fail: str | None = None) -> Op:
    return op("transition", path=path, data=list(data), tasks=list(tasks), steps=list(steps), fail=fail)


def script(*steps: Op, fail: str | None = None) -> Op:
    return {"steps": list(steps), "fail": fail}


def executor(
    *steps: Op,
    access: str | None = "write",
    before: str | None = None,
    after: str | None = None,
    fail: str | None = None,
) -> Op:
    return {**script(*steps, fail=fail), "access": access, "before": before, "after": after}


GO, ASK = transition([], (0, 7)), transition([], (2, 8), [[1, 0, 2000], [2, 0, "dest"]])
EXECUTORS = [
    executor(GO),
    executor(access=None),
    executor(before="boom"),
    executor(GO, fail="boom"),
    executor(GO, after="boom"),
    executor(GO, fail="not_found"),
    executor(GO, fail="panic"),
    executor(access="read"),
    executor(ASK),
    executor(GO, fail="not_registered"),
    executor(GO, access="read"),
    executor(access="read", fail="boom"),
]
"""The scripts of executors of outbound tasks, by the payload of the task."""
TIMER_EXECUTORS = [
    script(GO),
    script(),
    script(fail="boom"),
    script(GO, fail="boom"),
    script(GO, fail="not_found"),
    script(GO, fail="panic"),
    script(ASK),
    script(GO, fail="not_registered"),
    script(transition([], (0, 9), fail="boom")),
    script(GO, op("refresh", cell="east", workflow="w")),
]
EVENTS = [
    script(add(A), transition(A, (1, 5), [[2, 0, "dest"]])),
    script(add(B), transition(B, (2, 5), [[1, 0, 1000]])),
    script(transition(A, (2, 3), [[1, 1, 1000.9], [2, 8, ""]])),
    script(add(BELOW)),
    script(add(B), fail="boom"),
]
PROLOGUE = [
    op("cell", cell="east", cluster="east"),
    op("cell", cell="west", cluster="west"),
    *(op("register_executor", type=number, scripts=EXECUTORS) for number in (2, 4)),
    *(op("register_timer_executor", type=number, scripts=TIMER_EXECUTORS) for number in (1, 3)),
    op("register_event", type=1, scripts=EVENTS),
    op("workflow", cell="east", workflow="w"),
    op("event", cell="east", workflow="w", type=1, payload="0"),
]

REPLICATED = op("replicate_events", cell="west", workflow="w", **{"from": "east"})


def write(*steps: Op, cell: str = "east", fail: str | None = None, ref: Any = None, access: str = "write") -> Op:
    """An access of the workflow, at its root if there is no reference."""
    return op("access", cell=cell, workflow="w", access=access, ref=ref, script=script(*steps, fail=fail))


def at(name: str, cell: str = "east", **members: Any) -> Op:
    """An operation on the workflow in a cell."""
    return op(name, cell=cell, workflow="w", **members)


SYNCED = at("sync", cell="west", **{"from": "east"})
PUMPED = op("pump", cell="east", queue="timer")
DIRECTED = {
    "different machines at one path": [
        REPLICATED,
        write(add(B)),
        op("failover", cluster="west", version=2),
        write(add(B), transition(B), cell="west"),
        at("sync", **{"from": "west"}),
    ],
    "a machine that no event made": [REPLICATED, write(add(B), transition(A)), SYNCED],
    "two machines are newer": [
        at("event", type=1, payload="1"),
        REPLICATED,
        write(transition(A, (2, 7)), transition(B, (2, 8))),
        SYNCED,
        SYNCED,
    ],
    "a machine elsewhere does not regenerate": [
        at("event", type=1, payload="1"),
        REPLICATED,
        at("inspect", cell="west", path=A),
        write(transition(A, (2, 7)), transition(B, (1, -4))),
        SYNCED,
        at("inspect", cell="west", path=A),
    ],
    "a read after a failover with a workflow task": [
        at("workflow_task"),
        op("failover", cluster="east", version=2),
        at("inspect", path=A),
        write(transition(A)),
    ],
    "references of other versions": [
        op("failover", cluster="east", version=2),
        write(add(B), transition(A)),
        *(write(ref=[path, version, 0], access="read") for path in (A, B) for version in (1, 2, 3)),
    ],
    "a failover version that is beyond ten": [
        op("failover", cluster="west", version=2),
        op("failover", cluster="east", version=11),
        write(add(B), transition(B, tasks=[[2, 0, "dest"]])),
        write(ref=[B, 11, 0], access="read"),
    ],
    "a timer that is late on a passive cell": [
        write(transition(A, tasks=[[1, 1, 1000]])),
        op("failover", cluster="west", version=2),
        op("advance", cell="east", ms=901_000),
        PUMPED,
        op("failover", cluster="east", version=3),
        PUMPED,
    ],
    "a stale timer on a passive cell": [
        write(transition(A, tasks=[[1, 1, 1000], [1, 2, 60_000]])),
        write(transition(A)),
        write(transition(B, tasks=[[1, 0, 62_000]])),
        op("failover", cluster="west", version=2),
        op("advance", cell="east", ms=60_000),
        PUMPED,
        op("failover", cluster="east", version=3),
        PUMPED,
    ],
    "a former owner delivers a timer": [
        write(transition(A)),
        op("cell", cell="east again", cluster="east"),
        write(transition(A, tasks=[[1, 0, 0]]), cell="east again"),
        PUMPED,
        at("inspect", path=A),
    ],
    "a concurrent timer on a passive cell": [
        write(transition(A, tasks=[[3, 1, 1000]])),
        op("failover", cluster="west", version=2),
        op("advance", cell="east", ms=1000),
        PUMPED,
        op("failover", cluster="east", version=3),
        PUMPED,
    ],
    "the last owner delivers tasks": [
        op("cell", cell="east again", cluster="east"),
        write(add(B), transition(B, tasks=[[2, 0, "dest"], [1, 0, 0]]), cell="east again"),
        op("pump", cell="east", queue="outbound", destination=None),
        PUMPED,
        op("pump", cell="east again", queue="outbound", destination=None),
    ],
    **{
        f"equal deadlines, the payload of one is {payload} and its type {number}": [
            write(add(B)),
            write(transition(A, tasks=[[number, payload, 1000.5]])),
            write(transition(B, tasks=[[1, 1, 1000.5], [3, 0, 1000.5], [1, 1, 2000]])),
            op("advance", cell="east", ms=1000.5),
            PUMPED,
            op("advance", cell="east", ms=1000),
            PUMPED,
        ]
        for number, payload in ((1, 0), (1, 2), (1, 4), (1, 5), (1, 7), (1, 8), (5, 0), (7, 0), (2, 0))
    },
}
"""Programs that random ones are not likely to find."""


class Generator:
    """Makes one program, whose operations the player plays as they are made."""

    def __init__(self, seed: int, player: ModelPlayer) -> None:
        self.random = Random(seed)
        self.player = player
        self.makers = [maker for maker, weight in MAKERS.items() for _ in range(weight)]

    def program(self, length: int) -> list[Op]:
        """Return the operations of a program, the prologue included. They have been played."""
        made = [*PROLOGUE, *[REPLICATED] * self.one_of(0, 1)]
        for one in made:
            self.player.run(one)
        for _ in range(length):
            made.append(self.operation())
            self.player.run(made[-1])
        return made

    def operation(self) -> Op:
        return self.random.choice(self.makers)(self)

    def one_of(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def cell(self) -> str:
        """A cell, mostly one where the namespace is active."""
        cells = self.player.framework.world.cells
        active = [name for name in self.player.cells if cells[name].active()]
        return (
            self.one_of(*(active or self.player.cells))
            if self.random.random() < 0.75
            else self.one_of(*self.player.cells)
        )

    def here(self, name: str, **members: Any) -> Op:
        """An operation in some cell."""
        return op(name, cell=self.cell(), **members)

    def of_workflow(self, name: str, **members: Any) -> Op:
        """An operation on a workflow in some cell."""
        cell = self.cell()
        return op(name, cell=cell, workflow=self.workflow(cell), **members)

    def workflow(self, cell: str) -> str:
        """A workflow, mostly one that the cell has."""
        stored = sorted(key.workflow_id for key in self.player.framework.store(cell).workflows)
        return self.one_of(*(stored if stored and self.random.random() < 0.9 else ("w", "x")))

    def now(self, cell: str) -> float:
        return milliseconds(self.player.cells[cell].now())

    # --- operations ---------------------------------------------------------------------------------------------------

    def access(self, depth: int = 0) -> Op:
        made = self.of_workflow("access", access=self.one_of("write", "write", "write", "read"))
        made["ref"] = self.ref(made["cell"], made["workflow"]) if self.random.random() < 0.4 else None
        below = made["ref"][0] if made["ref"] else []
        steps = [
            self.step(made["cell"], made["workflow"], below, depth) for _ in range(self.one_of(0, 1, 1, 1, 2, 2, 3))
        ]
        made["script"] = {"steps": steps, "fail": self.one_of(*FAILURES)}
        return made

    def ref(self, cell: str, workflow: str) -> Any:
        """A reference, mostly to what is stored."""
        path = self.path(cell, workflow, [])
        stored = self.player.framework.store(cell).workflows.get(key({"workflow": workflow}))
        known = None if stored is None else stored.info.versions.get(keys(path))
        version = 1 if known is None else known.initial.version
        count = self.one_of(0, 1, 2, 3, *[self.count(cell, workflow, path)] * 8)
        return [path, self.one_of(*[version] * 6, 1, 2, 3), count]

    def count(self, cell: str, workflow: str, path: Any) -> int:
        node = dict(self.player.machines(cell, workflow)).get(keys(path))
        return 0 if node is None else node.transition_count

    def data(self) -> list[int]:
        return [self.one_of(0, 0, 1, 2), self.one_of(*[5, 6, 7, 8] * 6, -1, -2, -4)]

    def path(self, cell: str, workflow: str, below: Any) -> Any:
        """A path below a node, mostly one that can be followed."""
        if below:
            return self.one_of([], [], [], [[2, "c"]])
        there = [list(map(list, path)) for path, _ in self.player.machines(cell, workflow) if path]
        return self.one_of(*(there if there and self.random.random() < 0.7 else PATHS))

    def tasks(self, cell: str) -> list[Any]:
        return [self.task(cell) for _ in range(self.one_of(0, 1, 1, 2, 2, 3))]

    def task(self, cell: str) -> Any:
        number = self.one_of(*[1, 1, 2, 2, 3, 4] * 6, 5, 6, 7)
        timer = (number % 2 == 1) != (self.random.random() < 0.02)
        if timer:
            ahead = self.one_of(-1000, 0, 0.9, 1, 500, 999.9, 1000, 1000.9, 2000, 2000, 60_000, 3.2e12)
            return [number, self.payload(len(TIMER_EXECUTORS)), round(self.now(cell) + ahead, 3)]
        return [number, self.payload(len(EXECUTORS)), self.one_of("dest", "dest", "other", "")]

    def payload(self, choices: int) -> int:
        """Which script the executor plays, half the time the plainest one."""
        return self.random.randrange(choices) * self.one_of(0, 1)

    def step(self, cell: str, workflow: str, below: Any, depth: int) -> Op:
        path, chance = self.path(cell, workflow, below), self.random.random()
        if chance < 0.2:
            return add(path or [[2, "c"]], self.data())
        if chance < 0.75:
            return transition(path, self.data(), self.tasks(cell))
        if chance < 0.87:
            nested = [self.step(cell, workflow, below, depth + 1)] if depth < 2 else []
            return transition(path, self.data(), self.tasks(cell), nested, self.one_of(*FAILURES))
        if chance < 0.93 or depth >= 2:
            return op("write_into", path=path, data=self.data())
        return self.access(depth + 1) if chance < 0.96 else self.operation()

    def pump(self) -> Op:
        queue = self.one_of("timer", "outbound")
        return self.here("pump", queue=queue, destination=self.one_of(None, None, "dest", "other", ""))

    def advance(self) -> Op:
        """Put the clock forward, half the time to when the next task of the timer queue is due."""
        made = self.here("advance", ms=self.one_of(0.1, 0.9, 1, 500, 999.9, 1000, 60_000))
        due = [milliseconds(task.due) for task in self.player.cells[made["cell"]].timer_tasks()]
        later = [time for time in due if time > self.now(made["cell"])]
        if later and self.random.random() < 0.6:
            made["ms"] = max(0.001, round(min(later) - self.now(made["cell"]) - self.one_of(0, 0, 0, 0.1, 0.001), 3))
        return made

    def fail_store(self) -> Op:
        error = self.one_of("condition_failed", "unknown_outcome")
        return self.here("fail_store", when=self.one_of("before", "after"), error=error)

    def between_cells(self, name: str) -> Op:
        made = self.of_workflow(name)
        others = [cell for cell in self.player.cells if cell != made["cell"]]
        made["from"] = self.one_of(*others)
        if self.random.random() < 0.7:
            made["workflow"] = self.workflow(made["from"])
        return made


MAKERS: dict[Callable[[Generator], Op], int] = {
    Generator.access: 30,
    Generator.pump: 16,
    Generator.advance: 12,
    lambda g: g.here("run_task", task=g.random.randrange(50)): 12,
    lambda g: g.of_workflow("event", type=1, payload=g.one_of(*"0112234")): 4,
    lambda g: g.of_workflow("inspect", path=g.one_of(A, A, B, BELOW)): 5,
    lambda g: g.of_workflow("refresh"): 4,
    lambda g: g.between_cells("replicate_events"): 5,
    lambda g: g.between_cells("sync"): 7,
    lambda g: op("failover", cluster=g.one_of("east", "east", "west"), version=g.one_of(1, 1, 2, 2, 3, 4)): 3,
    Generator.fail_store: 5,
    lambda g: g.here("restart"): 3,
    lambda g: g.of_workflow("evict"): 2,
    lambda g: g.here("now"): 1,
    lambda g: g.of_workflow("close"): 1,
    lambda g: g.of_workflow("workflow_task"): 2,
    lambda g: g.of_workflow("workflow"): 1,
    lambda g: op("cell", cell="east again", cluster="east"): 1,
    lambda g: g.here("register_timer_executor", type=g.one_of(1, 1, 1, 1, 5), scripts=TIMER_EXECUTORS): 1,
}
"""How operations are made, and how often."""
