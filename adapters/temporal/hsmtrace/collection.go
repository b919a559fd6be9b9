package hsmtrace

import "go.temporal.io/server/service/history/hsm"

// A Collection is an [hsm.Collection].
type Collection[T any] struct {
	// Type of the machines in the collection.
	Type string
	node *hsm.Node
	real hsm.Collection[T]
}

// NewCollection is [hsm.NewCollection].
func NewCollection[T any](node *hsm.Node, stateMachineType string) Collection[T] {
	return Collection[T]{stateMachineType, node, hsm.NewCollection[T](node, stateMachineType)}
}

// note begins the note of an operation on the collection.
func (c Collection[T]) note(t *trace, op string) *note {
	n := t.note(op, c.node, c.Type)
	n.op = appendText(n.op, "type", c.Type)
	return n
}

// noteOf begins the note of an operation on a machine of the collection.
func (c Collection[T]) noteOf(t *trace, op, stateMachineID string) *note {
	n := c.note(t, op)
	n.op = appendText(n.op, "id", stateMachineID)
	return n
}

// nodeOf returns a function that gets the node of a machine that is known to be in memory.
func (c Collection[T]) nodeOf(stateMachineID string) func() *hsm.Node {
	return func() *hsm.Node {
		node, _ := c.real.Node(stateMachineID)
		return node
	}
}

// Node is [hsm.Collection.Node].
func (c Collection[T]) Node(stateMachineID string) (*hsm.Node, error) {
	t := traceOf(c.node)
	if t == nil {
		return c.real.Node(stateMachineID)
	}
	n := c.noteOf(t, "collection_node", stateMachineID)
	node, err := n.child(func() (*hsm.Node, error) { return c.real.Node(stateMachineID) })
	if err == nil {
		t.foundUnder(node)
	}
	return node, err
}

// List is [hsm.Collection.List].
func (c Collection[T]) List() []*hsm.Node {
	t := traceOf(c.node)
	if t == nil {
		return c.real.List()
	}
	n := c.note(t, "collection_list")
	defer n.write()
	nodes := c.real.List()
	t.mu.Lock()
	t.lookForDeletion()
	t.mu.Unlock()
	n.saw = append(appendList(n.ok(), nodes, func(out []byte, node *hsm.Node) []byte {
		return appendPath(out, node.Path())
	}), '}')
	return nodes
}

// Size is [hsm.Collection.Size]. It is not recorded.
func (c Collection[T]) Size() int { return c.real.Size() }

// Add is [hsm.Collection.Add].
func (c Collection[T]) Add(stateMachineID string, data T) (*hsm.Node, error) {
	t := traceOf(c.node)
	if t == nil {
		return c.real.Add(stateMachineID, data)
	}
	return t.add(c.noteOf(t, "collection_add", stateMachineID), c.node, hsm.Key{Type: c.Type, ID: stateMachineID}, data,
		func() (*hsm.Node, error) { return c.real.Add(stateMachineID, data) })
}

// Data is [hsm.Collection.Data].
func (c Collection[T]) Data(stateMachineID string) (T, error) {
	t := traceOf(c.node)
	if t == nil {
		return c.real.Data(stateMachineID)
	}
	return readData(c.noteOf(t, "collection_data", stateMachineID), c.Type, c.nodeOf(stateMachineID),
		func() (T, error) { return c.real.Data(stateMachineID) })
}

// Transition is [hsm.Collection.Transition].
func (c Collection[T]) Transition(stateMachineID string, transitionFn func(T) (hsm.TransitionOutput, error)) error {
	t := traceOf(c.node)
	if t == nil {
		return c.real.Transition(stateMachineID, transitionFn)
	}
	return recordTransition(c.noteOf(t, "collection_transition", stateMachineID), c.Type, c.nodeOf(stateMachineID),
		transitionFn,
		func(fn func(T) (hsm.TransitionOutput, error)) error { return c.real.Transition(stateMachineID, fn) })
}
