package hsmtrace

import (
	"slices"
	"strings"

	"go.temporal.io/server/service/history/hsm"
)

// capabilities are those of the version, as JSON.
const capabilities = `["transitions","collections","outputs","tasks","kinds","identity","panics"]`

// Outputs is [hsm.Node.Outputs].
func Outputs(node *hsm.Node) []hsm.PathAndOutputs {
	t := traceOf(node)
	if t == nil {
		return node.Outputs()
	}
	n := t.note("outputs", node)
	defer n.write()
	outputs := node.Outputs()
	n.sawOutputs(t.outputs(outputs))
	return outputs
}

// outputsOf returns the outputs of a node and of those below it. The lock is held.
func (t *trace) outputsOf(node *hsm.Node) []nodeOutputs {
	return t.outputs(node.Outputs())
}

// outputs writes outputs down.
func (t *trace) outputs(outputs []hsm.PathAndOutputs) []nodeOutputs {
	written := make([]nodeOutputs, 0, len(outputs))
	for _, of := range outputs {
		found := nodeOutputs{path: string(appendPath(nil, of.Path))}
		for _, output := range of.Outputs {
			found.tasks = append(found.tasks, string(t.appendTasks(nil, output.Tasks)))
			found.counts = append(found.counts, output.TransitionCount)
		}
		written = append(written, found)
	}
	// Siblings come in any order.
	slices.SortFunc(written, func(a, b nodeOutputs) int { return strings.Compare(a.path, b.path) })
	return written
}

// appendKind appends when or where a task is to run.
func appendKind(out []byte, task hsm.Task) []byte {
	switch kind := task.Kind().(type) {
	case hsm.TaskKindTimer:
		return appendMillis(out, kind.Deadline)
	case hsm.TaskKindOutbound:
		return appendString(out, kind.Destination)
	}
	return append(out, `""`...)
}
