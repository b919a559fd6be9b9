package hsmtrace

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"time"

	"go.temporal.io/server/service/history/hsm"
)

// What differs between versions of the hsm package is looked up at run time, so that hsmtrace compiles with all of them.
// In v1.25 a task has a kind and a node has outputs; from v1.27 on a task has a deadline and a destination, the root has
// a log of operations, and nodes can be deleted.

var (
	// outputsOfNode is the method Outputs, logOfRoot the method OpLog; a version has one of them.
	outputsOfNode, hasOutputs = reflect.TypeFor[*hsm.Node]().MethodByName("Outputs")
	logOfRoot, hasLog         = reflect.TypeFor[*hsm.Node]().MethodByName("OpLog")
	_, hasKinds               = reflect.TypeFor[hsm.Task]().MethodByName("Kind")
	// kindIn returns the kind of a task, which is what its serializer is given beside the bytes.
	kindIn = kinds(hsm.TaskSerializer(nil))
)

// kinds returns a function that returns the kind of a task, nil where tasks have none. The type of kinds is inferred, as
// only some versions export it.
func kinds[K any](interface {
	Deserialize([]byte, K) (hsm.Task, error)
}) func(hsm.Task) any {
	return func(task hsm.Task) any {
		of, ok := task.(interface{ Kind() K })
		if !ok {
			return nil
		}
		return of.Kind()
	}
}

// capabilities returns those that adapters of the version have and that matter in traces, as JSON.
func capabilities() string {
	if hasKinds {
		return `["transitions","collections","outputs","tasks","kinds","executors","identity","panics"]`
	}
	return `["transitions","collections","outputs","tasks","executors","identity","panics"]`
}

// saysDeleted tells whether an error says that a node is deleted. Only some versions export the error.
func saysDeleted(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if strings.HasPrefix(err.Error(), "invalid state machine state") {
			return true
		}
	}
	return false
}

// An output is that of one transition, and the path of the node that made it.
type output struct {
	path []hsm.Key
	hsm.TransitionOutputWithCount
}

// outputsOf returns the outputs of a root and of the nodes below it, those of one node in order. It is false if nodes of
// the tree were deleted.
func outputsOf(root *hsm.Node) ([]output, bool) {
	arguments := []reflect.Value{reflect.ValueOf(root)}
	if hasOutputs {
		return outputsIn(outputsOfNode.Func.Call(arguments)[0].Interface())
	}
	answer := logOfRoot.Func.Call(arguments)
	if !answer[1].IsNil() {
		return nil, false
	}
	return outputsIn(answer[0].Interface())
}

// outputsIn returns the outputs in what Outputs or OpLog returned.
func outputsIn(returned any) (outputs []output, whole bool) {
	list := reflect.ValueOf(returned)
	for i := range list.Len() {
		of := list.Index(i)
		if of.Kind() == reflect.Interface { // An operation of the log.
			of = of.Elem()
			made := of.FieldByName("Output")
			if !made.IsValid() {
				return nil, false // A deletion.
			}
			path := of.Interface().(interface{ Path() []hsm.Key }).Path()
			outputs = append(outputs, output{path, made.Interface().(hsm.TransitionOutputWithCount)})
			continue
		}
		path := of.FieldByName("Path").Interface().([]hsm.Key)
		for _, made := range of.FieldByName("Outputs").Interface().([]hsm.TransitionOutputWithCount) {
			outputs = append(outputs, output{path, made})
		}
	}
	return outputs, true
}

// kindOf returns when or where a task is to run: the deadline of a timer's, else the destination, which is empty for a
// task that is to run at once and inside.
func kindOf(task hsm.Task) (deadline time.Time, destination string, timer bool) {
	if !hasKinds {
		of := task.(interface {
			Deadline() time.Time
			Destination() string
		})
		destination, deadline = of.Destination(), of.Deadline()
		return deadline, destination, destination == "" && !deadline.IsZero()
	}
	kind := reflect.ValueOf(kindIn(task))
	if kind.Kind() != reflect.Struct {
		return time.Time{}, "", false
	}
	switch at := attributeOf(kind.Type()); at.name {
	case "Deadline":
		return kind.Field(at.index).Interface().(time.Time), "", true
	case "Destination":
		return time.Time{}, kind.Field(at.index).String(), false
	}
	return time.Time{}, "", false
}

// An attribute is the field of a kind.
type attribute struct {
	name  string
	index int
}

// attributes has that of each type of kinds.
var attributes sync.Map

// attributeOf returns the field that a type of kinds has for when or where a task is to run.
func attributeOf(of reflect.Type) (found attribute) {
	if known, ok := attributes.Load(of); ok {
		return known.(attribute)
	}
	for i := range of.NumField() {
		if name := of.Field(i).Name; name == "Deadline" || name == "Destination" {
			found = attribute{name, i}
		}
	}
	attributes.Store(of, found)
	return found
}
