"""The findings of an exploration, by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Set
from typing import Final

from hsm_specs.machines.check.exploration import Edge, Exploration, Place
from hsm_specs.machines.check.rules import RULES, CheckFinding
from hsm_specs.machines.check.simulation import CASE, FAULTS, Signature, Transitioned
from hsm_specs.machines.check.subject import DeclaredSubject, MoveName

REPEATED: Final = 3
"""How often a state comes again on a way that the bound cuts off before its retry counts as endless."""


class Broken:
    """The findings so far: of those that are alike, the one with the fewest steps."""

    def __init__(self, machine: str) -> None:
        self._machine = machine
        self._found: dict[tuple[str, str], CheckFinding] = {}

    def add(self, rule: str, what: str, steps: tuple[str, ...] = (), *, like: str = "") -> None:
        """Add a finding; ``like`` is what findings that are alike have in common, by default the sentence."""
        key = rule, like or what
        if key not in self._found or len(steps) < len(self._found[key].steps):
            self._found[key] = CheckFinding(rule=rule, machine=self._machine, what=what, steps=steps)

    def sorted(self) -> tuple[CheckFinding, ...]:
        """Return the findings in the order of the rules."""
        order = list(RULES)
        return tuple(sorted(self._found.values(), key=lambda found: (order.index(found.rule), found.what)))


def findings(explored: Exploration) -> tuple[CheckFinding, ...]:
    """Return what breaks a rule."""
    broken = Broken(explored.subject.name)
    for look in LOOKS:
        look(explored, broken)
    return broken.sorted()


def names(explored: Exploration, broken: Broken) -> None:
    """Find names that name nothing."""
    for mistake in explored.subject.mistakes:
        broken.add("misspelt-name", mistake)


def beginnings(explored: Exploration, broken: Broken) -> None:
    """Find machines that cannot be added."""
    for case, outcome in explored.beginnings.items():
        of_case = f" of the case {case}" if case else ""
        if outcome.trouble == "no serializer":
            broken.add("task-without-serializer", f"A new machine{of_case}: {outcome.error}.")
        elif outcome.trouble:
            broken.add("transition-fails", f"A new machine{of_case} cannot be added: {outcome.error}.")


def states(explored: Exploration, broken: Broken) -> None:
    """Find states that are never reached, and those that are never left."""
    reached: dict[str, list[Place]] = {}
    for place in explored.without_faults():
        reached.setdefault(place.configuration.state, []).append(place)
    for state in explored.subject.states:
        if state not in reached:
            broken.add("unreachable-state", f"{state} is never reached.")
    terminal = explored.subject.terminal
    if terminal is None:
        return
    for state, places in reached.items():
        left = any(_moves_on(place) for place in places)
        for place in places:
            if state in terminal or place.more or _moves_on(place) or _troubled(place):
                continue
            if left:
                said = f"In {state} no task is pending and nothing from outside is possible."
                broken.add("nothing-pending", _with_data(said, place), place.steps(), like=said)
            else:
                rule = "nothing-pending" if _could_move(explored, state) else "dead-end"
                how = "nothing makes it move" if rule == "nothing-pending" else "no transition leaves it"
                broken.add(rule, f"{state} is not terminal, and {how}.", place.steps())


def _with_data(said: str, place: Place) -> str:
    data = getattr(place.machine, "data", None)
    return f"{said.removesuffix('.')}, with {data}." if data is not None else said


def _moves_on(place: Place) -> bool:
    return any(edge.target is not None and edge.step.kind not in FAULTS for edge in place.edges)


def _troubled(place: Place) -> bool:
    """Return whether something that is tried there fails, which is a finding of its own."""
    return any(edge.target is None and edge.step.kind not in FAULTS for edge in place.edges)


def _could_move(explored: Exploration, state: str) -> bool:
    return any(source == state for _, source in explored.subject.moves())


def terminal_states(explored: Exploration, broken: Broken) -> None:
    """Find terminal states that are left or have tasks."""
    for place in explored.without_faults():
        state = place.configuration.state
        if state not in (explored.subject.terminal or ()):
            continue
        for edge in _edges(place):
            if edge.target is not None and edge.target.configuration.state != state:
                steps = (*place.steps(), edge.step.words)
                broken.add("terminal-state-left", f"{state} is terminal, and {edge.step.words} leaves it.", steps)
        for name in (task[0] for task in place.configuration.pending):
            said = f"{state} is terminal, and {name} is pending."
            broken.add("terminal-state-with-tasks", said, place.steps(), like=f"{state} {name}")
        for name in (task.type().name for task in place.machine.regenerate_tasks()):
            said = f"{state} is terminal, and regenerates {name}."
            broken.add("terminal-state-with-tasks", said, place.steps(), like=f"{state} {name}")


def _edges(place: Place) -> Iterator[Edge]:
    """Yield the steps that are no faults."""
    return (edge for edge in place.edges if edge.step.kind not in FAULTS)


def transitions(explored: Exploration, broken: Broken) -> None:
    """Find transitions that are never taken, and those that fail."""
    taken = {t.fired.move for place in explored.places for edge in place.edges for t in edge.outcome.transitions}
    reached = {place.configuration.state for place in explored.places}
    tried = {move[:2] for move in taken if len(move) > 1}
    for move, source in explored.subject.moves():
        if move in taken or (source and source not in reached):
            continue
        if len(move) > 1 and move[:2] in tried and _may_hold(explored, move):
            said = f"{move[1]} never leads from {move[0]} to {move[2]}: another move always comes first."
            broken.add("shadowed-transition", said)
        else:
            name = _shown_move(move)
            broken.add("impossible-transition", f"{name} is never possible.")
    for place in explored.places:
        for edge in place.edges:
            outcome, steps = edge.outcome, (*place.steps(), edge.step.words)
            state = place.configuration.state
            match outcome.trouble:
                case "failed":
                    broken.add("transition-fails", f"{edge.step.words} fails in {state}: {outcome.error}.", steps)
                case "no serializer":
                    broken.add("task-without-serializer", f"{outcome.error}.", steps)
                case "refused" if edge.step.kind in ("task", "timers"):
                    said = f"{edge.step.words} in {state}, where that is not possible; the task is retried forever."
                    broken.add("refused-outcome", said, steps)
                case "gap" if edge.step.kind in ("task", "timers"):
                    said = f"{edge.step.words} in {state}, where no guard holds; the task is retried forever."
                    broken.add("gap-between-guards", _with_data(said, place), steps, like=said)
                case _:
                    pass


def _may_hold(explored: Exploration, move: MoveName) -> bool:
    """Return whether the guard of a declared move ever holds in its state."""
    subject = explored.subject
    there = [place for place in explored.places if place.configuration.state == move[0]]
    return not isinstance(subject, DeclaredSubject) or any(subject.may_hold(place.machine, move) for place in there)


def guards(explored: Exploration, broken: Broken) -> None:
    """Find guards that hold together, and events from outside with several guards of which none holds."""
    subject = explored.subject
    if not isinstance(subject, DeclaredSubject):
        return
    for place in explored.places:
        state = place.configuration.state
        for event in (*subject.outside, *(e for events in (subject.executors or {}).values() for e in events)):
            held = subject.holding(place.machine, event)
            if len(held) > 1:
                said = f"{' and '.join(held)} of {event} in {state} hold at a time"
                broken.add("overlapping-guards", _with_data(f"{said}.", place), place.steps(), like=said)
        for edge in place.edges:
            several = edge.step.kind == "event" and subject.guarded(state, edge.step.words) > 1
            if edge.outcome.trouble == "gap" and several:
                said = f"No guard of {edge.step.words} in {state} holds"
                broken.add("gap-between-guards", _with_data(f"{said}.", place), place.steps(), like=said)


def tasks(explored: Exploration, broken: Broken) -> None:
    """Find tasks that are lost or differ, that nothing executes, and that take effect twice."""
    executors = explored.subject.executors
    emitted: set[tuple[str, bool]] = set()
    for transition, before, kept, steps in _transitions(explored):
        for task in (*transition.emitted, *transition.regenerated):
            emitted.add((task[0], task[1].startswith("timer")))
            if executors is not None and task[0] not in executors:
                broken.add("task-without-executor", f"Nothing executes {task[0]}.", steps)
        if transition.target in (explored.subject.terminal or ()):
            continue
        for task in (transition.regenerated - transition.emitted) - kept:
            rule, said = _lacking(task, before, transition)
            broken.add(rule, said, steps, like=f"{task[0]} {transition.fired.move}")
        for task in transition.emitted - transition.regenerated:
            said = f"{_move(transition)} emits {_shown(task)}, which its state does not regenerate."
            broken.add("different-regenerated-tasks", said, steps, like=f"{task[0]} {transition.fired.move}")
    for name, said in explored.losses.items():
        if name:
            broken.add("task-serializer-loses", f"{name}: {said}.", like=name)
        else:
            broken.add("data-serializer-loses", f"{said}.", like="data")
    _effects(explored, broken, {name for name, is_timer in emitted if is_timer})


def _transitions(
    explored: Exploration,
) -> Iterator[tuple[Transitioned, frozenset[str], Counter[Signature], tuple[str, ...]]]:
    """Yield each transition with the types of tasks pending before it, the tasks pending after it, and its steps."""
    for case, outcome in explored.beginnings.items():
        for transition in outcome.transitions:
            yield transition, frozenset(), Counter(), (f"{CASE}{case}",) if case else ()
    for place in explored.places:
        pending = frozenset(task[0] for task in place.configuration.pending)
        for edge in place.edges:
            kept = Counter(edge.target.configuration.pending if edge.target else ())
            for transition in edge.outcome.transitions:
                yield transition, pending - edge.outcome.fired, kept, (*place.steps(), edge.step.words)


def _lacking(task: Signature, before: Set[str], transition: Transitioned) -> tuple[str, str]:
    if task[0] in before and not transition.emitted:
        said = f"{_move(transition)} makes the pending {task[0]} stale and does not emit it again."
        return "dropped-task", said
    return (
        "different-regenerated-tasks",
        f"{_move(transition)} does not emit {_shown(task)}, which its state regenerates.",
    )


def _move(transition: Transitioned) -> str:
    move = transition.fired.move
    if not move:
        return "Creation"
    return _shown_move(move) + (f" in {transition.source}" if len(move) == 1 else "")


def _shown_move(move: MoveName) -> str:
    match move:
        case (source, event, target, _):
            return f"{event} from {source} to {target}"
        case _:
            return " ".join(move)


def _shown(task: Signature) -> str:
    return f"{task[0]} ({task[1].removesuffix(' to ')})"


def _effects(explored: Exploration, broken: Broken, timers: Set[str]) -> None:
    fired = {name for place in explored.places for edge in place.edges for name in edge.outcome.fired}
    executed = set(explored.subject.executors or ())
    for name in sorted(timers & executed - fired):
        broken.add("timer-never-fires", f"{name} never fires: something else always comes first.")
    for place in explored.places:
        for edge in place.edges:
            for name in edge.outcome.repeated:
                said = f"{name} takes effect again when it is delivered again, since executing it is no transition."
                broken.add("repeated-effect", said, (*place.steps(), edge.step.words), like=name)


def retries(explored: Exploration, broken: Broken) -> None:
    """Find executions of tasks that lead to each other forever. A machine without terminal states is to go on."""
    if not explored.subject.terminal:
        return
    for place in explored.without_faults():
        if place.more:
            names, steps = [place.configuration.state], place
            while steps.before is not None and steps.step is not None and steps.step.kind in ("task", "timers"):
                if steps.step.open:
                    break
                steps = steps.before
                names.append(steps.configuration.state)
            for state in dict.fromkeys(names):
                if names.count(state) > REPEATED:
                    times = f"{names.count(state)} times within the bound"
                    said = f"Executing tasks leads to {state} again and again: {times}."
                    loop = names[names.index(state) : names.index(state, names.index(state) + 1)]
                    broken.add("endless-retry", said, _loop(place, state), like=" ".join(sorted(set(loop))))
                    break
    for circle in _circles(list(explored.without_faults())):
        states = list(dict.fromkeys(place.configuration.state for place in circle))
        said = f"Executing tasks leads from {states[0]} back to it, and nothing changes."
        broken.add("endless-retry", said, circle[-1].steps(), like=" ".join(sorted(states)))


def _loop(place: Place, state: str) -> tuple[str, ...]:
    """Return the steps that lead to a state for the second time."""
    way: list[Place] = [place]
    while way[-1].before is not None:
        way.append(way[-1].before)
    visits = [each for each in reversed(way) if each.configuration.state == state]
    return visits[1].steps()


def _circles(places: list[Place]) -> Iterator[list[Place]]:
    """Yield circles of steps that only execute tasks: the places on each, once for each set of places."""
    following = {
        place: [e.target for e in place.edges if e.step.kind in ("task", "timers") and e.target and not e.step.open]
        for place in places
    }
    done: set[Place] = set()
    for start in places:
        way, ahead = [start], [iter(following[start])]
        on_way = {start}
        while ahead and start not in done:
            target = next(ahead[-1], None)
            if target is None:
                ahead.pop()
                finished = way.pop()
                on_way.discard(finished)
                done.add(finished)
            elif target in on_way:
                yield way[way.index(target) :]
            elif target not in done and target in following:
                way.append(target)
                on_way.add(target)
                ahead.append(iter(following[target]))


def faults(explored: Exploration, broken: Broken) -> None:
    """Find machines that go no further after a fault, and regenerated tasks that a fault brings up."""
    fine = {place.configuration.state for place in explored.without_faults() if _moves_on(place) or place.more}
    for place in explored.places:
        for edge in place.edges:
            if edge.step.kind in FAULTS and edge.outcome.trouble:
                said = f"{edge.step.kind} fails in {place.configuration.state}: {edge.outcome.error}."
                broken.add("stuck-after-fault", said, (*place.steps(), edge.step.words))
        state = place.configuration.state
        stuck = not place.more and not _moves_on(place) and not _troubled(place)
        if place.after_fault and stuck and state in fine and state not in (explored.subject.terminal or ()):
            broken.add("stuck-after-fault", f"The machine goes no further in {state}.", place.steps())


def properties(explored: Exploration, broken: Broken) -> None:
    """Find properties of one's own that do not hold."""
    for each in explored.subject.properties:
        holding = [place for place in explored.places if each.holds(place.machine)]
        match each.kind:
            case "always":
                for place in explored.places:
                    if place not in holding:
                        said = f"`{each.name}` does not hold in {place.configuration.state}"
                        broken.add("always", _with_data(f"{said}.", place), place.steps(), like=each.name)
            case "sometimes":
                if not holding:
                    broken.add("sometimes", f"`{each.name}` never holds.")
            case "leads_to":
                then = each.then or each.holds
                good = {place for place in explored.places if then(place.machine)}
                possible = _leading_to(explored, good)
                for place in _following(holding, good):
                    if place not in possible:
                        said = f"`{each.name}` is no longer possible in {place.configuration.state}"
                        broken.add("leads-to", _with_data(f"{said}.", place), place.steps(), like=each.name)


def _leading_to(explored: Exploration, good: Set[Place]) -> set[Place]:
    """Return the places from which a good one is possible, as far as is known."""
    before: dict[Place, list[Place]] = {}
    for place in explored.places:
        for edge in place.edges:
            if edge.target is not None:
                before.setdefault(edge.target, []).append(place)
    found = {*good, *(place for place in explored.places if place.more)}
    waiting = list(found)
    while waiting:
        new = [place for place in before.get(waiting.pop(), []) if place not in found]
        found.update(new)
        waiting += new
    return found


def _following(beginnings: list[Place], until: Set[Place]) -> Iterator[Place]:
    """Yield the places that follow some others, not beyond those where to stop."""
    seen = set(beginnings)
    waiting = list(beginnings)
    while waiting:
        place = waiting.pop(0)
        yield place
        if place in until:
            continue
        new = [edge.target for edge in place.edges if edge.target is not None and edge.target not in seen]
        seen.update(new)
        waiting += new


LOOKS: Final[tuple[Callable[[Exploration, Broken], None], ...]] = (
    names,
    beginnings,
    states,
    terminal_states,
    transitions,
    guards,
    tasks,
    retries,
    faults,
    properties,
)
