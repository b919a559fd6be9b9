"""The recorder of one trace: the functions of the package, each of which notes what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from hsm_model.collection import new_collection
from hsm_model.node import machine_data, machine_transition, new_root
from hsm_model.registry import new_registry
from hsm_model.transition import new_transition
from hsm_specs.traces.recorder import names
from hsm_specs.traces.recorder.node import RecordedCollection, RecordedNode, RecordedPlace
from hsm_specs.traces.recorder.registry import RecordedDefinition, RecordedRegistry
from hsm_specs.traces.recorder.session import Function, LineMembers, RecordingSession


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


class Recorder:
    """Records a trace. As a context manager it ends the trace, however the block is left.

    ``trouble`` is what kept it from recording on, None if nothing did.
    """

    def __init__(self, trace: str, package: Package, write: Callable[[LineMembers], None]) -> None:
        self.session = RecordingSession(trace, write)
        self._package = package

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.session.end()

    @property
    def trouble(self) -> Exception | None:
        """The error that stopped the recorder, None if there was none."""
        return self.session.trouble

    def new_registry(self) -> RecordedRegistry:
        """Run the package's own function and record the call."""
        found = self.session.call(
            lambda: {"op": "new_registry"},
            self._package.new_registry,
            bound=lambda found: {"registry": self.session.handle("registry", found)},
        )
        return RecordedRegistry(self.session, found)

    def new_root(self, registry: RecordedRegistry, type_id: Any, data: Any, children: Any = None) -> RecordedNode:
        """Run the package's own function and record the call."""

        def form() -> LineMembers:
            bound = self.session.next_handle("node")
            data_noted = registry.data(type_id, data)
            found = {"type": names.name(type_id), "data": data_noted, "bind": bound, "registry": registry.handle}
            if children is None:
                return {"op": "new_root", **found}
            return {"op": "load", **found, "children": self._loaded(registry, children)}

        arguments = (registry.unrecorded, type_id, data, *(() if children is None else (children,)))
        found = self.session.call(
            form,
            lambda: self._package.new_root(*arguments),
            bound=lambda found: {"bind": self.session.handle("node", found)},
        )
        return RecordedNode(self, registry, RecordedPlace(id(found), type_id, ()), found)

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
            found.append([*names.key(where), [child.transition_count, [state, names.text(child.data)], below]])
        return found

    def machine_data(self, node: RecordedNode, wanted: Any) -> Any:
        """Run the package's own function and record the call."""
        return self.session.call(
            lambda: node.form("machine_data", cast=node.registry.cast(node.place.type, wanted)),
            lambda: self._package.machine_data(node.unrecorded, wanted),
            lambda data: node.data(node.place.type, data),
        )

    def machine_transition(self, node: RecordedNode, wanted: Any, function: Callable[[Any], Any]) -> None:
        """Run the package's own function and record the call."""
        self.transitioned(
            lambda: node.form("machine_transition", cast=node.registry.cast(node.place.type, wanted)),
            lambda recorded: self._package.machine_transition(node.unrecorded, wanted, recorded),
            function,
            node.registry.definition(node.place.type),
            node.place,
        )

    def transitioned(
        self,
        form: Callable[[], LineMembers],
        run: Callable[[Callable[[Any], Any]], None],
        function: Callable[[Any], Any],
        definition: RecordedDefinition | None,
        place: RecordedPlace,
    ) -> None:
        """Run a transition and record it, with what its function does."""
        session = self.session
        under_way = Function(place=place)

        def recorded(data: Any) -> Any:
            def enter() -> None:
                under_way.machine = session.fresh(data, None if definition is None else definition.definition)
                session.enter(under_way)

            session.attempt(enter)
            return self._through(under_way, lambda: function(data))

        session.attempt(session.catch_up)
        described = session.attempt(form) or {}
        error: BaseException | None = None
        try:
            run(recorded)
        except BaseException as raised:
            error = raised
            raise
        finally:
            session.attempt(lambda: self._noted(under_way, described, error))

    def _noted(self, function: Function, described: LineMembers, error: BaseException | None) -> None:
        """Record a transition that has ended."""
        machine = {} if function.machine is None else {"machine": function.machine.handle}
        saw: LineMembers = {"ok": None} if error is None else self.session.failure(error, function)
        if function.inner:
            saw = {**saw, "inner": function.inner}
        script = function.script(succeeded=error is None)
        self.session.note({**described, **machine, "script": script}, saw)
        if function.machine is not None:
            self.session.forget(function.machine)
            self.session.overtaken(function.place)

    def _through(self, function: Function, run: Callable[[], Any]) -> Any:
        """Run a function that has begun, and record its end."""
        session = self.session
        try:
            output = run()
        except BaseException as error:
            raised = error
            session.attempt(lambda: session.leave(function, raised, []))
            raise
        session.attempt(lambda: session.leave(function, None, names.tasks(output)))
        return output

    def new_collection(self, node: RecordedNode, type_id: Any, data_type: Any) -> RecordedCollection:
        """Return a collection of the package's own that records its calls."""
        return RecordedCollection(
            node, self._package.new_collection(node.unrecorded, type_id, data_type), type_id, data_type
        )

    def new_transition(
        self, sources: tuple[Any, ...], destination: Any, apply: Callable[[Any, Any], Any]
    ) -> RecordedTransition:
        """Return a transition object that records its calls."""
        return RecordedTransition(self, self._package, sources, destination, apply)

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
        self._under_way: list[Function] = []
        self.unrecorded = package.new_transition(sources, destination, self._applied)

    def possible(self, machine: Any) -> bool:
        """Run the package's own function and record the call."""
        session = self._recorder.session
        possible: bool = session.call(
            lambda: {"op": "possible", **self._form(session.machine(machine).handle)},
            lambda: self.unrecorded.possible(machine),
            bool,
        )
        return possible

    def apply(self, machine: Any, event: Any) -> Any:
        """Run the package's own function and record the call."""
        session = self._recorder.session
        function = Function()
        session.attempt(session.catch_up)
        named = session.attempt(lambda: session.machine(machine))
        function.machine = named
        self._under_way.append(function)
        saw: LineMembers = {}
        try:
            output = self.unrecorded.apply(machine, event)
            saw = session.attempt(lambda: {"ok": names.tasks(output)}) or {}
        except BaseException as error:
            saw = session.failure(error, function)
            raise
        finally:
            self._under_way.remove(function)
            session.attempt(lambda: self._noted(function, saw))
        return output

    def _noted(self, function: Function, saw: LineMembers) -> None:
        session, machine = self._recorder.session, function.machine
        if machine is None:
            return
        saw = {**saw, "inner": function.inner} if function.inner else saw
        session.note(
            {"op": "apply", **self._form(machine.handle), "script": function.script(succeeded="ok" in saw)}, saw
        )
        session.look(machine)

    def _applied(self, machine: Any, event: Any) -> Any:
        function = self._under_way[-1]
        session = self._recorder.session
        session.attempt(lambda: session.enter(function))
        return self._recorder._through(function, lambda: self.apply_function(machine, event))

    def _form(self, machine: int) -> LineMembers:
        sources = [names.name(source) for source in self.sources]
        return {
            "machine": machine,
            "transition": {"sources": sources, "destination": names.name(self.destination)},
        }
