package binding

import (
	"context"
	"strconv"

	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/protocol"
)

// A World has what the operations of a program have bound.
type World struct {
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
	// Fraction is by how many microseconds timers are due later that functions of transitions return.
	Fraction int64
	// Executed is what an executor does whom another environment than that of the operation execute calls.
	Executed func(ctx context.Context, op *protocol.Operation, env hsm.Environment, ref hsm.Ref, task hsm.Task) error
	// path is scratch room for the path of a lookup.
	path []hsm.Key
}

// NewWorld returns what makes a world for an observer.
func NewWorld(generation Generation) func(*protocol.Observer) protocol.World {
	return func(observer *protocol.Observer) protocol.World { return New(generation, observer) }
}

// New makes a world for an observer. A world of more than trees embeds it.
func New(generation Generation, observer *protocol.Observer) *World {
	return &World{
		generation: generation,
		observer:   observer,
		rootTypes:  make(map[*hsm.Node]int32),
	}
}

// Registry returns the registry that a handle is bound to and whether it is bound.
func (w *World) Registry(handle protocol.Handle) (*hsm.Registry, bool) {
	return w.registries.Get(handle)
}

// Nodes returns what handles are bound to nodes.
func (w *World) Nodes() *protocol.Handles[*hsm.Node] { return &w.nodes }

// BindNode binds a handle to a node. If it is a root, it has this type.
func (w *World) BindNode(handle protocol.Handle, node *hsm.Node, root int32) {
	if node.Parent == nil {
		w.rootTypes[node] = root
	}
	w.nodes.Bind(handle, node)
}

// Reset makes the world a fresh one.
func (w *World) Reset() {
	w.registries.Reset()
	w.nodes.Reset()
	w.machines.Reset()
	w.collections.Reset()
	w.transitions.Reset()
	w.applying = w.applying[:0]
	clear(w.rootTypes)
	w.Fraction = 0
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
var performers = [protocol.TreeCodes]func(*World, call) ([]byte, error){
	protocol.NewRegistry:            (*World).newRegistry,
	protocol.RegisterMachine:        (*World).registerMachine,
	protocol.Machine:                (*World).findMachine,
	protocol.RegisterTaskSerializer: (*World).registerTaskSerializer,
	protocol.TaskSerializer:         (*World).taskSerializer,
	protocol.SerializeTask:          (*World).serializeTask,
	protocol.DeserializeTask:        (*World).deserializeTask,
	protocol.RegisterExecutor:       (*World).registerExecutor,
	protocol.Execute:                (*World).execute,
	protocol.NewRoot:                (*World).newRoot,
	protocol.Rehydrate:              (*World).rehydrate,
	protocol.Load:                   (*World).load,
	protocol.Marshal:                (*World).marshal,
	protocol.Export:                 (*World).export,
	protocol.AddChild:               (*World).addChild,
	protocol.Child:                  (*World).child,
	protocol.KeyOf:                  (*World).key,
	protocol.Parent:                 (*World).parent,
	protocol.Same:                   (*World).same,
	protocol.PathOf:                 (*World).pathOf,
	protocol.TransitionCount:        (*World).transitionCount,
	protocol.Dirty:                  (*World).dirty,
	protocol.Outputs:                (*World).outputs,
	protocol.Clear:                  (*World).clear,
	protocol.MachineData:            (*World).machineData,
	protocol.MachineTransition:      (*World).machineTransition,
	protocol.NewCollection:          (*World).newCollection,
	protocol.CollectionType:         (*World).collectionType,
	protocol.CollectionAdd:          (*World).collectionAdd,
	protocol.CollectionNode:         (*World).collectionNode,
	protocol.CollectionData:         (*World).collectionData,
	protocol.CollectionList:         (*World).collectionList,
	protocol.CollectionTransition:   (*World).collectionTransition,
	protocol.StateMachine:           (*World).stateMachine,
	protocol.ReadMachine:            (*World).readMachine,
	protocol.SetState:               (*World).setState,
	protocol.SetValue:               (*World).setValue,
	protocol.RegenerateTasks:        (*World).regenerateTasks,
	protocol.Possible:               (*World).possible,
	protocol.Apply:                  (*World).apply,
	protocol.NewTransition:          (*World).newTransition,
	protocol.StateMachinePath:       (*World).stateMachinePath,
}

// Perform runs an operation if the handles that it acts on are bound.
func (w *World) Perform(op *protocol.Operation, out []byte) ([]byte, error) {
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
func (w *World) bind(c call, node *hsm.Node, err error) ([]byte, error) {
	if err == nil {
		w.nodes.Bind(c.Bind, node)
	}
	return c.out, err
}

// TypeName is the decimal form of a type.
func TypeName(number int32) string {
	return strconv.Itoa(int(number))
}

// TypeNumber is the number of a type; an empty key has 0.
func TypeNumber(name string) int32 {
	if name == "" {
		return 0
	}
	number, err := strconv.ParseInt(name, 10, 32)
	if err != nil {
		panic("a type that is no number: " + name)
	}
	return int32(number)
}
