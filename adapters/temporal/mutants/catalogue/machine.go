package catalogue

import . "hsmspec/adapters/temporal/mutants/edit"

var data = []Mutant{
	{
		Name:        "cast-after-loading-unchecked",
		Requirement: "DATA-CAST-1",
		Sentence:    "Data that is loaded and cast to the wrong type is answered as nothing, without an error.",
		In:          "MachineData",
		Edit:        Become(Use("ErrIncompatibleType").Nth(2, 2), "nil"),
	},
	{
		Name:        "failed-loading-remembered",
		Requirement: "DATA-READ-2",
		Sentence:    "Data that does not deserialize counts as loaded.",
		In:          "MachineData",
		Edit:        Move(IfOn("err"), Set("data"), Set("dataLoaded")),
	},
}

var commits = []Mutant{
	{
		Name:        "count-not-raised",
		Requirement: "MT-COMMIT-2",
		Sentence:    "A transition does not count.",
		In:          "MachineTransition",
		Edit:        Drop(Increased("TransitionCount")),
	},
	{
		Name:        "transition-not-dirty",
		Requirement: "MT-COMMIT-3",
		Sentence:    "A transition does not make its node dirty.",
		In:          "MachineTransition",
		Edit:        Drop(Set("dirty")),
	},
	{
		Name:        "data-serialized-before-function",
		Requirement: "MT-COMMIT-1",
		Sentence:    "The data is serialized before the function is called.",
		In:          "MachineTransition",
		Edit:        Move(Assigned("output"), Assigned("serialized"), IfOn("err").Nth(3, 3)),
	},
	{
		Name:        "outputs-prepended",
		Requirement: "OUT-LIST-2",
		Sentence:    "The latest output is the first.",
		In:          "MachineTransition",
		Edit:        Become(Call("append"), "append([]TransitionOutputWithCount{outputWithCount}, n.cache.outputs...)"),
	},
	{
		Name:        "last-output-only",
		Requirement: "OUT-LIST-3",
		Sentence:    "An output takes the place of the one before.",
		In:          "MachineTransition",
		Edit:        Become(Call("append"), "[]TransitionOutputWithCount{outputWithCount}"),
	},
	{
		Name:        "output-without-tasks-left-out",
		Requirement: "OUT-LIST-3",
		Sentence:    "A transition that makes no tasks has no output.",
		In:          "MachineTransition",
		Edit:        Become(Set("outputs"), "if len(output.Tasks) > 0 {\n$\n}"),
	},
	{
		Name:        "nested-transition-not-counted",
		Requirement: "MT-NESTED-2",
		Sentence:    "A transition sets the count that was right when it began.",
		In:          "MachineTransition",
		Edit: Together(
			After(Increased("TransitionCount"), "count := n.persistence.TransitionCount"),
			Before(Set("dirty"), "n.persistence.TransitionCount = count"),
		),
	},
	{
		Name:        "nested-output-lost",
		Requirement: "MT-NESTED-2",
		Sentence:    "A transition appends to the outputs that there were when it began.",
		In:          "MachineTransition",
		Edit: Together(
			Before(Assigned("output"), "outputs := n.cache.outputs"),
			Become(Call("append").Argument(1), "outputs"),
		),
	},
}

var rollbacks = []Mutant{
	{
		Name:        "function-error-swallowed",
		Requirement: "MT-FAIL-1",
		Sentence:    "A transition whose function fails returns no error.",
		In:          "MachineTransition",
		Edit:        Become(Return().In(IfOn("err").Nth(2, 3)).Result(1), "nil"),
	},
	{
		Name:        "serialization-error-swallowed",
		Requirement: "MT-FAIL-2",
		Sentence:    "A transition whose data does not serialize returns no error.",
		In:          "MachineTransition",
		Edit:        Become(Return().In(IfOn("err").Nth(3, 3)).Result(1), "nil"),
	},
	{
		Name:        "count-kept-by-failure",
		Requirement: "MT-ROLLBACK-1",
		Sentence:    "A transition that fails counts.",
		In:          "MachineTransition",
		Edit:        Drop(Decreased("TransitionCount")),
	},
	{
		Name:        "count-zeroed-by-failure",
		Requirement: "MT-ROLLBACK-1",
		Sentence:    "A transition that fails sets the count to zero.",
		In:          "MachineTransition",
		Edit:        Become(Decreased("TransitionCount"), "n.persistence.TransitionCount = 0"),
	},
	{
		Name:        "data-kept-by-failure",
		Requirement: "MT-ROLLBACK-2",
		Sentence:    "Data that the function changed before it failed stays in memory.",
		In:          "MachineTransition",
		Edit:        Drop(Set("dataLoaded")),
	},
	{
		Name:        "failure-drops-earlier-outputs",
		Requirement: "MT-ROLLBACK-3",
		Sentence:    "A transition that fails drops the outputs of those before.",
		In:          "MachineTransition",
		Edit:        After(Decreased("TransitionCount"), "n.cache.outputs = nil"),
	},
	{
		Name:        "failure-dirties",
		Requirement: "MT-ROLLBACK-4",
		Sentence:    "A node is dirty before the function is called.",
		In:          "MachineTransition",
		Edit:        Move(Assigned("output"), Set("dirty")),
	},
	{
		Name:        "failure-cleans",
		Requirement: "MT-ROLLBACK-4",
		Sentence:    "A node is not dirty after a transition that fails.",
		In:          "MachineTransition",
		Edit:        After(Decreased("TransitionCount"), "n.cache.dirty = false"),
	},
	{
		Name:        "output-before-serialization",
		Requirement: "MT-ROLLBACK-11",
		Sentence:    "The output is recorded before the data is seen not to serialize.",
		In:          "MachineTransition",
		Edit:        Move(Assigned("serialized"), Assigned("outputWithCount"), Set("outputs")),
	},
}
