package binding

import (
	"cmp"

	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/protocol"
)

// machine is a state machine of the palette, of either class.
type machine interface {
	hsm.StateMachine[int64]
	// data returns what the machine consists of, to be read and changed.
	data() *protocol.Data
}

// content is what the two classes have in common.
type content struct {
	protocol.Data
	generation Generation
}

func (c *content) data() *protocol.Data { return &c.Data }

// State returns the machine's state.
func (c *content) State() int64 { return c.Data.State }

// SetState changes the machine's state.
func (c *content) SetState(state int64) { c.Data.State = state }

// RegenerateTasks returns the tasks that the machine has in its state.
func (c *content) RegenerateTasks(*hsm.Node) ([]hsm.Task, error) {
	return newTasks(c.generation, protocol.Regenerate(c.Data), 0), nil
}

type (
	// machineA is the class of machines of odd types.
	machineA struct{ content }
	// machineB is the class of machines of even types.
	machineB struct{ content }
)

// classA tells whether data of a type is of class A.
func classA(machineType int32) bool {
	return machineType%2 != 0
}

// newMachine makes a machine of the class that belongs to a type.
func newMachine(generation Generation, machineType int32, data protocol.Data) machine {
	if classA(machineType) {
		return &machineA{content{data, generation}}
	}
	return &machineB{content{data, generation}}
}

// NewMachine makes a machine of the class that belongs to a type.
func NewMachine(generation Generation, machineType int32, data protocol.Data) hsm.TaskRegenerator {
	return newMachine(generation, machineType, data)
}

// A machineDefinition is the palette's definition of a type, one object for each registration.
type machineDefinition struct {
	machineType int32
	tag         int64
	generation  Generation
}

// Type returns the name under which the hsm package knows the type.
func (d *machineDefinition) Type() string {
	return TypeName(d.machineType)
}

// Serialize returns a machine's bytes.
func (d *machineDefinition) Serialize(data any) ([]byte, error) {
	return protocol.SerializeData(*data.(machine).data())
}

// Deserialize makes a machine of bytes.
func (d *machineDefinition) Deserialize(bytes []byte) (any, error) {
	data, err := protocol.DeserializeData(bytes)
	if err != nil {
		return nil, err
	}
	return newMachine(d.generation, d.machineType, data), nil
}

// CompareState says that a higher state is newer, and of equal ones a higher value.
func (d *machineDefinition) CompareState(one, other any) (int, error) {
	a, b := one.(machine).data(), other.(machine).data()
	return cmp.Or(cmp.Compare(a.State, b.State), cmp.Compare(a.Value, b.Value)), nil
}

func (w *World) stateMachine(c call) ([]byte, error) {
	w.machines.Bind(c.Machine, &machineA{content{c.Data, w.generation}})
	return c.out, nil
}

func (w *World) readMachine(c call) ([]byte, error) {
	return protocol.AppendData(c.out, protocol.Data{State: c.machine.State(), Value: c.machine.data().Value}), nil
}

func (w *World) setState(c call) ([]byte, error) {
	c.machine.SetState(c.Number)
	return c.out, nil
}

func (w *World) setValue(c call) ([]byte, error) {
	c.machine.data().Value = c.Number
	return c.out, nil
}

func (w *World) regenerateTasks(c call) ([]byte, error) {
	tasks, err := c.machine.RegenerateTasks(nil)
	if err != nil {
		return c.out, err
	}
	return appendTasks(c.out, tasks), nil
}
