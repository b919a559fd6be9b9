package catalogue

import . "hsmspec/adapters/temporal/mutants/edit"

var lookups = []Mutant{
	{
		Name:        "root-of-unknown-type-not-found",
		Requirement: "ROOT-NEW-3",
		Sentence:    "A root of an unregistered type is answered with the error for a machine that is not found.",
		In:          "NewRoot",
		Edit:        Become(Use("ErrNotRegistered"), "ErrStateMachineNotFound"),
	},
	{
		Name:        "root-serialization-unchecked",
		Requirement: "ROOT-NEW-4",
		Sentence:    "A root is made although its data does not serialize.",
		In:          "NewRoot",
		Edit:        Never(IfOn("err")),
	},
	{
		Name:        "loaded-root-dirty",
		Requirement: "ROOT-LOAD-2",
		Sentence:    "A root that comes from persistence with children is dirty.",
		In:          "NewRoot",
		Edit:        Become(Field("dataLoaded"), "$,\ndirty: len(children) > 0"),
	},
	{
		Name:        "path-followed-to-first-loaded-level",
		Requirement: "NODE-CHILD-1",
		Sentence:    "A lookup ends at the first node that it has to load, whatever is left of the path.",
		In:          "Node.Child",
		Edit:        Become(Return().Nth(6, 6), "return child, nil"),
	},
	{
		Name:        "children-in-memory-only",
		Requirement: "ROOT-LOAD-1",
		Sentence:    "A child that is only in persistence is not found.",
		In:          "Node.Child",
		Edit:        Always(If().Nth(5, 5)),
	},
	{
		Name:        "missing-child-not-registered",
		Requirement: "NODE-CHILD-2",
		Sentence:    "An ID that nothing has among machines of its type is answered with the error for unregistered types.",
		In:          "Node.Child",
		Edit:        Become(Use("ErrStateMachineNotFound").Nth(2, 2), "ErrNotRegistered"),
	},
	{
		Name:        "parent-of-loaded-child",
		Requirement: "NODE-PARENT-1",
		Sentence:    "A child that is loaded has its grandparent as its parent.",
		In:          "Node.Child",
		Edit:        Become(Field("Parent"), "n.Parent"),
	},
	{
		Name:        "loaded-child-not-kept",
		Requirement: "DIRTY-TREE-1",
		Sentence:    "A child that is loaded is loaded again by the next lookup.",
		In:          "Node.Child",
		Edit:        Drop(Stored("children")),
	},
	{
		Name:        "path-reversed",
		Requirement: "NODE-PATH-1",
		Sentence:    "A path begins with the node's own key.",
		In:          "Node.Path",
		Edit:        Become(Call("append"), "append([]Key{n.Key}, n.Parent.Path()...)"),
	},
}

var additions = []Mutant{
	{
		Name:        "add-replaces-child",
		Requirement: "NODE-ADD-2",
		Sentence:    "A child is added in the place of one with the same key.",
		In:          "Node.AddChild",
		Edit:        Never(If().Nth(2, 7)),
	},
	{
		Name:        "added-child-not-persisted",
		Requirement: "NODE-ADD-1",
		Sentence:    "An added child is in memory only.",
		In:          "Node.AddChild",
		Edit:        Drop(Stored("MachinesById")),
	},
	{
		Name:        "added-children-of-a-type-share-a-place",
		Requirement: "NODE-CHILD-2",
		Sentence:    "Of the children of a type the one that was added last is alone kept in memory, under the empty ID.",
		In:          "Node.AddChild",
		Edit:        Become(Use("key").In(Stored("children")), "Key{Type: key.Type}"),
	},
	{
		Name:        "added-child-counts-one",
		Requirement: "NODE-COUNT-1",
		Sentence:    "A child begins with one transition.",
		In:          "Node.AddChild",
		Edit:        Become(Field("TransitionCount").Nth(2, 2), "1"),
	},
	{
		Name:        "added-child-serialization-unchecked",
		Requirement: "NODE-ADD-4",
		Sentence:    "A child is added although its data does not serialize.",
		In:          "Node.AddChild",
		Edit:        Never(IfOn("err")),
	},
	{
		Name:        "refused-child-dirties-parent",
		Requirement: "NODE-ADD-5",
		Sentence:    "A child whose data does not serialize makes the parent dirty.",
		In:          "Node.AddChild",
		Edit:        Before(Return().In(IfOn("err")), "n.cache.dirty = true"),
	},
	{
		Name:        "refused-child-found",
		Requirement: "NODE-ADD-5",
		Sentence:    "The child is in memory before its data is seen not to serialize.",
		In:          "Node.AddChild",
		Edit: Before(Assigned("serialized"), `n.cache.children[key] = &Node{
			Key: key, Parent: n, definition: def, registry: n.registry, backend: n.backend,
			persistence: &persistencespb.StateMachineNode{},
			cache: &cachedMachine{dataLoaded: true, data: data, children: make(map[Key]*Node)},
		}`),
	},
}
