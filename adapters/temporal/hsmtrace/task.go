package hsmtrace

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"sync"
	"time"

	"go.temporal.io/server/service/history/hsm"
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
	t.emits(task.Type())
	out = append(out, '[')
	out = appendString(out, task.Type())
	out = append(out, ',')
	out = appendString(out, t.payload(task))
	out = append(out, ',')
	out = appendKind(out, task)
	return append(out, ']')
}

// putOut takes note of the tasks that a transition applied to the machine has put out, which the function mostly returns.
func (f *frame) putOut(tasks []hsm.Task, text []byte) {
	f.output, f.outputText = f.output[:0], f.outputText[:0]
	for _, task := range tasks {
		if !selfContained(task) {
			f.output = f.output[:0]
			return
		}
		f.output = append(f.output, task)
	}
	f.outputText = append(f.outputText, text...)
}

// selfContained tells whether a task cannot change while it stays equal to itself: it does not refer to anything.
func selfContained(task hsm.Task) bool {
	of := reflect.TypeOf(task)
	found, known := selfContaineds.Load(of)
	if !known {
		found = of != nil && refersToNothing(of)
		selfContaineds.Store(of, found)
	}
	return found.(bool)
}

// selfContaineds says of Go types whether their values are self-contained.
var selfContaineds sync.Map

func refersToNothing(of reflect.Type) bool {
	switch kind := of.Kind(); {
	case of == reflect.TypeFor[time.Time](), kind == reflect.String, kind <= reflect.Complex128:
		return true
	case kind == reflect.Array:
		return refersToNothing(of.Elem())
	case kind == reflect.Struct:
		for i := range of.NumField() {
			if !refersToNothing(of.Field(i).Type) {
				return false
			}
		}
		return true
	}
	return false
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
				return t.shows(textOf(data), task)
			}
		}
	}
	if data, err := json.Marshal(task); err == nil {
		return t.shows(textOf(data), task)
	}
	return fmt.Sprintf("%T", task)
}

func appendBool(out []byte, value bool) []byte {
	return append(strconv.AppendBool(out, value), '}')
}

// appendKind appends when or where a task is to run.
func appendKind(out []byte, task hsm.Task) []byte {
	deadline, destination, timer := kindOf(task)
	if timer {
		return strconv.AppendInt(out, deadline.UnixMilli(), 10)
	}
	return appendString(out, destination)
}
