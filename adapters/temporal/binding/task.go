package binding

import (
	"time"

	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/protocol"
)

// A Task is what the tasks of all versions have in common. A version's own task type embeds it.
//
// The hsm package asks the zero value of an executor's task type for the type's name, so it takes for granted that every
// type of task is a Go type of its own. The palette's types are any numbers; therefore the zero value returns the
// type that is being registered.
type Task struct {
	spec *protocol.Task
	// fraction is by how many microseconds the task is due later than its specification says.
	fraction int64
}

// registering is the type of the executor that is being registered.
var registering int32

// Type returns the name of the task's type.
func (t Task) Type() string {
	if t.spec == nil {
		return TypeName(registering)
	}
	return TypeName(t.spec.Type)
}

// Deadline returns when a timer is due.
func (t Task) Deadline() time.Time {
	return time.UnixMilli(t.spec.Kind.Deadline).Add(time.Duration(t.fraction) * time.Microsecond)
}

// Spec returns what the task consists of.
func (t Task) Spec() *protocol.Task { return t.spec }

// spec returns what a task of the palette consists of.
func spec(task hsm.Task) *protocol.Task {
	return task.(interface{ Spec() *protocol.Task }).Spec()
}

// newTasks makes tasks, which are due by a fraction of a millisecond later.
func newTasks(generation Generation, specs []protocol.Task, fraction int64) []hsm.Task {
	tasks := make([]hsm.Task, len(specs))
	for i := range specs {
		tasks[i] = generation.NewTask(Task{spec: &specs[i], fraction: fraction})
	}
	return tasks
}

// AppendTask appends a task of the palette.
func AppendTask(out []byte, task hsm.Task) []byte {
	return protocol.AppendTask(out, *spec(task))
}

func appendTasks(out []byte, tasks []hsm.Task) []byte {
	return protocol.AppendList(out, tasks, AppendTask)
}

// A TaskSerializer is what the palette's serializers have in common in all versions.
type TaskSerializer struct {
	TaskType int32
	Tag      int64
}

func (s TaskSerializer) tagged() int64 { return s.Tag }

// Serialize returns a task's bytes.
func (s TaskSerializer) Serialize(task hsm.Task) ([]byte, error) {
	return protocol.SerializePayload(spec(task).Payload), nil
}

// Task makes a task of the serializer's type from its bytes.
func (s TaskSerializer) Task(data []byte, kind protocol.Kind) (Task, error) {
	payload, err := protocol.DeserializePayload(data)
	if err != nil {
		return Task{}, err
	}
	return Task{spec: &protocol.Task{Type: s.TaskType, Payload: payload, Kind: kind}}, nil
}
