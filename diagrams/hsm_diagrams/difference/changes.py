"""The changes between two machines in sentences: what a picture of them shows, to be read and quoted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from hsm_diagrams.difference.limits import Limit, Taken, limit_change, limit_of
from hsm_diagrams.machine.trials import START
from hsm_model.machines import MachineDeclaration, Timer

if TYPE_CHECKING:
    import networkx as nx

Tasks = Mapping[str, tuple[str, str]]
"""The queue of each type of task, and when there is one."""
Limits = Mapping[Taken, Limit]
"""How often transitions are possible."""
Moves = Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]
"""The edges of each transition in each state, without those that were rejected."""


class MachineChange(NamedTuple):
    """A change of a state, or of a transition in a state."""

    state: str
    transition: str
    text: str

    @property
    def sentence(self) -> str:
        """The change as a sentence."""
        subject = f"{self.transition} in {self.state}" if self.transition else self.state
        return f"{subject} {self.text}."


def machine_changes(
    before: nx.MultiDiGraph[str],
    after: nx.MultiDiGraph[str],
    declared: tuple[MachineDeclaration | None, MachineDeclaration | None] = (None, None),
    allowed: tuple[Limits, Limits] = ({}, {}),
) -> tuple[MachineChange, ...]:
    """Return the changes between the graphs of two machines, state by state, then transition by transition.

    Delays of timers are compared if both machines are ``declared``. ``allowed`` is how often transitions are possible.
    """
    states = [node for node in (*before, *after) if node != START]
    common = [state for state in dict.fromkeys(states) if state in before and state in after]
    found = [MachineChange(state, "", "is new") for state in states if state not in before]
    found += [MachineChange(state, "", "is gone") for state in states if state not in after]
    for state in common:
        found += (MachineChange(state, "", text) for text in _state(before.nodes[state], after.nodes[state]))
    if declared[0] is not None and declared[1] is not None:
        found += _timers(declared[0], declared[1])
    emitting = {change.state for change in found if "emits" in change.text}
    former, latter = _moves(before), _moves(after)
    for state, transition in dict.fromkeys([*former, *latter]):
        sides = former.get((state, transition), ()), latter.get((state, transition), ())
        if state not in after:
            continue
        found += (MachineChange(state, transition, text) for text in _transition(*sides, emitting))
        found += (MachineChange(state, transition, text) for text in _allowed(state, transition, sides, allowed))
    return tuple(found)


def changes_as_text(changes: Iterable[MachineChange]) -> str:
    """Return changes as lines of text."""
    return "".join(f"{change.sentence}\n" for change in changes) or "Nothing has changed.\n"


def changes_as_markdown(title: str, changes: Sequence[MachineChange]) -> str:
    """Return changes as a list in Markdown."""
    lines = [f"- {change.sentence}" for change in changes] or ["Nothing has changed."]
    return "\n".join([f"# {title}", "", *lines, ""])


def _state(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for mark in ("initial", "terminal"):
        if before[mark] != after[mark]:
            yield f"is now {mark}" if after[mark] else f"is no longer {mark}"
    if before["reachable"] != after["reachable"]:
        yield "can now be reached" if after["reachable"] else "can no longer be reached"
    yield from _tasks(before["tasks"], after["tasks"])
    yield from _errors("regenerating its tasks ", before["errors"], after["errors"])


def _tasks(before: Sequence[Mapping[str, str]], after: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Yield what is emitted now and was not before, and the other way around."""
    former, latter = _by_type(before), _by_type(after)
    for name in dict.fromkeys([*former, *latter]):
        was, now = former.get(name), latter.get(name)
        if was == now:
            continue
        if now is None:
            yield f"no longer emits {name}"
        elif was is None:
            yield f"now emits {name}{_queue(now[0])}{_when(now[1])}"
        elif was[0] != now[0]:
            yield f"now emits {name}{_queue(now[0])}{_when(now[1])} (was{_queue(was[0]).removeprefix(' to')})"
        else:
            yield f"now emits {name}{_when(now[1]) or ' always'} (was{_when(was[1]) or ' always'})"


def _by_type(tasks: Sequence[Mapping[str, str]]) -> Tasks:
    return {
        task["type"]: (task["queue"] if task["kind"] == "outbound" else "a timer", task.get("guard", ""))
        for task in tasks
    }


def _queue(queue: str) -> str:
    if queue == "a timer":
        return " as a timer"
    return f" to {queue}" if queue else " to the shared queue"


def _when(guard: str) -> str:
    return f" [{guard}]" if guard else ""


def _errors(what: str, before: Sequence[Mapping[str, str]], after: Sequence[Mapping[str, str]]) -> Iterator[str]:
    former, latter = ([f"{error['message']}{_when(error['guard'])}" for error in side] for side in (before, after))
    if former != latter:
        was, now = ("; ".join(side) or "no error" for side in (former, latter))
        yield f"fails {what}with: {now} (was: {was})"


def _timers(before: MachineDeclaration, after: MachineDeclaration) -> Iterator[MachineChange]:
    for name, state in before.states.items():
        if name in after.states:
            delays = {task.type: task.after for task in state.tasks if isinstance(task, Timer)}
            for task in after.states[name].tasks:
                if isinstance(task, Timer) and delays.get(task.type, task.after) != task.after:
                    text = f"now emits {task.type} due after {task.after} (was {delays[task.type]})"
                    yield MachineChange(name, "", text)


def _moves(graph: nx.MultiDiGraph[str]) -> Moves:
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for source, target, data in graph.edges(data=True):
        if data["kind"] == "transition" and data["outcome"] != "rejected":
            found.setdefault((source, data["transition"]), []).append({**data, "target": target})
    return found


def _transition(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], emitting: set[str]
) -> Iterator[str]:
    """Yield the changes of a transition in a state; ``emitting`` are states whose own tasks have changed."""
    was, now = _outcomes(before), _outcomes(after)
    if was != now:
        if not before:
            yield f"is new: {now}"
        else:
            yield f"now {now} (was: {was})" if after else f"is gone (was: {was})"
        return
    for former, latter in zip(before, after, strict=True):
        # What a state emits is not repeated for each transition to it.
        if latter["target"] not in emitting:
            yield from _tasks(former["tasks"], latter["tasks"])
        yield from _errors("", former["errors"], latter["errors"])


def _allowed(
    state: str, transition: str, sides: Sequence[Sequence[Mapping[str, Any]]], allowed: tuple[Limits, Limits]
) -> Iterator[str]:
    """Yield how often a transition is possible that both sides have, if that has changed."""
    targets = [[data["target"] for data in side if data["outcome"] == "success"] for side in sides]
    for target in targets[0]:
        if target in targets[1]:
            before, after = (limit_of(found, state, transition, target) for found in allowed)
            if change := limit_change(before, after):
                yield change


def _outcomes(edges: Sequence[Mapping[str, Any]]) -> str:
    said = [
        (f"leads to {data['target']}" if data["outcome"] == "success" else "fails") + _when(data["guard"])
        for data in edges
    ]
    return ", ".join(sorted(said))
