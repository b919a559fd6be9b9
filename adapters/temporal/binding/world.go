package binding

import (
	"strconv"

	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/protocol"
)

// A world has what the operations of a program have bound.
type world struct {
	generation Generation
	observer   *protocol.Observer

	registries protocol.Handles[*hsm.Registry]
	nodes      protocol.Handles[*hsm.Node]
	machines   protocol.Handles[machine]
	// collections has collections of either class of data.
	collections protocol.Handles[any]
	transitions protocol.Handles[hsm.Transition[int64, machine, int64]]
	// applying has the functions of the applications under way, the innermost last.
	applying []applyFunction
	// rootTypes has the types of the roots, which their keys do not say.
	rootTypes map[*hsm.Node]int32
	// path is scratch room for the path of a lookup.
	path []hsm.Key
}

// NewWorld returns what makes a world for an observer.
func NewWorld(generation Generation) func(*protocol.Observer) protocol.World {
	return func(observer *protocol.Observer) protocol.World {
		return &world{
			generation: generation,
			observer:   observer,
			rootTypes:  make(map[*hsm.Node]int32),
		}
	}
}

func (w *world) Reset() {
	w.registries.Reset()
	w.nodes.Reset()
	w.machines.Reset()
	w.collections.Reset()
	w.transitions.Reset()
	w.applying = w.applying[:0]
	clear(w.rootTypes)
}

// A call is an operation with what the handles that it acts on are bound to.
type call struct {
	*protocol.Operation
	registry *hsm.Registry
	node     *hsm.Node
	other    *hsm.Node
	machine  machine
	out      []byte
}

// performers has the function that runs each operation.
var performers = [protocol.Codes]func(*world, call) ([]byte, error){
	protocol.NewRegistry:            (*world).newRegistry,
	protocol.RegisterMachine:        (*world).registerMachine,
	protocol.Machine:                (*world).findMachine,
	protocol.RegisterTaskSerializer: (*world).registerTaskSerializer,
	protocol.TaskSerializer:         (*world).taskSerializer,
	protocol.SerializeTask:          (*world).serializeTask,
	protocol.DeserializeTask:        (*world).deserializeTask,
	protocol.RegisterExecutor:       (*world).registerExecutor,
	protocol.Execute:                (*world).execute,
	protocol.NewRoot:                (*world).newRoot,
	protocol.Rehydrate:              (*world).rehydrate,
	protocol.Load:                   (*world).load,
	protocol.Marshal:                (*world).marshal,
	protocol.Export:                 (*world).export,
	protocol.AddChild:               (*world).addChild,
	protocol.Child:                  (*world).child,
	protocol.KeyOf:                  (*world).key,
	protocol.Parent:                 (*world).parent,
	protocol.Same:                   (*world).same,
	protocol.PathOf:                 (*world).pathOf,
	protocol.TransitionCount:        (*world).transitionCount,
	protocol.Dirty:                  (*world).dirty,
	protocol.Outputs:                (*world).outputs,
	protocol.Clear:                  (*world).clear,
	protocol.MachineData:            (*world).machineData,
	protocol.MachineTransition:      (*world).machineTransition,
	protocol.NewCollection:          (*world).newCollection,
	protocol.CollectionType:         (*world).collectionType,
	protocol.CollectionAdd:          (*world).collectionAdd,
	protocol.CollectionNode:         (*world).collectionNode,
	protocol.CollectionData:         (*world).collectionData,
	protocol.CollectionList:         (*world).collectionList,
	protocol.CollectionTransition:   (*world).collectionTransition,
	protocol.StateMachine:           (*world).stateMachine,
	protocol.ReadMachine:            (*world).readMachine,
	protocol.SetState:               (*world).setState,
	protocol.SetValue:               (*world).setValue,
	protocol.RegenerateTasks:        (*world).regenerateTasks,
	protocol.Possible:               (*world).possible,
	protocol.Apply:                  (*world).apply,
	protocol.NewTransition:          (*world).newTransition,
	protocol.StateMachinePath:       (*world).stateMachinePath,
}

// Perform runs an operation if the handles that it acts on are bound.
func (w *world) Perform(op *protocol.Operation, out []byte) ([]byte, error) {
	c := call{Operation: op, out: out}
	bound := true
	if op.Code.UsesRegistry() {
		c.registry, bound = w.registries.Get(op.Registry)
	}
	if bound && op.Code.UsesNode() {
		c.node, bound = w.nodes.Get(op.Node)
	}
	if bound && op.Code.UsesOther() {
		c.other, bound = w.nodes.Get(op.Other)
	}
	if bound && op.Code.UsesMachine() {
		c.machine, bound = w.machines.Get(op.Machine)
	}
	if !bound {
		return out, protocol.ErrUnbound
	}
	return performers[op.Code](w, c)
}

// bind binds the handle that an operation names to the node that it made or found.
func (w *world) bind(c call, node *hsm.Node, err error) ([]byte, error) {
	if err == nil {
		w.nodes.Bind(c.Bind, node)
	}
	return c.out, err
}

// typeName is the decimal form of a type.
func typeName(number int32) string {
	return strconv.Itoa(int(number))
}

// typeNumber is the number of a type; an empty key has 0.
func typeNumber(name string) int32 {
	if name == "" {
		return 0
	}
	number, err := strconv.ParseInt(name, 10, 32)
	if err != nil {
		panic("a type that is no number: " + name)
	}
	return int32(number)
}
