"""Open worlds: a palette trace with all its names replaced gets the verdict that it had."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.palette import EMPTY_DATA
from hsm_specs.language.shapes import LARGEST
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.report.traces import trace_lines
from hsm_specs.stateful.implementation import InProcess
from hsm_specs.traces import Judging, JudgingOptions
from hsm_specs.traces.format import roles
from hsm_specs.traces.format.names import CLOSED, accesses, loaded
from hsm_specs.traces.judging.result import TraceJudgement
from plain_hsm.adapter import answer
from plain_mutants import MUTANTS

HEADER = b'{"hsmspec":1,"world":"open"}\n'
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


PALETTE_ALONE = {
    # Executors, references, serializers of tasks and regenerated tasks are not recorded.
    *("EXEC-RUN-1", "EXEC-RUN-2", "EXEC-RUN-3", "EXEC-ARGS-1", "ENV-ACCESS-1", "ENV-ACCESS-2", "REF-PATH-1"),
    # Kept objects are not recorded.
    *("COLL-KEEP-1", "TRANS-KEEP-1"),
    *("REG-NEW-1", "REG-EXEC-1", "REG-EXEC-2", "REG-EXEC-4", "TASK-KIND-1", "TASK-SERIAL-1", "MACH-TASKS-2"),
    # Nobody sees that data will not deserialize before it does not.
    *("NODE-CHILD-7", "DATA-READ-2", "DATA-CAST-3", "MT-FAIL-4"),
    # What the function of an Apply saw is not recorded, nor how often a function was called.
    *("MT-RUN-1", "TRANS-NEW-1", "TRANS-APPLY-2", "TRANS-APPLY-3", "TRANS-APPLY-4", "TRANS-APPLY-5"),
    *("TRANS-APPLY-6", "TRANS-APPLY-7", "TRANS-APPLY-9"),
}


class Unsayable(Exception):
    """A recorder does not see enough to write what happened."""


class Own:
    """A recorder's own names: for each sort of name either texts with a beginning or numbers with an offset."""

    def __init__(self, beginnings: list[str | int], reads: bool) -> None:
        self._beginnings = beginnings
        self._reads = reads

    def _name(self, sort: int, number: int) -> str | int:
        beginning = self._beginnings[sort]
        return beginning + number if isinstance(beginning, int) else f"{beginning}{number}"

    def type(self, number: int, /) -> str | int:
        return number and self._name(0, number)

    def state(self, number: int, /) -> str | int:
        return self._name(1, number)

    def value(self, number: int, /) -> str | int | None:
        return None if number == -1 else self._name(2, number)

    def payload(self, number: int, /) -> str | int:
        return self._name(3, number)

    def event(self, number: int, /) -> str | int:
        return self._name(4, number)

    def data(self, pair: Any, /) -> Any:
        return [self.state(pair[0]), self.value(pair[1])]

    def persisted(self, data: str, /) -> Any:
        parts = data.split(":") if data else [*map(str, EMPTY_DATA)]
        if len(parts) != 2 or not all(part.lstrip("-").isdigit() for part in parts) or parts[1] == "-2":
            return [None, f"odd {data}"]
        return [self.state(int(parts[0])) if self._reads else None, self.value(int(parts[1]))]

    def finished(self, form: roles.Form, /) -> roles.Form:
        if form["op"] != "load":
            return form
        children = roles.children(loaded(form["bytes"], "v1.25"), Own(self._beginnings, True))
        return {member: value for member, value in form.items() if member != "bytes"} | {"children": children}


NAMES = st.builds(Own, st.lists(TEXT | st.integers(2**60, 2**70), min_size=5, max_size=5), st.booleans())


def closed(form: Any) -> bool:
    """Return whether an operation, or one inside of it, cannot be said in an open world."""
    inside = form.get("script", {}).get("ops", [])
    accessing = form["op"] == "register_executor" and accesses(form)
    return form["op"] in CLOSED or accessing or any(map(closed, inside))


def undeserializable(form: Any) -> bool:
    """Return whether an operation, or one inside of it, makes data that will not deserialize, which nobody can see."""
    inside = form.get("script", {}).get("ops", [])
    return -2 in (form.get("value"), *form.get("data", ())) or any(map(undeserializable, inside))


def sayable(program: ops.Program) -> ops.Program:
    """Return the part of a program that can be said in an open world."""
    found = []
    for operation in program:
        form = msgspec.to_builtins(operation)
        if not closed(form):
            if undeserializable(form):
                break
            found.append(operation)
    return tuple(found)


def seen_by_a_recorder(seen: Observation, operation: ops.AnyOperation) -> Observation:
    """Return an observation without what a recorder cannot see."""
    script = getattr(operation, "script", None)
    if seen.inner is msgspec.UNSET or script is None:
        return seen
    inner = seen.inner[1:] if isinstance(operation, ops.Apply) else seen.inner
    # A function that is called twice, or not at all where it has to be, is recorded as what it is.
    if len(inner) > len(script.ops):
        raise Unsayable
    inner = tuple(map(seen_by_a_recorder, inner, script.ops))
    return msgspec.structs.replace(seen, inner=inner or msgspec.UNSET)


def palette_trace(program: ops.Program, seen: tuple[Observation, ...]) -> list[bytes]:
    return [msgspec.json.encode({"op": op, "saw": saw}) + b"\n" for op, saw in zip(program, seen, strict=True)]


