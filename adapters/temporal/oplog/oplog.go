// Package oplog has what the versions of the hsm package from v1.27 on have in common: tasks have a deadline and a
// destination in place of a kind, and the root keeps one log of operations in place of each node's outputs.
package oplog

import (
	"errors"
	"slices"
	"time"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/protocol"
)

// Generation is the one of v1.27 and later.
type Generation struct{}

var _ binding.Generation = Generation{}

// Capabilities is empty: all that is optional in the vocabulary and found here is found in all versions.
func (Generation) Capabilities() []string { return nil }

// CodeOf knows the error of the history engine for a task that is for no queue. It has no type.
func (Generation) CodeOf(err error) string {
	if err.Error() == "task has no deadline or destination" {
		return "no_destination"
	}
	return ""
}

// A task is the palette's task.
type task struct{ binding.Task }

// Deadline returns when the task is to run.
func (t task) Deadline() time.Time {
	if t.Spec().Kind.Outbound {
		return hsm.Immediate
	}
	return t.Task.Deadline()
}

// Destination returns where the task is to run.
func (t task) Destination() string { return attributes(t.Spec().Kind).Destination }

// Validate finds the task to be stale if its machine has transitioned since, as v1.25 does by itself.
func (t task) Validate(ref *persistencespb.StateMachineRef, node *hsm.Node) error {
	return compareCounts(ref, node)
}

// compareCounts finds a reference to be stale if its count is neither the machine's nor 0.
func compareCounts(ref *persistencespb.StateMachineRef, node *hsm.Node) error {
	if ref.MachineTransitionCount == 0 {
		return nil
	}
	return hsm.ValidateNotTransitioned(ref, node)
}

// NewTask makes a task.
func (Generation) NewTask(t binding.Task) hsm.Task { return task{t} }

func attributes(kind protocol.Kind) hsm.TaskAttributes {
	if kind.Outbound {
		return hsm.TaskAttributes{Destination: kind.Destination}
	}
	return hsm.TaskAttributes{Deadline: time.UnixMilli(kind.Deadline)}
}

// A serializer is the palette's serializer.
type serializer struct{ binding.TaskSerializer }

// errAttributes is returned for attributes that tasks of the serializer's type do not have. The hsm package has no such
// error any more.
var errAttributes = errors.New("invalid task attributes")

// Deserialize makes a task of bytes if the attributes are those of the serializer's type.
func (s serializer) Deserialize(data []byte, attributes hsm.TaskAttributes) (hsm.Task, error) {
	var found protocol.Kind
	valid := false
	if protocol.OutboundType(s.TaskType) {
		valid = attributes.Deadline.IsZero()
		found = protocol.Kind{Outbound: true, Destination: attributes.Destination}
	} else {
		valid = attributes.Destination == ""
		found = protocol.Kind{Deadline: attributes.Deadline.UnixMilli()}
	}
	if !valid {
		return nil, errAttributes
	}
	t, err := s.Task(data, found)
	return task{t}, err
}

// NewTaskSerializer makes the palette's serializer.
func (Generation) NewTaskSerializer(s binding.TaskSerializer) hsm.TaskSerializer {
	return serializer{s}
}

// DeserializeTask has a serializer deserialize data with the attributes that stand for a kind.
func (Generation) DeserializeTask(s hsm.TaskSerializer, data []byte, kind protocol.Kind) (hsm.Task, error) {
	return s.Deserialize(data, attributes(kind))
}

// RegisterExecutor registers an executor.
func (Generation) RegisterExecutor(registry *hsm.Registry, executor *binding.Executor) error {
	return binding.RegisterExecutor[task](registry, executor)
}

// RegisterTimerExecutor registers an executor of timers.
func (Generation) RegisterTimerExecutor(
	registry *hsm.Registry, taskType int32, executor func(hsm.Environment, *hsm.Node, hsm.Task) error,
) error {
	return binding.RegisterTimerExecutor[task](registry, taskType, executor)
}

// Counted has the reference check its count, as those of tasks do.
func (Generation) Counted(ref hsm.Ref) hsm.Ref {
	ref.Validate = compareCounts
	return ref
}

// Outputs reads the outputs of a node and of those below it off the root's log.
func (Generation) Outputs(node *hsm.Node) ([]binding.Output, error) {
	root := node
	for root.Parent != nil {
		root = root.Parent
	}
	log, err := root.OpLog()
	if err != nil {
		return nil, err
	}
	prefix := node.Path()
	var outputs []binding.Output
	for _, operation := range log {
		transition, ok := operation.(hsm.TransitionOperation)
		path := operation.Path()
		if ok && len(path) >= len(prefix) && slices.Equal(path[:len(prefix)], prefix) {
			outputs = append(outputs, binding.Output{Path: path, TransitionOutput: transition.Output.TransitionOutput})
		}
	}
	return outputs, nil
}
