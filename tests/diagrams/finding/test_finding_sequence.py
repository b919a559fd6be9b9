"""The program of a finding as a sequence chart."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from hsm_diagrams.finding.sequence import sequence_of
from hsm_specs.errors import InputError
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.results.findings import save

from ...findings import made

PUT_OUT = ops.MachineTransition(1, ops.Script((ops.SetState(0, 1),), ((2, 7, "desk"),)), 0)
PROGRAM = (
    ops.NewRegistry(),
    ops.RegisterMachine(1),
    ops.RegisterTaskSerializer(2),
    ops.NewCell(0),
    ops.StartWorkflow(0, 0),
    ops.AccessWorkflow(0, 0, "write", 0, ops.Script((ops.AddChild(0, (1, "a"), (0, 5), 1), PUT_OUT))),
    ops.FailStore(0, "before", "condition_failed"),
    ops.CloseWorkflow(0, 0),
    ops.StoredTasks(0, 0),
)


def chart(tmp_path, program):
    expected = predict(program)
    where = len(program) - 1
    answered = (*expected[:where], Observation(ok=[]))
    finding = made("COMMIT-ATOMIC-1", program, where=(where,), expected=expected, observed=answered)
    return sequence_of(save(finding, tmp_path))


def said(picture):
    return [(message.source, message.target, message.said) for message in picture.messages]


def test_what_is_loaded_written_and_queued_stands_where_it_takes_place(tmp_path):
    messages = said(chart(tmp_path, PROGRAM))
    access = messages.index(("test", "environment", "write access(cell0, w0)"))
    assert [
        ("store", "memory", "load"),
        ("environment", "memory", 'n1 = n0.AddChild(1/"a", state 0 value 5)'),
        ("environment", "memory", "MachineTransition(n1)"),
        ("environment", "memory", "m0.SetState(1)"),
        ("memory", "store", "write: the tree, and its tasks"),
        ("store", "queues", "outbound task 2 to 'desk'"),
    ] == messages[access + 1 : access + 7]


def test_what_fails_is_red_and_writes_nothing(tmp_path):
    picture = chart(tmp_path, PROGRAM)
    [closing] = [number for number, message in enumerate(picture.messages) if message.said.startswith("close")]
    assert picture.messages[closing].failed
    assert "memory" not in {message.source for message in picture.messages[closing : closing + 2]}


def test_the_last_message_is_what_the_implementation_answered_instead(tmp_path):
    *_, last = chart(tmp_path, PROGRAM).messages
    assert ("implementation", "test", "answers instead: no tasks", True) == (
        last.source,
        last.target,
        last.said,
        last.failed,
    )


def test_tasks_of_two_clusters_are_told_apart(tmp_path):
    adds = ops.AccessWorkflow(1, 1, "write", 0, ops.Script((ops.AddChild(0, (1, "a"), (0, 5), 1), PUT_OUT)))
    elsewhere = (ops.NewCell(1, cluster=1), ops.Failover(1), ops.StartWorkflow(1, 1), adds)
    messages = said(chart(tmp_path, (*PROGRAM[:-3], *elsewhere)))
    assert 2 == messages.count(("store", "queues", "outbound task 2 to 'desk'"))


def test_deliveries_are_in_words(tmp_path):
    asks = ops.MachineTransition(1, ops.Script((), ((1, 7, 1000),)), 0)
    adds = ops.AccessWorkflow(0, 0, "write", 0, ops.Script((ops.AddChild(0, (1, "a"), (0, 5), 1), asks)))
    begins = (*PROGRAM[:2], ops.RegisterTaskSerializer(1), *PROGRAM[3:5], ops.RegisterTimerExecutor(0, 1, 3))
    messages = said(chart(tmp_path, (*begins, adds, ops.Advance(0, 1_000_000), ops.PumpTimers(0, 0))))
    assert ("queues", "executor", 'executor 3 at 1000 ms: 1(7, at 1000 ms) of [1/"a"] at count 1') in messages
    assert ("implementation", "test", "answers instead: no timer fires") == messages[-1]


def test_participants_stand_in_the_order_of_a_transaction(tmp_path):
    assert ["test", "environment", "memory", "store", "queues", "implementation"] == chart(
        tmp_path, PROGRAM
    ).participants()


def test_executors_are_called_by_the_queues(tmp_path):
    [case] = PROPERTIES["OUTBOUND-EXECUTE-1"].cases(1, 1)
    where = next(n for n, operation in enumerate(case.program) if isinstance(operation, ops.PumpOutbound))
    assert ("queues", "executor") in {
        (message.source, message.target) for message in chart(tmp_path, case.program[: where + 1]).messages
    }


def test_trees_without_cells_have_a_chart_too(tmp_path):
    program = (ops.NewRegistry(), ops.RegisterMachine(1), ops.NewRoot(1, (0, 0), bind=0), ops.Dirty(0))
    assert {"test", "memory", "implementation"} == set(chart(tmp_path, program).participants())


@pytest.mark.parametrize("requirement", ["OUTBOUND-FATE-1", "TIMER-BATCH-1", "REFRESH-TASKS-1", "ENV-LOCK-1"])
def test_every_text_fits_between_those_whom_it_concerns(tmp_path, requirement):
    [case] = PROPERTIES[requirement].cases(1, 1)
    picture = chart(tmp_path, case.program)
    svg = picture.encode("svg").decode()
    width = float(re.findall(r'width="(\d+)', svg)[0])
    for x, anchor, text in re.findall(r'<text x="([\d.]+)"[^>]*?(?:text-anchor="(\w+)"[^>]*)?>([^<]*)<', svg):
        long = 7 * len(unescape(text))
        left = {"end": float(x) - long, "middle": float(x) - long / 2}.get(anchor, float(x))
        assert 0 <= left <= left + long <= width


def test_it_is_mermaid_and_json_too(tmp_path):
    picture = chart(tmp_path, PROGRAM)
    assert picture.encode("mermaid").decode().startswith("sequenceDiagram")
    assert len(picture.messages) == len(json.loads(picture.encode("json")))
    with pytest.raises(InputError, match="SVG, Mermaid or JSON"):
        picture.encode("png")


def test_the_command_draws_it(cli, tmp_path):
    finding = made("COMMIT-ATOMIC-1", PROGRAM, where=(8,), expected=predict(PROGRAM), observed=predict(PROGRAM)[:8])
    said = cli("diagram", "finding", str(save(finding, tmp_path)), "--sequence", "--output", "-")
    assert said.code == 0
    assert "outbound task 2 to" in said.out
