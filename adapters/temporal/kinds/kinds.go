// Package kinds has what the versions of the hsm package up to v1.25 have in common: tasks have a kind and are concurrent or
// not, and a node has its outputs.
package kinds

import (
	"errors"
	"time"

	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/protocol"
)

// Generation is the one of v1.25.
type Generation struct{}

var _ binding.Generation = Generation{}

func (Generation) Capabilities() []string { return []string{"kinds"} }

func (Generation) CodeOf(err error) string {
	if errors.Is(err, hsm.ErrInvalidTaskKind) {
		return "invalid_task_kind"
	}
	return ""
}

// A task is the palette's task.
type task struct{ binding.Task }

// Kind returns when or where the task is to run.
func (t task) Kind() hsm.TaskKind {
	if kind := t.Spec().Kind; kind.Outbound {
		return kindOf(kind)
	}
	return hsm.TaskKindTimer{Deadline: t.Deadline()}
}

// Concurrent says that the task belongs to one transition of its machine.
func (t task) Concurrent() bool { return false }

func (Generation) NewTask(t binding.Task) hsm.Task { return task{t} }

func kindOf(kind protocol.Kind) hsm.TaskKind {
	if kind.Outbound {
		return hsm.TaskKindOutbound{Destination: kind.Destination}
	}
	return hsm.TaskKindTimer{Deadline: time.UnixMilli(kind.Deadline)}
}

// A serializer is the palette's serializer.
type serializer struct{ binding.TaskSerializer }

// Deserialize makes a task of bytes if the kind is that of the serializer's type.
func (s serializer) Deserialize(data []byte, kind hsm.TaskKind) (hsm.Task, error) {
	var found protocol.Kind
	switch kind := kind.(type) {
	case hsm.TaskKindTimer:
		found.Deadline = kind.Deadline.UnixMilli()
	case hsm.TaskKindOutbound:
		found.Outbound = true
		found.Destination = kind.Destination
	}
	if found.Outbound != protocol.OutboundType(s.TaskType) {
		return nil, hsm.ErrInvalidTaskKind
	}
	t, err := s.Task(data, found)
	return task{t}, err
}

func (Generation) NewTaskSerializer(s binding.TaskSerializer) hsm.TaskSerializer {
	return serializer{s}
}

func (Generation) DeserializeTask(s hsm.TaskSerializer, data []byte, kind protocol.Kind) (hsm.Task, error) {
	return s.Deserialize(data, kindOf(kind))
}

func (Generation) RegisterExecutor(registry *hsm.Registry, executor *binding.Executor) error {
	return binding.RegisterExecutor[task](registry, executor)
}

// RegisterTimerExecutor registers an executor of timers.
func (Generation) RegisterTimerExecutor(
	registry *hsm.Registry, taskType int32, executor func(hsm.Environment, *hsm.Node, hsm.Task) error,
) error {
	return binding.RegisterTimerExecutor[task](registry, taskType, executor)
}

// Counted returns the reference: its count is compared anyway.
func (Generation) Counted(ref hsm.Ref) hsm.Ref { return ref }

func (Generation) Outputs(node *hsm.Node) ([]binding.Output, error) {
	var outputs []binding.Output
	for _, found := range node.Outputs() {
		for _, output := range found.Outputs {
			outputs = append(outputs, binding.Output{Path: found.Path, TransitionOutput: output.TransitionOutput})
		}
	}
	return outputs, nil
}
