package hsmtrace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.temporal.io/server/service/history/hsm"
	"go.temporal.io/server/service/history/hsm/hsmtest"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

func TestErrorsAreNamedByWhereTheyComeFrom(t *testing.T) {
	wrapped := fmt.Errorf("in vain: %w", hsm.ErrInvalidTransition)
	for _, test := range []struct {
		name, expected string
		err            error
	}{
		{"that of the function is the program's", `{"error":"user_1"`, errBurnt},
		{"also if it is a documented one", `{"error":"user_1"`, hsm.ErrNotRegistered},
		{"also if it wraps one", `{"error":"user_1"`, wrapped},
		{"also if it cannot be compared", `{"error":"user_1"`, uncomparable{"a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			lines := recorded(t, func() {
				err := hsmtrace.MachineTransition(newRoot(), func(*lamp) (hsm.TransitionOutput, error) {
					return hsm.TransitionOutput{}, test.err
				})
				if !errors.As(err, new(uncomparable)) {
					equal(t, test.err, err)
				}
			})
			found := steps(lines, "machine_transition")[0]
			if !strings.Contains(found, `"fail":"user_1"}} `+test.expected) {
				t.Errorf("found %s", found)
			}
		})
	}
}

// An uncomparable error panics when it is compared.
type uncomparable []string

func (e uncomparable) Error() string { return fmt.Sprint([]string(e)) }

func TestANodeKeepsItsHandle(t *testing.T) {
	lines := recorded(t, func() {
		root := newRoot()
		node := addLamp(root, "a")
		addLamp(root, "b")
		equal(t, node, try(hsmtrace.Child(root, []hsm.Key{lampKey("a")})))
		equal(t, node, try(hsmtrace.NewCollection[*lamp](root, "lamp").Node("a")))
	})
	found := steps(lines, "child")
	equal(t, `{"op":"child","node":0,"path":[["lamp","a"]],"bind":1} {"ok":null}`, found[0])
	equal(t, `{"op":"collection_node","node":0,"type":"lamp","id":"a","bind":1} {"ok":null}`, found[1])
}

func TestANodeThatWasFoundWithoutTheRecorderIsLookedUp(t *testing.T) {
	lines := recorded(t, func() {
		root := newRoot()
		addLamp(root, "a")
		hsmtrace.Dirty(addLamp(root, "b"))
		again := try(hsm.NewRoot(newRegistry(), "house", &lamp{"off", 0}, root.InternalRepr().Children, nil))
		loaded := try(hsmtrace.NewRoot(newRegistry(), "house", &lamp{"off", 0}, again.InternalRepr().Children, nil))
		hsmtrace.Dirty(try(loaded.Child([]hsm.Key{lampKey("b")})))
	})
	found := steps(lines, "load")
	equal(t, `{"op":"child","node":0,"path":[["lamp","b"]],"bind":1} {"ok":null}`, found[1])
	equal(t, `{"op":"dirty","node":1} {"ok":false}`, found[2])
}

// install is what a component does: it adds a machine with a first transition.
func install(node *hsm.Node, id string) *hsm.Node {
	child := try(node.AddChild(lampKey(id), &lamp{"off", 0}))
	must(hsm.MachineTransition(child, func(l *lamp) (hsm.TransitionOutput, error) { return switchOn.Apply(l, nil) }))
	return child
}

func TestWhatComponentsChangeIsRecordedByItsEffect(t *testing.T) {
	lines := recorded(t, func() { hsmtrace.Dirty(install(newRoot(), "a")) })
	found := steps(lines, "add_child")
	equal(t, expand(`{"op":"add_child","node":0,"key":["lamp","a"],"data":["on","<on 1>"]} {"ok":null}`), found[0])
	equal(t, `{"op":"child","node":0,"path":[["lamp","a"]],"bind":1} {"ok":null}`, found[1])
	equal(t, expand(`{"op":"machine_transition","node":1,"machine":0,"script":{"ops":[`+
		`{"op":"set_state","machine":0,"state":"on"},{"op":"set_value","machine":0,"value":"<on 1>"}],`+
		`"tasks":[["call","eyJOdW1iZXIiOjJ9","house"]]}} {"ok":null,"inner":[{"ok":null},{"ok":null}]}`), found[2])
	equal(t, `{"op":"dirty","node":1} {"ok":true}`, found[3])
}

func TestWhatComponentsChangeInATransitionIsInItsScript(t *testing.T) {
	lines := recorded(t, func() {
		root := newRoot()
		must(hsmtrace.MachineTransition(root, func(*lamp) (hsm.TransitionOutput, error) {
			install(root, "a")
			return hsm.TransitionOutput{}, nil
		}))
	})
	found := steps(lines, "machine_transition")
	equal(t, 2, len(found))
	if !strings.Contains(found[0], `"ops":[{"op":"read_machine","machine":0},{"op":"add_child","node":0,"key"`) ||
		!strings.Contains(found[0], `{"op":"machine_transition","node":1,"machine":1,"script"`) {
		t.Errorf("found %s", found[0])
	}
}

func TestATraceEndsWhereAnEffectCannotBeTold(t *testing.T) {
	var out bytes.Buffer
	recorder := hsmtrace.New("t", &out)
	root := newRoot()
	install(root, "a").ClearTransactionState()
	hsmtrace.Dirty(root)
	must(recorder.Close())
	equal(t, `the trace "t#1" ends before its time, since a transition that was not recorded has no output by now`,
		strings.Join(recorder.Notes(), "; "))
	lines := wholeLines(t, out.String())
	equal(t, `{"trace":"t#1","end":true,"because":"a transition that was not recorded has no output by now"}`,
		lines[len(lines)-1])
	equal(t, 0, strings.Count(out.String(), `"dirty"`))
}

