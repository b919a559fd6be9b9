package hsmtrace

import (
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/service/history/hsm"
)

// NewRoot is [hsm.NewRoot]. The tree is recorded by the goroutine's recorder.
func NewRoot(
	registry *hsm.Registry, t string, data any, children map[string]*persistencespb.StateMachineMap,
	backend hsm.NodeBackend,
) (*hsm.Node, error) {
	return recorderFor("a tree was made").NewRoot(registry, t, data, children, backend)
}

// NewRoot is [hsm.NewRoot]. The tree is recorded by this recorder; a nil one records nothing.
func (r *Recorder) NewRoot(
	registry *hsm.Registry, t string, data any, children map[string]*persistencespb.StateMachineMap,
	backend hsm.NodeBackend,
) (*hsm.Node, error) {
	if r == nil || registry == nil {
		return hsm.NewRoot(registry, t, data, children, backend)
	}
	trace := r.newTrace(registry)
	if trace == nil {
		return hsm.NewRoot(registry, t, data, children, backend)
	}
	n := trace.beginTree(t, data, children)
	n.at = callerOf()
	defer func() {
		n.write()
		if trace.root == nil {
			trace.end()
		}
	}()
	trace.backend = backend
	if backend != nil {
		backend = &noticing{backend, trace}
	}
	root, err := hsm.NewRoot(registry, t, data, children, backend)
	if err != nil {
		n.failed(codeOr(serializeError, err), err)
		return root, err
	}
	n.null()
	trace.root, trace.key = root, root
	trace.counts[root.InternalRepr()] = 0
	trace.begins(root.InternalRepr(), data, trace.imageOf(t, data))
	trace.handles[root] = 0
	traces.Store(root, trace)
	return root, nil
}

// beginTree begins the trace of a tree up to its root.
func (t *trace) beginTree(machineType string, data any, children map[string]*persistencespb.StateMachineMap) *note {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rootType = machineType
	t.handles = make(map[*hsm.Node]int)
	t.found = make(map[place]*hsm.Node)
	t.counts = make(map[*persistencespb.StateMachineNode]int64)
	t.left = make(map[*persistencespb.StateMachineNode]settled)
	t.broken = make(map[*persistencespb.StateMachineNode]bool)
	t.classes = map[string]class{machineType: classOf(data)}
	n := t.bare("new_registry")
	n.null()
	t.write(n)
	t.know(machineType)
	var loaded []byte
	for _, below := range sortedKeys(children) {
		t.know(below)
		loaded = t.appendLoaded(loaded, below, children[below])
	}
	if loaded == nil {
		n = t.bare("new_root")
	} else {
		n = t.bare("load")
		n.op = append(appendMember(n.op, "children"), '[')
		n.op = append(n.op, loaded...)
		n.op = append(n.op, ']')
	}
	n.op = appendText(n.op, "type", machineType)
	n.op = appendImage(appendMember(n.op, "data"), t.imageOf(machineType, data))
	n.op = appendNumber(n.op, "bind", 0)
	return n
}

// appendLoaded appends persisted machines of a type and all that is below them. The lock is held.
func (t *trace) appendLoaded(out []byte, machineType string, machines *persistencespb.StateMachineMap) []byte {
	for _, id := range sortedKeys(machines.GetMachinesById()) {
		node := machines.MachinesById[id]
		found, of, ok := t.persisted(machineType, node.GetData())
		if !ok {
			t.broken[node] = true
		} else if _, known := t.classes[machineType]; !known && of.Type != nil {
			t.classes[machineType] = of
		}
		t.counts[node] = node.GetTransitionCount()
		var below []byte
		for _, of := range sortedKeys(node.GetChildren()) {
			t.know(of)
			below = t.appendLoaded(below, of, node.Children[of])
		}
		out = appendBelow(out, machineType, id)
		out = append(appendNode(out, node.GetTransitionCount(), found, ok, below), ']')
	}
	return out
}

// AddChild is [hsm.Node.AddChild].
func AddChild(node *hsm.Node, key hsm.Key, data any) (*hsm.Node, error) {
	t := traceOf(node)
	if t == nil {
		return node.AddChild(key, data)
	}
	n := t.note("add_child", node, key.Type)
	n.op = appendKey(appendMember(n.op, "key"), key)
	return t.add(n, node, key, data, func() (*hsm.Node, error) { return node.AddChild(key, data) })
}

