package binding

import (
	"cmp"
	"encoding/base64"
	"slices"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"google.golang.org/protobuf/proto"
	"hsmspec/adapters/temporal/protocol"
)

// serialized returns the bytes of a persisted node, the same ones for equal nodes.
func serialized(node *persistencespb.StateMachineNode) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(node)
}

// rootFrom makes a tree with the children of a persisted node in its bytes.
func (w *World) rootFrom(c call, bytes []byte) ([]byte, error) {
	var persisted persistencespb.StateMachineNode
	if err := proto.Unmarshal(bytes, &persisted); err != nil {
		return c.out, err
	}
	return w.root(c, persisted.Children)
}

func (w *World) rehydrate(c call) ([]byte, error) {
	bytes, err := serialized(c.node.InternalRepr())
	if err != nil {
		return c.out, err
	}
	return w.rootFrom(c, bytes)
}

func (w *World) load(c call) ([]byte, error) {
	bytes, err := base64.StdEncoding.DecodeString(c.Text)
	if err != nil {
		return c.out, err
	}
	return w.rootFrom(c, bytes)
}

func (w *World) marshal(c call) ([]byte, error) {
	bytes, err := serialized(c.node.InternalRepr())
	if err != nil {
		return c.out, err
	}
	out := append(c.out, '"')
	out = base64.StdEncoding.AppendEncode(out, bytes)
	return append(out, '"'), nil
}

func (w *World) export(c call) ([]byte, error) {
	return AppendPersisted(c.out, c.node.InternalRepr()), nil
}

// AppendPersisted appends a persisted node as [count, data, children].
func AppendPersisted(out []byte, node *persistencespb.StateMachineNode) []byte {
	out = append(out, '[')
	out = protocol.AppendInt(out, node.TransitionCount)
	out = append(out, ',')
	out = protocol.AppendString(out, string(node.Data))
	out = append(out, ',')
	out = protocol.AppendList(out, children(node), func(out []byte, child persistedChild) []byte {
		out = append(out, '[')
		out = protocol.AppendInt(out, int64(child.key.Type))
		out = append(out, ',')
		out = protocol.AppendString(out, child.key.ID)
		out = append(out, ',')
		out = AppendPersisted(out, child.node)
		return append(out, ']')
	})
	return append(out, ']')
}

// A persistedChild is a child in the persisted form of a node.
type persistedChild struct {
	key  protocol.Key
	node *persistencespb.StateMachineNode
}

// children returns the persisted children of a node in the order of their keys.
func children(node *persistencespb.StateMachineNode) []persistedChild {
	var found []persistedChild
	for name, machines := range node.Children {
		for id, child := range machines.MachinesById {
			found = append(found, persistedChild{protocol.Key{Type: TypeNumber(name), ID: id}, child})
		}
	}
	slices.SortFunc(found, func(a, b persistedChild) int {
		return cmp.Or(cmp.Compare(a.key.Type, b.key.Type), cmp.Compare(a.key.ID, b.key.ID))
	})
	return found
}
