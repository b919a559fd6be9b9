"""The machines that traces show: states, moves between them, and tasks, by machine type.

Nothing is judged. Lines are taken as they are, in the vocabulary of the palette or of an open world.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Final, Literal

import msgspec

from hsm_specs.errors import InputError
from hsm_specs.traces.format.lines import TOO_LONG, Damaged, Lines, shown_name
from hsm_specs.traces.format.remarks import Position, position

Outcome = Literal["success", "rejected", "failed", "rolled back"]
Json = dict[str, Any]
Place = tuple[int, tuple[tuple[str, str], ...]]
"""A node: the handle of its root, and its path."""

NO_TREE: Final = "(in no tree)"
"""The type of machines that belong to no node, of which traces do not name the type."""


@dataclass(frozen=True, slots=True, order=True)
class Declared:
    """A transition as it was declared."""

    sources: tuple[str, ...]
    destination: str


@dataclass(frozen=True, slots=True)
class Move:
    """The outcome of a try. Without ``transition`` the function set the state itself."""

    transition: Declared | None
    source: str
    target: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a trace says something: the line of the file, and the place in the program, if it is known."""

    file: str
    line: int
    trace: str
    at: Position | None


@dataclass(slots=True)
class ObservedMachine:
    """All that traces show of a machine type."""

    states: Counter[str] = field(default_factory=Counter)
    """How often a machine got into each state."""
    initial: Counter[str] = field(default_factory=Counter)
    moves: Counter[Move] = field(default_factory=Counter)
    tasks: dict[Move, Counter[str]] = field(default_factory=dict)
    """How many moves of a kind emitted each type of task."""
    first: dict[Move, Origin] = field(default_factory=dict)
    """Where each move was seen first."""
    emitted: Counter[str] = field(default_factory=Counter)
    declared: set[Declared] = field(default_factory=set)

    def never_left(self) -> list[str]:
        """Return the states that no successful move leads out of."""
        left = {move.source for move in self.moves if move.outcome == "success" and move.target != move.source}
        return sorted(state for state, count in self.states.items() if count and state not in left)

    def never_tried(self) -> list[Declared]:
        """Return the declared transitions that were never applied."""
        return sorted(self.declared - {move.transition for move in self.moves if move.transition is not None})

    def untried_sources(self) -> list[tuple[Declared, str]]:
        """Return the declared sources from which a transition was never applied."""
        tried = {(move.transition, move.source) for move in self.moves}
        return [(each, state) for each in sorted(self.declared) for state in each.sources if (each, state) not in tried]


@dataclass(frozen=True, slots=True)
class Step:
    """An operation of a trace for a sequence chart: who was called, what happened, and what was emitted."""

    trace: str
    who: str
    what: str
    failure: str = ""
    tasks: tuple[str, ...] = ()


@dataclass(slots=True)
class Observations:
    """All that traces show."""

    machines: dict[str, ObservedMachine] = field(default_factory=dict)
    executed: Counter[str] = field(default_factory=Counter)
    failed_executions: Counter[str] = field(default_factory=Counter)
    steps: dict[str, list[Step]] = field(default_factory=dict)
    """The steps of each trace, in the order of the traces' first lines."""

    def machine(self, name: str) -> ObservedMachine:
        """Return the machine of a type."""
        return self.machines.setdefault(name, ObservedMachine())

    def never_executed(self) -> dict[str, int]:
        """Return the types of tasks that were emitted and never executed, with how often they were emitted."""
        emitted: Counter[str] = Counter()
        for machine in self.machines.values():
            emitted += machine.emitted
        return {name: emitted[name] for name in sorted(emitted) if not self.executed[name]}


@dataclass(slots=True)
class _Machine:
    """Data that operations name."""

    type: str
    state: str
    place: Place | None = None


