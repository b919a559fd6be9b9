"""Follows what traces do to machines, line by line. Nothing is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

import msgspec

from hsm_specs.errors import InputError
from hsm_specs.traces.format.lines import TOO_LONG, Damaged, Lines, shown_name
from hsm_specs.traces.format.remarks import position
from hsm_specs.traces.observed import ChartedCall, Declared, MoveOutcome, Observed, ObservedMove, Origin

Json = dict[str, Any]
NodePath = tuple[int, tuple[tuple[str, str], ...]]
"""A node: the handle of its root, and its path."""

NO_TREE: Final = "(in no tree)"
"""The type of machines that belong to no node, of which traces do not name the type."""


@dataclass(slots=True)
class _Machine:
    """Data that operations name."""

    type: str
    state: str
    place: NodePath | None = None


class _Trace:
    """Follows one trace."""

    def __init__(self, name: str, seen: Observed) -> None:
        self.name = name
        self._seen = seen
        self._nodes: dict[int, NodePath] = {}
        self._types: dict[int, str] = {}
        self._states: dict[NodePath, str] = {}
        self._machines: dict[int, _Machine] = {}
        self._steps = seen.steps.setdefault(name, [])
        """Those of traces of one name in several files follow each other."""

    def add(self, op: Json, saw: Json, origin: Origin) -> None:
        """Follow an operation with its observation."""
        for each in self._follow(op, saw):
            self._count(each, origin)

    def _follow(self, op: Json, saw: Json) -> list[tuple[_Machine, ObservedMove, Counter[str]]]:
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
            place: NodePath = (op.get("bind", 0), ())
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

    def _load(self, parent: NodePath, children: Iterable[Any]) -> None:
        for type_, id_, (_, data, below) in children:
            place: NodePath = (parent[0], (*parent[1], (_name(type_), _name(id_))))
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

    def _transition(self, op: Json, kind: str, saw: Json) -> list[tuple[_Machine, ObservedMove, Counter[str]]]:
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
        tasks = self._emitted(script.get("tasks"))
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

    def _apply(self, op: Json, saw: Json) -> list[tuple[_Machine, ObservedMove, Counter[str]]]:
        machine = self._machines.get(op.get("machine", 0))
        if machine is None:
            return []
        transition = _declared(op["transition"])
        self._seen.machine(machine.type).declared.add(transition)
        source, moves = machine.state, []
        outcome: MoveOutcome = "success"
        emitted: Counter[str] = Counter()
        if saw.get("error") == "invalid_transition" and "inner" not in saw:
            outcome = "rejected"
        else:
            machine.state = transition.destination
            for each in zip(op.get("script", {}).get("ops", ()), saw.get("inner", ()), strict=False):
                moves += [move for move in self._follow(*each) if move[0] is not machine]
            if "ok" in saw:
                emitted = self._emitted(saw["ok"])
            else:
                outcome, machine.state = "failed", source
        if machine.place is None:
            failure = "" if outcome == "success" else outcome
            self._steps.append(
                ChartedCall(self.name, machine.type, f"apply: {source}, to {transition.destination}", failure)
            )
        return [*moves, (machine, ObservedMove(transition, source, machine.state, outcome), emitted)]

    def _emitted(self, tasks: Any) -> Counter[str]:
        """Return how many tasks of each type there are."""
        for task in tasks or ():
            self._seen.kinds.setdefault(_name(task[0]), task[2])
        return Counter(_name(task[0]) for task in tasks or ())

    def _set(self, op: Json) -> list[tuple[_Machine, ObservedMove, Counter[str]]]:
        machine = self._machines.get(op.get("machine", 0))
        if machine is None or machine.state == (state := _name(op["state"])):
            return []
        move = ObservedMove(None, machine.state, state, "success")
        machine.state = state
        return [(machine, move, Counter())]

    def _execute(self, op: Json, saw: Json) -> None:
        task = _name(op["task"][0])
        failure = "" if "ok" in saw else str(next(iter(saw.values())))
        (self._seen.failed_executions if failure else self._seen.executed)[task] += 1
        self._steps.append(ChartedCall(self.name, "executors", f"execute: {task}", failure))

    def _enter(self, machine: _Machine, *, initial: bool = False) -> _Machine:
        seen = self._seen.machine(machine.type)
        seen.states[machine.state] += 1
        if initial:
            seen.initial[machine.state] += 1
        return machine

    def _count(self, each: tuple[_Machine, ObservedMove, Counter[str]], origin: Origin) -> None:
        machine, move, emitted = each
        seen = self._seen.machine(machine.type)
        seen.moves[move] += 1
        seen.first.setdefault(move, origin)
        seen.states[move.source] += 0
        seen.states[move.target] += move.outcome == "success"
        seen.tasks.setdefault(move, Counter()).update(emitted.keys())

    def _type(self, place: NodePath) -> str:
        return place[1][-1][0] if place[1] else self._types.get(place[0], "")

    def _step(self, place: NodePath, what: str, failure: str = "", tasks: tuple[str, ...] = ()) -> None:
        who = self._type(place) if not place[1] else " ".join(filter(None, place[1][-1]))
        self._steps.append(ChartedCall(self.name, who or "root", what, failure, tasks))


def observe(files: Sequence[str]) -> Observed:
    """Return what the traces in files show. Raise `InputError` for a line or a file that is not understood."""
    seen = Observed()
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
