"""The recorder of one trace: the functions of the package, each of which notes what it did."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from threading import get_ident
from types import TracebackType
from typing import Any

from hsm_model.collection import new_collection
from hsm_model.executor import execute, register_executor
from hsm_model.node import machine_data, machine_transition, new_root
from hsm_model.registry import new_registry
from hsm_model.transition import new_transition
from hsm_specs.traces.recorder import execution, names
from hsm_specs.traces.recorder.checks import Checks, Transitioned
from hsm_specs.traces.recorder.node import RecordedCollection, RecordedNode, RecordedPlace
from hsm_specs.traces.recorder.registry import RecordedRegistry
from hsm_specs.traces.recorder.session import NOWHERE, THREAD, Function, LineMembers, Position, RecordingSession


@dataclass(frozen=True)
class Package:
    """Functions with the signatures of the model's, which are the default. Nodes and the like have its methods too.

    An error of the package has a ``code``, one of those that the adapter protocol names.
    """

    new_registry: Callable[[], Any] = new_registry
    new_root: Callable[..., Any] = new_root
    machine_data: Callable[[Any, Any], Any] = machine_data
    machine_transition: Callable[[Any, Any, Callable[[Any], Any]], None] = machine_transition
    new_collection: Callable[[Any, Any, Any], Any] = new_collection
    new_transition: Callable[[Any, Any, Callable[[Any, Any], Any]], Any] = new_transition
    register_executor: Callable[[Any, Any, Any], None] = register_executor
    execute: Callable[[Any, Any, Any, Any], None] = execute


class Recorder:
    """Records a trace. As a context manager it ends the trace, however the block is left.

    ``trouble`` is what kept it from recording on, None if nothing did. ``session`` may be one that records nothing:
    then all functions are the package's alone.
    """

    def __init__(self, session: RecordingSession, package: Package, without: Collection[str] = ()) -> None:
        self.session = session
        self.package = package
        self.checks = Checks(session, without)
        self._roots: dict[int, RecordedNode] = {}

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """End the trace, with a last look at its trees."""
        if not self.session.over and not self.session.busy:
            for root in list(self._roots.values()):
                root.look(NOWHERE, "dirty", "outputs", "persisted")
            with suppress(Exception):
                self.checks.end()
        self.session.end()

    @property
    def trouble(self) -> Exception | None:
        """The error that stopped the recorder, None if there was none."""
        return self.session.trouble

    def recorded(self, node: Any) -> Any:
        """Return a node of a tree that this recorder has made as one that records. Any other is returned as it is."""
        if isinstance(node, RecordedNode) or self.session.over:
            return node
        found = node
        while getattr(found, "parent", None) is not None:
            found = found.parent
        root = self._roots.get(id(found))
        return node if root is None else root.child(node.path())

    def new_registry(self) -> RecordedRegistry:
        """Run the package's own function and record the call."""
        found = self.session.call(
            lambda: {"op": "new_registry"},
            self.package.new_registry,
            bound=lambda found: {"registry": self.session.handle("registry", found)},
        )
        return RecordedRegistry(self.session, found)

    def new_root(self, registry: RecordedRegistry, type_id: Any, data: Any, children: Any = None) -> RecordedNode:
        """Run the package's own function and record the call. The registry may be another recorder's."""
        registry = _required(registry).of(self.session)

        def form() -> LineMembers:
            bound = self.session.next_handle("node")
            data_noted = registry.data(type_id, data)
            found = {
                "type": self.session.types.machine(type_id),
                "data": data_noted,
                "bind": bound,
                "registry": registry.handle,
            }
            if children is None:
                return {"op": "new_root", **found}
            return {"op": "load", **found, "children": self._loaded(registry, children)}

        at = self.session.here()
        arguments = (registry.unrecorded, type_id, data, *(() if children is None else (children,)))
        found = self.session.call(
            form,
            lambda: self.package.new_root(*arguments),
            bound=lambda found: {"bind": self.session.handle("node", found)},
            at=at,
        )
        root = RecordedNode(self, registry, RecordedPlace(id(found), type_id, ()), found)
        if not self.session.over:
            self._roots[id(found)] = root
            self.checks.begins(root.place, registry, data, at)
        return root

    def _loaded(self, registry: RecordedRegistry, children: Any) -> list[Any]:
        """Return children with their states, None where they do not deserialize."""
        found: list[Any] = []
        for where, child in children.items():
            definition = registry.definition(where[0])
            state: Any = ""
            if definition is not None:
                try:
                    state = names.state(definition.definition.deserialize(child.data))
                except Exception:
                    state = None
            below = self._loaded(registry, child.children)
            found.append(
                [*self.session.types.key(where), [child.transition_count, [state, names.text(child.data)], below]]
            )
        return found

    def machine_data(self, node: RecordedNode, wanted: Any) -> Any:
        """Run the package's own function and record the call."""
        required_node(node)
        at = node.session.here()
        data = node.call(
            lambda: node.form("machine_data", cast=node.registry.cast(node.place.type, wanted)),
            lambda: self.package.machine_data(node.unrecorded, wanted),
            lambda data: node.data(node.place.type, data),
            at=at,
        )
        node.recorder.checks.read(node.registry, node.place, data, at)
        return data

    def machine_transition(self, node: RecordedNode, wanted: Any, function: Callable[[Any], Any]) -> None:
        """Run the package's own function and record the call."""
        required_node(node).recorder.transitioned(
            lambda: node.form("machine_transition", cast=node.registry.cast(node.place.type, wanted)),
            lambda recorded: self.package.machine_transition(node.unrecorded, wanted, recorded),
            function,
            node.registry,
            node.place,
            lambda: node,
        )

    def transitioned(
        self,
        form: Callable[[], LineMembers],
        run: Callable[[Callable[[Any], Any]], None],
        function: Callable[[Any], Any],
        registry: RecordedRegistry,
        place: RecordedPlace,
        node: Callable[[], RecordedNode],
    ) -> None:
        """Run a transition and record it, with what its function does. Then look at the node, and check the machine."""
        session = self.session
        if session.over or THREAD.silent:
            run(function)
            return
        definition = registry.definition(place.type)
        under_way = Function(place=place)
        at, mark = session.here(), self.checks.mark
        left: list[Any] = []

        def recorded(data: Any) -> Any:
            def enter() -> None:
                under_way.machine = session.fresh(data, None if definition is None else definition.definition)
                session.enter(under_way)

            self.checks.transitions(place, at)
            session.attempt(enter)
            left[:] = [data]
            return through(session, under_way, lambda: function(data))

        with session.using(place.root):
            session.attempt(session.catch_up)
            described = session.attempt(form) or {}
            error: BaseException | None = None
            try:
                run(recorded)
            except BaseException as raised:
                error = raised
                raise
            finally:
                session.attempt(lambda: self._noted(under_way, described, error, at))
                if error is not None:
                    self.checks.failed(mark)
                elif left:
                    done = Transitioned(place, registry, left[0], under_way.tasks, under_way.task_types, at)
                    self.checks.succeeded(done, under_way)
                if not session.functions and left:
                    self._looks(node, failed=error is not None, at=at)

    def _looks(self, node: Callable[[], RecordedNode], *, failed: bool, at: Position | None) -> None:
        found = self.session.attempt(node)
        if found is not None:
            found.look(at, "persisted" if failed else "transition_count")
        self.checks.settle()

    def _noted(
        self, function: Function, described: LineMembers, error: BaseException | None, at: Position | None
    ) -> None:
        """Record a transition that has ended."""
        machine = {} if function.machine is None else {"machine": function.machine.handle}
        saw: LineMembers = {"ok": None} if error is None else self.session.failure(error, function)
        if function.inner:
            saw = {**saw, "inner": function.inner}
        script = function.script(succeeded=error is None)
        self.session.note({**described, **machine, "script": script}, saw, function.position(at))
        if function.machine is not None:
            self.session.forget(function.machine)
            self.session.overtaken(function.place)

    def register_executor(self, registry: RecordedRegistry, type_id: Any, executor: Callable[..., Any]) -> None:
        """Run the package's own function and record the call."""
        execution.register_executor(self, _required(registry), type_id, executor)

    def execute(self, registry: RecordedRegistry, env: Any, ref: Any, task: Any) -> None:
        """Run the package's own function and record the execution, as a trace of its own."""
        execution.execute(self, _required(registry), env, ref, task)

    def environment(self, env: Any) -> execution.RecordedEnvironment:
        """Return an environment that records what accessors do, for accesses that no executor makes."""
        return execution.RecordedEnvironment(self, env)

    def new_collection(self, node: RecordedNode, type_id: Any, data_type: Any) -> RecordedCollection:
        """Return a collection of the package's own that records its calls."""
        return RecordedCollection(
            required_node(node), self.package.new_collection(node.unrecorded, type_id, data_type), type_id, data_type
        )

    def new_transition(
        self, sources: tuple[Any, ...], destination: Any, apply: Callable[[Any, Any], Any]
    ) -> RecordedTransition:
        """Return a transition object that records its calls."""
        return RecordedTransition(self, self.package, sources, destination, apply)

    def transition(self, transition: Any) -> RecordedTransition:
        """Return an existing transition object as one that records its calls."""
        return self.new_transition(transition.sources, transition.destination, transition.apply_function)