// add records the addition of a child.
func (t *trace) add(n *note, node *hsm.Node, key hsm.Key, data any, add func() (*hsm.Node, error)) (*hsm.Node, error) {
	added := t.imageOf(key.Type, data)
	n.op = appendImage(appendMember(n.op, "data"), added)
	defer n.write()
	t.own.Store(true)
	defer t.own.Store(false)
	child, err := add()
	if err != nil {
		t.afterDeletion(err)
		n.failed(codeOr(serializeError, err), err)
		return child, err
	}
	n.answer(child, nil)
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.found[place{node, key}]; known && hasLog {
		t.giveUp(deletion) // Else it would have been found.
	}
	t.counts[child.InternalRepr()] = 0
	t.begins(child.InternalRepr(), data, added)
	t.found[place{node, key}] = child
	t.classes[key.Type] = classOf(data)
	return child, nil
}

// Child is [hsm.Node.Child].
func Child(node *hsm.Node, path []hsm.Key) (*hsm.Node, error) {
	t := traceOf(node)
	if t == nil {
		return node.Child(path)
	}
	types := make([]string, 0, 4)
	for _, key := range path {
		types = append(types, key.Type)
	}
	n := t.note("child", node, types...)
	n.op = appendPath(appendMember(n.op, "path"), path)
	child, err := n.child(func() (*hsm.Node, error) { return node.Child(path) })
	if err == nil && len(path) > 0 {
		t.foundUnder(child)
	}
	return child, err
}

// child records that a node is looked up.
func (n *note) child(look func() (*hsm.Node, error)) (*hsm.Node, error) {
	defer n.write()
	child, err := look()
	n.answer(child, err)
	return child, err
}

// foundUnder records whether a node that was looked up is the one that was found there before.
func (t *trace) foundUnder(node *hsm.Node) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := place{node.Parent, node.Key}
	before, known := t.found[at]
	if known && before != node {
		n := t.bare("same")
		n.op = appendNumber(n.op, "node", int64(t.handles[node]))
		n.op = appendNumber(n.op, "other", int64(t.handles[before]))
		n.saw = appendBool(n.ok(), false)
		t.write(n)
	}
	t.found[at] = node
}

// Parent is the field Parent of a node.
func Parent(node *hsm.Node) *hsm.Node {
	t := traceOf(node)
	if t == nil {
		return node.Parent
	}
	n := t.note("parent", node)
	defer n.write()
	n.saw = appendBool(n.ok(), node.Parent != nil)
	if node.Parent != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		n.op = appendNumber(n.op, "bind", int64(t.bind(node.Parent)))
	}
	return node.Parent
}

// Path is [hsm.Node.Path].
func Path(node *hsm.Node) []hsm.Key {
	t := traceOf(node)
	if t == nil {
		return node.Path()
	}
	n := t.note("path", node)
	defer n.write()
	path := node.Path()
	n.saw = append(appendPath(n.ok(), path), '}')
	return path
}

// Dirty is [hsm.Node.Dirty].
func Dirty(node *hsm.Node) bool {
	t := traceOf(node)
	if t == nil {
		return node.Dirty()
	}
	n := t.note("dirty", node)
	defer n.write()
	dirty := node.Dirty()
	t.mu.Lock()
	t.lookForDeletion()
	t.mu.Unlock()
	n.saw = appendBool(n.ok(), dirty)
	return dirty
}

// ClearTransactionState is [hsm.Node.ClearTransactionState].
func ClearTransactionState(node *hsm.Node) {
	t := traceOf(node)
	if t == nil {
		node.ClearTransactionState()
		return
	}
	n := t.note("clear", node)
	defer n.write()
	node.ClearTransactionState()
	n.null()
}

// TransitionCount returns the transition count of a node's persisted form.
func TransitionCount(node *hsm.Node) int64 {
	t := traceOf(node)
	if t == nil {
		return node.InternalRepr().TransitionCount
	}
	n := t.note("transition_count", node)
	defer n.write()
	count := node.InternalRepr().TransitionCount
	n.sawCount(count)
	return count
}

// InternalRepr is [hsm.Node.InternalRepr]. What it returns is recorded with all that is below.
func InternalRepr(node *hsm.Node) *persistencespb.StateMachineNode {
	t := traceOf(node)
	if t == nil {
		return node.InternalRepr()
	}
	at := callerOf()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.catchUp()
	t.export(node, at)
	return node.InternalRepr()
}
