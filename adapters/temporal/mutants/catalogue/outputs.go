package catalogue

import . "hsmspec/adapters/temporal/mutants/edit"

var outputs = []Mutant{
	{
		Name:        "own-outputs-left-out",
		Requirement: "MT-COMMIT-4",
		Sentence:    "A node's outputs are those of the nodes below it alone, so that none are ever seen.",
		In:          "Node.Outputs",
		Edit:        Never(If()),
	},
	{
		Name:        "outputs-below-left-out",
		Requirement: "OUT-LIST-1",
		Sentence:    "A node's outputs are its own alone.",
		In:          "Node.Outputs",
		Edit:        Drop(Loop()),
	},
	{
		Name:        "outputs-at-own-key",
		Requirement: "OUT-LIST-1",
		Sentence:    "The path of outputs is the key of their node.",
		In:          "Node.Outputs",
		Edit:        Become(Call("Path"), "[]Key{n.Key}"),
	},
	{
		Name:        "own-dirt-only",
		Requirement: "DIRTY-TREE-1",
		Sentence:    "A node is not dirty by what is below it.",
		In:          "Node.Dirty",
		Edit:        Drop(Loop()),
	},
	{
		Name:        "dirt-below-only",
		Requirement: "MT-COMMIT-3",
		Sentence:    "A node is dirty only by what is below it, so that none ever is.",
		In:          "Node.Dirty",
		Edit:        Never(If().Nth(1, 2)),
	},
	{
		Name:        "dirty-by-parent",
		Requirement: "DIRTY-TREE-2",
		Sentence:    "A node is dirty if its parent is.",
		In:          "Node.Dirty",
		Edit:        Before(Loop(), "if n.Parent != nil && n.Parent.cache.dirty {\nreturn true\n}"),
	},
	{
		Name:        "clear-keeps-dirt",
		Requirement: "CLEAR-TREE-2",
		Sentence:    "Clearing takes away outputs and leaves nodes dirty.",
		In:          "Node.ClearTransactionState",
		Edit:        Drop(Set("dirty")),
	},
	{
		Name:        "clear-keeps-outputs",
		Requirement: "CLEAR-TREE-1",
		Sentence:    "Clearing takes away dirt and leaves the outputs.",
		In:          "Node.ClearTransactionState",
		Edit:        Drop(Set("outputs")),
	},
	{
		Name:        "clear-own-only",
		Requirement: "CLEAR-TREE-1",
		Sentence:    "Clearing does not reach the nodes below.",
		In:          "Node.ClearTransactionState",
		Edit:        Drop(Loop()),
	},
	{
		Name:        "clear-reaches-parent",
		Requirement: "CLEAR-TREE-3",
		Sentence:    "Clearing a node takes away the outputs of its parent too.",
		In:          "Node.ClearTransactionState",
		Edit:        After(Set("outputs"), "if n.Parent != nil {\nn.Parent.cache.outputs = nil\n}"),
	},
	{
		Name:        "clear-forgets-children",
		Requirement: "DIRTY-TREE-1",
		Sentence:    "Clearing drops the children that are in memory, and with them what is done through older handles.",
		In:          "Node.ClearTransactionState",
		Edit:        After(Loop(), "clear(n.cache.children)"),
	},
	{
		Name:        "clear-resets-count",
		Requirement: "CLEAR-TREE-4",
		Sentence:    "Clearing sets the count to zero.",
		In:          "Node.ClearTransactionState",
		Edit:        After(Set("outputs"), "n.persistence.TransitionCount = 0"),
	},
}

var collections = []Mutant{
	{
		Name:        "list-in-memory-only",
		Requirement: "COLL-LIST-1",
		Sentence:    "A collection's list leaves out what was never loaded.",
		In:          "Collection.List",
		Edit: Before(Assigned("node"),
			"if _, ok := c.node.cache.children[Key{Type: c.Type, ID: id}]; !ok {\ncontinue\n}"),
	},
	{
		Name:        "list-deep",
		Requirement: "COLL-LIST-2",
		Sentence:    "A collection's list has machines of its type at deeper levels too.",
		In:          "Collection.List",
		Edit: After(Assigned("nodes").Nth(2, 2),
			"nodes = append(nodes, NewCollection[T](node, c.Type).List()...)"),
	},
	{
		Name:        "collection-adds-type-of-parent",
		Requirement: "COLL-ADD-1",
		Sentence:    "A machine is added to a collection with the type of the collection's node.",
		In:          "Collection.Add",
		Edit:        Become(Field("Type"), "c.node.Key.Type"),
	},
	{
		Name:        "collection-transition-of-parent",
		Requirement: "COLL-TRANS-1",
		Sentence:    "A transition of a collection is made of the collection's own node.",
		In:          "Collection.Transition",
		Edit:        Before(Return().Nth(2, 2), "node = c.node"),
	},
	{
		Name:        "collection-data-error-swallowed",
		Requirement: "COLL-DATA-2",
		Sentence:    "The data of an ID that a collection does not have is answered as nothing, without an error.",
		In:          "Collection.Data",
		Edit:        Become(Return().Nth(1, 2).Result(2), "nil"),
	},
}
