"""The rules of the lockstep machine that are about registries, tasks, executors and machines in no tree."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, initialize, multiple, rule

from hsm_specs.language import operations as ops
from hsm_specs.stateful import strategies as some
from hsm_specs.stateful.trial import Trial, offered


class MachineRules(Trial):
    """Has the bundles of nodes and machines, and one rule for each operation that is about no node."""

    nodes: Bundle[int] = Bundle("nodes")
    machines: Bundle[int] = Bundle("machines")

    # --- registries -------------------------------------------------------------------------------------------------

    @rule(registry=st.integers(1, 2))
    def new_registry(self, registry: int) -> None:
        self.do(ops.NewRegistry(registry))

    @rule(type_id=some.types, tag=some.tags, registry=some.registries)
    def register_machine(self, type_id: int, tag: int, registry: int) -> None:
        self.do(ops.RegisterMachine(type_id, tag, registry))

    @rule(type_id=some.types, registry=some.registries)
    def machine(self, type_id: int, registry: int) -> None:
        self.do(ops.Machine(type_id, registry))

    # --- tasks ------------------------------------------------------------------------------------------------------

    @rule(type_id=some.types, tag=some.tags, registry=some.registries)
    @offered("tasks")
    def register_task_serializer(self, type_id: int, tag: int, registry: int) -> None:
        self.do(ops.RegisterTaskSerializer(type_id, tag, registry))

    @rule(type_id=some.types, registry=some.registries)
    @offered("tasks")
    def task_serializer(self, type_id: int, registry: int) -> None:
        self.do(ops.TaskSerializer(type_id, registry))

    @rule(task=some.tasks)
    @offered("tasks")
    def serialize_task(self, task: ops.Task) -> None:
        self.do(ops.SerializeTask(task))

    @rule(type_id=some.types, payload=some.values, kind=some.kinds)
    @offered("kinds")
    def deserialize_task(self, type_id: int, payload: int, kind: ops.Kind) -> None:
        self.do(ops.DeserializeTask(type_id, str(payload), kind))

    # --- executors --------------------------------------------------------------------------------------------------

    @rule(type_id=some.types, tag=some.tags, access=some.accesses, script=some.accessors)
    @offered("executors")
    def register_executor(self, type_id: int, tag: int, access: ops.Access | None, script: ops.Script) -> None:
        self.do(ops.RegisterExecutor(type_id, tag, access, some.ACCESSED, script))

    @rule(task=some.tasks, ref=some.refs, node=nodes, now=st.integers(0, 10))
    @offered("executors")
    def execute(self, task: ops.Task, ref: ops.RefSpec, node: int, now: int) -> None:
        self.do(ops.Execute(task, ref, node, now))

    @rule(ref=some.refs)
    @offered("refs")
    def state_machine_path(self, ref: ops.RefSpec) -> None:
        self.do(ops.StateMachinePath(ref))

    # --- machines ---------------------------------------------------------------------------------------------------

    @initialize(target=machines, data=some.good_data)
    def begin_with_machine(self, data: ops.Data) -> MultipleResults[int]:
        """Make a machine that is in no tree."""
        self.do(ops.StateMachine(0, data))
        return multiple(0)

    @rule(target=machines, machine=some.machines, data=some.data)
    def state_machine(self, machine: int, data: ops.Data) -> MultipleResults[int]:
        self.do(ops.StateMachine(machine, data))
        return multiple(machine)

    @rule(machine=machines)
    def read_machine(self, machine: int) -> None:
        self.do(ops.ReadMachine(machine))

    @rule(machine=machines, state=some.states)
    def set_state(self, machine: int, state: int) -> None:
        self.do(ops.SetState(machine, state))

    @rule(machine=machines, value=some.values)
    def set_value(self, machine: int, value: int) -> None:
        self.do(ops.SetValue(machine, value))

    @rule(machine=machines)
    def regenerate_tasks(self, machine: int) -> None:
        self.do(ops.RegenerateTasks(machine))

    @rule(machine=machines, spec=some.specs)
    @offered("transitions")
    def possible(self, machine: int, spec: ops.TransitionSpec) -> None:
        self.do(ops.Possible(machine, spec))

    @rule(machine=machines, spec=some.specs, event=some.values, override=st.none() | some.states, script=some.ends)
    @offered("transitions")
    def apply(
        self, machine: int, spec: ops.TransitionSpec, event: int, override: int | None, script: ops.Script
    ) -> None:
        """Let the apply function set another state than the destination."""
        steps = () if override is None else (ops.SetState(machine, override),)
        self.do(ops.Apply(machine, spec, event, ops.Script(steps, script.tasks, script.fail)))

    # Listed again, so that they are chosen more often.
    apply_2, read_machine_2 = apply, read_machine
