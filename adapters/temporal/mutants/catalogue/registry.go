package catalogue

import . "hsmspec/adapters/temporal/mutants/edit"

var registry = []Mutant{
	{
		Name:        "machine-registered-twice",
		Requirement: "REG-MACHINE-2",
		Sentence:    "A machine type is registered a second time without an error.",
		In:          "Registry.RegisterMachine",
		Edit:        Never(If()),
	},
	{
		Name:        "refused-machine-takes-the-place",
		Requirement: "REG-MACHINE-4",
		Sentence:    "A machine type that is refused as a duplicate takes the first one's place.",
		In:          "Registry.RegisterMachine",
		Edit:        Become(Return().Nth(1, 2).Result(1), "func() error { r.machines[t] = sm; return $ }()"),
	},
	{
		Name:        "serializer-registered-twice",
		Requirement: "REG-TASK-2",
		Sentence:    "A serializer is registered a second time for a task type without an error.",
		In:          "Registry.RegisterTaskSerializer",
		Edit:        Never(If()),
	},
	{
		Name:        "executor-registered-twice",
		Requirement: "REG-EXEC-2",
		Sentence:    "An executor is registered a second time for a task type without an error.",
		In:          "RegisterImmediateExecutor",
		Edit:        Never(If().Nth(1, 3)),
	},
	{
		Name:        "machines-shared-by-registries",
		Requirement: "REG-NEW-1",
		Sentence:    "All registries have one map of machine types.",
		In:          "NewRegistry",
		Edit:        Hoist(Field("machines"), "allMachines"),
	},
	{
		Name:        "invalid-kind-is-incompatible-type",
		Requirement: "TASK-KIND-1",
		Sentence:    "The error for an invalid task kind is at the same time the one for an incompatible type.",
		In:          "ErrInvalidTaskKind",
		Edit:        Become(Call("New"), "errors.Join(ErrIncompatibleType, $)"),
	},
}

var executors = []Mutant{
	{
		Name:        "executor-looked-up-among-timers",
		Requirement: "REG-EXEC-1",
		Sentence:    "The executor of an immediate task is looked up among the executors of timer tasks.",
		In:          "Registry.ExecuteImmediateTask",
		Edit:        Become(Use("immediateExecutors"), "timerExecutors"),
	},
	{
		Name:        "executor-called-twice",
		Requirement: "EXEC-RUN-1",
		Sentence:    "The executor is called twice, and the second error counts.",
		In:          "Registry.execute",
		Edit: Become(Call("Call").Callee(),
			"func(in []reflect.Value) []reflect.Value { $(in); return $(in) }"),
	},
	{
		Name:        "missing-executor-ignored",
		Requirement: "EXEC-RUN-2",
		Sentence:    "A task whose type has no executor is executed without an error.",
		In:          "Registry.ExecuteImmediateTask",
		Edit:        Become(Return().Nth(1, 2).Result(1), "nil"),
	},
	{
		Name:        "executor-error-lost",
		Requirement: "EXEC-RUN-3",
		Sentence:    "Execute returns no error where the executor returned one.",
		In:          "Registry.execute",
		Edit:        Become(Return().Nth(2, 3).Result(1), "nil"),
	},
	{
		Name:        "reference-without-workflow",
		Requirement: "EXEC-ARGS-1",
		Sentence:    "The executor is handed a reference without its workflow key.",
		In:          "Registry.execute",
		Edit:        Become(Use("ref"), "Ref{StateMachineRef: ref.StateMachineRef}"),
	},
	{
		Name:        "writing-is-reading",
		Requirement: "ENV-ACCESS-2",
		Sentence:    "Read access and write access are one and the same value.",
		In:          "AccessWrite",
		Edit:        Become(Use("iota"), "AccessRead"),
	},
	{
		Name:        "reference-path-reversed",
		Requirement: "REF-PATH-1",
		Sentence:    "The path of a reference begins with the machine and ends below the root.",
		In:          "Ref.StateMachinePath",
		Edit:        Become(Use("i").In(Stored("path")), "len(path)-1-i"),
	},
}