class _Trace:
    """Follows one trace."""

    def __init__(self, name: str, seen: Observations) -> None:
        self.name = name
        self._seen = seen
        self._nodes: dict[int, Place] = {}
        self._types: dict[int, str] = {}
        self._states: dict[Place, str] = {}
        self._machines: dict[int, _Machine] = {}
        self._steps = seen.steps.setdefault(name, [])
        """Those of traces of one name in several files follow each other."""

    def add(self, op: Json, saw: Json, origin: Origin) -> None:
        """Follow an operation with its observation."""
        for each in self._follow(op, saw):
            self._count(each, origin)

    def _follow(self, op: Json, saw: Json) -> list[tuple[_Machine, Move, Counter[str]]]:
        kind, ok = op["op"], "ok" in saw
        match kind:
            case "new_root" | "load" | "add_child" | "collection_add":
                if ok:
                    self._create(op, kind)
            case "child" | "collection_node" | "parent":
                self._find(op, kind, saw)
            case "machine_transition" | "collection_transition":
                return self._transition(op, kind, saw)
            case "state_machine":
                self._machines[op.get("machine", 0)] = self._enter(_Machine(NO_TREE, _name(op["data"][0])))
            case "apply":
                return self._apply(op, saw)
            case "possible":
                if (machine := self._machines.get(op.get("machine", 0))) is not None:
                    self._seen.machine(machine.type).declared.add(_declared(op["transition"]))
            case "set_state":
                return self._set(op)
            case "read_machine":
                if ok and (machine := self._machines.get(op.get("machine", 0))) is not None:
                    machine.state = _name(saw["ok"][0])
            case "machine_data":
                place = self._nodes.get(op["node"])
                if ok and place is not None and saw["ok"][0] is not None:
                    self._states[place] = _name(saw["ok"][0])
            case "execute":
                self._execute(op, saw)
            case _:
                pass
        return []

    def _create(self, op: Json, kind: str) -> None:
        if kind in ("new_root", "load"):
            place: Place = (op.get("bind", 0), ())
            self._types[op.get("bind", 0)] = _name(op["type"])
            if kind == "load":
                self._load(place, op.get("children", ()))
        else:
            parent = self._nodes.get(op.get("node", 0))
            if parent is None:
                return
            place = (parent[0], (*parent[1], _key(op)))
        if "bind" in op:
            self._nodes[op["bind"]] = place
        state = _name(op["data"][0])
        self._states[place] = state
        machine = _Machine(self._type(place), state, place)
        self._enter(machine, initial=kind != "load")
        self._step(place, f"{'load' if kind == 'load' else 'new'}: {state}" if state else "new")

    def _load(self, parent: Place, children: Iterable[Any]) -> None:
        for type_, id_, (_, data, below) in children:
            place: Place = (parent[0], (*parent[1], (_name(type_), _name(id_))))
            if data[0] is not None:
                self._states[place] = _name(data[0])
                self._enter(_Machine(_name(type_), self._states[place], place))
            self._load(place, below)

    def _find(self, op: Json, kind: str, saw: Json) -> None:
        start = self._nodes.get(op.get("node", 0))
        if start is None or "bind" not in op or saw.get("ok", False) is False:
            return
        root, path = start
        if kind == "parent":
            self._nodes[op["bind"]] = (root, path[:-1])
        elif kind == "child":
            self._nodes[op["bind"]] = (root, (*path, *((_name(a), _name(b)) for a, b in op["path"])))
        else:
            self._nodes[op["bind"]] = (root, (*path, _key(op)))

    def _transition(self, op: Json, kind: str, saw: Json) -> list[tuple[_Machine, Move, Counter[str]]]:
        place = self._nodes.get(op.get("node", 0))
        if place is None:
            return []
        if kind == "collection_transition":
            place = (place[0], (*place[1], _key(op)))
        failure = "" if "ok" in saw else str(next(iter(saw.values())))
        script, inner = op.get("script", {}), saw.get("inner", ())
        before = self._states.get(place, "")
        machine = _Machine(self._type(place), before, place)
        outer = self._machines.get(op.get("machine", 0))
        self._machines[op.get("machine", 0)] = machine
        moves = [move for each in zip(script.get("ops", ()), inner, strict=False) for move in self._follow(*each)]
        if outer is not None:
            self._machines[op.get("machine", 0)] = outer
        tasks = Counter(_name(task[0]) for task in script.get("tasks", ()))
        own = [number for number, (moved, *_) in enumerate(moves) if moved is machine]
        if own and all(moves[number][1].transition is None for number in own):
            moves[own[-1]] = (*moves[own[-1]][:2], tasks)
        if failure:
            moves = [
                (moved, replace(move, outcome="rolled back"), emitted)
                if moved.place == place and move.outcome == "success"
                else (moved, move, emitted)
                for moved, move, emitted in moves
            ]
        else:
            self._states[place] = machine.state
            self._seen.machine(machine.type).emitted.update(tasks)
        states = [before or machine.state, *(moves[number][1].target for number in own)]
        changed = ", then ".join(state for state, _ in groupby(states))
        self._step(place, f"transition: {changed}" if changed else "transition", failure, tuple(tasks))
        return moves

    def _apply(self, op: Json, saw: Json) -> list[tuple[_Machine, Move, Counter[str]]]:
        machine = self._machines.get(op.get("machine", 0))
        if machine is None:
            return []
        transition = _declared(op["transition"])
        self._seen.machine(machine.type).declared.add(transition)
        source, moves = machine.state, []
        outcome: Outcome = "success"
        emitted: Counter[str] = Counter()
        if saw.get("error") == "invalid_transition" and "inner" not in saw:
            outcome = "rejected"
        else:
            machine.state = transition.destination
            for each in zip(op.get("script", {}).get("ops", ()), saw.get("inner", ()), strict=False):
                moves += [move for move in self._follow(*each) if move[0] is not machine]
            if "ok" in saw:
                emitted.update(_name(task[0]) for task in saw["ok"] or ())
            else:
                outcome, machine.state = "failed", source
        if machine.place is None:
            failure = "" if outcome == "success" else outcome
            self._steps.append(Step(self.name, machine.type, f"apply: {source}, to {transition.destination}", failure))
        return [*moves, (machine, Move(transition, source, machine.state, outcome), emitted)]

    def _set(self, op: Json) -> list[tuple[_Machine, Move, Counter[str]]]:
        machine = self._machines.get(op.get("machine", 0))
        if machine is None or machine.state == (state := _name(op["state"])):
            return []
        move = Move(None, machine.state, state, "success")
        machine.state = state
        return [(machine, move, Counter())]

    def _execute(self, op: Json, saw: Json) -> None:
        task = _name(op["task"][0])
        failure = "" if "ok" in saw else str(next(iter(saw.values())))
        (self._seen.failed_executions if failure else self._seen.executed)[task] += 1
        self._steps.append(Step(self.name, "executors", f"execute: {task}", failure))

    def _enter(self, machine: _Machine, *, initial: bool = False) -> _Machine:
        seen = self._seen.machine(machine.type)
        seen.states[machine.state] += 1
        if initial:
            seen.initial[machine.state] += 1
        return machine

    def _count(self, each: tuple[_Machine, Move, Counter[str]], origin: Origin) -> None:
        machine, move, emitted = each
        seen = self._seen.machine(machine.type)
        seen.moves[move] += 1
        seen.first.setdefault(move, origin)
        seen.states[move.source] += 0
        seen.states[move.target] += move.outcome == "success"
        seen.tasks.setdefault(move, Counter()).update(emitted.keys())

    def _type(self, place: Place) -> str:
        return place[1][-1][0] if place[1] else self._types.get(place[0], "")

    def _step(self, place: Place, what: str, failure: str = "", tasks: tuple[str, ...] = ()) -> None:
        who = self._type(place) if not place[1] else " ".join(filter(None, place[1][-1]))
        self._steps.append(Step(self.name, who or "root", what, failure, tasks))


