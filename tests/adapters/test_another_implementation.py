"""The seam: a world with another part is another implementation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from plain_hsm.adapter import World
from plain_hsm.machine import Registry, Table, Transition, TransitionOutput
from plain_hsm.node import Environment, Node, Ref
from plain_hsm.palette import MachineA, MachineB


class KeepsCounts(Node):
    def roll_back(self, start: int, failure: BaseException) -> None:
        self.journal[start:] = [change for change in self.journal[start:] if change[1] != "count"]
        super().roll_back(start, failure)


class KeepsOtherNodes(Node):
    def roll_back(self, start: int, failure: BaseException) -> None:
        self.journal[start:] = [change for change in self.journal[start:] if change[0] is self]
        super().roll_back(start, failure)


class LastRegistrationWins(Registry):
    class Replacing(Table):
        def register(self, number: int, entry: object) -> None:
            self[number] = entry

    def __init__(self) -> None:
        super().__init__()
        self.machines = self.Replacing()


class AppliesAnything(Transition):
    def possible(self, machine: Any) -> bool:
        return True


class AlwaysWrites(Environment):
    def access(self, ref: Ref, access: str, accessor: Callable[[Node], object]) -> None:
        super().access(ref, "write", accessor)


class ForgetsItsState(MachineA):
    def __setattr__(self, name: str, value: int) -> None:
        if not hasattr(self, name):
            super().__setattr__(name, value)


def fails_inside(tree: Any) -> None:
    tree("add_child", node=0, key=[1, "a"], data=[0, 0], bind=1)
    inner = tree.op("machine_transition", node=1, script={})
    tree("machine_transition", node=0, script={"ops": [inner], "fail": "user_1"})


def test_a_node_that_keeps_counts_is_a_few_lines(tree_of: Any) -> None:
    tree = tree_of(type("Mutant", (World,), {"node_type": KeepsCounts}))
    fails_inside(tree)
    assert [1, "0:5"] == tree("export", node=0)["ok"][:2]
    assert {"ok": False} == tree("dirty", node=0)


def test_a_node_that_keeps_what_was_done_to_others_is_a_few_lines(tree_of: Any) -> None:
    tree = tree_of(type("Mutant", (World,), {"node_type": KeepsOtherNodes}))
    fails_inside(tree)
    assert [{"ok": 0}, {"ok": 1}] == [tree("transition_count", node=node) for node in (0, 1)]


def test_a_registry_that_replaces_is_a_few_lines(tree_of: Any) -> None:
    tree = tree_of(type("Mutant", (World,), {"registry_type": LastRegistrationWins}))
    assert {"ok": None} == tree("register_machine", type=1, tag=99)
    assert {"ok": 99} == tree("machine", type=1)


def test_a_transition_that_is_always_possible_is_a_few_lines(tree_of: Any) -> None:
    tree = tree_of(type("Mutant", (World,), {"transition_type": AppliesAnything}))
    tree("state_machine", machine=0, data=[0, 0])
    assert {"ok": True} == tree("possible", machine=0, transition={"sources": [], "destination": 1})


def test_an_environment_that_always_writes_is_a_few_lines(tree_of: Any) -> None:
    tree = tree_of(type("Mutant", (World,), {"environment_type": AlwaysWrites}))
    tree("register_executor", type=1, access="read")
    assert {"ok": "write"} == tree("execute", task=[1, 1, 1], ref={"path": []}, node=0)["inner"][1]


def test_a_machine_that_forgets_its_state_is_a_few_lines(tree_of: Any) -> None:
    tree = tree_of(type("Mutant", (World,), {"machine_types": (MachineB, ForgetsItsState)}))
    tree("state_machine", machine=0, data=[1, 1])
    tree("set_state", machine=0, state=2)
    assert {"ok": [1, 1]} == tree("read_machine", machine=0)


@pytest.mark.parametrize("error", [KeyError("lost"), AssertionError("lost"), RecursionError("lost")])
def test_an_exception_that_the_documentation_does_not_name_is_a_panic(tree_of: Any, error: Exception) -> None:
    class Broken(Node):
        def dirty(self) -> bool:
            raise error

        def outputs(self) -> list[tuple[list[Any], tuple[TransitionOutput, ...]]]:
            raise error

    tree = tree_of(type("Mutant", (World,), {"node_type": Broken}))
    assert {"panic": str(error)} == tree("dirty", node=0)
    assert {"panic": str(error)} == tree("outputs", node=0)
    assert {"ok": 0} == tree("transition_count", node=0)
