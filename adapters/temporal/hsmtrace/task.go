package hsmtrace

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"go.temporal.io/server/service/history/hsm"
)

// nodeOutputs are the outputs of one node: its path and the tasks of each, as JSON, and the node's count at each.
type nodeOutputs struct {
	path   string
	tasks  []string
	counts []int64
}

// sawOutputs says which outputs there were.
func (n *note) sawOutputs(outputs []nodeOutputs) {
	n.saw = appendList(n.ok(), outputs, func(out []byte, of nodeOutputs) []byte {
		out = append(out, '[')
		out = append(out, of.path...)
		out = append(out, ',')
		out = appendList(out, of.tasks, func(out []byte, tasks string) []byte { return append(out, tasks...) })
		return append(out, ']')
	})
	n.saw = append(n.saw, '}')
}

// appendTasks appends tasks as [[type, payload, kind], ...].
func (t *trace) appendTasks(out []byte, tasks []hsm.Task) []byte {
	return appendList(out, tasks, func(out []byte, task hsm.Task) []byte {
		out = append(out, '[')
		out = appendString(out, task.Type())
		out = append(out, ',')
		out = appendString(out, t.payload(task))
		out = append(out, ',')
		out = appendKind(out, task)
		return append(out, ']')
	})
}

// payload returns text that stands for all else of a task.
func (t *trace) payload(task hsm.Task) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("%T", task)
		}
	}()
	if t.registry != nil {
		if serializer, ok := t.registry.TaskSerializer(task.Type()); ok {
			if data, err := serializer.Serialize(task); err == nil {
				return textOf(data)
			}
		}
	}
	if data, err := json.Marshal(task); err == nil {
		return textOf(data)
	}
	return fmt.Sprintf("%T", task)
}

func appendMillis(out []byte, at time.Time) []byte {
	return strconv.AppendInt(out, at.UnixMilli(), 10)
}

func appendBool(out []byte, value bool) []byte {
	return append(strconv.AppendBool(out, value), '}')
}
