"""Findings as they are read, from the first line to the last."""

from __future__ import annotations

import pytest

from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Script
from hsm_specs.report.rendering import finding_lines, tree_before

from ...findings import made

DOCUMENTATION = "https://pkg.go.dev/go.temporal.io/server@v1.24.0-m3.4/service/history/hsm"
TREE = (
    ops.NewRegistry(),
    ops.RegisterMachine(1),
    ops.RegisterMachine(2),
    ops.NewRoot(1, (0, 0), 0),
    ops.AddChild(0, (2, "a"), (1, 5), 1),
)
TIMER, OUTBOUND = (1, 7, 1000), (2, 8, "there")


def found(name, program, where, observed, **more):
    return made(name, program, observed, where, phase="soak", **more)


INNER = ops.MachineTransition(1, Script((ops.SetValue(1, 6),), fail="user_1"), 1)
OUTER = ops.MachineTransition(0, Script((INNER, ops.TransitionCount(1)), (TIMER,)))
NESTED = found(
    "MT-ROLLBACK-1",
    (*TREE, OUTER),
    (5, 1),
    Observation(
        ok=None,
        inner=(
            Observation(error="user_1", inner=(Observation(ok=None),)),
            Observation(ok=1),
        ),
    ),
    rule="transition_rolled_back",
)
OUTPUTS = found(
    "OUT-LIST-1",
    (
        *TREE,
        ops.MachineTransition(1, Script((), (TIMER, OUTBOUND))),
        ops.MachineTransition(0, Script()),
        ops.Outputs(1),
    ),
    (7,),
    Observation(ok=[]),
    count=31,
)
UNBOUND = found(
    "NODE-CHILD-1",
    (*TREE, ops.Child(0, ((2, "a"),), 2), ops.Dirty(2)),
    (6,),
    Observation(unbound=True),
    shrunk=False,
    note="It was not shrunk to the end: the adapter failed meanwhile.",
)
PANIC = found(
    "NODE-ADD-8",
    (*TREE, ops.Rehydrate(0, 1, (0, 0), 2), ops.AddChild(2, (2, "b"), (0, 0))),
    (6,),
    Observation(panic="assignment to entry in nil map"),
    count=2,
    amendments=("add-child-dirties",),
)
REGISTRY = found(
    "REG-MACHINE-2",
    (ops.NewRegistry(), ops.RegisterMachine(1), ops.RegisterMachine(1)),
    (2,),
    Observation(error="other", message="it is there"),
)