def observe(files: Sequence[str]) -> Observations:
    """Return what the traces in files show. Raise `InputError` for a line or a file that is not understood."""
    seen = Observations()
    for name in files:
        traces: dict[str, _Trace] = {}
        for number, line in _decoded(name):
            if "hsmspec" in line:
                traces = {}
            elif "op" in line:
                try:
                    trace = line.get("trace", "")
                    at = position(msgspec.json.encode(line["at"])) if "at" in line else None
                    origin = Origin(shown_name(name), number, trace, at)
                    traces.setdefault(trace, _Trace(trace, seen)).add(line["op"], line["saw"], origin)
                except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
                    raise InputError(f"{shown_name(name)}:{number} is no operation of a trace: {error!r}.") from error
    if not any(machine.states for machine in seen.machines.values()):
        raise InputError("The traces show no machine.")
    return seen


def _decoded(name: str) -> Iterator[tuple[int, Json]]:
    decoder = msgspec.json.Decoder(dict[str, Any])
    number = 0
    try:
        for batch in Lines(name):
            for line in batch:
                number += 1
                if not line.strip() and line != TOO_LONG:
                    continue
                yield number, decoder.decode(line)
    except Damaged as damage:
        raise InputError(f"{shown_name(name)} {damage}.") from damage
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(f"{shown_name(name)}:{number} is not understood: {error}.") from error


def _declared(transition: Mapping[str, Any]) -> Declared:
    return Declared(tuple(_name(state) for state in transition["sources"]), _name(transition["destination"]))


def _key(op: Json) -> tuple[str, str]:
    type_, id_ = op["key"] if "key" in op else (op["type"], op["id"])
    return _name(type_), _name(id_)


def _name(name: Any) -> str:
    return "" if name is None else str(name)
