"""Programs for the bundled adapter, built operation by operation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plain_hsm.adapter import World, answer

REGISTRY = (
    {"op": "new_registry"},
    {"op": "register_machine", "type": 1, "tag": 11},
    {"op": "register_machine", "type": 2, "tag": 12},
)
ROOT = {"op": "new_root", "type": 1, "data": [0, 5], "bind": 0}


class Program:
    """A program that grows. A call adds an operation, runs all in a fresh world and returns the last observation."""

    def __init__(self, *operations: dict[str, Any], world: type[World] = World) -> None:
        self.operations = list(operations)
        self.world = world

    def __call__(self, name: str, **members: Any) -> Any:
        self.operations.append(self.op(name, **members))
        request = json.dumps({"seq": 1, "programs": [self.operations]})
        return json.loads(answer(request.encode(), self.world))["observations"][0][-1]

    @staticmethod
    def op(name: str, **members: Any) -> dict[str, Any]:
        return {"op": name, **members}

    @classmethod
    def with_tree(cls, world: type[World] = World) -> Program:
        return cls(*REGISTRY, ROOT, world=world)


@pytest.fixture
def program() -> Program:
    """Return a program without operations."""
    return Program()


@pytest.fixture
def registry() -> Program:
    """Return a program with a registry, in which the machine types 1 and 2 are registered."""
    return Program(*REGISTRY)


@pytest.fixture
def tree() -> Program:
    """Return the same with a root, node 0, of type 1."""
    return Program.with_tree()


@pytest.fixture
def tree_of() -> Any:
    """Return the same in a world of another implementation."""
    return Program.with_tree