GOLDEN = {
    "nested": (
        NESTED,
        """\
MT-ROLLBACK-1  A failed transition leaves the node's transition count as it was.
  MachineTransition, sentence 3: {DOCUMENTATION}#MachineTransition
  predicted by the model's rule transition_rolled_back

    1  r0 = NewRegistry()
    2  r0.RegisterMachine(type 1)
    3  r0.RegisterMachine(type 2)
    4  n0 = NewRoot(r0, type 1, state 0)
    5  n1 = n0.AddChild(2/"a", state 1 value 5)
        the tree before it:
          root: state 0, count 0  = n0
            2/"a": state 1 value 5, count 0  = n1
    6  MachineTransition(n0, func() {
           MachineTransition(n1, func(m1) {
               m1.value = 6
               return user_1
           })
>          n1.TransitionCount()
            expected: 0
            observed: 1
           return tasks 1(7, at 1000 ms)
       })

  hsmspec replay findings/x.json""",
    ),
    "outputs": (
        OUTPUTS,
        """\
OUT-LIST-1  Outputs has the outputs of the node and of all nodes below it, each
            node's at its path.
  Node.Outputs, sentence 1: {DOCUMENTATION}#Node.Outputs
  31 programs fail like this; the smallest of them:

    1  r0 = NewRegistry()
    2  r0.RegisterMachine(type 1)
    3  r0.RegisterMachine(type 2)
    4  n0 = NewRoot(r0, type 1, state 0)
    5  n1 = n0.AddChild(2/"a", state 1 value 5)
    6  MachineTransition(n1, func() { return tasks 1(7, at 1000 ms), 2(8, to
           "there") })
    7  MachineTransition(n0, func() { return no tasks })
        the tree before it:
          root: state 0, count 1, put out no tasks  = n0
            2/"a": state 1 value 5, count 1, put out 1(7, at 1000 ms), 2(8, to
                "there")  = n1
>   8  n1.Outputs()
        expected: [2/"a"]: 1(7, at 1000 ms), 2(8, to "there")
        observed: no outputs

  hsmspec replay findings/x.json""",
    ),
    "unbound": (
        UNBOUND,
        """\
NODE-CHILD-1  Child follows a path level by level and returns the node at its
              end.
  Node.Child, sentence 1: {DOCUMENTATION}#Node.Child
  It was not shrunk to the end: the adapter failed meanwhile.

    1  r0 = NewRegistry()
    2  r0.RegisterMachine(type 1)
    3  r0.RegisterMachine(type 2)
    4  n0 = NewRoot(r0, type 1, state 0)
    5  n1 = n0.AddChild(2/"a", state 1 value 5)
    6  n2 = n0.Child([2/"a"])
        the tree before it:
          root: state 0, count 0  = n0
            2/"a": state 1 value 5, count 0  = n1, n2
>   7  n2.Dirty()
        expected: false
        observed: not run, since a name in it stands for nothing

  hsmspec replay findings/x.json""",
    ),
    "panic": (
        PANIC,
        """\
NODE-ADD-8  AddChild works under every node, also under one that came from
            persistence without children.
  Node.AddChild, sentence 1: {DOCUMENTATION}#Node.AddChild
  2 programs fail like this; the smallest of them:
  Held to the specification as amended by the known deviations.

    1  r0 = NewRegistry()
    2  r0.RegisterMachine(type 1)
    3  r0.RegisterMachine(type 2)
    4  n0 = NewRoot(r0, type 1, state 0)
    5  n1 = n0.AddChild(2/"a", state 1 value 5)
    6  n2 = NewRoot(r0, type 1, state 0, persisted children of n0)
        the tree before it:
          root: state 0, count 0  = n2
            2/"a": state 1 value 5, count 0
>   7  n2.AddChild(2/"b", state 0)
        expected: success
        observed: a panic (assignment to entry in nil map)

  hsmspec replay findings/x.json""",
    ),
    "registry": (
        REGISTRY,
        """\
REG-MACHINE-2  Registering a machine type that the registry already has fails
               with ErrDuplicateRegistration.
  Registry.RegisterMachine, sentence 2: {DOCUMENTATION}#Registry.RegisterMachine

    1  r0 = NewRegistry()
    2  r0.RegisterMachine(type 1)
>   3  r0.RegisterMachine(type 1)
        expected: ErrDuplicateRegistration
        observed: an error that is none of the documented ones (it is there)

  hsmspec replay findings/x.json""",
    ),
}


def text(finding, path=""):
    return "\n".join(line.text for line in finding_lines(finding, path))


@pytest.mark.parametrize(("finding", "golden"), GOLDEN.values(), ids=GOLDEN)
def test_a_finding_from_the_first_line_to_the_last(finding, golden):
    assert golden.replace("{DOCUMENTATION}", DOCUMENTATION) == text(finding, "findings/x.json")


def test_the_tree_is_that_of_the_semantics_that_the_finding_was_held_to():
    failing = ops.MachineTransition(0, Script((ops.AddChild(0, (2, "b"), (0, 0)),), fail="user_1"))
    program = (*TREE, failing, ops.Dirty(0))
    assert ["root: state 0, count 0  = n0", '  2/"a": state 1 value 5, count 0  = n1'] == tree_before(program, 6)
    amended = tree_before(program, 6, ("failed-transition-keeps-nested-effects",))
    assert amended[2:] == ['  2/"b": state 0, count 0']


@pytest.mark.parametrize(
    "program",
    [
        (ops.NewRegistry(),),
        (ops.NewRegistry(), ops.Dirty(0)),
        (ops.NewRegistry(), ops.StateMachine(0, (0, 0)), ops.ReadMachine(0)),
        (*TREE, ops.MachineTransition(0, Script((ops.RegisterMachine(3),))), ops.Dirty(0)),
    ],
)
def test_there_is_no_tree_where_no_node_is_named_or_nothing_is_said_of_it(program):
    assert tree_before(program, len(program) - 1) == []


def test_amendments_of_another_hsmspec_make_no_tree():
    assert tree_before(TREE, 4, ("of-tomorrow",)) == []


def test_a_large_tree_is_cut():
    children = tuple(ops.AddChild(0, (1, f"{number:02}"), (0, 0)) for number in range(20))
    lines = tree_before((*TREE, *children, ops.Dirty(0)), 25)
    assert len(lines) == 12
    assert lines[-1] == "... and 11 nodes more"
