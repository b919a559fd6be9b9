"""The adapter: it answers each request line with the observations that its programs make."""

import json
import sys
from collections.abc import Callable
from dataclasses import astuple
from functools import partial
from typing import Any, TypeVar

from plain_hsm import palette
from plain_hsm.machine import HsmError, Registry, Task, Transition, TransitionOutput
from plain_hsm.node import Collection, Environment, Key, Node, Ref
from plain_hsm.palette import Machine, PaletteError

V = TypeVar("V")
CAPABILITIES = ["transitions", "collections", "outputs", "tasks", "kinds", "executors", "refs", "identity", "panics"]
CAPABILITIES += ["empty_data", "objects", "deep_scripts"]
GREETING = {"protocol": 1, "name": "plain-hsm", "version": "1", "language": "python", "capabilities": CAPABILITIES}


class ProtocolError(BaseException):
    """A request cannot be understood. It is no Exception, so that it is not taken for a panic."""


class Unbound(Exception):
    """A handle is bound to nothing."""


class Members(dict[str, Any]):
    """A JSON object of a request, with the defaults of the members that it leaves out."""

    def __missing__(self, name: str) -> Any:
        if name not in DEFAULTS:
            raise ProtocolError(f"{name!r} is missing or unknown")
        return DEFAULTS[name]


DEFAULTS: dict[str, Any] = {"ops": (), "tasks": (), "script": Members(), "workflow": ("n", "w", "r")}
DEFAULTS |= dict.fromkeys(["registry", "tag", "now", "event", "version", "count", "cluster"], 0)
DEFAULTS |= dict.fromkeys(["bind", "machine", "access", "fail", "cast", "collection", "kept"])
DEFAULTS |= {"delivery": "once", "destination": None, "ending": "script"}


class Handles(dict[int | None, V]):
    """The bindings of handles of one sort. What is not to be bound is bound to None, which is no handle."""

    bind = dict.__setitem__

    def __missing__(self, handle: int | None) -> V:
        raise Unbound


class World:
    """The bindings of one program, and the parts of its implementation. Mutants are subclasses with another part."""

    registry_type, node_type, transition_type, environment_type, ref_type = Registry, Node, Transition, Environment, Ref
    collection_type: type[Collection[Machine]] = Collection
    definition_type, serializer_type = palette.Definition, palette.Serializer
    machine_types: tuple[type[Machine], type[Machine]] = palette.MachineB, palette.MachineA

    operations: dict[str, Callable[[Any, Members], Any]]
    greeting: dict[str, Any] = GREETING

    def __init__(self) -> None:
        self.inner: list[Any] = []
        self.registries, self.nodes, self.machines = Handles[Registry](), Handles[Node](), Handles[Machine]()
        self.collections, self.transitions = Handles[Collection[Machine]](), Handles[Transition]()
        self.applying: list[Members] = []

    def run(self, op: Members) -> dict[str, Any]:
        """Run an operation and return its observation. Those made in functions that it calls gather in ``inner``."""
        operation, outer, self.inner = self.operations[op["op"]], self.inner, []
        try:
            observation = {"ok": operation(self, op)}
        except Unbound:
            observation = {"unbound": True}
        except (HsmError, PaletteError) as error:
            observation = {"error": str(error)}
        except Exception as panic:
            observation = {"panic": str(panic)}
        if self.inner:
            observation["inner"] = self.inner
        self.inner = outer
        return observation

    def play(self, script: Members) -> TransitionOutput:
        for op in script["ops"]:
            self.inner.append(self.run(op))
            if "panic" in self.inner[-1]:
                raise RuntimeError(self.inner[-1]["panic"])
        if script["fail"]:
            raise RuntimeError("panic") if script["fail"] == "panic" else PaletteError(script["fail"])
        return tuple(map(Task._make, script["tasks"]))

    def saw(self, value: object) -> None:
        self.inner.append({"ok": value})

    def apply(self, machine: Machine, event: int) -> TransitionOutput:
        self.saw([machine.state, machine.value, event])
        return self.play(self.applying[-1]["script"])

    def execute(self, op: Members, environment: Environment, ref: Ref, task: Task) -> None:
        self.saw([op["tag"], environment.now, task, [ref.workflow, ref.state_machine_path(), *ref[2:]]])
        if op["access"]:
            environment.access(ref, op["access"], partial(self.given, op))
        else:
            self.play(Members(fail=op["script"]["fail"]))

    def given(self, op: Members, argument: Any) -> TransitionOutput:
        """Bind the argument of a function if the operation wants a machine or a node bound, and run the function's
        script.
        """
        self.machines[op["machine"]] = self.nodes[op["bind"]] = argument
        return self.play(op["script"])

    def registry(self, op: Members) -> Registry:
        return self.registries[op["registry"]]

    def node(self, op: Members) -> Node:
        return self.nodes[op["node"]]

    def class_(self, type_: int, op: Members) -> type[Machine]:
        return self.machine_types[(type_ + (op["cast"] == "other")) % 2]

    def data(self, type_: int, op: Members) -> Machine:
        return self.class_(type_, op)(*op["data"])

    def new_root(self, op: Members, children: list[Any]) -> None:
        root = self.node_type.new_root(self.registry(op), op["type"], self.data(op["type"], op), children)
        self.nodes.bind(op["bind"], root)

    def codec(self, type_: int, op: Members) -> Any:
        return self.registry(op).task_serializers.get(type_)

    def siblings(self, op: Members) -> Collection[Machine]:
        new = self.new_siblings(op)
        return new if op["collection"] is None else self.collections[op["collection"]]

    def new_siblings(self, op: Members) -> Collection[Machine]:
        return self.collection_type(self.node(op), op["type"], self.class_(op["type"], op))

    def transition(self, op: Members) -> Transition:
        return self.new_transition(op) if op["kept"] is None else self.transitions[op["kept"]]

    def new_transition(self, op: Members) -> Transition:
        """Return a transition that plays the script of the operation that applies it."""
        return self.transition_type(**op["transition"], function=self.apply)

    def applied(self, op: Members) -> TransitionOutput:
        transition, machine = self.transition(op), self.machines[op["machine"]]
        self.applying.append(op)
        try:
            return transition.apply(machine, op["event"])
        finally:
            self.applying.pop()

    def ref(self, ref: Members) -> Ref:
        return self.ref_type(list(map(Key._make, ref["path"])), ref["workflow"], ref["version"], ref["count"])


