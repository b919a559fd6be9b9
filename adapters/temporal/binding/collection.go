package binding

import (
	"slices"

	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/protocol"
)

// collection returns the collection that an operation is about.
func collection[M machine](c call) hsm.Collection[M] {
	return hsm.NewCollection[M](c.node, typeName(c.Type))
}

func (w *world) collectionType(c call) ([]byte, error) {
	return protocol.AppendInt(c.out, int64(typeNumber(collection[machine](c).Type))), nil
}

func (w *world) collectionAdd(c call) ([]byte, error) {
	var node *hsm.Node
	var err error
	switch data := newMachine(w.generation, c.Type, c.Data).(type) {
	case *machineA:
		node, err = collection[*machineA](c).Add(c.Text, data)
	case *machineB:
		node, err = collection[*machineB](c).Add(c.Text, data)
	}
	return w.bind(c, node, err)
}

func (w *world) collectionNode(c call) ([]byte, error) {
	node, err := collection[machine](c).Node(c.Text)
	return w.bind(c, node, err)
}

func (w *world) collectionData(c call) ([]byte, error) {
	if c.castToA(c.Type) {
		found, err := collection[*machineA](c).Data(c.Text)
		return answerData(c, found, err)
	}
	found, err := collection[*machineB](c).Data(c.Text)
	return answerData(c, found, err)
}

func (w *world) collectionList(c call) ([]byte, error) {
	nodes := collection[machine](c).List()
	paths := make([][]hsm.Key, len(nodes))
	for i, node := range nodes {
		paths[i] = node.Path()
	}
	slices.SortFunc(paths, comparePaths)
	return protocol.AppendList(c.out, paths, appendPath), nil
}

func (w *world) collectionTransition(c call) ([]byte, error) {
	if c.castToA(c.Type) {
		return c.out, collection[*machineA](c).Transition(c.Text, transitionTo[*machineA](w, c))
	}
	return c.out, collection[*machineB](c).Transition(c.Text, transitionTo[*machineB](w, c))
}
