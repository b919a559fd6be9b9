"""The rules behind an expectation: those of the model that predicted what an operation must answer."""

from __future__ import annotations

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.attribution.trace import Rule, Trace, Where
from hsm_specs.language import operations as ops


def rules_behind(program: ops.Program, where: Where, semantics: Semantics = SPECIFICATION) -> tuple[Rule, ...]:
    """The rules that predicted the answer at a place, the nearest first, each once.

    Those that the operation itself asked come before those of the operations that led there. Last are the model's own
    operations, which stand for what the model does without asking a rule. The program is run once more for it, with a
    record of rules that tell when they are asked.
    """
    trace = Trace(program[: where[0] + 1], semantics, rules=True)
    step, around = trace.at(where), trace.around(where)
    nearest = [*([] if step is None else [step]), *reversed(around), *reversed(trace.before(where))]
    if step is not None:
        end = step.ended
    else:
        # A function has seen something itself, before it ran any operation.
        end = next((inside.began for inside in trace.inside(around[-1])), around[-1].ended) if around else 0
    models = [MODEL[type(near.operation)] for near in nearest if type(near.operation) in MODEL]
    return tuple(dict.fromkeys([*reversed(trace.rules[:end]), *models]))


def _model(name: str, *requirements: str) -> Rule:
    return Rule(name, requirements)


_CHILD = _model("Node.child", *(f"NODE-CHILD-{number}" for number in (3, 5, 6, 7, 8)))
_DATA = _model("machine_data", "DATA-READ-1", "DATA-READ-2", "DATA-CAST-2", "DATA-CAST-3", "COLL-DATA-1", "COLL-DATA-2")
_TRANSITION = _model(
    "machine_transition", "MT-RUN-1", "MT-FAIL-1", "MT-FAIL-2", "MT-FAIL-4", "MT-NESTED-2", "TASK-CARRY-1"
)
_SERIALIZER = _model("TaskSerializer", "TASK-SERIAL-1", "TASK-KIND-1", "REG-TASK-3")
_MACHINE = _model("StateMachine", "MACH-STATE-1")
MODEL: dict[type, Rule] = {
    ops.NewRegistry: _model("new_registry", "REG-NEW-1"),
    ops.RegisterMachine: _model("Registry.register_machine", "REG-MACHINE-1", "REG-MACHINE-4", "REG-MAPS-1"),
    ops.Machine: _model("Registry.machine", "REG-MACHINE-1", "REG-MACHINE-3"),
    ops.RegisterTaskSerializer: _model("Registry.register_task_serializer", "REG-TASK-1", "REG-TASK-4", "REG-MAPS-1"),
    ops.TaskSerializer: _model("Registry.task_serializer", "REG-TASK-1", "REG-TASK-3"),
    ops.SerializeTask: _SERIALIZER,
    ops.DeserializeTask: _SERIALIZER,
    ops.RegisterExecutor: _model("register_executor", "REG-EXEC-1", "REG-EXEC-4", "REG-MAPS-1"),
    ops.Execute: _model("execute", "EXEC-RUN-1", "EXEC-RUN-3", "EXEC-ARGS-1", "ENV-ACCESS-1", "ENV-ACCESS-2"),
    ops.NewRoot: _model("new_root", "ROOT-NEW-2", "ROOT-NEW-4", "ROOT-NEW-5"),
    ops.Load: _model("unmarshal", "WIRE-READ-1", "NODE-ADD-9"),
    ops.Marshal: _model("marshal", "WIRE-WRITE-1"),
    ops.AddChild: _model("Node.add_child", "NODE-ADD-4", "NODE-ADD-5", "NODE-ADD-6", "NODE-ADD-9", "REG-LATE-1"),
    ops.Child: _CHILD,
    ops.KeyOf: _model("Node.key", "NODE-KEY-1", "ROOT-NEW-2"),
    ops.Parent: _model("Node.parent", "NODE-PARENT-1", "ROOT-NEW-2"),
    ops.Same: _model("Tree.handles", "NODE-CHILD-5"),
    ops.PathOf: _model("Node.path", "NODE-PATH-1"),
    ops.TransitionCount: _model("Node.transition_count", "NODE-COUNT-1"),
    ops.MachineData: _DATA,
    ops.MachineTransition: _TRANSITION,
    ops.CollectionType: _model("Collection.type", "COLL-TYPE-1"),
    ops.CollectionAdd: _model("Collection.add", "COLL-ADD-1", "COLL-ADD-3"),
    ops.CollectionNode: _model("Collection.node", "COLL-NODE-1"),
    ops.CollectionData: _model("Collection.data", "COLL-DATA-1", "COLL-DATA-2"),
    ops.CollectionTransition: _model("Collection.transition", "COLL-TRANS-1", "COLL-TRANS-2"),
    ops.StateMachine: _MACHINE,
    ops.ReadMachine: _MACHINE,
    ops.SetState: _MACHINE,
    ops.SetValue: _MACHINE,
    ops.RegenerateTasks: _model("TaskRegenerator.regenerate_tasks", "MACH-TASKS-2"),
    ops.Possible: _model("Transition.possible", "TRANS-NEW-1", "TRANS-POSSIBLE-2"),
    ops.Apply: _model("Transition.apply", "TRANS-NEW-1", *(f"TRANS-APPLY-{number}" for number in (1, 4, 6, 7, 8, 9))),
    ops.StateMachinePath: _model("Ref.state_machine_path", "REF-PATH-1"),
}
"""The model's own operations, with the requirements that no rule states."""
