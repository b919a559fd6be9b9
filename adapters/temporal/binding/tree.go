package binding

import (
	"cmp"
	"slices"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/protocol"
)

// backend is a backend in which no time passes. No operation calls its other methods, which differ between versions.
type backend struct{ hsm.NodeBackend }

// GetCurrentVersion returns the failover version.
func (backend) GetCurrentVersion() int64 { return 0 }

// NextTransitionCount returns the count of the transition of the workflow that is going on.
func (backend) NextTransitionCount() int64 { return 0 }

func (w *World) newRoot(c call) ([]byte, error) {
	return w.root(c, make(map[string]*persistencespb.StateMachineMap))
}

// root makes a tree and binds its root.
func (w *World) root(c call, children map[string]*persistencespb.StateMachineMap) ([]byte, error) {
	data := newMachine(w.generation, c.Type, c.Data)
	root, err := hsm.NewRoot(c.registry, TypeName(c.Type), data, children, backend{})
	if err == nil {
		w.rootTypes[root] = c.Type
	}
	return w.bind(c, root, err)
}

// typeOf returns the type of a node.
func (w *World) typeOf(node *hsm.Node) int32 {
	if node.Parent == nil {
		return w.rootTypes[node]
	}
	return TypeNumber(node.Key.Type)
}

func keyOf(key protocol.Key) hsm.Key {
	return hsm.Key{Type: TypeName(key.Type), ID: key.ID}
}

// lookupPath returns a path as the hsm package has it, valid until it is called again.
func (w *World) lookupPath(path []protocol.Key) []hsm.Key {
	w.path = w.path[:0]
	for _, key := range path {
		w.path = append(w.path, keyOf(key))
	}
	return w.path
}

func appendKey(out []byte, key hsm.Key) []byte {
	return protocol.AppendKey(out, protocol.Key{Type: TypeNumber(key.Type), ID: key.ID})
}

// AppendPath appends the keys of a path.
func AppendPath(out []byte, path []hsm.Key) []byte {
	return protocol.AppendList(out, path, appendKey)
}

func compareKeys(a, b hsm.Key) int {
	return cmp.Or(cmp.Compare(TypeNumber(a.Type), TypeNumber(b.Type)), cmp.Compare(a.ID, b.ID))
}

func comparePaths(a, b []hsm.Key) int {
	return slices.CompareFunc(a, b, compareKeys)
}

func (w *World) addChild(c call) ([]byte, error) {
	data := newMachine(w.generation, c.Key.Type, c.Data)
	node, err := c.node.AddChild(keyOf(c.Key), data)
	return w.bind(c, node, err)
}

func (w *World) child(c call) ([]byte, error) {
	node, err := c.node.Child(w.lookupPath(c.Path))
	return w.bind(c, node, err)
}

func (w *World) key(c call) ([]byte, error) {
	return appendKey(c.out, c.node.Key), nil
}

func (w *World) parent(c call) ([]byte, error) {
	parent := c.node.Parent
	if parent != nil {
		w.nodes.Bind(c.Bind, parent)
	}
	return protocol.AppendBool(c.out, parent != nil), nil
}

func (w *World) same(c call) ([]byte, error) {
	return protocol.AppendBool(c.out, c.node == c.other), nil
}

func (w *World) pathOf(c call) ([]byte, error) {
	return AppendPath(c.out, c.node.Path()), nil
}

func (w *World) transitionCount(c call) ([]byte, error) {
	return protocol.AppendInt(c.out, c.node.InternalRepr().TransitionCount), nil
}

func (w *World) dirty(c call) ([]byte, error) {
	return protocol.AppendBool(c.out, c.node.Dirty()), nil
}

func (w *World) clear(c call) ([]byte, error) {
	c.node.ClearTransactionState()
	return c.out, nil
}
