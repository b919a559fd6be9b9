package binding

import (
	"slices"

	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/protocol"
)

// keeper is what collections have in common whatever their data.
type keeper interface {
	Node(stateMachineID string) (*hsm.Node, error)
	List() []*hsm.Node
}

// collectionOf returns the collection that an operation names, or a new one.
func collectionOf[M machine](w *World, c call) (hsm.Collection[M], error) {
	if c.Collection == protocol.NoHandle {
		return hsm.NewCollection[M](c.node, TypeName(c.Type)), nil
	}
	kept, _ := w.collections.Get(c.Collection)
	found, ok := kept.(hsm.Collection[M])
	if !ok {
		return found, protocol.ErrUnbound
	}
	return found, nil
}

// keeperOf returns the collection that an operation names, or a new one, where its data does not matter.
func keeperOf(w *World, c call) (keeper, error) {
	if c.Collection == protocol.NoHandle {
		return hsm.NewCollection[machine](c.node, TypeName(c.Type)), nil
	}
	kept, bound := w.collections.Get(c.Collection)
	if !bound {
		return nil, protocol.ErrUnbound
	}
	return kept.(keeper), nil
}

func (w *World) newCollection(c call) ([]byte, error) {
	if classA(c.Type) {
		w.collections.Bind(c.Collection, hsm.NewCollection[*machineA](c.node, TypeName(c.Type)))
	} else {
		w.collections.Bind(c.Collection, hsm.NewCollection[*machineB](c.node, TypeName(c.Type)))
	}
	return c.out, nil
}

func (w *World) collectionType(c call) ([]byte, error) {
	if classA(c.Type) {
		found, err := collectionOf[*machineA](w, c)
		return protocol.AppendInt(c.out, int64(TypeNumber(found.Type))), err
	}
	found, err := collectionOf[*machineB](w, c)
	return protocol.AppendInt(c.out, int64(TypeNumber(found.Type))), err
}

// addTo adds a machine to the collection that an operation names.
func addTo[M machine](w *World, c call, data M) (*hsm.Node, error) {
	found, err := collectionOf[M](w, c)
	if err != nil {
		return nil, err
	}
	return found.Add(c.Text, data)
}

func (w *World) collectionAdd(c call) ([]byte, error) {
	var node *hsm.Node
	var err error
	switch data := newMachine(w.generation, c.Type, c.Data).(type) {
	case *machineA:
		node, err = addTo(w, c, data)
	case *machineB:
		node, err = addTo(w, c, data)
	}
	return w.bind(c, node, err)
}

func (w *World) collectionNode(c call) ([]byte, error) {
	found, err := keeperOf(w, c)
	if err != nil {
		return c.out, err
	}
	node, err := found.Node(c.Text)
	return w.bind(c, node, err)
}

// dataIn appends the data of a machine of the collection that an operation names.
func dataIn[M machine](w *World, c call) ([]byte, error) {
	collection, err := collectionOf[M](w, c)
	if err != nil {
		return c.out, err
	}
	found, err := collection.Data(c.Text)
	return answerData(c, found, err)
}

func (w *World) collectionData(c call) ([]byte, error) {
	if c.castToA(c.Type) {
		return dataIn[*machineA](w, c)
	}
	return dataIn[*machineB](w, c)
}

func (w *World) collectionList(c call) ([]byte, error) {
	found, err := keeperOf(w, c)
	if err != nil {
		return c.out, err
	}
	nodes := found.List()
	paths := make([][]hsm.Key, len(nodes))
	for i, node := range nodes {
		paths[i] = node.Path()
	}
	slices.SortFunc(paths, comparePaths)
	return protocol.AppendList(c.out, paths, AppendPath), nil
}

// transitionIn makes a transition of a machine of the collection that an operation names.
func transitionIn[M machine](w *World, c call) error {
	found, err := collectionOf[M](w, c)
	if err != nil {
		return err
	}
	return found.Transition(c.Text, transitionTo[M](w, c))
}

func (w *World) collectionTransition(c call) ([]byte, error) {
	if c.castToA(c.Type) {
		return c.out, transitionIn[*machineA](w, c)
	}
	return c.out, transitionIn[*machineB](w, c)
}