OPERATIONS: dict[str, Callable[[World, Members], Any]] = Members(
    new_registry=lambda w, op: w.registries.bind(op["registry"], w.registry_type()),
    register_machine=lambda w, op: w.registry(op).machines.register(
        op["type"], w.definition_type(w.class_(op["type"], op), op["tag"])
    ),
    machine=lambda w, op: getattr(w.registry(op).machines.get(op["type"]), "tag", None),
    register_task_serializer=lambda w, op: w.registry(op).task_serializers.register(
        op["type"], w.serializer_type(op["type"], op["tag"])
    ),
    task_serializer=lambda w, op: getattr(w.codec(op["type"], op), "tag", None),
    serialize_task=lambda w, op: (s := w.codec(op["task"][0], op)) and s.serialize(Task(*op["task"])).decode(),
    deserialize_task=lambda w, op: (s := w.codec(op["type"], op)) and s.deserialize(op["data"].encode(), op["kind"]),
    register_executor=lambda w, op: w.registry(op).executors.register(op["type"], partial(w.execute, op)),
    execute=lambda w, op: w.registry(op).execute(
        w.environment_type(op["now"], w.node(op), w.saw), w.ref(op["ref"]), Task(*op["task"])
    ),
    new_root=lambda w, op: w.new_root(op, []),
    rehydrate=lambda w, op: w.new_root(op, json.loads(json.dumps(w.node(op).persisted()))[2]),
    export=lambda w, op: w.node(op).persisted(),
    add_child=lambda w, op: w.nodes.bind(op["bind"], w.node(op).add_child(Key(*op["key"]), w.data(op["key"][0], op))),
    child=lambda w, op: w.nodes.bind(op["bind"], w.node(op).child(map(Key._make, op["path"]))),
    key=lambda w, op: w.node(op).key,
    parent=lambda w, op: (p := w.node(op).parent) is not None and w.nodes.bind(op["bind"], p) is None,
    same=lambda w, op: w.node(op) is w.nodes[op["other"]],
    path=lambda w, op: w.node(op).path(),
    transition_count=lambda w, op: w.node(op).count,
    dirty=lambda w, op: w.node(op).dirty(),
    outputs=lambda w, op: sorted(w.node(op).outputs()),
    clear=lambda w, op: w.node(op).clear_transaction_state(),
    machine_data=lambda w, op: astuple(w.node(op).machine_data(w.class_(w.node(op).type, op))),
    machine_transition=lambda w, op: w.node(op).machine_transition(w.class_(w.node(op).type, op), partial(w.given, op)),
    new_collection=lambda w, op: w.collections.bind(op["collection"], w.new_siblings(op)),
    collection_type=lambda w, op: w.siblings(op).type,
    collection_add=lambda w, op: w.nodes.bind(op["bind"], w.siblings(op).add(op["id"], w.data(op["type"], op))),
    collection_node=lambda w, op: w.nodes.bind(op["bind"], w.siblings(op).node(op["id"])),
    collection_data=lambda w, op: astuple(w.siblings(op).data(op["id"])),
    collection_list=lambda w, op: sorted(node.path() for node in w.siblings(op).list()),
    collection_transition=lambda w, op: w.siblings(op).transition(op["id"], partial(w.given, op)),
    state_machine=lambda w, op: w.machines.bind(op["machine"], w.data(1, op)),
    read_machine=lambda w, op: astuple(w.machines[op["machine"]]),
    set_state=lambda w, op: setattr(w.machines[op["machine"]], "state", op["state"]),
    set_value=lambda w, op: setattr(w.machines[op["machine"]], "value", op["value"]),
    regenerate_tasks=lambda w, op: w.machines[op["machine"]].regenerate_tasks(),
    possible=lambda w, op: w.transition(op).possible(w.machines[op["machine"]]),
    new_transition=lambda w, op: w.transitions.bind(op["kept"], w.new_transition(op)),
    apply=lambda w, op: w.applied(op),
    state_machine_path=lambda w, op: w.ref(op["ref"]).state_machine_path(),
)
World.operations = OPERATIONS
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def answer(line: bytes, world: type[World] = World) -> bytes:
    answer: dict[str, Any] = {}
    try:
        request = json.loads(line.decode(), object_hook=Members)
        answer["seq"] = request["seq"]
        if "hello" not in request:
            answer["observations"] = [list(map(world().run, program)) for program in request["programs"]]
        elif request["hello"]["protocol"] == world.greeting["protocol"]:
            answer["hello"] = world.greeting
        else:
            raise ProtocolError("this adapter speaks protocol 1 only")
    except (ProtocolError, Exception) as problem:
        answer["protocol_error"] = str(problem)
    return encode(answer).encode("utf-8", "backslashreplace")


def main(world: type[World] = World) -> None:
    sys.setrecursionlimit(5000)  # for functions inside of functions
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(answer(line, world) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
