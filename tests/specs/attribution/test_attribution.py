"""Attribution: small programs that show a broken rule, and the requirement that is found broken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hsm_model.amendments import amend
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.attribution import attribute, candidate_requirements
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation, at
from hsm_specs.oracle.comparison import Difference, first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.stateful.implementation import Model

from ..broken import BROKEN

BEGIN: ops.Program = (ops.NewRegistry(), ops.RegisterMachine(1), ops.RegisterMachine(2), ops.NewRoot(1, (0, 0), 0))
CHILD = ops.AddChild(0, (1, "a"), (1, 1), 1)
SIBLING = ops.AddChild(0, (1, "b"), (0, 0), 2)
UNKNOWN = 4


def transition(node: int, *inside: ops.AnyOperation, fail: ops.Failure | None = None) -> ops.MachineTransition:
    """Return a transition that runs operations, changes its data and puts a task out."""
    change = (ops.SetState(9, 2), ops.SetValue(9, 3))
    return ops.MachineTransition(node, ops.Script((*inside, *change), ((1, 0, 0),), fail), 9)


def bare(node: int, *inside: ops.AnyOperation, fail: ops.Failure | None = None) -> ops.MachineTransition:
    """Return a transition that runs operations and nothing else."""
    return ops.MachineTransition(node, ops.Script(inside, (), fail), 9)


def difference(program: ops.Program, broken: Semantics, held_to: Semantics = SPECIFICATION) -> Difference:
    found = first_difference(program, predict(program, held_to), Model(broken).run(program))
    assert found is not None
    return found


TOLD: list[tuple[str, str, ops.Program]] = [
    # Registries.
    ("REG-MACHINE-2", "duplicates are not refused", (*BEGIN, ops.RegisterMachine(1))),
    ("REG-TASK-2", "duplicates are not refused", (ops.NewRegistry(), *[ops.RegisterTaskSerializer(1)] * 2)),
    ("REG-EXEC-2", "duplicates are not refused", (ops.NewRegistry(), *[ops.RegisterExecutor(1)] * 2)),
    ("EXEC-RUN-2", "what is not registered is not found", (*BEGIN, ops.Execute((3, 0, 0), ops.RefSpec(()), 0))),
    # Trees.
    ("ROOT-NEW-3", "what is not registered is not found", (ops.NewRegistry(), ops.NewRoot(1, (0, 0), 0))),
    ("ROOT-NEW-1", "root without data", (*BEGIN[:3], ops.NewRoot(1, (1, 0), 0), ops.MachineData(0))),
    ("ROOT-LOAD-1", "root without children", (*BEGIN, CHILD, ops.Rehydrate(0, 1, (0, 0), 3), ops.Export(3))),
    ("ROOT-LOAD-2", "root dirty by its children", (*BEGIN, CHILD, ops.Rehydrate(0, 1, (0, 0), 3), ops.Dirty(3))),
    ("NODE-COUNT-1", "root with a count", (*BEGIN, ops.TransitionCount(0))),
    ("NODE-ADD-1", "child without data", (*BEGIN, CHILD, ops.MachineData(1))),
    ("NODE-ADD-2", "existing children are replaced", (*BEGIN, CHILD, CHILD)),
    ("NODE-ADD-3", "what is not registered is not found", (*BEGIN, ops.AddChild(0, (UNKNOWN, "a"), (0, 0)))),
    ("NODE-ADD-7", "id taken by any type", (*BEGIN, CHILD, ops.AddChild(0, (2, "a"), (0, 0)))),
    ("NODE-CHILD-2", "child not found is not registered", (*BEGIN, ops.Child(0, ((1, "a"),)))),
    ("NODE-CHILD-4", "what is not registered is looked up", (*BEGIN, ops.Child(0, ((UNKNOWN, "a"),)))),
    # Data and transitions.
    ("DATA-CAST-1", "wrong casts succeed", (*BEGIN, ops.MachineData(0, "other"))),
    ("MT-FAIL-3", "wrong casts succeed", (*BEGIN, ops.MachineTransition(0, ops.Script(), None, "other"))),
    ("MT-COMMIT-1", "committed without data", (*BEGIN, transition(0), ops.MachineData(0))),
    ("MT-COMMIT-2", "begun without count", (*BEGIN, transition(0), ops.TransitionCount(0))),
    ("MT-COMMIT-3", "committed without output", (*BEGIN, transition(0), ops.Dirty(0))),
    ("MT-COMMIT-4", "committed without output", (*BEGIN, transition(0), ops.Outputs(0))),
    ("MT-NESTED-1", "begun without count", (*BEGIN, transition(0, ops.TransitionCount(0)))),
    (
        "MT-NESTED-2",
        "committed without output",
        (*BEGIN, CHILD, bare(0, transition(1), ops.Outputs(1))),
    ),
    # Rollback.
    ("MT-ROLLBACK-1", "count not rolled back", (*BEGIN, transition(0, fail="user_1"), ops.TransitionCount(0))),
    ("MT-ROLLBACK-2", "data not rolled back", (*BEGIN, transition(0, fail="user_1"), ops.MachineData(0))),
    ("MT-ROLLBACK-3", "failure has an output", (*BEGIN, transition(0, fail="user_1"), ops.Outputs(0))),
    ("MT-ROLLBACK-4", "failure makes dirty", (*BEGIN, transition(0, fail="user_1"), ops.Dirty(0))),
    ("MT-ROLLBACK-5", "nothing rolled back", (*BEGIN, bare(0, CHILD, fail="user_1"), ops.Child(0, ((1, "a"),)))),
    (
        "MT-ROLLBACK-6",
        "nothing rolled back",
        (*BEGIN, CHILD, bare(0, transition(1), fail="user_1"), ops.TransitionCount(1)),
    ),
    ("MT-ROLLBACK-7", "open not rolled back", (*BEGIN, bare(0, transition(0), fail="user_1"), ops.Outputs(0))),
    ("MT-ROLLBACK-9", "nothing rolled back", (*BEGIN, bare(0, fail="panic"), ops.TransitionCount(0))),
    ("MT-ROLLBACK-11", "nothing rolled back", (*BEGIN, bare(0, ops.SetValue(9, -1)), ops.TransitionCount(0))),
    (
        "MT-ROLLBACK-12",
        "open not rolled back",
        (*BEGIN, transition(0), bare(0, ops.Clear(0), fail="user_1"), ops.Outputs(0)),
    ),
    # The open transaction.
    ("OUT-LIST-1", "outputs alone", (*BEGIN, CHILD, transition(1), ops.Outputs(0))),
    ("OUT-LIST-2", "committed output first", (*BEGIN, bare(0), transition(0), ops.Outputs(0))),
    ("OUT-LIST-4", "outputs of the whole tree", (*BEGIN, CHILD, transition(0), ops.Outputs(1))),
    ("OUT-LIST-5", "outputs at relative paths", (*BEGIN, CHILD, transition(1), ops.Outputs(1))),
    ("DIRTY-TREE-1", "dirty alone", (*BEGIN, CHILD, transition(1), ops.Dirty(0))),
    ("DIRTY-TREE-1", "dirty alone", (*BEGIN, CHILD, ops.Clear(0), transition(1), ops.Dirty(0))),
    ("DIRTY-TREE-2", "dirty anywhere", (*BEGIN, CHILD, transition(0), ops.Dirty(1))),
    ("DIRTY-TREE-3", "add-child-dirties", (*BEGIN, CHILD, ops.Dirty(0))),
    ("CLEAR-TREE-1", "cleared alone", (*BEGIN, CHILD, transition(1), ops.Clear(0), ops.Outputs(0))),
    ("CLEAR-TREE-2", "outputs cleared but dirty", (*BEGIN, transition(0), ops.Clear(0), ops.Dirty(0))),
    (
        "CLEAR-TREE-3",
        "everything cleared",
        (*BEGIN, CHILD, SIBLING, transition(2), ops.Clear(1), ops.Outputs(0)),
    ),
    ("CLEAR-TREE-4", "cleared with counts", (*BEGIN, transition(0), ops.Clear(0), ops.TransitionCount(0))),
    # Collections.
    ("COLL-LIST-1", "children but one", (*BEGIN, CHILD, ops.CollectionList(0, 1))),
    ("COLL-LIST-2", "children of all types", (*BEGIN, CHILD, ops.CollectionList(0, 2))),
    ("COLL-ADD-2", "existing children are replaced", (*BEGIN, CHILD, ops.CollectionAdd(0, 1, "a", (0, 0)))),
    ("COLL-NODE-2", "child not found is not registered", (*BEGIN, ops.CollectionNode(0, 1, "a"))),
    # Transition objects.
    (
        "TRANS-POSSIBLE-1",
        "always possible",
        (ops.StateMachine(0, (0, 0)), ops.Possible(0, ops.TransitionSpec((1,), 2))),
    ),
    (
        "TRANS-APPLY-5",
        "failed-apply-keeps-destination",
        (
            ops.StateMachine(0, (0, 0)),
            ops.Apply(0, ops.TransitionSpec((0,), 2), 0, ops.Script(fail="user_1")),
            ops.ReadMachine(0),
        ),
    ),
]


@pytest.mark.parametrize(("requirement", "name", "program"), TOLD, ids=[f"{row[0]}, {row[1]}" for row in TOLD])
def test_a_small_program_is_told_to_break_what_it_breaks(requirement: str, name: str, program: ops.Program) -> None:
    found = difference(program, BROKEN[name])
    assert len(program) - 1 == found.where[0], "the last operation shows it"
    assert requirement == attribute(program, found)
    assert requirement == candidate_requirements(program, found)[0]


def failures() -> Iterator[tuple[str, ops.Program, Difference]]:
    """Yield a random program for each broken rule, not shrunk."""
    for name, semantics in BROKEN.items():
        soak, broken = ProgramGenerator(name), Model(semantics)
        for _ in range(1_000):
            program, expected = soak.program(20)
            found = first_difference(program, expected, broken.run(program))
            if found is not None:
                yield name, program[: found.where[0] + 1], found
                break


def test_whatever_differs_is_told_to_break_a_requirement_of_the_catalogue() -> None:
    catalogue, names = load_catalogue(), set[str]()
    for name, program, found in failures():
        names.add(name)
        suspected = candidate_requirements(program, found)
        assert set(suspected) <= set(catalogue)
        assert len(set(suspected)) == len(suspected)
        assert attribute(program, found) == suspected[0]
        assert all(catalogue[requirement].judged for requirement in suspected)
    assert set(BROKEN) == names


def test_a_requirement_that_is_known_to_be_broken_is_preferred() -> None:
    program = (*BEGIN, transition(0), ops.Outputs(0))
    found = difference(program, BROKEN["committed without output"])
    others = candidate_requirements(program, found)[1:]
    assert others
    for requirement in others:
        assert requirement == attribute(program, found, broken=[requirement])
    assert attribute(program, found) == attribute(program, found, broken=["REG-NEW-1"])


def test_every_operation_can_be_wrong() -> None:
    catalogue = load_catalogue()
    soak = ProgramGenerator("wrong")
    seen: set[type] = set()
    for _ in range(150):
        program, expected = soak.program(15)
        for index, operation in enumerate(program):
            seen.add(type(operation))
            wrong = Difference((index,), operation, expected[index], Observation(error="other"))
            assert attribute(program[: index + 1], wrong) in catalogue
    assert len(seen) > 30


def test_attribution_follows_the_semantics_that_was_expected() -> None:
    amended = amend(names=["add-child-dirties"])
    program = (*BEGIN, CHILD, ops.Dirty(1))
    found = difference(program, SPECIFICATION, amended)
    assert Observation(ok=True) == found.expected
    assert "DIRTY-TREE-3" == attribute(program, found, amended)


# --- what else a wrong implementation may do --------------------------------------------------------------------------

LOADED = (*BEGIN, CHILD, ops.Rehydrate(0, 1, (0, 0), 3))
STALE: ops.Program = (*BEGIN, transition(0, fail="user_1"), bare(0, ops.ReadMachine(9)))
NESTED: ops.Program = (*BEGIN, CHILD, bare(0, ops.MachineTransition(1, ops.Script())))
WORKFLOW: ops.Program = (
    *BEGIN[:3],
    ops.RegisterTaskSerializer(1),
    ops.RegisterTaskSerializer(2),
    ops.NewCell(0),
    ops.StartWorkflow(0, 0),
)
ADDED: ops.Program = (*WORKFLOW, ops.AccessWorkflow(0, 0, "write", 0, ops.Script((CHILD,))))
EMPTY, READ = ops.AccessWorkflow(0, 0, "write"), ops.AccessWorkflow(0, 0, "read")
TREE, TASKS, COUNTS = ops.Stored(0, 0), ops.StoredTasks(0, 0), ops.StoreCounts(0)
DONE = Observation(ok=None)


def access(
    *inside: ops.AnyOperation, mode: ops.Access = "write", fail: ops.Failure | None = None
) -> ops.AccessWorkflow:
    return ops.AccessWorkflow(0, 0, mode, 0, ops.Script(inside, (), fail))


def asking(*tasks: ops.Task) -> ops.AccessWorkflow:
    """Return an access whose machine transitions with tasks."""
    return access(CHILD, ops.MachineTransition(1, ops.Script((), tasks)))


def stale(count: int, version: int = 1, mode: ops.Access = "read") -> ops.AccessWorkflow:
    return ops.AccessWorkflow(0, 0, mode, 0, ops.Script((ops.Export(0),)), ((CHILD.key,), version, count))


AWAY: ops.Program = (ops.NewCell(1, cluster=1), ops.Failover(1))
BACK = ops.Failover(0)
STARTED: ops.Program = (*ADDED, ops.StartWorkflowTask(0, 0))
AGAIN = access(ops.Child(0, (CHILD.key,), 1), ops.MachineTransition(1, ops.Script()))
SYNC = ops.Sync(1, 0, 0)
EVENT: ops.Program = (*WORKFLOW, ops.NewCell(1, cluster=1), ops.EventChild(0, 0, CHILD.key, (0, 3)))
REPLICATED: ops.Program = (*EVENT, ops.ReplicateEvents(1, 0, 0))
"""Two clusters with a machine that an event has made. The next operation has the number 10."""
OTHER = ops.AddChild(0, (1, "other"), (0, 3))
CALLING = (ops.Child(0, (CHILD.key,), 1), ops.MachineTransition(1, ops.Script((ops.SetState(2, 2),)), 2))
"""A transition to a state that calls for a task."""


def _there(*inside: ops.AnyOperation) -> ops.AccessWorkflow:
    return ops.AccessWorkflow(1, 0, "write", 0, ops.Script(inside))


OUTBOUND, TIMER = (2, 0, "x"), (1, 0, 1000)
STORED = [[[[1, "a"]], 1, 1, 2, "0", "x"]]
OBSERVED: list[tuple[str, ops.Program, tuple[int, ...], Observation]] = [
    ("NODE-ADD-1", (*BEGIN, CHILD, transition(0), ops.Export(0)), (6,), Observation(ok=[1, "2:3", []])),
    ("NODE-ADD-1", (*BEGIN, CHILD, transition(0), ops.Child(0, (CHILD.key,))), (6,), Observation(error="other")),
    ("MT-ROLLBACK-2", STALE, (5, 0), Observation(ok=[2, 3])),
    ("MT-RUN-1", (*BEGIN, bare(0, ops.ReadMachine(9))), (4, 0), Observation(ok=[5, 5])),
    ("MT-RUN-1", (*NESTED, ops.TransitionCount(1)), (6,), Observation(ok=2)),
    ("MT-RUN-1", (*NESTED, ops.Outputs(1)), (6,), Observation(ok=[[[[1, "a"]], [[], []]]])),
    (
        "MT-RUN-1",
        (*BEGIN, bare(0, CHILD)),
        (4, 0),
        Observation(error="state_machine_already_exists"),
    ),
    ("ROOT-LOAD-1", (*LOADED, ops.Child(3, (CHILD.key,))), (6,), Observation(error="state_machine_not_found")),
    ("ROOT-LOAD-1", (*LOADED, ops.CollectionList(3, 1)), (6,), Observation(ok=[])),
    ("REG-MACHINE-1", (*BEGIN[:2], ops.RegisterMachine(257)), (2,), Observation(error="duplicate_registration")),
    ("REG-NEW-1", BEGIN[:2], (1,), Observation(error="duplicate_registration")),
    ("ROOT-LOAD-1", (*LOADED, ops.CollectionNode(3, 1, "a")), (6,), Observation(error="state_machine_not_found")),
    ("ROOT-LOAD-1", (*LOADED, ops.Child(3, (CHILD.key,), 4), ops.MachineData(4)), (7,), Observation(ok=[0, 0])),
    # Access.
    ("ENV-LOCK-1", (*WORKFLOW, access(EMPTY)), (7, 0), DONE),
    ("ENV-LOCK-2", (*WORKFLOW, EMPTY, EMPTY), (8,), Observation(error="workflow_busy")),
    ("ENV-READ-1", (*WORKFLOW, READ, COUNTS), (8,), Observation(ok=[1, 2])),
    ("ENV-READ-3", (*WORKFLOW, access(CHILD, mode="read"), TREE), (8,), Observation(ok=[0, "", [[1, "a", []]]])),
    ("ENV-READ-4", (*WORKFLOW, access(CHILD, mode="read")), (7,), DONE),
    ("ENV-READ-4", (*WORKFLOW, access(CHILD, mode="read"), READ, COUNTS), (9,), Observation(ok=[1, 1])),
    ("ENV-WRITE-1", (*ADDED, TREE), (8,), Observation(ok=[0, "", []])),
    ("ENV-WRITE-1", (*ADDED, access(ops.Child(0, (CHILD.key,)))), (8, 0), Observation(error="state_machine_not_found")),
    ("ENV-WRITE-1", (*ADDED, COUNTS), (8,), Observation(ok=[1, 1])),
    ("ENV-WRITE-2", (*WORKFLOW, EMPTY, COUNTS), (8,), Observation(ok=[1, 1])),
    ("ENV-WRITE-2", (*WORKFLOW, EMPTY, COUNTS), (8,), Observation(ok=[1, 3])),
    ("ENV-ERROR-1", (*WORKFLOW, access(mode="read", fail="user_1"), READ, COUNTS), (9,), Observation(ok=[2, 1])),
    ("ENV-ERROR-2", (*WORKFLOW, access(CHILD, fail="user_1"), TREE), (8,), Observation(ok=[0, "", [[1, "a", []]]])),
    ("ENV-PANIC-1", (*WORKFLOW, access(CHILD, fail="panic"), TREE), (8,), Observation(ok=[0, "", [[1, "a", []]]])),
    ("ENV-PANIC-1", (*WORKFLOW, access(fail="panic"), COUNTS), (8,), Observation(ok=[1, 2])),
    (
        "ENV-PANIC-2",
        (*WORKFLOW, access(CHILD, fail="panic"), access(ops.Export(0))),
        (8, 0),
        Observation(ok=[0, "", [1]]),
    ),
    # References.
    ("REF-COUNT-1", (*ADDED, stale(3)), (8,), DONE),
    ("REF-COUNT-2", (*ADDED, stale(0)), (8,), Observation(error="stale_reference")),
    ("REF-VERSION-1", (*ADDED, stale(0, 2)), (8,), DONE),
    ("REF-MISSING-1", (*WORKFLOW, stale(0)), (7,), DONE),
    ("REF-CALLED-1", (*ADDED, stale(3)), (8,), Observation(error="stale_reference", inner=(DONE,))),
    # Commits.
    ("COMMIT-ERROR-1", (*WORKFLOW, ops.FailStore(0, "before", "unknown_outcome"), EMPTY), (8,), DONE),
    (
        "COMMIT-ATOMIC-1",
        (*WORKFLOW, ops.FailStore(0, "before", "unknown_outcome"), access(CHILD), TREE),
        (9,),
        Observation(ok=[0, "", [[1, "a", []]]]),
    ),
    (
        "COMMIT-ATOMIC-2",
        (*WORKFLOW, ops.FailStore(0, "after", "unknown_outcome"), access(CHILD), TREE),
        (9,),
        Observation(ok=[0, "", []]),
    ),
    (
        "COMMIT-ATOMIC-3",
        (*WORKFLOW, ops.FailStore(0, "after", "unknown_outcome"), access(CHILD), access(ops.Export(0))),
        (9, 0),
        Observation(ok=[0, "", []]),
    ),
    ("COMMIT-ATOMIC-1", (*WORKFLOW, asking(OUTBOUND), TASKS), (8,), Observation(ok=[])),
    ("COMMIT-QUEUE-1", (*WORKFLOW, asking(OUTBOUND, TIMER), TASKS), (8,), Observation(ok=STORED)),
    ("COMMIT-QUEUE-1", (*WORKFLOW, asking(OUTBOUND), TASKS), (8,), Observation(ok=[[*STORED[0][:5], 0]])),
    ("COMMIT-REF-1", (*WORKFLOW, asking(OUTBOUND), TASKS), (8,), Observation(ok=[[[[1, "a"]], 1, 0, *STORED[0][3:]]])),
    ("COMMIT-CLEAR-1", (*WORKFLOW, asking(OUTBOUND), EMPTY, TASKS), (9,), Observation(ok=STORED * 2)),
    ("COMMIT-SERIALIZER-1", (*WORKFLOW, asking((3, 0, "")), TASKS), (8,), Observation(ok=STORED)),
    # Failovers.
    ("COMMIT-PASSIVE-1", (*ADDED, *AWAY, EMPTY), (10,), DONE),
    ("COMMIT-PASSIVE-1", (*ADDED, *AWAY, EMPTY, TREE), (11,), Observation(ok=[0, "", []])),
    ("COMMIT-PASSIVE-1", (*ADDED, *AWAY, BACK, EMPTY), (11,), Observation(error="namespace_not_active")),
    (
        "COMMIT-VERSIONS-1",
        (*WORKFLOW, *AWAY, BACK, asking(OUTBOUND), TASKS),
        (11,),
        Observation(ok=STORED),
    ),
    ("ENV-READ-2", (*STARTED, *AWAY, READ, COUNTS), (12,), Observation(ok=[1, 4])),
    ("ENV-WRITE-4", (*STARTED, *AWAY, EMPTY, COUNTS), (12,), Observation(ok=[1, 3])),
    ("REF-VERSION-2", (*ADDED, *AWAY, BACK, stale(0)), (11,), Observation(error="stale_reference")),
    ("REFRESH-PASSIVE-1", (*ADDED, *AWAY, ops.Refresh(0, 0)), (10,), Observation(error="namespace_not_active")),
    (
        "OUTBOUND-STANDBY-1",
        (*WORKFLOW, asking(OUTBOUND), *AWAY, ops.PumpOutbound(0, 0)),
        (10,),
        Observation(ok=[[2, "0", "dropped", []]]),
    ),
    (
        "OUTBOUND-STANDBY-2",
        (*WORKFLOW, asking(OUTBOUND), AGAIN, *AWAY, ops.PumpOutbound(0, 0)),
        (11,),
        Observation(ok=[[2, "0", "retried", []]]),
    ),
    (
        "OUTBOUND-FAILBACK-1",
        (*WORKFLOW, ops.RegisterExecutor(2), asking(OUTBOUND), *AWAY, BACK, ops.PumpOutbound(0, 0)),
        (12,),
        Observation(ok=[[2, "0", "dropped", []]]),
    ),
    (
        "TIMER-STANDBY-1",
        (*WORKFLOW, asking(TIMER), *AWAY, ops.Advance(0, 2_000_000), ops.PumpTimers(0, 0)),
        (11,),
        Observation(ok=[[0, 2_000_000, [1, 0, 1000], [[1, "a"]], 1]]),
    ),
    (
        "TIMER-STANDBY-1",
        (*WORKFLOW, asking(TIMER), *AWAY, ops.Advance(0, 2_000_000), ops.PumpTimers(0, 0), TASKS),
        (12,),
        Observation(ok=[]),
    ),
    # Replication.
    ("REPL-EVENTS-1", (*EVENT, SYNC), (9,), Observation(ok=False)),
    ("REPL-EVENTS-1", (*EVENT, ops.Sync(0, 1, 0)), (9,), Observation(error="retry_replication")),
    ("REPL-EVENTS-2", REPLICATED, (9,), Observation(ok=0)),
    ("REPL-EVENTS-2", (*REPLICATED, ops.Stored(1, 0)), (10,), Observation(ok=[0, "", []])),
    ("REPL-TASKS-1", (*REPLICATED, AGAIN, SYNC), (11,), Observation(ok=False)),
    ("REPL-TASKS-1", (*REPLICATED, AGAIN, SYNC, ops.Stored(1, 0)), (12,), Observation(ok=[0, "", []])),
    ("REPL-NEWER-1", (*REPLICATED, SYNC), (10,), Observation(ok=True)),
    ("REPL-NEWER-1", (*REPLICATED, SYNC, ops.StoreCounts(1)), (11,), Observation(ok=[1, 3])),
    ("REPL-MISSING-1", (*REPLICATED, access(OTHER), SYNC), (11,), Observation(ok=True)),
    (
        "REPL-INITIAL-1",
        (*REPLICATED, access(OTHER), ops.Failover(1), _there(OTHER), ops.Sync(0, 1, 0)),
        (13,),
        Observation(ok=True),
    ),
    (
        "REPL-FAIL-1",
        (*REPLICATED[:3], *REPLICATED[5:], access(*CALLING), SYNC),
        (9,),
        Observation(ok=True),
    ),
]


@pytest.mark.parametrize(
    ("requirement", "program", "where", "observed"), OBSERVED, ids=[f"{r} {i}" for i, (r, *_) in enumerate(OBSERVED)]
)
def test_what_is_observed_of_a_small_program_names_its_cause(
    requirement: str, program: ops.Program, where: tuple[int, ...], observed: Observation
) -> None:
    expected, operation = at(predict(program), where), program[where[0]]
    for index in where[1:]:
        operation = operation.script.ops[index]  # type: ignore[union-attr]  # it has one
    assert expected is not None
    assert requirement == attribute(program, Difference(where, operation, expected, observed))
