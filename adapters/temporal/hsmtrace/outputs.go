package hsmtrace

import (
	"slices"
	"strconv"
	"strings"

	"go.temporal.io/server/service/history/hsm"
)

// nodeOutputs are the outputs of one node: its path and the tasks of each, as JSON, and the node's count at each.
type nodeOutputs struct {
	path   string
	tasks  []string
	counts []int64
}

// Outputs is the method Outputs of a node, [hsm.Node], which v1.25 has.
func Outputs[O any](node interface{ Outputs() []O }) []O {
	t, n := outputsNote(node)
	if t == nil {
		return node.Outputs()
	}
	defer n.write()
	outputs := node.Outputs()
	t.sawOutputs(n, outputs)
	return outputs
}

// OpLog is the method OpLog of a root, [hsm.Node], which v1.27 and later have. It is recorded by the outputs in it.
func OpLog[L any](root interface{ OpLog() (L, error) }) (L, error) {
	node, _ := any(root).(*hsm.Node)
	if node == nil || node.Parent != nil {
		return root.OpLog() // Nothing but an error.
	}
	t, n := outputsNote(root)
	if t == nil {
		return root.OpLog()
	}
	defer n.write()
	log, err := root.OpLog()
	if err != nil {
		n.failed(other, err)
	} else {
		t.sawOutputs(n, log)
	}
	return log, err
}

// outputsNote begins the note of a look at a node's outputs, if it is recorded.
func outputsNote(node any) (*trace, *note) {
	real, _ := node.(*hsm.Node)
	t := traceOf(real)
	if t == nil {
		return nil, nil
	}
	return t, t.note("outputs", real)
}

// sawOutputs says which outputs there were in what the hsm package returned.
func (t *trace) sawOutputs(n *note, returned any) {
	outputs, whole := outputsIn(returned)
	t.mu.Lock()
	defer t.mu.Unlock()
	if !whole {
		t.giveUp(deletion)
	}
	n.sawOutputs(t.written(outputs))
}

// outputs returns the outputs of the whole tree. The lock is held.
func (t *trace) outputs() []nodeOutputs {
	outputs, whole := outputsOf(t.root)
	if !whole {
		t.giveUp(deletion)
	}
	return t.written(outputs)
}

// written writes outputs down, by node.
func (t *trace) written(outputs []output) []nodeOutputs {
	written := make([]nodeOutputs, 0, len(outputs))
	places := make(map[string]int, len(outputs))
	for _, output := range outputs {
		path := string(appendPath(nil, output.path))
		at, known := places[path]
		if !known {
			at = len(written)
			places[path] = at
			written = append(written, nodeOutputs{path: path})
		}
		of := &written[at]
		of.tasks = append(of.tasks, string(t.appendTasks(nil, output.Tasks)))
		of.counts = append(of.counts, output.TransitionCount)
	}
	// Siblings come in any order.
	slices.SortFunc(written, func(a, b nodeOutputs) int { return strings.Compare(a.path, b.path) })
	return written
}

// sawOutputs says which outputs there were: by node its path, the tasks of each, and its count at each.
func (n *note) sawOutputs(outputs []nodeOutputs) {
	n.saw = appendList(n.ok(), outputs, func(out []byte, of nodeOutputs) []byte {
		out = append(out, '[')
		out = append(out, of.path...)
		out = append(out, ',')
		out = appendList(out, of.tasks, func(out []byte, tasks string) []byte { return append(out, tasks...) })
		out = append(out, ',')
		out = appendList(out, of.counts, func(out []byte, count int64) []byte { return strconv.AppendInt(out, count, 10) })
		return append(out, ']')
	})
	n.saw = append(n.saw, '}')
}
