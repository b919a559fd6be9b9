// Package generation is what hsmtrace has to know of the hsm package of v1.25 in particular: a task has a kind, a node
// has its outputs. For v1.27 and later the package of the same path in the folder oplog takes its place.
package generation

import (
	"time"

	"go.temporal.io/server/service/history/hsm"
)

// Capabilities are those that adapters of the version have and that matter in traces, as JSON.
const Capabilities = `["transitions","collections","outputs","tasks","kinds","executors","identity","panics"]`

// Deletes says whether nodes can be deleted.
const Deletes = false

// Deleted tells whether an error says that a node is deleted.
func Deleted(error) bool { return false }

// An Output is that of one transition, and the path of the node that made it.
type Output struct {
	Path []hsm.Key
	hsm.TransitionOutputWithCount
}

// Outputs returns the outputs of a node and of those below it, those of one node in order. It is false if the tree had
// nodes deleted, which is not found in this version.
func Outputs(node *hsm.Node) ([]Output, bool) {
	return OutputsIn(node.Outputs())
}

// OutputsIn returns the outputs in what [hsm.Node.Outputs] returned.
func OutputsIn(found any) ([]Output, bool) {
	var outputs []Output
	for _, of := range found.([]hsm.PathAndOutputs) {
		for _, output := range of.Outputs {
			outputs = append(outputs, Output{of.Path, output})
		}
	}
	return outputs, true
}

// Kind returns when or where a task is to run: the deadline of a timer's, else the destination.
func Kind(task hsm.Task) (deadline time.Time, destination string, timer bool) {
	switch kind := task.Kind().(type) {
	case hsm.TaskKindTimer:
		return kind.Deadline, "", true
	case hsm.TaskKindOutbound:
		return time.Time{}, kind.Destination, false
	}
	return time.Time{}, "", false
}
