"""Tables of attribution: requirements by the operation that answered wrongly."""

from __future__ import annotations

from hsm_specs.language import operations as ops

DEFAULT_REQUIREMENT: dict[type, str] = {
    ops.NewRegistry: "REG-NEW-1",
    ops.RegisterMachine: "REG-MACHINE-1",
    ops.Machine: "REG-MACHINE-1",
    ops.RegisterTaskSerializer: "REG-TASK-1",
    ops.TaskSerializer: "REG-TASK-1",
    ops.SerializeTask: "TASK-SERIAL-1",
    ops.DeserializeTask: "TASK-SERIAL-1",
    ops.RegisterExecutor: "REG-EXEC-1",
    ops.Execute: "EXEC-RUN-1",
    ops.NewRoot: "ROOT-NEW-1",
    ops.Rehydrate: "ROOT-LOAD-1",
    ops.Load: "WIRE-READ-1",
    ops.Marshal: "WIRE-WRITE-1",
    ops.Export: "MT-COMMIT-1",
    ops.AddChild: "NODE-ADD-1",
    ops.Child: "NODE-CHILD-1",
    ops.KeyOf: "NODE-KEY-1",
    ops.Parent: "NODE-PARENT-1",
    ops.Same: "NODE-CHILD-5",
    ops.PathOf: "NODE-PATH-1",
    ops.TransitionCount: "NODE-COUNT-1",
    ops.Dirty: "DIRTY-TREE-1",
    ops.Outputs: "OUT-LIST-1",
    ops.Clear: "CLEAR-TREE-1",
    ops.MachineData: "DATA-READ-1",
    ops.MachineTransition: "MT-RUN-1",
    ops.CollectionType: "COLL-TYPE-1",
    ops.CollectionAdd: "COLL-ADD-1",
    ops.CollectionNode: "COLL-NODE-1",
    ops.CollectionData: "COLL-DATA-1",
    ops.CollectionList: "COLL-LIST-1",
    ops.CollectionTransition: "COLL-TRANS-1",
    ops.StateMachine: "MACH-STATE-1",
    ops.ReadMachine: "MACH-STATE-1",
    ops.SetState: "MACH-STATE-1",
    ops.SetValue: "MACH-STATE-1",
    ops.RegenerateTasks: "MACH-TASKS-2",
    ops.Possible: "TRANS-POSSIBLE-1",
    ops.Apply: "TRANS-APPLY-6",
    ops.StateMachinePath: "REF-PATH-1",
}
"""The requirement that an operation's answer is first of all about."""

REFUSALS: dict[tuple[type, str], str] = {
    (ops.RegisterMachine, "duplicate_registration"): "REG-MACHINE-2",
    (ops.RegisterTaskSerializer, "duplicate_registration"): "REG-TASK-2",
    (ops.RegisterExecutor, "duplicate_registration"): "REG-EXEC-2",
    (ops.Execute, "not_registered"): "EXEC-RUN-2",
    (ops.Execute, "user_1"): "EXEC-RUN-3",
    (ops.Execute, "user_2"): "EXEC-RUN-3",
    (ops.Execute, "state_machine_not_found"): "ENV-ACCESS-1",
    (ops.NewRoot, "not_registered"): "ROOT-NEW-3",
    (ops.NewRoot, "serialize_error"): "ROOT-NEW-4",
    (ops.AddChild, "state_machine_already_exists"): "NODE-ADD-2",
    (ops.AddChild, "not_registered"): "NODE-ADD-3",
    (ops.AddChild, "serialize_error"): "NODE-ADD-4",
    (ops.Child, "state_machine_not_found"): "NODE-CHILD-2",
    (ops.Child, "not_registered"): "NODE-CHILD-4",
    (ops.MachineData, "incompatible_type"): "DATA-CAST-1",
    (ops.MachineData, "deserialize_error"): "DATA-READ-2",
    (ops.MachineTransition, "user_1"): "MT-FAIL-1",
    (ops.MachineTransition, "user_2"): "MT-FAIL-1",
    (ops.MachineTransition, "incompatible_type"): "MT-FAIL-3",
    (ops.MachineTransition, "deserialize_error"): "MT-FAIL-4",
    (ops.MachineTransition, "serialize_error"): "MT-FAIL-2",
    (ops.CollectionAdd, "state_machine_already_exists"): "COLL-ADD-2",
    (ops.CollectionAdd, "not_registered"): "COLL-ADD-3",
    (ops.CollectionAdd, "serialize_error"): "COLL-ADD-3",
    (ops.CollectionNode, "state_machine_not_found"): "COLL-NODE-2",
    (ops.CollectionNode, "not_registered"): "NODE-CHILD-4",
    (ops.CollectionData, "state_machine_not_found"): "COLL-DATA-2",
    (ops.CollectionData, "incompatible_type"): "COLL-DATA-2",
    (ops.CollectionData, "deserialize_error"): "COLL-DATA-2",
    (ops.CollectionData, "not_registered"): "NODE-CHILD-4",
    (ops.CollectionTransition, "state_machine_not_found"): "COLL-TRANS-2",
    (ops.CollectionTransition, "incompatible_type"): "COLL-TRANS-2",
    (ops.CollectionTransition, "deserialize_error"): "COLL-TRANS-2",
    (ops.CollectionTransition, "serialize_error"): "COLL-TRANS-2",
    (ops.CollectionTransition, "user_1"): "COLL-TRANS-2",
    (ops.CollectionTransition, "user_2"): "COLL-TRANS-2",
    (ops.CollectionTransition, "not_registered"): "NODE-CHILD-4",
    (ops.Apply, "invalid_transition"): "TRANS-APPLY-2",
    (ops.Apply, "user_1"): "TRANS-APPLY-7",
    (ops.Apply, "user_2"): "TRANS-APPLY-7",
    (ops.DeserializeTask, "invalid_task_kind"): "TASK-KIND-1",
}
"""The requirement that an operation must fail with an error."""

DELEGATES_TO: dict[type, type] = {
    ops.CollectionAdd: ops.AddChild,
    ops.CollectionNode: ops.Child,
    ops.CollectionData: ops.MachineData,
    ops.CollectionTransition: ops.MachineTransition,
    ops.Rehydrate: ops.NewRoot,
    ops.Load: ops.NewRoot,
}
"""Operations that are made of another one, which may be what is wrong with them."""

ROLLED_BACK = {
    "count": "MT-ROLLBACK-1",
    "data": "MT-ROLLBACK-2",
    "outputs": "MT-ROLLBACK-3",
    "dirty": "MT-ROLLBACK-4",
    "children": "MT-ROLLBACK-5",
}
"""What a failed transition leaves as it was of its own node, and of children anywhere."""

ADDED = {
    "count": "NODE-COUNT-1",
    "data": "NODE-ADD-1",
    "outputs": "DIRTY-TREE-3",
    "dirty": "DIRTY-TREE-3",
    "children": "NODE-ADD-1",
}
"""What there is of a child that was added."""

PRESENT = {
    "count": "NODE-COUNT-1",
    "data": "DATA-READ-1",
    "outputs": "OUT-LIST-1",
    "dirty": "DIRTY-TREE-1",
    "children": "NODE-CHILD-1",
}
"""What is asked for of a tree, whatever came before."""
