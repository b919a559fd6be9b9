"""Machines as XState v5 machine JSON: the subset of flat states. What is outside of it is refused by name and place."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Set
from datetime import timedelta
from typing import Any

from hsm_model.machines.declared import MAX_DELAY, MachineDeclaration, Move, Outbound, State, Timer
from hsm_model.machines.properties import InState, Property, always, leads_to, sometimes
from hsm_model.machines.suggestions import similar
from hsm_specs.errors import InputError

SUBSET = (
    "Flat states with on, entry, type and description; targets by name, guards by name; entry actions of the type "
    "task with params type, queue (timer or outbound), deadline (milliseconds) or destination, and sends (events); "
    "meta.check with never, sometimes and leadsTo."
)
_STATE = re.compile(r"(?!__proto__$)[^#.\\]+")
"""The names that are themselves as targets in XState: others are paths, IDs or no keys of a JavaScript object."""
_EVENT = re.compile(r"(?!__proto__$|xstate\.)[^*]+")
"""The events that XState matches by name. Those that begin with ``xstate.`` are its own."""


def machine_from_xstate(text: bytes, file: str, default_name: str) -> MachineDeclaration:
    """Return the machine that a file declares. Raise `InputError`, which names the place, for anything else."""
    try:
        root = json.loads(text, object_pairs_hook=_unique)
        top = _members(root, "", {"id", "initial", "states", "description", "meta"}, {"initial", "states"})
        states = _members(top["states"], "states")
        declared = MachineDeclaration(
            name=_text(top.get("id", default_name), "id"),
            initial=_text(top["initial"], "initial"),
            states={name: _state(state, f"states.{name}") for name, state in states.items()},
            description=_text(top.get("description", ""), "description"),
            properties=tuple(_properties(top.get("meta", {}), set(states))),
        )
        _check_names(declared)
        _check_entries(states, declared)
    except (ValueError, RecursionError) as error:
        end = "" if str(error).endswith("?") else "."
        raise InputError(f"{file}: {error}{end}", remedy=SUBSET) from None
    return declared


def machine_to_xstate(machine: MachineDeclaration) -> str:
    """Return a machine as XState JSON. Raise `InputError` for names that mean something else there."""
    try:
        _check_names(machine)
        _check_functions(machine)
    except ValueError as error:
        raise InputError(f"The machine {machine.name} has no XState JSON: {error}.") from None
    top: dict[str, Any] = {"id": machine.name, "description": machine.description, "initial": machine.initial}
    states = {name: _state_object(name, state) for name, state in machine.states.items()}
    checks = _without_empty({kind: _checks(machine, kind) for kind in ("never", "sometimes", "leadsTo")})
    top["meta"] = {"check": checks} if checks else {}
    return json.dumps({**_without_empty(top), "states": states}, indent=2, ensure_ascii=False) + "\n"


def _state_object(name: str, state: State) -> dict[str, Any]:
    return _without_empty(
        {
            "description": state.description,
            "type": "final" if state.final else "",
            "entry": _shortest([{"type": "task", "params": _params(task)} for task in state.tasks]),
            "on": {event: _shortest([_move(name, move) for move in state.moves(event)]) for event in state.on},
        }
    )


def _move(source: str, move: Move) -> Any:
    # Without `reenter`, XState does not execute the entry actions of a state that a transition leads back to.
    members = _without_empty({"target": move.target, "guard": move.guard_name, "reenter": move.target == source})
    return members if len(members) > 1 else move.target


def _shortest(found: list[Any]) -> Any:
    return found[0] if len(found) == 1 else found


def _params(task: Timer | Outbound) -> dict[str, Any]:
    if isinstance(task, Timer):
        milliseconds = task.after / timedelta(milliseconds=1)
        deadline = int(milliseconds) if milliseconds.is_integer() else milliseconds
        return {
            "type": task.type,
            "queue": "timer",
            "deadline": deadline,
            **_without_empty({"sends": list(task.sends)}),
        }
    more = {"destination": task.destination, "sends": list(task.sends)}
    return {"type": task.type, "queue": "outbound", **_without_empty(more)}


def _without_empty(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def _check_names(machine: MachineDeclaration) -> None:
    """Raise ValueError for a state or an event whose name means something else in XState."""
    for name, state in machine.states.items():
        if not _STATE.fullmatch(name):
            raise ValueError(f"states: the name `{name}` is not supported, only names without # . and \\")
        for event in state.on:
            if not _EVENT.fullmatch(event):
                raise ValueError(f"states.{name}.on: `{event}` is not supported, only events by name")


def _check_functions(machine: MachineDeclaration) -> None:
    """Raise ValueError for what is a function and cannot be said by a name: what moves do to the data."""
    for name, state in machine.states.items():
        for event in state.on:
            for move in state.moves(event):
                if move.update is not None:
                    raise ValueError(f"states.{name}.on.{event}: what the move does to the data is a function")
    for each in machine.properties:
        if not all(isinstance(part, InState | None) for part in (each.holds, each.then)):
            raise ValueError(f"the property `{each.name}` is a function")
        if each.kind == "always" and not (isinstance(each.holds, InState) and not each.holds.wanted):
            raise ValueError(f"the property `{each.name}` says which state a machine is always in")


def _properties(meta: Any, states: Set[str]) -> Iterator[Property]:
    """Yield the properties of a file: states never or sometimes reached, and pairs of which one leads to the other."""
    check = _members(
        _members(meta, "meta", {"check"}).get("check", {}), "meta.check", {"never", "sometimes", "leadsTo"}
    )

    def known(found: Any, place: str) -> str:
        name = _text(found, place)
        if name not in states:
            raise ValueError(f"{place}: `{name}` is no state{similar(name, states).removesuffix('.')}")
        return name

    for each, place in _each(check.get("never", []), "meta.check.never"):
        yield always(f"never {known(each, place)}", InState(each, wanted=False))
    for each, place in _each(check.get("sometimes", []), "meta.check.sometimes"):
        yield sometimes(f"sometimes {known(each, place)}", InState(each))
    for pair, place in _each(check.get("leadsTo", []), "meta.check.leadsTo"):
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError(f"{place}: {pair!r} is no pair of states")
        one, other = (known(each, f"{place}[{index}]") for index, each in enumerate(pair))
        yield leads_to(f"{one} leads to {other}", InState(one), InState(other))


def _checks(machine: MachineDeclaration, kind: str) -> list[Any]:
    """Return the properties of a kind by the names of their states."""
    kinds = {"always": "never", "sometimes": "sometimes", "leads_to": "leadsTo"}
    states = (
        (each.holds.state, each.then.state if isinstance(each.then, InState) else "")
        for each in machine.properties
        if kinds[each.kind] == kind and isinstance(each.holds, InState)
    )
    return [list(pair) if pair[1] else pair[0] for pair in states]


def _check_entries(found: Mapping[str, Any], machine: MachineDeclaration) -> None:
    """Raise ValueError for a transition from a state to itself that would emit tasks here and none in XState."""
    for name, state in machine.states.items():
        for event in state.on if state.tasks else ():
            for move, where in _each(found[name]["on"][event], f"states.{name}.on.{event}"):
                target, reenter = (move, False) if isinstance(move, str) else (move["target"], move.get("reenter"))
                if target == name and not reenter:
                    raise ValueError(f"{where}: without `reenter` the entry of `{name}` does not happen again")


def _state(found: Any, place: str) -> State:
    state = _members(found, place, {"on", "entry", "type", "description"})
    if state.get("type", "atomic") not in ("atomic", "final"):
        raise ValueError(f"{place}.type: {state['type']!r} is not supported, only atomic and final")
    on = _members(state.get("on", {}), f"{place}.on")
    return State(
        on={event: _moves(moves, f"{place}.on.{event}") for event, moves in on.items()},
        tasks=tuple(_task(task, where) for task, where in _each(state.get("entry", []), f"{place}.entry")),
        final=state.get("type") == "final",
        description=_text(state.get("description", ""), f"{place}.description"),
    )


def _moves(found: Any, place: str) -> tuple[Move, ...]:
    moves: list[Move] = []
    for each, where in _each(found, place):
        move = {"target": each} if isinstance(each, str) else each
        members = _members(move, where, {"target", "guard", "reenter"}, {"target"})
        if not isinstance(members.get("reenter", False), bool):
            raise ValueError(f"{where}.reenter: {members['reenter']!r} is neither true nor false")
        target = _text(members["target"], f"{where}.target")
        if members.get("guard") == "":
            raise ValueError(f"{where}.guard: the guard has no name")
        moves.append(Move(target, _text(members.get("guard", ""), f"{where}.guard")))
    return tuple(moves)


def _task(found: Any, place: str) -> Timer | Outbound:
    action = _members(found, place, {"type", "params"}, {"type", "params"})
    if action["type"] != "task":
        raise ValueError(f"{place}.type: the action {action['type']!r} is not supported, only task")
    place = f"{place}.params"
    queue = _members(action["params"], place, None, {"type", "queue"})["queue"]
    if queue == "timer":
        params = _members(action["params"], place, {"type", "queue", "deadline", "sends"}, {"deadline"})
        deadline = _duration(params["deadline"], f"{place}.deadline")
        return Timer(_text(params["type"], f"{place}.type"), deadline, _sends(params, place))
    if queue == "outbound":
        params = _members(action["params"], place, {"type", "queue", "destination", "sends"})
        destination = _text(params.get("destination", ""), f"{place}.destination")
        return Outbound(_text(params["type"], f"{place}.type"), destination, _sends(params, place))
    raise ValueError(f"{place}.queue: {queue!r} is neither timer nor outbound")


def _sends(params: Mapping[str, Any], place: str) -> tuple[str, ...]:
    return tuple(_text(event, where) for event, where in _each(params.get("sends", []), f"{place}.sends"))


def _duration(found: Any, place: str) -> timedelta:
    limit = MAX_DELAY / timedelta(milliseconds=1)
    if isinstance(found, bool) or not isinstance(found, int | float) or not (0 <= found <= limit) or math.isnan(found):
        raise ValueError(f"{place}: {found!r} is no number of milliseconds from 0 to a hundred years")
    return timedelta(milliseconds=found)


def _members(
    found: Any, place: str, known: Set[str] | None = None, required: Set[str] = frozenset()
) -> Mapping[str, Any]:
    """Return an object's members. Without ``known``, it may have any."""
    before = f"{place}: " if place else ""
    if not isinstance(found, dict):
        raise ValueError(f"{before}{found!r} is no object")
    for name in found:
        if known is not None and name not in known:
            raise ValueError(f"{before}`{name}` is not supported")
    for name in sorted(required):
        if name not in found:
            raise ValueError(f"{before}`{name}` is missing")
    return found


def _each(found: Any, place: str) -> list[tuple[Any, str]]:
    """Return the elements of a list with their places; what is no list is one element."""
    if isinstance(found, list):
        return [(each, f"{place}[{index}]") for index, each in enumerate(found)]
    return [(found, place)]


def _text(found: Any, place: str) -> str:
    if not isinstance(found, str):
        raise ValueError(f"{place}: {found!r} is no text")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"`{next(name for name in names if names.count(name) > 1)}` is there twice")
    return members