func TestTheReasonWhyATraceEndsIsJSON(t *testing.T) {
	const reason = "no \"lamp\"\nis <found>"
	var out bytes.Buffer
	recorder := hsmtrace.New("t", &out)
	registry := hsm.NewRegistry()
	must(registry.RegisterMachine(unreadable{lamps{"house"}, errors.New(reason)}))
	root := try(hsmtrace.NewRoot(registry, "house", &lamp{"off", 0}, nil, &hsmtest.NodeBackend{}))
	_ = hsmtrace.MachineTransition(root, func(*lamp) (hsm.TransitionOutput, error) {
		return hsm.TransitionOutput{}, errBurnt
	})
	_, _ = hsmtrace.MachineData[*lamp](root)
	must(recorder.Close())
	lines := wholeLines(t, out.String())
	var end struct {
		End     bool
		Because string
	}
	must(json.Unmarshal([]byte(lines[len(lines)-1]), &end))
	equal(t, true, end.End)
	equal(t, true, strings.HasSuffix(end.Because, reason))
}

// An unreadable is the definition of machines whose data does not deserialize.
type unreadable struct {
	lamps
	err error
}

func (u unreadable) Deserialize([]byte) (any, error) { return nil, u.err }

func TestCallsThatAreNotRecordedAreCounted(t *testing.T) {
	recorder := hsmtrace.New("t", new(bytes.Buffer))
	root := try(hsm.NewRoot(newRegistry(), "house", &lamp{"off", 0}, nil, &hsmtest.NodeBackend{}))
	addLamp(root, "a")
	hsmtrace.Dirty(root)
	must(recorder.Close())
	equal(t, "2 calls concerned trees or registries that hsmtrace did not make, so they were not recorded",
		strings.Join(recorder.Notes(), "; "))
}

func TestDataThatStopsToDeserializeEndsTheTrace(t *testing.T) {
	var out bytes.Buffer
	recorder := hsmtrace.New("t", &out)
	node := addLamp(newRoot(), "a")
	_ = hsmtrace.MachineTransition(node, func(*lamp) (hsm.TransitionOutput, error) {
		return hsm.TransitionOutput{}, errBurnt
	})
	node.InternalRepr().Data = []byte("broken")
	_, err := hsmtrace.MachineData[*lamp](node)
	must(recorder.Close())
	if err == nil || len(recorder.Notes()) != 1 || strings.Contains(out.String(), "deserialize_error") {
		t.Errorf("error %v, notes %v, trace %s", err, recorder.Notes(), out.String())
	}
}

// A letter is a task that refers to what it says.
type letter struct{ text *string }

func (letter) Type() string                   { return "letter" }
func (letter) Kind() hsm.TaskKind             { return hsm.TaskKindOutbound{Destination: "house"} }
func (letter) Concurrent() bool               { return false }
func (l letter) MarshalJSON() ([]byte, error) { return []byte(`"` + *l.text + `"`), nil }

func TestTasksAreRecordedAsTheFunctionReturnsThem(t *testing.T) {
	text := "first"
	write := hsm.NewTransition([]string{"off"}, "on", func(*lamp, any) (hsm.TransitionOutput, error) {
		return hsm.TransitionOutput{Tasks: []hsm.Task{letter{&text}, call{2}}}, nil
	})
	for name, change := range map[string]func(*hsm.TransitionOutput){
		"unchanged":         func(*hsm.TransitionOutput) {},
		"changed within":    func(*hsm.TransitionOutput) { text = "second" },
		"replaced":          func(output *hsm.TransitionOutput) { output.Tasks[1] = call{4} },
		"added to":          func(output *hsm.TransitionOutput) { output.Tasks = append(output.Tasks, call{6}) },
		"left out":          func(output *hsm.TransitionOutput) { output.Tasks = output.Tasks[:1] },
		"all left out":      func(output *hsm.TransitionOutput) { output.Tasks = nil },
		"one of them alone": func(output *hsm.TransitionOutput) { output.Tasks = output.Tasks[1:] },
	} {
		t.Run(name, func(t *testing.T) {
			text = "first"
			lines := recorded(t, func() {
				root := newRoot()
				for _, made := range []hsm.Transition[string, *lamp, any]{write, anyEvent(switchOn)} {
					must(hsmtrace.MachineTransition(root, func(l *lamp) (hsm.TransitionOutput, error) {
						l.state = "off"
						output, err := hsmtrace.Apply(made, l, nil)
						if len(output.Tasks) == 2 {
							change(&output)
						}
						return output, err
					}))
				}
				hsmtrace.Outputs(root)
			})
			script := steps(lines, "machine_transition")[0]
			_, tasks, _ := strings.Cut(script, `"tasks":[["letter"`) // Those of Apply.
			_, tasks, _ = strings.Cut(tasks, `,"tasks":`)
			tasks, _, _ = strings.Cut(tasks, `}} {`)
			outputs := steps(lines, "outputs")[0]
			if tasks == "" {
				tasks = "[]"
			}
			if !strings.HasPrefix(outputs, `{"op":"outputs","node":0} {"ok":[[[],[`+tasks+`,`) {
				t.Errorf("returned %s, found %s", tasks, outputs)
			}
		})
	}
}

// anyEvent is a transition that takes any event for none.
func anyEvent(made hsm.Transition[string, *lamp, error]) hsm.Transition[string, *lamp, any] {
	return hsm.NewTransition(made.Sources, made.Destination, func(l *lamp, _ any) (hsm.TransitionOutput, error) {
		return hsm.TransitionOutput{Tasks: []hsm.Task{call{2}}}, nil
	})
}
