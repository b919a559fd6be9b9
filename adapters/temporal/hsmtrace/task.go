package hsmtrace

import (
	"encoding/json"
	"fmt"
	"strconv"

	"go.temporal.io/server/service/history/hsm"

	"hsmspec/adapters/temporal/hsmtrace/generation"
)

// appendTasks appends a list of tasks.
func (t *trace) appendTasks(out []byte, tasks []hsm.Task) []byte {
	out = append(out, '[')
	for i, task := range tasks {
		if i > 0 {
			out = append(out, ',')
		}
		out = t.appendTask(out, task)
	}
	return append(out, ']')
}

// appendTask appends [type, payload, kind].
func (t *trace) appendTask(out []byte, task hsm.Task) []byte {
	out = append(out, '[')
	out = appendString(out, task.Type())
	out = append(out, ',')
	out = appendString(out, t.payload(task))
	out = append(out, ',')
	out = appendKind(out, task)
	return append(out, ']')
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

func appendBool(out []byte, value bool) []byte {
	return append(strconv.AppendBool(out, value), '}')
}

// appendKind appends when or where a task is to run.
func appendKind(out []byte, task hsm.Task) []byte {
	deadline, destination, timer := generation.Kind(task)
	if timer {
		return strconv.AppendInt(out, deadline.UnixMilli(), 10)
	}
	return appendString(out, destination)
}
