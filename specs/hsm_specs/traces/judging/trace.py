"""One trace while it is judged: where it is in the cache, then the semantics that still explain it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.values import quoted
from hsm_specs.oracle.comparison import Difference
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.oracle.world import Excluded, Unspecified, World
from hsm_specs.traces.format.names import readable
from hsm_specs.traces.format.record import Malformed
from hsm_specs.traces.format.remarks import ShownValues
from hsm_specs.traces.format.vocabulary import Vocabulary
from hsm_specs.traces.judging.departure import History, miscounted, of_data, unbound_handle, unbound_unseen
from hsm_specs.traces.judging.executions import Executions, Misexecution
from hsm_specs.traces.judging.joining import Joined, root_count
from hsm_specs.traces.judging.prefix_cache import Prefix
from hsm_specs.traces.judging.reproduction import Departing, finding
from hsm_specs.traces.judging.result import Departure, Reproduction, Silence, TraceJudgement, TraceVerdict

KNOWN: Final = "A known deviation without an amendment: nothing can be expected of the trace from here on."
_EXECUTE: Final[type] = ops.Execute
_encode: Final = msgspec.json.Encoder().encode


class CannotRun(Exception):
    """The model cannot run an operation, though it is well-formed."""


class Trace:
    """An open trace.

    ``cached`` is the beginning that it has followed so far, all of which is allowed. From the line on that the cache
    does not have, a ``judge`` judges it, and ``prefix`` is what the cache may grow from. ``doubt`` is the first line
    that was not understood and may belong to the trace, 0 if there is none; ``excuse`` says which remark tells
    that differences in data that follow are the program's own, empty if none does; ``joined`` is there if the trace
    begins in the middle of a life.
    """

    __slots__ = ("_own", "_shown", "cached", "doubt", "excuse", "joined", "judge", "line", "name", "prefix")

    def __init__(self, name: str, line: int, cached: Prefix | None, shown: ShownValues) -> None:
        self.name = name
        self.line = line
        self.doubt = 0
        self.excuse = ""
        self.joined: Joined | None = None
        self._shown = shown
        self._own: dict[str, str] = {}
        self.cached = cached
        self.prefix: Prefix | None = None
        self.judge: TraceJudge | None = None

    def leave_cache(self, expectation: Expectation, vocabulary: Vocabulary) -> TraceJudge:
        """Return the judge of what comes, whose model has caught up with the cached beginning."""
        self.judge = judge = TraceJudge(expectation, vocabulary)
        self.prefix, self.cached = self.cached, None
        if self.prefix is not None:
            judge.catch_up(self.prefix)
        return judge

    def show(self, values: dict[str, str]) -> None:
        """Add what to show for values."""
        self._own |= values
        self._shown.add(values)

    def _with_values(self, found: Departure | None) -> Departure | None:
        if found is None or found.names is None:
            return found
        return replace(found, values=self._shown.of(found.names, self._own))

    def judgement(self, file: str) -> TraceJudgement:
        """Return what came of the trace."""
        judge = self.judge
        operations = judge.operations if judge is not None else 0 if self.cached is None else self.cached.depth
        verdict: TraceVerdict = "conforms" if operations else "not judged"
        return TraceJudgement(
            file=file,
            trace=self.name,
            line=self.line,
            operations=operations,
            verdict=verdict if judge is None else judge.verdict(verdict),
            departure=None if judge is None else self._with_values(judge.departure),
            known=None if judge is None else self._with_values(judge.known),
            silence=None if judge is None else judge.silence,
            doubt=self.doubt,
        )

    def reproduction(self, file: str, made: tuple[str, str]) -> Reproduction | None:
        """Return the least part of the trace that departs like all of it, None if not all of it was kept.

        ``made`` is the name and the version of the implementation.
        """
        judge = self.judge
        if judge is None or judge.departure is None:
            return None
        line = judge.departure.line
        place = f"{file}, line {line}" + (f", trace {quoted(self.name)}" if self.name else "")
        if judge.departure.at is not None:
            place += f", at {judge.departure.at}"
        departing = judge.departing()
        if departing is None:
            return None
        names = judge.history.names()
        if names is not None:
            names = readable(names, self._shown.of(names, self._own))
        found = finding(departing, judge.expectation, names, made, place)
        return None if found is None else Reproduction(file, self.name, line, found)


class TraceJudge:
    """Judges the operations of one trace.

    It is held to the specification and, if there are known deviations with amendments, to the amended semantics. A
    semantics that differs from what was seen is given up; the trace departs once none is left.
    """

    __slots__ = (
        "_differing",
        "_excluded",
        "_excuse",
        "_executions",
        "_recorded",
        "_silent",
        "amended",
        "departure",
        "expectation",
        "history",
        "known",
        "operations",
        "over",
        "silence",
        "specified",
    )

    def __init__(self, expectation: Expectation, vocabulary: Vocabulary) -> None:
        self.expectation = expectation
        self.history = History(expectation, vocabulary)
        self.operations = 0
        self.over = False
        self.departure: Departure | None = None
        self.known: Departure | None = None
        self.silence: Silence | None = None
        self.specified: World | None = World(expectation.specification, dialect=expectation.dialect)
        self.amended: World | None = None
        if expectation.amends:
            self.amended = World(expectation.amended, expectation.deviations.features, expectation.dialect)
        self._differing: tuple[Difference, bool] | None = None
        self._excluded = False
        self._excuse = ""
        self._executions: Executions | None = None
        self._recorded = vocabulary.executions
        self._silent: Unspecified | None = None

    def step(
        self, operation: ops.AnyOperation, saw: bytes, written: bytes, line: int, doubt: int, excuse: str = ""
    ) -> Observation | None:
        """Judge an operation of which ``saw`` was seen. Return what was expected if that was seen, else None.

        ``written`` are the operation's own bytes. Return None also if nothing can be expected. Raise Malformed
        for what is no observation, after which the trace can go on, and CannotRun.
        """
        self._excuse = excuse
        self.history.add(operation, written, saw)
        world = self.specified
        try:
            if self.amended is not None or world is None:
                agreed = self._by_both(operation, saw, line, doubt)
                return agreed if agreed is None or not self._recorded else self._executed(operation, agreed, line)
            expected = world.observe(operation)
        except Unspecified as end:
            self._silent = end
            self._end(line)
            return None
        except (Malformed, CannotRun):
            raise
        except Exception as error:
            self.over = True
            name = operation.__struct_config__.tag
            raise CannotRun(f"the model cannot run `{name}` with these values ({type(error).__name__})") from error
        if _encode(expected) != saw:
            difference = self.history.difference(operation, expected, saw, world)
            if difference is not None:
                self._depart(operation, [(difference, False)], line, doubt)
                return None
        self.operations += 1
        return expected if not self._recorded else self._executed(operation, expected, line)

    def join(self, operation: ops.Load) -> None:
        """Give the root of a tree that was loaded the transition count that its message has."""
        count = root_count(operation.bytes, self.expectation.dialect)
        if not count:
            return
        for world in (self.specified, self.amended):
            if world is not None:
                tree = world.nodes[operation.bind].tree
                tree.state = tree.state._replace(root=tree.state.root._replace(transition_count=count))
                world.rehydrated[tree] = tree.state.root
        self.history.lose("There is no reproduction: programs cannot give a root a transition count.")

    def assume(self, operation: ops.AnyOperation, written: bytes) -> None:
        """Take it that an operation succeeded that was not recorded."""
        self.history.add(operation, written, b"")
        for world in (self.specified, self.amended):
            if world is not None:
                world.observe(operation)

    def _executed(self, operation: ops.AnyOperation, agreed: Observation, line: int) -> Observation | None:
        """Judge when and how often tasks are executed, from the first execution on. Return what was agreed, or None."""
        if self._executions is None and type(operation) is not _EXECUTE:
            return agreed
        program = self.history.program
        if program is None:
            return agreed
        followed: Sequence[ops.AnyOperation] = (operation,)
        if self._executions is None:
            semantics = self.expectation.semantics(self.specified is None)
            self._executions = Executions(World(semantics, dialect=self.expectation.dialect))
            followed = program
        wrong: Misexecution | None = None
        for one in followed:
            wrong = self._executions.follow(one)
        if wrong is None:
            return agreed
        self.over = True
        self.departure = self.history.misexecution(operation, wrong, line)
        return None

    def catch_up(self, prefix: Prefix) -> None:
        """Have the model do what the trace did so far, all of which is allowed."""
        self.operations = prefix.depth
        for operation, written in prefix.lines():
            for world in (self.specified, self.amended):
                if world is not None:
                    world.observe(operation)
            self.history.add(operation, written, b"")

    @property
    def plain(self) -> bool:
        """Whether everything so far is allowed by each semantics that the trace is held to."""
        return self.specified is not None and (self.amended is not None) is self.expectation.amends

    def _by_both(self, operation: ops.AnyOperation, saw: bytes, line: int, doubt: int) -> Observation | None:
        """Judge an operation by the specification and by the amended semantics, as far as each has held so far."""
        predictions: list[tuple[Observation, bool, World | None]] = []
        if self.amended is not None:
            try:
                predictions.append((self.amended.observe(operation), True, self.amended))
            except Excluded:
                self._excluded = True
                expected = self._without_features()
                if expected is not None:
                    predictions.append((expected, True, self.amended))
            except Unspecified as end:
                self.amended, self._silent = None, end
        if self.specified is not None:
            try:
                predictions.append((self.specified.observe(operation), False, self.specified))
            except Unspecified as end:
                self.specified, self._silent = None, end
        agreed: Observation | None = None
        differs: list[tuple[Difference, bool]] = []
        for expected, amended, world in predictions:
            difference: Difference | None = None
            if world is not None and _encode(expected) != saw:
                difference = self.history.difference(operation, expected, saw, world)
            if difference is None:
                agreed = expected
            else:
                differs.append((difference, amended))
        if agreed is not None:
            self.operations += 1
            self._give_up(operation, differs, line, doubt)
        elif self._excluded and self.specified is None and not self._stated(differs):
            self._end(line)
        elif differs and (self.specified is not None or self.known is not None or self._silent is None):
            self._depart(operation, differs, line, doubt)
        else:
            # What the specification does not say is no violation, whatever the amended semantics would say.
            self._end(line)
        return agreed

    def _without_features(self) -> Observation | None:
        """Put the amended semantics into the state that it would be in without known deviations in a feature.

        It is one more explanation of what comes, beside the specification, and can forbid nothing. Return what it
        expects of the last operation; None, and give it up, where there is nothing that it could add.
        """
        self.amended = None
        if self.specified is None or self.history.program is None:
            return None
        world, expected = World(self.expectation.amended, dialect=self.expectation.dialect), None
        try:
            for operation in self.history.program:
                expected = world.observe(operation)
        except Unspecified:
            return None
        self.amended = world
        return expected

    def _stated(self, differs: list[tuple[Difference, bool]]) -> bool:
        """Return whether a known deviation states what was seen."""
        return any(self.expectation.deviations.states(found, excluded=self._excluded) for found, _ in differs)

    def _end(self, line: int) -> None:
        """End the trace, of which nothing more can be said."""
        self.over = True
        if self._silent is None:
            self.silence = Silence(line, "", "it uses a feature in which known deviations show")
        else:
            requirement, _, reason = str(self._silent).partition(": ")
            self.silence = Silence(line, requirement, reason)

    def _give_up(
        self, operation: ops.AnyOperation, differs: list[tuple[Difference, bool]], line: int, doubt: int
    ) -> None:
        """Give up the semantics that did not expect what was seen. Giving up the specification is a known deviation."""
        for difference, amended in differs:
            if amended:
                self.amended = None
            else:
                self.known = self.history.departure(operation, difference, line, amended=False, note=_note(doubt))
                self.specified = None

    def _depart(
        self, operation: ops.AnyOperation, differs: list[tuple[Difference, bool]], line: int, doubt: int
    ) -> None:
        """End the trace: what was seen is what no semantics expects. It may still be a known deviation.

        A difference that may depend on a line that was not understood is no departure, and neither is data after a
        remark that says why. Raise CannotRun for a handle that nothing bound.
        """
        self.over = True
        if all(unbound_unseen(found) for found, _ in differs):
            handle = unbound_handle(differs[0][0].operation or operation, (self.specified, self.amended))
            raise CannotRun(f"nothing in this trace binds {handle}: its beginning is missing, or it has ended before")
        why = f"line {doubt} was not understood" if doubt else ""
        if self._excuse and all(of_data(found) for found, _ in differs):
            why = self._excuse
        if why and not self._stated(differs):
            difference, amended = differs[-1]
            broken = self.history.departure(operation, difference, line, amended=amended).requirement
            self.silence = Silence(line, "", f"{why}, and a difference here ({broken}) may depend on it")
            return
        self.operations += 1
        for difference, amended in differs:
            if self.expectation.deviations.states(difference, excluded=self._excluded):
                if self.known is None:
                    self.known = self.history.departure(operation, difference, line, amended=amended, note=KNOWN)
                return
        difference, amended = self._differing = differs[-1]
        note = self.history.lost if self.history.program is None else ""
        if miscounted(difference, self.expectation.dialect):
            note, self._differing = "There is no reproduction: counts of outputs are no part of programs.", None
        self.departure = self.history.departure(operation, difference, line, amended=amended, note=note)

    def departing(self) -> Departing | None:
        """Return the trace up to its departure, None if not all of it was kept."""
        history = self.history
        if history.program is None or self._differing is None or self.departure is None:
            return None
        difference, amended = self._differing
        return Departing(
            tuple(history.program), history.seen, history.placed(difference), self.departure.requirement, amended
        )

    def verdict(self, agreeing: TraceVerdict) -> TraceVerdict:
        """Return the verdict, which is ``agreeing`` if nothing differs."""
        if self.departure is not None:
            return "deviates" if self.departure.documented else "differs"
        return agreeing if self.known is None else "deviates (known)"

    def release(self) -> Mapping[str, int]:
        """Let go of what only judging needs, once the trace is over. Return how often obligations were kept."""
        kept: Mapping[str, int] = {}
        for world in (self.specified, self.amended):
            if world is not None:
                world.close()
        if self._executions is not None:
            kept = self._executions.kept
            self._executions.close()
            self._executions = None
        self.specified = self.amended = None
        self.history.clear()
        return kept


def _note(doubt: int) -> str:
    return f"Line {doubt} could not be understood, which this may be a consequence of." if doubt else ""
