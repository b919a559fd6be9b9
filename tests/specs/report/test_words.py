"""Programs and answers in words."""

from __future__ import annotations

import pytest

from hsm_specs.language import operations as ops
from hsm_specs.language import rendering, values
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Script, TransitionSpec
from hsm_specs.oracle.world import HANDLERS

REF = ops.RefSpec(((1, "a"),), version=3)
EXAMPLES = {
    ops.NewCollection(1, 2, 3): "c3 = NewCollection(n1, type 2)",
    ops.NewTransition(TransitionSpec((1, 2), 3), 4): "t4 = NewTransition([1, 2] -> 3)",
    ops.NewRegistry(1): "r1 = NewRegistry()",
    ops.RegisterMachine(1, 7): "r0.RegisterMachine(type 1, definition 7)",
    ops.Machine(1): "r0.Machine(type 1)",
    ops.RegisterTaskSerializer(2): "r0.RegisterTaskSerializer(type 2)",
    ops.TaskSerializer(2): "r0.TaskSerializer(type 2)",
    ops.SerializeTask((1, 5, 1000)): "r0.TaskSerializer(type 1).Serialize(1(5, at 1000 ms))",
    ops.DeserializeTask(2, "5", "x"): 'r0.TaskSerializer(type 2).Deserialize("5", to "x")',
    ops.RegisterExecutor(1): "RegisterExecutor(r0, task type 1)",
    ops.Execute((1, 5, 1000), REF, 4): 'Execute(r0, tree of n4 at 0 ms, Ref([1/"a"], version 3), 1(5, at 1000 ms))',
    ops.NewRoot(1, (0, 5), 2): "n2 = NewRoot(r0, type 1, state 0 value 5)",
    ops.Rehydrate(1, 1, (2, 0), 3): "n3 = NewRoot(r0, type 1, state 2, persisted children of n1)",
    ops.Load("AA==", 1, (2, 0), 3): 'n3 = NewRoot(r0, type 1, state 2, children in "AA==")',
    ops.Marshal(1): "bytes that n1 is persisted as",
    ops.Export(1): "tree that n1 is persisted as",
    ops.AddChild(1, (2, "ü"), (0, 0), 5): 'n5 = n1.AddChild(2/"ü", state 0)',
    ops.Child(1, ((2, "a"), (3, "b"))): 'n1.Child([2/"a", 3/"b"])',
    ops.KeyOf(1): "n1.Key",
    ops.Parent(1, 2): "n2 = n1.Parent",
    ops.Same(1, 2): "n1 == n2",
    ops.PathOf(1): "n1.Path()",
    ops.TransitionCount(1): "n1.TransitionCount()",
    ops.Dirty(1): "n1.Dirty()",
    ops.Outputs(1): "n1.Outputs()",
    ops.Clear(1): "n1.ClearTransactionState()",
    ops.MachineData(1, "other"): "MachineData[wrong type](n1)",
    ops.MachineTransition(1, Script()): "MachineTransition(n1, func() { return no tasks })",
    ops.CollectionType(1, 2): "NewCollection(n1, type 2).Type",
    ops.CollectionAdd(1, 2, "a", (0, 1)): 'NewCollection(n1, type 2).Add("a", state 0 value 1)',
    ops.CollectionNode(1, 2, "a", 3): 'n3 = NewCollection(n1, type 2).Node("a")',
    ops.CollectionData(1, 2, "a"): 'NewCollection(n1, type 2).Data("a")',
    ops.CollectionList(1, 2): "NewCollection(n1, type 2).List()",
    ops.CollectionTransition(1, 2, "a", Script(fail="panic"), 3): (
        'NewCollection(n1, type 2).Transition("a", func(m3) { panic })'
    ),
    ops.StateMachine(1, (2, 3)): "m1 = machine of state 2 value 3",
    ops.ReadMachine(1): "m1.State()",
    ops.SetState(1, 2): "m1.SetState(2)",
    ops.SetValue(1, 2): "m1.value = 2",
    ops.RegenerateTasks(1): "m1.RegenerateTasks()",
    ops.Possible(1, TransitionSpec((1, 2), 3)): "NewTransition([1, 2] -> 3).Possible(m1)",
    ops.Apply(1, TransitionSpec((), 3), 4): "NewTransition([] -> 3).Apply(m1, event 4, func() { return no tasks })",
    ops.NewCell(1, cluster=1): "cell1 = new cell(r0, cluster 1)",
    ops.StartWorkflow(0, 1): "w1 = start workflow in cell0",
    ops.CloseWorkflow(0, 1): "close w1 in cell0",
    ops.AccessWorkflow(0, 1, "write"): "write access(cell0, w1, func() { return no tasks })",
    ops.FailStore(0, "after", "unknown_outcome"): "next write of cell0 fails after it took place: unknown_outcome",
    ops.Restart(0): "restart cell0",
    ops.Evict(0, 1): "evict w1 from cell0",
    ops.Stored(0, 1): "stored tree of w1 in cell0",
    ops.StoredTasks(0, 1): "stored tasks of w1 in cell0",
    ops.StoreCounts(0): "loads and writes of the store of cell0",
    ops.Refresh(0, 1): "refresh w1 in cell0",
    ops.Now(0): "now(cell0)",
    ops.Advance(0, 1500): "advance cell0 by 1500 µs",
    ops.DeadlineFraction(900): "deadlines are 900 µs later",
    ops.RegisterTimerExecutor(0, 1, ending="not_found"): (
        "register executor of timers(cell0, task type 1, ends with not_found)"
    ),
    ops.TimerTasks(0, 1): "timer queue of cell0 for w1",
    ops.PumpTimers(0, 1, "early"): "run timers of w1 in cell0, early",
    ops.PumpOutbound(0, 1, "x", "twice"): 'run outbound tasks of w1 in cell0, to "x", twice',
    ops.Failover(1): "failover to cell1",
    ops.StartWorkflowTask(0, 1): "start a workflow task of w1 in cell0",
    ops.EventChild(0, 1, (1, "a"), (2, 5)): 'event of w1 in cell0: add 1/"a" with state 2 value 5',
    ops.ReplicateEvents(1, 0, 1): "replicate events of w1 to cell1 from cell0",
    ops.Sync(1, 0, 1): "sync w1 to cell1 from cell0",
    ops.StateMachinePath(REF): 'Ref([1/"a"], version 3).StateMachinePath()',
}


