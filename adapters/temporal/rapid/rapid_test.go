// Package rapid is a property test of the hsm package as an engineer would write one in Go: random actions in process, and
// a look at the whole tree after each. The benchmark runs it next to hsmspec. Set -rapid.checks and -rapid.steps for its size.
package rapid

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/service/history/hsm"
	"pgregory.net/rapid"
)

const machineType = "machine"

type backend struct{ hsm.NodeBackend }

func (backend) GetCurrentVersion() int64   { return 0 }
func (backend) NextTransitionCount() int64 { return 0 }

// A machine has text.
type machine struct{ text string }

type definition struct{}

func (definition) Type() string                       { return machineType }
func (definition) Serialize(data any) ([]byte, error) { return []byte(data.(*machine).text), nil }
func (definition) Deserialize(data []byte) (any, error) {
	return &machine{string(data)}, nil
}
func (definition) CompareState(any, any) (int, error) { return 0, nil }

type task struct{ deadline time.Time }

func (task) Type() string         { return "task" }
func (t task) Kind() hsm.TaskKind { return hsm.TaskKindTimer{Deadline: t.deadline} }
func (task) Concurrent() bool     { return false }

// expected is what is known of a node: it is dirty by itself, not by those below it.
type expected struct {
	text    string
	count   int64
	outputs []int
	dirty   bool
}

var errFunction = errors.New("the function fails")

var actions atomic.Int64

func TestTree(t *testing.T) {
	began := time.Now()
	rapid.Check(t, check)
	fmt.Fprintf(os.Stderr, "%d actions in %.3f s\n", actions.Load(), time.Since(began).Seconds())
}

func check(t *rapid.T) {
	registry := hsm.NewRegistry()
	if err := registry.RegisterMachine(definition{}); err != nil {
		t.Fatal(err)
	}
	root, err := hsm.NewRoot(registry, machineType, &machine{""}, map[string]*persistence.StateMachineMap{}, backend{})
	if err != nil {
		t.Fatal(err)
	}
	nodes := map[string]*hsm.Node{"": root}
	model := map[string]*expected{"": {}}
	order := []string{""}
	place := func(t *rapid.T) string { return rapid.SampledFrom(order).Draw(t, "node") }
	t.Repeat(map[string]func(*rapid.T){
		"add": func(t *rapid.T) {
			above, id := place(t), rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "id")
			path := above + "/" + id
			text := rapid.StringN(0, 4, 8).Draw(t, "text")
			node, err := nodes[above].AddChild(hsm.Key{Type: machineType, ID: id}, &machine{text})
			if model[path] != nil {
				if !errors.Is(err, hsm.ErrStateMachineAlreadyExists) {
					t.Fatalf("%s is there already: %v", path, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			nodes[path], model[path] = node, &expected{text: text, dirty: true}
			order = append(order, path)
		},
		"transition": func(t *rapid.T) {
			path, text := place(t), rapid.StringN(0, 4, 8).Draw(t, "text")
			tasks := rapid.IntRange(0, 2).Draw(t, "tasks")
			err := hsm.MachineTransition(nodes[path], func(m *machine) (hsm.TransitionOutput, error) {
				m.text = text
				output := hsm.TransitionOutput{}
				for range tasks {
					output.Tasks = append(output.Tasks, task{})
				}
				return output, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			known := model[path]
			known.text, known.count, known.dirty = text, known.count+1, true
			known.outputs = append(known.outputs, tasks)
		},
		"fail": func(t *rapid.T) {
			err := hsm.MachineTransition(nodes[place(t)], func(m *machine) (hsm.TransitionOutput, error) {
				m.text += "!"
				return hsm.TransitionOutput{}, errFunction
			})
			if !errors.Is(err, errFunction) {
				t.Fatalf("the function's error is lost: %v", err)
			}
		},
		"clear": func(*rapid.T) {
			root.ClearTransactionState()
			for _, known := range model {
				known.outputs, known.dirty = nil, false
			}
		},
		"look up": func(t *rapid.T) {
			path := place(t)
			var keys []hsm.Key
			for _, id := range strings.Split(path, "/")[1:] {
				keys = append(keys, hsm.Key{Type: machineType, ID: id})
			}
			if node, err := root.Child(keys); err != nil || node != nodes[path] {
				t.Fatalf("%s is not found: %v", path, err)
			}
		},
		"": func(t *rapid.T) {
			actions.Add(1)
			look(t, root, nodes, model)
		},
	})
}

// look compares the whole tree with what is known of it.
func look(t *rapid.T, root *hsm.Node, nodes map[string]*hsm.Node, model map[string]*expected) {
	outputs := map[string][]int{}
	for _, of := range root.Outputs() {
		var path strings.Builder
		for _, key := range of.Path {
			path.WriteString("/" + key.ID)
		}
		for _, output := range of.Outputs {
			outputs[path.String()] = append(outputs[path.String()], len(output.Tasks))
		}
	}
	for path, known := range model {
		node := nodes[path]
		data, err := hsm.MachineData[*machine](node)
		if err != nil || data.text != known.text {
			t.Fatalf("%s: the data is %v, not %q (%v)", path, data, known.text, err)
		}
		if count := node.InternalRepr().TransitionCount; count != known.count {
			t.Fatalf("%s: the count is %d, not %d", path, count, known.count)
		}
		if !slices.Equal(outputs[path], known.outputs) {
			t.Fatalf("%s: the outputs are %v, not %v", path, outputs[path], known.outputs)
		}
		dirty := known.dirty
		for below, other := range model {
			dirty = dirty || other.dirty && strings.HasPrefix(below, path+"/")
		}
		if node.Dirty() != dirty {
			t.Fatalf("%s: dirty is %v, not %v", path, !dirty, dirty)
		}
	}
}