def open_trace(program: ops.Program, seen: tuple[Observation, ...], own: Own) -> list[bytes]:
    lines = [HEADER]
    for operation, saw in zip(program, seen, strict=True):
        form = roles.operation(msgspec.json.decode(msgspec.json.encode(operation)), own)
        # As decoded from JSON, lists and all.
        plain = msgspec.json.decode(msgspec.json.encode(seen_by_a_recorder(saw, operation)), type=Observation)
        found = roles.observation(plain, operation, own, roles.functions(operation))
        lines.append(msgspec.json.encode({"op": form, "saw": found}) + b"\n")
    return lines


Compare = Callable[[ops.Program, tuple[Observation, ...], Own], "TraceJudgement | None"]


def judged(lines: list[bytes], folder: Path) -> tuple[int, TraceJudgement | None, list[str]]:
    """Return the exit code, the result for the one trace, and what was not understood."""
    traces: list[TraceJudgement] = []
    problems: list[str] = []
    path, result = folder / "a", folder / "b"
    path.write_bytes(b"".join(lines))
    result.unlink(missing_ok=True)
    options = JudgingOptions([str(path)], json_file=result)
    code = Judging(options, traces.append, lambda problem: problems.append(problem.message)).run().exit_code
    assert len(traces) == len(json.loads(result.read_bytes())["traces"])
    return code, traces[0] if traces else None, problems


def gist(found: tuple[int, TraceJudgement | None, list[str]], headers: int) -> Any:
    """Return the part of a judgement that does not depend on names."""
    code, trace, problems = found
    if trace is None:
        return code, problems
    departure, silence = trace.departure, trace.silence
    return (
        code,
        trace.verdict,
        trace.operations,
        departure and (departure.line - headers, departure.requirement, departure.inside),
        silence and (silence.line - headers, silence.requirement),
        problems,
    )


@pytest.fixture(scope="module")
def compare(tmp_path_factory: pytest.TempPathFactory) -> Compare:
    """Judge the observations of a program under both sorts of names, and return the result under its own."""
    # One for all, since there are thousands of traces.
    folder = tmp_path_factory.mktemp("traces")

    def call(program: ops.Program, seen: tuple[Observation, ...], own: Own) -> TraceJudgement | None:
        palette = judged(palette_trace(program, seen), folder)
        departure = palette[1] and palette[1].departure
        # What the function of an Apply saw, and whether it was called, is no part of an open world.
        if departure is not None and (departure.operation is None or isinstance(departure.operation, ops.Apply)):
            raise Unsayable
        renamed = judged(open_trace(program, seen, own), folder)
        assert gist(palette, 0) == gist(renamed, 1)
        if renamed[1] is not None:
            shown = "\n".join(line.text for line in trace_lines(renamed[1]))
            # A name of a recorder may be a number of 16 digits itself.
            assert not re.search(r"#\d{10}|\b\d{16}\b", shown.replace(str(LARGEST), ""))
        return renamed[1]

    return call


@settings(max_examples=150, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.integers(0, 2**32), NAMES)
def test_a_random_trace_that_conforms_does_so_under_any_names(compare: Compare, seed: int, own: Own) -> None:
    program, _ = ProgramGenerator(str(seed)).program(25)
    program = sayable(program)
    seen = predict(program)
    trace = compare(program[: len(seen)], seen, own)
    assert trace is None or trace.verdict in ("conforms", "not judged")


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_property_is_allowed_under_any_names(compare: Compare, name: str) -> None:
    own = Own(["type ", "", 7, "\u2603", 2**60], True)
    for case in PROPERTIES[name].cases(3, 2):
        program = sayable(case.program)
        seen = predict(program)
        trace = compare(program[: len(seen)], seen, own)
        assert trace is None or trace.departure is None


OF_VALUES = (
    "altered_tasks",
    "altered_trees",
    "confused_ids",
    "confused_keys",
    "confused_numbers",
    "histories",
    "remembered",
    "sizes",
)
"""Modules of mutants that need certain values, sizes or long histories. Names of open worlds take the values' place."""
ANY_VALUES = sorted(name for name, mutant in MUTANTS.items() if not mutant.part.__module__.endswith(OF_VALUES))


@settings(max_examples=300, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.sampled_from(ANY_VALUES), st.data())
def test_a_mutant_gets_the_same_verdict_under_any_names(compare: Compare, name: str, data: st.DataObject) -> None:
    mutant = MUTANTS[name]
    own = Own(data.draw(st.lists(TEXT | st.integers(2**60, 2**70), min_size=5, max_size=5)), True)
    if data.draw(st.booleans()):
        program, _ = ProgramGenerator(str(data.draw(st.integers(0, 2**32)))).program(25)
    else:
        cases = list(PROPERTIES[mutant.requirement].cases(data.draw(st.integers(0, 99)), 4))
        program = data.draw(st.sampled_from(cases)).program
    program = sayable(program)
    assume(program)
    seen = tuple(InProcess(lambda line: answer(line, mutant.world)).run(program))
    try:
        compare(program, seen, own)
    except Unsayable:
        reject()


@pytest.mark.parametrize("name", ANY_VALUES)
def test_a_mutant_is_found_under_any_names_unless_only_the_palette_shows_it(compare: Compare, name: str) -> None:
    mutant, own = MUTANTS[name], Own(["callbacks.", "", 5, "", 0], True)
    implementation = InProcess(lambda line: answer(line, mutant.world))

    def found(program: ops.Program) -> bool:
        with suppress(Unsayable):
            trace = compare(program, tuple(implementation.run(program)), own)
            return trace is not None and trace.departure is not None
        return False

    programs = (sayable(case.program) for case in PROPERTIES[mutant.requirement].cases(1, 6))
    assert any(found(program) for program in programs if program) or mutant.requirement in PALETTE_ALONE
