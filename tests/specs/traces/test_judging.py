"""Judging traces: what is allowed, what is forbidden, and what nobody can say."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hsm_model.amendments import AMENDMENTS, amend
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.deviations import Deviation, Deviations, Stated
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.results.verdicts import Verdict
from hsm_specs.traces import Judging, JudgingOptions
from hsm_specs.traces.judging import departure as departures

OK = Observation(ok=None)
YES, NO = Observation(ok=True), Observation(ok=False)
SETUP = (ops.NewRegistry(), ops.RegisterMachine(1), ops.NewRoot(1, (0, 0), 0))
ADDED = (*SETUP, ops.AddChild(0, (1, "a"), (0, 0), 1), ops.Dirty(1))
PANICS = (*SETUP, ops.MachineTransition(0, ops.Script(fail="panic")), ops.TransitionCount(0))
DIRTIES = Deviations(deviation=(Deviation("DIRTY-TREE-3", "It dirties.", "So.", amendment="add-child-dirties"),))
LEAVES_COUNT = Deviation(
    "MT-ROLLBACK-9",
    "The count is higher.",
    "So.",
    features=("panic-in-transition",),
    observations=(Stated("transition_count", another=True),),
)


def line(operation: ops.AnyOperation, seen: Any = OK, trace: str = "") -> bytes:
    members = {"op": operation, "saw": seen}
    return msgspec.json.encode({"trace": trace, **members} if trace else members) + b"\n"


def lines(program: Iterable[ops.AnyOperation], seen: Iterable[Observation], trace: str = "") -> list[bytes]:
    return [line(operation, observation, trace) for operation, observation in zip(program, seen, strict=True)]


def recorded(program: ops.Program, trace: str = "", last: Observation | None = None) -> list[bytes]:
    """Return a trace of the model, the last observation replaced."""
    seen = list(predict(program))
    return lines(program, seen if last is None else [*seen[:-1], last], trace)


def test_every_property_is_a_trace_that_is_allowed(judge) -> None:
    traces = []
    for name, shown in PROPERTIES.items():
        for number, case in enumerate(shown.cases(3, 3)):
            traces += lines(case.program, predict(case.program), f"{name}/{number}")
    judged = judge(traces)
    assert (0, []) == (judged.code, judged.problems)
    assert {"conforms": 3 * len(PROPERTIES)} == judged.result.verdicts
    assert len(traces) == judged.result.operations


def test_the_first_forbidden_line_is_named_with_its_requirement(judge) -> None:
    judged = judge(recorded(ADDED, last=YES))
    assert 1 == judged.code
    [trace] = judged.traces
    departure = trace.departure
    assert "deviates" == trace.verdict
    assert (5, "DIRTY-TREE-3", ops.Dirty(1), NO, YES) == (
        departure.line,
        departure.requirement,
        departure.operation,
        departure.expected,
        departure.observed,
    )
    [broken] = [entry for entry in judged.result.requirements if entry.traces]
    assert ("DIRTY-TREE-3", Verdict.DEVIATES, 1) == (broken.requirement, broken.verdict, broken.traces)


def test_what_comes_after_a_forbidden_line_is_not_judged(judge) -> None:
    judged = judge([*recorded(ADDED, last=YES), line(ops.Dirty(1), YES), b"{}\n", line(ops.Dirty(1), YES)])
    assert [5] == [trace.operations for trace in judged.traces]
    assert ["a, line 7: `op` is missing."] == judged.said


def test_a_difference_inside_of_a_function_has_its_place(judge) -> None:
    script = ops.Script((ops.Dirty(0), ops.TransitionCount(0)))
    program = (*SETUP, ops.MachineTransition(0, script))
    judged = judge(recorded(program, last=Observation(ok=None, inner=(NO, Observation(ok=7)))))
    departure = judged.traces[0].departure
    assert ((1,), ops.TransitionCount(0), 1) == (departure.inside, departure.operation, departure.expected.ok)


def test_executors_of_the_trace_are_known_to_the_judge(judge) -> None:
    registered = ops.RegisterExecutor(5, 0, "read", 9, ops.Script((ops.Outputs(9), ops.TransitionCount(9))))
    program = (*SETUP, registered, ops.Execute((5, 0, 0), ops.RefSpec(()), 0))
    seen = predict(program)[-1]
    changed = Observation(ok=None, inner=(*seen.inner[:3], Observation(ok=4)))
    assert 0 == judge(recorded(program)).code
    departure = judge(recorded(program, last=changed)).traces[0].departure
    assert ((3,), ops.TransitionCount(9)) == (departure.inside, departure.operation)


def test_traces_are_told_apart_by_their_names(judge) -> None:
    good, bad = recorded(ADDED, "good"), recorded(ADDED, "bad", YES)
    judged = judge([each for pair in zip(good, bad, strict=True) for each in pair])
    assert {"good": "conforms", "bad": "deviates"} == {trace.trace: trace.verdict for trace in judged.traces}
    assert [10] == [trace.departure.line for trace in judged.traces if trace.departure]


def test_a_name_can_be_used_again_after_the_end(judge) -> None:
    end = b'{"trace":"a","end":true}\n'
    judged = judge([*recorded(ADDED, "a"), end, *recorded(ADDED, "a"), end])
    assert [(1, "conforms"), (7, "conforms")] == [(trace.line, trace.verdict) for trace in judged.traces]


def test_the_end_of_nothing_is_a_problem(judge) -> None:
    judged = judge([*recorded(ADDED), b'{"trace":"a","end":true}\n'])
    assert 2 == judged.code
    assert ["a, line 6: a trace ends that has not begun ('a')."] == judged.said


def test_a_header_begins_anew(judge) -> None:
    header = b'{"hsmspec":1,"implementation":"mine","capabilities":["outputs"],"more":1}\n'
    judged = judge([header, *recorded(ADDED), header, *recorded(ADDED)])
    assert (0, 2) == (judged.code, judged.result.verdicts["conforms"])
    assert ["mine", "mine"] == [header.implementation for header in judged.result.files[0].recordings]
    verdicts = {entry.requirement: entry.verdict for entry in judged.result.requirements}
    assert Verdict.NOT_OFFERED == verdicts["EXEC-RUN-1"]
    assert Verdict.NOT_EXERCISED == verdicts["OUT-LIST-1"]
    assert Verdict.CONFORMS == verdicts["DIRTY-TREE-1"]


@pytest.mark.parametrize("dialect", ["v1.24", "v1.25"])
def test_the_dialect_is_that_of_the_header(judge, dialect) -> None:
    program = (*SETUP, ops.AddChild(0, (1, "a"), (0, 0)), ops.Marshal(0))
    header = b'{"hsmspec":1,"dialect":"%s"}\n' % dialect.encode()
    seen = predict(program, dialect="v1.24")
    [trace] = judge([header, *lines(program, seen)]).traces
    assert ("conforms" if dialect == "v1.24" else "differs") == trace.verdict


def test_where_the_specification_is_silent_nothing_more_is_judged(judge) -> None:
    inside = ops.Script((ops.RegisterMachine(2),))
    program = (*SETUP, ops.MachineTransition(0, inside), ops.Dirty(0))
    judged = judge(lines(program, [OK, OK, OK, OK, Observation(ok=[1, 2, 3])]))
    [trace] = judged.traces
    assert (0, "conforms", 3) == (judged.code, trace.verdict, trace.operations)
    assert (4, "REG-THREAD-1") == (trace.silence.line, trace.silence.requirement)


def test_what_the_documentation_is_silent_about_never_fails(judge) -> None:
    program = (*SETUP, ops.Child(0, ()))
    judged = judge(recorded(program, last=Observation(error="state_machine_not_found")))
    [trace] = judged.traces
    assert (0, "differs", "NODE-CHILD-3") == (judged.code, trace.verdict, trace.departure.requirement)


@pytest.mark.parametrize("spaced", [False, True])
def test_the_order_of_sets_texts_and_spaces_do_not_matter(judge, spaced) -> None:
    program = (
        *SETUP,
        ops.CollectionAdd(0, 1, "a", (0, 0)),
        ops.CollectionAdd(0, 1, "b", (0, 0)),
        ops.CollectionList(0, 1),
        ops.MachineTransition(0, ops.Script(fail="panic")),
    )
    seen = [*[OK] * 5, Observation(ok=[[[1, "b"]], [[1, "a"]]]), Observation(panic="oh", message="x")]
    recording = lines(program, seen)
    if spaced:
        recording = [json.dumps(json.loads(each), indent=None).encode() + b"\r\n" for each in recording]
    assert 0 == judge(recording).code


# --- known deviations ---


def test_a_known_deviation_is_allowed_and_said(judge) -> None:
    judged = judge(recorded(ADDED, last=YES), deviations=DIRTIES)
    [trace] = judged.traces
    assert (0, "deviates (known)") == (judged.code, trace.verdict)
    assert (5, "DIRTY-TREE-3") == (trace.known.line, trace.known.requirement)
    verdicts = {entry.requirement: entry.verdict for entry in judged.result.requirements}
    assert Verdict.KNOWN == verdicts["DIRTY-TREE-3"]


def test_after_a_known_deviation_the_amended_semantics_is_held_to(judge) -> None:
    program = (*ADDED, ops.Clear(0), ops.Dirty(1))
    assert 0 == judge(lines(program, predict(program, amend(names=["add-child-dirties"]))), deviations=DIRTIES).code
    judged = judge(lines(program, [*[OK] * 4, YES, OK, YES]), deviations=DIRTIES)
    [trace] = judged.traces
    assert (1, 7, True) == (judged.code, trace.departure.line, trace.departure.amended)


def test_keeping_the_specification_is_allowed_whatever_is_known(judge) -> None:
    judged = judge(recorded((*ADDED, ops.Dirty(0))), deviations=DIRTIES)
    assert (0, "conforms") == (judged.code, judged.traces[0].verdict)


def test_a_stated_observation_is_known_and_ends_the_judging(judge) -> None:
    known = Deviations(deviation=(LEAVES_COUNT,))
    program = (*PANICS, ops.Dirty(0))
    judged = judge(lines(program, [*predict(PANICS)[:-1], Observation(ok=1), YES]), deviations=known)
    [trace] = judged.traces
    assert (0, "deviates (known)", 5) == (judged.code, trace.verdict, trace.known.line)
    assert "nothing can be expected" in trace.known.note
    assert 1 == judge(recorded(PANICS, last=Observation(error="other")), deviations=known).code


def test_where_all_that_is_known_ends_nothing_more_is_judged(judge) -> None:
    known = Deviations(deviation=(*DIRTIES.deviation, LEAVES_COUNT))
    program = (*ADDED, ops.MachineTransition(0, ops.Script(fail="panic")), ops.TransitionCount(0))
    judged = judge(lines(program, [*[OK] * 4, YES, Observation(panic=""), Observation(ok=1)]), deviations=known)
    [trace] = judged.traces
    assert (0, "deviates (known)", 6, "") == (
        judged.code,
        trace.verdict,
        trace.silence.line,
        trace.silence.requirement,
    )


KEEPS = Deviations(
    deviation=(Deviation("MT-ROLLBACK-5", "Stays.", "So.", amendment="failed-transition-keeps-nested-effects"),)
)
GONE = (
    *SETUP,
    ops.MachineTransition(0, ops.Script((ops.AddChild(0, (1, "a"), (0, 0), 5),), fail="user_1")),
    ops.TransitionCount(5),
    ops.Export(0),
)


def test_an_amendment_still_explains_what_comes_after_a_feature_in_which_deviations_show(judge) -> None:
    known = Deviations(deviation=(*DIRTIES.deviation, LEAVES_COUNT))
    panics = ops.MachineTransition(0, ops.Script(fail="panic"))
    program = (*SETUP, ops.AddChild(0, (1, "a"), (0, 0), 1), panics, ops.Dirty(1))
    seen = [*predict(program)[:-1], YES]
    judged = judge(lines(program, seen), deviations=known)
    assert (0, "deviates (known)") == (judged.code, judged.traces[0].verdict)
    judged = judge([*lines(program, seen), line(ops.Outputs(1), Observation(ok=[[[], [[]]]]))], deviations=known)
    assert (0, "deviates (known)") == (judged.code, judged.traces[0].verdict)
    assert "it uses a feature in which known deviations show" == judged.traces[0].silence.reason
    forbidden = lines((*SETUP, panics, ops.Dirty(0)), [OK, OK, OK, Observation(panic="panic"), YES])
    assert 1 == judge(forbidden, deviations=known).code


def test_where_the_specification_is_silent_the_amended_semantics_goes_on(judge) -> None:
    seen = predict(GONE, amend(names=KEEPS.amendments))
    assert 5 == judge(lines(GONE, seen)).traces[0].silence.line
    [trace] = judge(lines(GONE, seen), deviations=KEEPS).traces
    assert ("conforms", 6, None) == (trace.verdict, trace.operations, trace.silence)


def test_what_only_the_amended_semantics_forbids_is_allowed(judge) -> None:
    seen = (*predict(GONE)[:4], Observation(ok=7), Observation(panic=""))
    judged = judge(lines(GONE, seen), deviations=KEEPS)
    [trace] = judged.traces
    assert (0, "conforms", 5, "NODE-GONE-1") == (
        judged.code,
        trace.verdict,
        trace.silence.line,
        trace.silence.requirement,
    )


@pytest.mark.parametrize("name", AMENDMENTS)
def test_what_an_amendment_explains_is_named_by_it(judge, name) -> None:
    changed = AMENDMENTS[name].changes
    for requirement in changed:
        for number, case in enumerate(PROPERTIES[requirement].cases(1, 5)):
            seen = predict(case.program, amend(names=[name]))
            [trace] = judge(lines(case.program[: len(seen)], seen, f"t{number}")).traces
            assert trace.departure is not None
            assert trace.departure.requirement in changed


# --- result and memory ---


def test_the_result_has_every_trace(judge, tmp_path: Path) -> None:
    traces = recorded(ADDED, "good") + recorded(ADDED, "bad", YES)
    judge(traces, [b"nonsense\n"], json_file=tmp_path / "result.json")
    result = json.loads((tmp_path / "result.json").read_bytes())
    assert [("good", "conforms"), ("bad", "deviates")] == [(t["trace"], t["verdict"]) for t in result["traces"]]
    assert (2, 1, 10) == (result["exit_code"], result["problem_count"], result["operations"])
    assert {"conforms": 1, "deviates": 1} == result["verdicts"]
    assert {"op": "dirty", "node": 1} == result["traces"][1]["departure"]["operation"]


def test_nothing_judged_is_no_success(judge) -> None:
    for contents in (b"", b'{"hsmspec":1}\n', b"\n\n"):
        judged = judge(contents)
        assert (2, 0) == (judged.code, judged.result.operations)


def test_memory_is_bounded_by_open_traces(tmp_path: Path) -> None:
    file = tmp_path / "many"

    def peak(*, ended: bool) -> int:
        with file.open("wb") as out:
            for number in range(2500):
                # Each is another, so that none is known by the time that it comes.
                program = (*ADDED[:-1], ops.KeyOf(1), ops.Child(0, ((1, f"{number}"),)), ops.Dirty(1))
                out.writelines(recorded(program, f"t{number}", YES if number % 5 == 0 else None))
                out.write(b'{"trace":"t%d","end":true}\n' % number if ended else b"")
        gc.collect()
        tracemalloc.start()
        Judging(JudgingOptions([str(file)], json_file=tmp_path / "result")).run()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    before = gc.get_threshold()
    gc.set_threshold(1000)
    try:
        peak(ended=True)
        assert 2 * peak(ended=True) < peak(ended=False)
    finally:
        gc.set_threshold(*before)


def test_a_long_trace_is_judged_without_being_kept(judge, monkeypatch) -> None:
    monkeypatch.setattr(departures, "REMEMBERED", 100)
    program = (*SETUP, *[ops.Dirty(0)] * 300)
    judged = judge(recorded(program, last=YES), reproduce=True)
    departure = judged.traces[0].departure
    assert (303, "DIRTY-TREE-1", ()) == (departure.line, departure.requirement, judged.result.reproductions)
    why = "There is no reproduction: at most 100 operations of a trace are kept, of 32 MiB together."
    assert why == departure.note
    assert "" == judge(recorded(program[:90], last=YES)).traces[0].departure.note
