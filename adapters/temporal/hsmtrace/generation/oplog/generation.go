// Package generation is what hsmtrace has to know of the hsm package of v1.27 and later in particular: a task has a
// deadline and a destination, the root has one log of operations. For v1.25 the package of the same path in the folder
// kinds takes its place.
package generation

import (
	"errors"
	"time"

	"go.temporal.io/server/service/history/hsm"
)

// Capabilities are those that adapters of the version have and that matter in traces, as JSON.
const Capabilities = `["transitions","collections","outputs","tasks","executors","identity","panics"]`

// Deletes says whether nodes can be deleted.
const Deletes = true

// Deleted tells whether an error says that a node is deleted.
func Deleted(err error) bool { return errors.Is(err, hsm.ErrStateMachineInvalidState) }

// An Output is that of one transition, and the path of the node that made it.
type Output struct {
	Path []hsm.Key
	hsm.TransitionOutputWithCount
}

// Outputs returns the outputs of a root and of the nodes below it, those of one node in order. It is false if the tree
// had nodes deleted.
func Outputs(root *hsm.Node) ([]Output, bool) {
	log, err := root.OpLog()
	if err != nil {
		return nil, false
	}
	return OutputsIn(log)
}

// OutputsIn returns the outputs in what [hsm.Node.OpLog] returned.
func OutputsIn(found any) ([]Output, bool) {
	var outputs []Output
	for _, operation := range found.(hsm.OperationLog) {
		transition, ok := operation.(hsm.TransitionOperation)
		if !ok {
			return nil, false
		}
		outputs = append(outputs, Output{transition.Path(), transition.Output})
	}
	return outputs, true
}

// Kind returns when or where a task is to run: the deadline of a timer's, else the destination, which is empty for a
// task that is to run at once and inside.
func Kind(task hsm.Task) (deadline time.Time, destination string, timer bool) {
	destination, deadline = task.Destination(), task.Deadline()
	return deadline, destination, destination == "" && deadline != hsm.Immediate
}
