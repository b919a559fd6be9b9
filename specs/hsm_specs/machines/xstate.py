"""Machines as XState v5 machine JSON: the subset of flat states. What is outside of it is refused by name and place."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Set
from datetime import timedelta
from typing import Any

from hsm_model.machines.declared import MachineDeclaration, Move, Outbound, State, Timer
from hsm_specs.errors import InputError

SUBSET = (
    "Flat states with on, entry, type and description; targets by name, guards by name; entry actions of the type "
    "task with params type, queue (timer or outbound), deadline (milliseconds) or destination."
)


def machine_from_xstate(text: bytes, file: str, default_name: str) -> MachineDeclaration:
    """Return the machine that a file declares. Raise `InputError`, which names the place, for anything else."""
    try:
        root = json.loads(text, object_pairs_hook=_unique)
        top = _members(root, "", {"id", "initial", "states", "description"}, {"initial", "states"})
        states = _members(top["states"], "states")
        return MachineDeclaration(
            name=_text(top.get("id", default_name), "id"),
            initial=_text(top["initial"], "initial"),
            states={name: _state(state, f"states.{name}") for name, state in states.items()},
            description=_text(top.get("description", ""), "description"),
        )
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: {error}.", remedy=SUBSET) from None


def _state(found: Any, place: str) -> State:
    state = _members(found, place, {"on", "entry", "type", "description"})
    if state.get("type", "atomic") not in ("atomic", "final"):
        raise ValueError(f"{place}.type: {state['type']!r} is not supported, only atomic and final")
    on = _members(state.get("on", {}), f"{place}.on")
    for event in on:
        if not event or "*" in event:
            raise ValueError(f"{place}.on: `{event}` is not supported, only events by name")
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
        members = _members(move, where, {"target", "guard"}, {"target"})
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
        params = _members(action["params"], place, {"type", "queue", "deadline"}, {"deadline"})
        return Timer(_text(params["type"], f"{place}.type"), _duration(params["deadline"], f"{place}.deadline"))
    if queue == "outbound":
        params = _members(action["params"], place, {"type", "queue", "destination"})
        destination = _text(params.get("destination", ""), f"{place}.destination")
        return Outbound(_text(params["type"], f"{place}.type"), destination)
    raise ValueError(f"{place}.queue: {queue!r} is neither timer nor outbound")


def _duration(found: Any, place: str) -> timedelta:
    limit = timedelta(days=36500) / timedelta(milliseconds=1)
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
