package catalogue

import . "hsmspec/adapters/temporal/mutants/edit"

var transitions = []Mutant{
	{
		Name:        "possible-from-destination",
		Requirement: "TRANS-POSSIBLE-1",
		Sentence:    "A transition is also possible from its destination.",
		In:          "Transition.Possible",
		Edit:        Become(Call("Contains"), "$ || sm.State() == t.Destination"),
	},
	{
		Name:        "possible-without-sources",
		Requirement: "TRANS-POSSIBLE-1",
		Sentence:    "A transition without sources is possible from every state.",
		In:          "Transition.Possible",
		Edit:        Become(Call("Contains"), "len(t.Sources) == 0 || $"),
	},
	{
		Name:        "destination-never-set",
		Requirement: "TRANS-APPLY-1",
		Sentence:    "A transition that is applied leaves the machine in its source.",
		In:          "Transition.Apply",
		Edit:        Drop(Doing("SetState")),
	},
	{
		Name:        "destination-set-last",
		Requirement: "TRANS-APPLY-4",
		Sentence:    "The destination is set once the apply function has returned.",
		In:          "Transition.Apply",
		Edit:        Become(Doing("SetState"), "defer $"),
	},
	{
		Name:        "impossible-transition-applied",
		Requirement: "TRANS-APPLY-3",
		Sentence:    "The apply function is called before a transition is refused as impossible.",
		In:          "Transition.Apply",
		Edit:        Before(Return().In(If()), "_, _ = t.apply(sm, event)"),
	},
	{
		Name:        "output-of-apply-lost",
		Requirement: "TRANS-APPLY-6",
		Sentence:    "The output of an apply function is not returned.",
		In:          "Transition.Apply",
		Edit: Become(Return().Nth(2, 2),
			"_, err := t.apply(sm, event)\nreturn TransitionOutput{}, err"),
	},
}
