"""The programs that PROTOCOL.md shows. What it says they answer is what the model answers."""

from __future__ import annotations

from typing import Final

from hsm_specs.language import operations as ops
from hsm_specs.language.operations import Program, RefSpec, Script, TransitionSpec

_UNBOUND: Final = 99
"""A handle that nothing ever binds."""
_STEP: Final = TransitionSpec((0, 2), 1)
_PERSISTED: Final = "CgMwOjASFAoBMhIPCg0KAWISCAoDMTo2oAYD"
"""A persisted node in the dialect v1.25: data ``0:0``, and a child of type 2, ID ``b``, data ``1:6`` and count 3."""

REGISTRY: Final[Program] = (
    ops.NewRegistry(),
    ops.RegisterMachine(1, 10),
    ops.RegisterMachine(2, 20),
    ops.RegisterMachine(1, 11),
    ops.Machine(1),
    ops.Machine(3),
    ops.NewRegistry(1),
    ops.Machine(1, 1),
)
TREE: Final[Program] = (
    ops.NewRoot(1, (0, 5), 0),
    ops.NewRoot(3, (0, 5), 8),
    ops.AddChild(0, (2, "a"), (0, 7), 1),
    ops.AddChild(0, (2, "a"), (0, 7)),
    ops.AddChild(0, (2, "b"), (0, -1)),
    ops.AddChild(0, (3, "c"), (0, 7)),
    ops.MachineTransition(1, Script((ops.SetState(0, 1), ops.SetValue(0, 8)), ((1, 8, 1000), (2, 8, "dest"))), 0),
    ops.MachineTransition(1, Script((ops.SetValue(0, 9), ops.AddChild(1, (1, "x"), (0, 0))), (), "user_1"), 0),
    ops.MachineTransition(1, Script((ops.MachineTransition(0, Script(fail="panic")),))),
    ops.MachineTransition(1, Script(fail="user_2"), cast="other"),
    ops.MachineTransition(1, Script((ops.Dirty(_UNBOUND),))),
    ops.Child(0, ((2, "a"),), 2),
    ops.Child(0, ((2, "a"), (1, "x")), 3),
    ops.Child(0, ((3, "c"),)),
    ops.KeyOf(1),
    ops.KeyOf(0),
    ops.Parent(1, 4),
    ops.Parent(0, 5),
    ops.PathOf(1),
    ops.PathOf(0),
    ops.Same(1, 2),
    ops.Same(0, 1),
    ops.TransitionCount(1),
    ops.TransitionCount(_UNBOUND),
    ops.Dirty(0),
    ops.Outputs(0),
    ops.Clear(1),
    ops.Dirty(0),
    ops.Outputs(0),
    ops.MachineData(1),
    ops.MachineData(1, "other"),
    ops.Export(0),
    ops.Rehydrate(0, 1, (0, 6), 6),
    ops.Marshal(6),
    ops.Load(_PERSISTED, 1, (0, 0), 7),
    ops.Export(7),
)
COLLECTIONS: Final[Program] = (
    ops.CollectionType(0, 2),
    ops.CollectionAdd(0, 2, "b", (0, -2), 10),
    ops.CollectionAdd(0, 2, "b", (0, 0)),
    ops.CollectionNode(0, 2, "b", 11),
    ops.CollectionNode(0, 2, "c", 12),
    ops.CollectionData(0, 2, "a"),
    ops.CollectionData(0, 2, "a", "other"),
    ops.CollectionList(0, 2),
    ops.CollectionList(1, 2),
    ops.CollectionTransition(0, 2, "a", Script((ops.SetValue(1, 3), ops.ReadMachine(1)), ((1, 3, 2000),)), 1),
)
MACHINES: Final[Program] = (
    ops.StateMachine(2, (0, 5)),
    ops.ReadMachine(2),
    ops.RegenerateTasks(2),
    ops.SetState(2, 4),
    ops.RegenerateTasks(2),
    ops.SetState(2, 2),
    ops.SetValue(2, 6),
    ops.RegenerateTasks(2),
    ops.Possible(2, _STEP),
    ops.Apply(2, _STEP, 42, Script((ops.SetValue(2, 42),), ((2, 42, "dest"),))),
    ops.Apply(2, _STEP, 43),
    ops.SetState(2, 0),
    ops.Apply(2, _STEP, 44, Script(fail="user_1")),
    ops.ReadMachine(2),
)
TASKS: Final[Program] = (
    ops.RegisterTaskSerializer(1, 100),
    ops.RegisterTaskSerializer(1, 101),
    ops.TaskSerializer(1),
    ops.TaskSerializer(2),
    ops.SerializeTask((1, 8, 1000)),
    ops.SerializeTask((2, 8, "dest")),
    ops.DeserializeTask(1, "8", 1000),
    ops.DeserializeTask(1, "8", "dest"),
    ops.DeserializeTask(1, "eight", 1000),
    ops.RegisterExecutor(1, 7, "read", 20, Script((ops.TransitionCount(20),))),
    ops.RegisterExecutor(2, 8, None, None, Script(fail="user_1")),
    ops.Execute((1, 8, 1000), RefSpec(((2, "a"),), version=3, count=1), 0, 500),
    ops.Execute((1, 8, 1000), RefSpec(((2, "nobody"),)), 0),
    ops.Execute((2, 8, "dest"), RefSpec(()), 0),
    ops.Execute((3, 8, 1000), RefSpec(()), 0),
    ops.StateMachinePath(RefSpec(((2, "a"), (1, "x")))),
)
TOUR: Final[Program] = REGISTRY + TREE + COLLECTIONS + MACHINES + TASKS
"""One program with every operation in it."""

FIRST: Final[Program] = (
    ops.NewRegistry(),
    ops.RegisterMachine(1, 10),
    ops.NewRoot(1, (0, 5), 0),
    ops.AddChild(0, (1, "ä"), (0, 7), 1),
    ops.MachineTransition(1, Script((ops.SetState(0, 1),), ((1, 7, 1000),)), 0),
    ops.MachineTransition(1, Script((ops.SetState(0, 2), ops.AddChild(1, (1, "b"), (0, 0), 2)), (), "user_1"), 0),
    ops.Outputs(0),
    ops.Export(0),
)
"""The first program of the sample session: a transition that succeeds and one that is rolled back."""
SECOND: Final[Program] = (ops.Dirty(0), ops.NewRegistry(), ops.Machine(1))
"""The second one, which shows that its world is fresh."""