class RecordedTransition:
    """A transition object. Machines may be the data of a transition under way or in no tree."""

    def __init__(
        self,
        recorder: Recorder,
        package: Package,
        sources: tuple[Any, ...],
        destination: Any,
        apply: Callable[[Any, Any], Any],
    ) -> None:
        self.sources = sources
        self.destination = destination
        self.apply_function = apply
        self._recorder = recorder
        self._under_way: dict[int, list[tuple[RecordingSession, Function] | None]] = {}
        self.unrecorded = package.new_transition(sources, destination, self._applied)

    def possible(self, machine: Any) -> bool:
        """Run the package's own function and record the call."""
        session = self._session(machine)
        possible: bool = session.call(
            lambda: {"op": "possible", **self._form(session.machine(machine).handle)},
            lambda: self.unrecorded.possible(machine),
            bool,
        )
        return possible

    def _session(self, machine: Any) -> RecordingSession:
        """Return the trace of the running function that has the machine, else that of the recorder."""
        for session, function in reversed(THREAD.functions):
            if function.machine is not None and function.machine.data is machine:
                return session
        return self._recorder.session

    def apply(self, machine: Any, event: Any) -> Any:
        """Run the package's own function and record the call."""
        session = self._session(machine)
        if session.over or THREAD.silent:
            return self._unseen(machine, event)
        at = session.here()
        function = Function()
        with session.using(None):
            session.attempt(session.catch_up)
            function.machine = session.attempt(lambda: session.machine(machine))
            self._of_thread.append((session, function))
            saw: LineMembers = {}
            try:
                output = self.unrecorded.apply(machine, event)
                saw = session.attempt(lambda: {"ok": session.tasks(output)}) or {}
            except BaseException as error:
                raised = error
                saw = session.attempt(lambda: session.failure(raised, function)) or {}
                raise
            finally:
                self._of_thread.remove((session, function))
                session.attempt(lambda: self._noted(session, function, saw, at))
        return output

    def _unseen(self, machine: Any, event: Any) -> Any:
        self._of_thread.append(None)
        try:
            return self.unrecorded.apply(machine, event)
        finally:
            self._of_thread.pop()

    def _noted(self, session: RecordingSession, function: Function, saw: LineMembers, at: Position | None) -> None:
        machine = function.machine
        if machine is None:
            return
        saw = {**saw, "inner": function.inner} if function.inner else saw
        form = {"op": "apply", **self._form(machine.handle), "script": function.script(succeeded="ok" in saw)}
        session.note(form, saw, function.position(at))
        session.look(machine)

    def _applied(self, machine: Any, event: Any) -> Any:
        found = self._of_thread[-1] if self._of_thread else None
        if found is None:
            return self.apply_function(machine, event)
        session, function = found
        session.attempt(lambda: session.enter(function))
        return through(session, function, lambda: self.apply_function(machine, event))

    @property
    def _of_thread(self) -> list[tuple[RecordingSession, Function] | None]:
        return self._under_way.setdefault(get_ident(), [])

    def _form(self, machine: int) -> LineMembers:
        sources = [names.name(source) for source in self.sources]
        return {
            "machine": machine,
            "transition": {"sources": sources, "destination": names.name(self.destination)},
        }


def through(session: RecordingSession, function: Function, run: Callable[[], Any]) -> Any:
    """Run a function that has begun, and record its end."""
    try:
        try:
            output = run()
        except BaseException as error:
            raised = error
            session.attempt(lambda: session.leave(function, raised, []))
            raise
        session.attempt(lambda: session.leave(function, None, session.tasks(output)))
        session.attempt(lambda: function.task_types.update(session.task_types(output)))
        return output
    finally:
        session.left(function)


def _required(registry: Any) -> RecordedRegistry:
    """Return the registry. Raise TypeError if no recorder has made it: its definitions are not known."""
    if isinstance(registry, RecordedRegistry):
        return registry
    raise TypeError(f"the registry must be one that a recorder's new_registry returned, not {registry!r}")


def required_node(node: Any) -> RecordedNode:
    """Return the node. Raise TypeError if no recorder has made its tree: it is not known which trace it belongs to."""
    if isinstance(node, RecordedNode):
        return node
    raise TypeError(f"the node must be of a tree that a recorder's new_root returned, not {node!r}")
