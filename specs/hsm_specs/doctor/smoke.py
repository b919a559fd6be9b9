"""The smoke test: small programs, the simplest first, with advice for the author of an adapter."""

from __future__ import annotations

from typing import Final, NamedTuple

from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Dialect
from hsm_specs.language.operations import Program, Script, TransitionSpec
from hsm_specs.language.palette import EMPTY_DATA


class Smoke(NamedTuple):
    """A program, what it tests, and advice if an answer is wrong."""

    title: str
    program: Program
    advice: str


DIALECT: Final[Dialect] = "v1.25"
"""The dialect of predictions for an adapter that names none; it then gets no program that depends on it."""
BEGIN: Program = (ops.NewRegistry(), ops.RegisterMachine(1, 7), ops.RegisterMachine(2), ops.NewRoot(1, (0, 5), 1))
CHANGE = Script((ops.SetState(0, 3), ops.SetValue(0, 9)), tasks=((1, 4, 1000), (2, 5, "x")))
FAIL = Script((ops.SetState(0, 3), ops.SetValue(0, 9)), fail="user_1")

SMOKE: tuple[Smoke, ...] = (
    Smoke(
        "registers machines",
        (ops.NewRegistry(), ops.RegisterMachine(1, 7), ops.Machine(1), ops.Machine(2), ops.RegisterMachine(1, 8)),
        "`machine` returns the tag of `register_machine`, null if nothing is registered. Errors are reported by code:"
        " map the implementation's error values to the codes of PROTOCOL.md, with errors.Is or its equivalent.",
    ),
    Smoke(
        "forgets everything between programs",
        (ops.NewRegistry(), ops.Machine(1), ops.NewRoot(1, (0, 0), 1), ops.Dirty(1)),
        "Each program starts in a fresh world: empty the tables of registries, nodes and machines before it. An"
        " operation with an unbound handle is not run and its observation is `unbound`.",
    ),
    Smoke(
        "creates a root and reads its data",
        (*BEGIN, ops.MachineData(1), ops.KeyOf(1), ops.Parent(1), ops.PathOf(1), ops.TransitionCount(1)),
        'Data is [state, value]. The key of the root is [0, ""], its path is [], and `parent` returns a boolean.',
    ),
    Smoke(
        "rejects data that does not serialize",
        (*BEGIN, ops.NewRoot(1, (0, -1), 2), ops.AddChild(1, (2, "a"), (0, -1)), ops.NewRoot(3, (0, 0), 2)),
        "The palette's definition fails to serialize the value -1 and to deserialize the value -2, with the errors"
        " `serialize_error` and `deserialize_error`.",
    ),
    Smoke(
        "rejects data that does not deserialize",
        (
            *BEGIN,
            ops.AddChild(1, (2, "a"), (0, -2)),
            ops.Rehydrate(1, 1, (0, 0), 2),
            ops.Child(2, ((2, "a"),), 3),
            ops.MachineData(3),
            ops.KeyOf(3),
        ),
        "The value -2 serializes and fails to deserialize, with the error `deserialize_error`: data that was loaded is"
        " read from its persisted form when it is first looked at.",
    ),
    Smoke(
        "binds handle 0",
        (
            ops.NewRegistry(),
            ops.RegisterMachine(1),
            ops.NewRoot(1, (0, 5), 0),
            ops.MachineTransition(0, Script((ops.SetValue(0, 6),)), 0),
            ops.AddChild(0, (1, "a"), (0, 7), 1),
            ops.Child(0, ((1, "a"),), 0),
            ops.MachineData(0),
        ),
        "0 is a handle like any other, of a registry, a node and a machine at once. In many languages it counts as"
        " false: test for null, or for absence, before you bind it.",
    ),
    Smoke(
        "adds and finds children",
        (
            *BEGIN,
            ops.AddChild(1, (2, "a"), (1, 6), 2),
            ops.AddChild(2, (1, "ü"), (2, 7), 3),
            ops.Child(1, ((2, "a"), (1, "ü")), 4),
            ops.PathOf(4),
            ops.MachineData(4),
            ops.Child(1, ((2, "b"),), 5),
            ops.Dirty(5),
        ),
        "A path is a list of [type, id] from below the node. A lookup that fails binds nothing. Text is UTF-8 without"
        " needless escapes.",
    ),
    Smoke(
        "casts data to its own class only",
        (*BEGIN, ops.MachineData(1, "other"), ops.MachineData(1), ops.MachineTransition(1, Script(), cast="other")),
        "There are two classes of data: A for odd types, B for even ones. `cast` `other` asks for the class"
        " that the node's type does not have.",
    ),
    Smoke(
        "runs a transition",
        (*BEGIN, ops.MachineTransition(1, CHANGE, 0), ops.MachineData(1), ops.TransitionCount(1), ops.Dirty(1)),
        "The function binds the machine that it receives to the handle `machine`, runs the operations of the script and"
        " returns its tasks. The observations of these operations are the transition's `inner`.",
    ),
    Smoke(
        "rolls a failed transition back",
        (*BEGIN, ops.MachineTransition(1, FAIL, 0), ops.MachineData(1), ops.TransitionCount(1), ops.Dirty(1)),
        "`fail` makes the function return the error of that name after its operations; their observations are still the"
        " transition's `inner`.",
    ),
    Smoke(
        "lists outputs and clears them",
        (
            *BEGIN,
            ops.MachineTransition(1, CHANGE, 0),
            ops.MachineTransition(1, Script(), 0),
            ops.Outputs(1),
            ops.Clear(1),
            ops.Outputs(1),
            ops.Dirty(1),
        ),
        "`outputs` is a list of [path, [tasks of the first transition, of the second, ...]]; a transition without"
        " tasks counts. A task is [type, payload, deadline in ms or destination].",
    ),
    Smoke(
        "exports and rehydrates",
        (
            *BEGIN,
            ops.AddChild(1, (2, "a"), (1, 6), 2),
            ops.MachineTransition(2, CHANGE, 0),
            ops.Export(1),
            ops.Rehydrate(1, 1, (0, 0), 3),
            ops.Child(3, ((2, "a"),), 4),
            ops.MachineData(4),
            ops.TransitionCount(4),
        ),
        "`export` is [count, data as text, children], children ordered by type and by the bytes of the ID."
        " `rehydrate` encodes and decodes the children and creates a new root with them.",
    ),
    Smoke(
        "applies transitions to machines",
        (
            ops.StateMachine(0, (1, 5)),
            ops.Possible(0, TransitionSpec((1, 2), 3)),
            ops.Apply(0, TransitionSpec((1, 2), 3), 8, Script((ops.SetValue(0, 6),), tasks=((2, 1, "x"),))),
            ops.ReadMachine(0),
            ops.Apply(0, TransitionSpec((1, 2), 3)),
        ),
        "`apply` creates a transition whose apply function runs the script. The first of `inner` is what the function"
        " saw: [state, value, event]. `inner` is absent if the function was not called.",
    ),
    Smoke(
        "works with collections",
        (
            *BEGIN,
            ops.CollectionAdd(1, 2, "a", (1, 6), 2),
            ops.CollectionAdd(1, 2, "b", (1, 7)),
            ops.CollectionList(1, 2),
            ops.CollectionData(1, 2, "a"),
            ops.CollectionTransition(1, 2, "a", CHANGE, 0),
            ops.CollectionNode(1, 2, "c"),
        ),
        "`collection_list` returns paths from the root, ordered as in `outputs`.",
    ),
    Smoke(
        "serializes tasks",
        (ops.NewRegistry(), ops.RegisterTaskSerializer(1, 5), ops.TaskSerializer(1), ops.SerializeTask((1, 4, 1000))),
        "`task_serializer` returns the tag that the serializer was registered with. The palette's serializer writes the"
        " payload of a task in decimal.",
    ),
    Smoke(
        "rejects a kind that does not match the task type",
        (
            ops.NewRegistry(),
            ops.RegisterTaskSerializer(1),
            ops.DeserializeTask(1, "4", 1000),
            ops.DeserializeTask(1, "4", "x"),
            ops.DeserializeTask(1, "x", 1000),
        ),
        "Tasks of odd types are timers, of even types outbound: the kind is checked first, then the text.",
    ),
    Smoke(
        "names machines by refs",
        (ops.StateMachinePath(ops.RefSpec(((2, "a"), (1, "ü")))), ops.StateMachinePath(ops.RefSpec(()))),
        "`state_machine_path` returns the path of the ref; absent members of a ref have their defaults.",
    ),
    Smoke(
        "keeps the identity of nodes",
        (*BEGIN, ops.AddChild(1, (2, "a"), (1, 6), 2), ops.Child(1, ((2, "a"),), 3), ops.Same(2, 3), ops.Same(1, 2)),
        "`same` compares the identity of two nodes, not their content: a node is looked up once and then cached.",
    ),
    Smoke(
        "encodes and decodes the wire form",
        (*BEGIN, ops.AddChild(1, (2, "a"), (1, 6)), ops.Marshal(1), ops.Load("", 1, (0, 5), 3), ops.Export(3)),
        "`marshal` returns a StateMachineNode message in base64, `load` creates a root from it; the empty message has"
        " no children. The dialect is that of the handshake.",
    ),
    Smoke(
        "executes tasks",
        (
            *BEGIN,
            ops.AddChild(1, (2, "a"), (1, 6)),
            ops.RegisterExecutor(1, 5, "read", 2, Script((ops.MachineData(2),))),
            ops.Execute((1, 3, 1000), ops.RefSpec(((2, "a"),), version=1, count=2), 1, 50),
            ops.Execute((2, 3, "x"), ops.RefSpec(()), 1),
        ),
        "The first of `execute`'s `inner` is what the executor was called with, then the access it asked for, then what"
        " the accessor's script observed.",
    ),
    Smoke(
        "waits for functions that end late",
        (
            *BEGIN,
            ops.AddChild(1, (2, "a"), (1, 6), 2),
            ops.RegisterExecutor(
                1, 5, "write", 3, Script((ops.MachineTransition(3, Script((ops.SetState(4, 8), ops.KeyOf(3))), 4),) * 3)
            ),
            ops.RegisterExecutor(3, 6, "read", 5, Script((ops.MachineData(5), ops.KeyOf(5)), fail="user_1")),
            ops.Execute((1, 3, 1000), ops.RefSpec(((2, "a"),)), 1),
            ops.MachineData(2),
            ops.TransitionCount(2),
            ops.Execute((3, 3, 1000), ops.RefSpec(((2, "a"),)), 1),
            ops.KeyOf(1),
        ),
        "`execute` returns after the executor, the accessor and the transitions in it have ended. In an asynchronous"
        " language, each of these functions is awaited, by the adapter and by the implementation; `inner` is copied"
        " when the call returns, and belongs to that operation alone (PROTOCOL.md, section 10).",
    ),
    Smoke(
        "keeps collections and transitions",
        (
            *BEGIN,
            ops.NewCollection(1, 2, 0),
            ops.CollectionList(1, 2, 0),
            ops.CollectionAdd(1, 2, "a", (1, 6), None, 0),
            ops.CollectionList(1, 2, 0),
            ops.StateMachine(0, (1, 5)),
            ops.NewTransition(TransitionSpec((1, 2), 3), 0),
            ops.Apply(0, TransitionSpec((1, 2), 3), 8, Script((ops.SetValue(0, 6),)), 0),
            ops.Possible(0, TransitionSpec((1, 2), 3), 0),
        ),
        "`new_collection` and `new_transition` keep an object under a handle. An operation with `collection` or `kept`"
        " uses that object. The apply function of a kept transition runs the script of the operation that applies it.",
    ),
    Smoke(
        "keeps data of no bytes",
        (*BEGIN, ops.AddChild(1, (2, "e"), EMPTY_DATA, 2), ops.MachineData(2), ops.Export(1)),
        "The palette's data `[0, -3]` serializes to no bytes, and no bytes deserialize to it: empty data is data."
        " Leave out the capability `empty_data` if your implementation cannot persist such a machine.",
    ),
    Smoke(
        "survives a panic",
        (*BEGIN, ops.MachineTransition(1, Script(fail="panic")), ops.KeyOf(1)),
        'A panic is an observation: catch it around every operation, answer {"panic": text}, and go on.',
    ),
)
