package binding

import (
	"slices"

	"hsmspec/adapters/temporal/protocol"
)

func (w *World) outputs(c call) ([]byte, error) {
	outputs, err := w.generation.Outputs(c.node)
	if err != nil {
		return c.out, err
	}
	slices.SortStableFunc(outputs, func(a, b Output) int { return comparePaths(a.Path, b.Path) })
	return protocol.AppendList(c.out, byNode(outputs), appendNodeOutputs), nil
}

// byNode groups outputs in the order of their paths: one group for each node.
func byNode(outputs []Output) [][]Output {
	var groups [][]Output
	start := 0
	for i := range outputs {
		if end := i + 1; end == len(outputs) || !slices.Equal(outputs[i].Path, outputs[end].Path) {
			groups = append(groups, outputs[start:end])
			start = end
		}
	}
	return groups
}

// appendNodeOutputs appends the outputs of one node as [path, [tasks, ...]].
func appendNodeOutputs(out []byte, outputs []Output) []byte {
	out = append(out, '[')
	out = AppendPath(out, outputs[0].Path)
	out = append(out, ',')
	out = protocol.AppendList(out, outputs, func(out []byte, output Output) []byte {
		return appendTasks(out, output.Tasks)
	})
	return append(out, ']')
}