def test_every_operation_has_words():
    assert {type(operation) for operation in EXAMPLES} == set(HANDLERS)


@pytest.mark.parametrize(("operation", "text"), EXAMPLES.items(), ids=lambda value: type(value).__name__)
def test_an_operation_in_words(operation, text):
    assert [text] == [line.text for line in rendering.lines((operation,))]


def test_a_function_is_written_out_with_the_place_of_each_answer():
    inner = ops.MachineTransition(2, Script((ops.Dirty(2),), ((2, 1, "x"),)))
    program = (ops.MachineTransition(1, Script((ops.SetState(0, 3), inner), fail="user_1"), 0),)
    assert list(rendering.lines(program)) == [
        (0, "MachineTransition(n1, func(m0) {", (0,)),
        (1, "m0.SetState(3)", (0, 0)),
        (1, "MachineTransition(n2, func() {", (0, 1)),
        (2, "n2.Dirty()", (0, 1, 0)),
        (2, 'return tasks 2(1, to "x")', None),
        (1, "})", None),
        (1, "return user_1", None),
        (0, "})", None),
    ]


def test_the_first_answer_inside_of_apply_is_what_the_function_saw():
    program = (ops.Apply(1, TransitionSpec((1,), 2), 0, Script((ops.ReadMachine(1),))),)
    assert [(0,), (0, 1), None, None] == [line.where for line in rendering.lines(program)]


@pytest.mark.parametrize(
    ("observation", "text"),
    [
        (Observation(ok=None), "success"),
        (Observation(ok=[1, "ü"]), '[1, "ü"]'),
        (Observation(ok=False), "false"),
        (Observation(error="not_registered"), "ErrNotRegistered"),
        (Observation(error="other", message="no\nway"), "an error that is none of the documented ones (no way)"),
        (Observation(error="strange"), 'an error of the unknown code "strange"'),
        (Observation(panic="panic"), "a panic"),
        (Observation(panic="nil map"), "a panic (nil map)"),
        (Observation(unbound=True), "not run, since a name in it stands for nothing"),
    ],
)
def test_an_answer_in_words(observation, text):
    assert text == values.answer(observation)


def test_an_empty_lookup_is_no_success():
    assert values.answer(Observation(ok=None), ops.Machine(1)) == "nothing found"


FIRED = [3, 1_000_001, [1, 7, 1000], [[1, "a"]], 2]
EXECUTED = [6, 0, [2, 8, "x"], [[1, "a"]], 1, 2]


@pytest.mark.parametrize(
    ("operation", "value", "text"),
    [
        (ops.PumpTimers(0, 0), [], "no timer fires"),
        (ops.PumpTimers(0, 0), [FIRED], 'executor 3 at 1000.001 ms: 1(7, at 1000 ms) of [1/"a"] at count 2'),
        (ops.PumpOutbound(0, 0), [], "nothing is delivered"),
        (
            ops.PumpOutbound(0, 0),
            [[2, "8", "done", [EXECUTED]], [4, "9", "dropped", []]],
            '2(8) done: executor 6 at 0 ms: 2(8, to "x") of [1/"a"] at count 2, version 1; 4(9) dropped: no executor',
        ),
        (ops.PumpTimers(0, 0), [[3]], "[[3]]"),
    ],
)
def test_deliveries_in_words(operation, value, text):
    assert text == values.answer(Observation(ok=value), operation)


def test_the_executors_that_were_called_in_vain_or_not_at_all_are_named():
    missing, extra = values.missing_and_extra(ops.PumpTimers(0, 0), [FIRED], [FIRED, FIRED])
    assert [] == missing
    assert ['executor 3 at 1000.001 ms: 1(7, at 1000 ms) of [1/"a"] at count 2'] == extra
