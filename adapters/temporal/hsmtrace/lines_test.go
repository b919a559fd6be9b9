package hsmtrace_test

import (
	"fmt"
	"strings"
	"testing"

	"go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/service/history/hsm"
	"go.temporal.io/server/service/history/hsm/hsmtest"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

func TestEachCallIsALine(t *testing.T) {
	for _, test := range []struct {
		name  string
		calls func()
		// first is the operation of the first line that is expected, without which it is the first of the trace.
		first    string
		expected string
	}{{
		"a registry", func() {
			registry := hsmtrace.NewRegistry()
			_ = hsmtrace.RegisterMachine(registry, lamps{"lamp"})
			_ = hsmtrace.RegisterMachine(registry, lamps{"lamp"})
			hsmtrace.Machine(registry, "lamp")
			hsmtrace.Machine(registry, "bulb")
			_ = hsmtrace.RegisterTaskSerializer(registry, "call", calls{})
			_ = hsmtrace.RegisterTaskSerializer(registry, "call", calls{})
			hsmtrace.TaskSerializer(registry, "call")
			hsmtrace.TaskSerializer(registry, "letter")
		}, "new_registry", `
{"op":"new_registry"} {"ok":null}
{"op":"register_machine","type":"lamp","tag":1} {"ok":null}
{"op":"register_machine","type":"lamp","tag":1} {"error":"duplicate_registration"}
{"op":"machine","type":"lamp"} {"ok":1}
{"op":"machine","type":"bulb"} {"ok":null}
{"op":"register_task_serializer","type":"call","tag":2} {"ok":null}
{"op":"register_task_serializer","type":"call","tag":2} {"error":"duplicate_registration"}
{"op":"task_serializer","type":"call"} {"ok":2}
{"op":"task_serializer","type":"letter"} {"ok":null}
`}, {
		"what was registered without the recorder is recorded when it is met", func() {
			registry := hsmtrace.NewRegistry()
			must(registry.RegisterMachine(lamps{"lamp"}))
			_ = hsmtrace.RegisterMachine(registry, lamps{"lamp"})
		}, "new_registry", `
{"op":"new_registry"} {"ok":null}
{"op":"register_machine","type":"lamp","tag":1} {"ok":null}
{"op":"register_machine","type":"lamp","tag":1} {"error":"duplicate_registration"}
`}, {
		"a root", func() { newRoot() }, "new_registry", `
{"op":"new_registry"} {"ok":null}
{"op":"register_machine","type":"house","tag":1} {"ok":null}
{"op":"new_root","type":"house","data":["off","<off 0>"],"bind":0} {"ok":null}
`}, {
		"a root of a type that is not registered", func() {
			_, _ = hsmtrace.NewRoot(newRegistry(), "barn", &lamp{"off", 0}, nil, &hsmtest.NodeBackend{})
		}, "new_root", `
{"op":"new_root","type":"barn","data":["off",""],"bind":0} {"error":"not_registered"}
`}, {
		"a root that does not serialize", func() {
			_, _ = hsmtrace.NewRoot(newRegistry(), "house", &lamp{"off", -1}, nil, &hsmtest.NodeBackend{})
		}, "new_root", `
{"op":"new_root","type":"house","data":["off",null],"bind":0} {"error":"serialize_error"}
`}, {
		"a root with persisted children", func() {
			try(hsmtrace.NewRoot(newRegistry(), "house", &lamp{"off", 0}, map[string]*persistence.StateMachineMap{
				"lamp": {MachinesById: map[string]*persistence.StateMachineNode{
					"b": {Data: []byte("broken"), TransitionCount: 1},
					"a": {Data: []byte("on 3"), TransitionCount: 2, Children: map[string]*persistence.StateMachineMap{
						"bulb": {MachinesById: map[string]*persistence.StateMachineNode{"": {Data: []byte("x")}}},
					}},
				}},
			}, &hsmtest.NodeBackend{}))
		}, "register_machine", `
{"op":"register_machine","type":"house","tag":1} {"ok":null}
{"op":"register_machine","type":"lamp","tag":2} {"ok":null}
{"op":"load","children":[["lamp","a",[2,["on","<on 3>"],[["bulb","",[0,["","eA=="],[]]]]]],["lamp","b",[1,[null,"YnJva2Vu"],[]]]],"type":"house","data":["off","<off 0>"],"bind":0} {"ok":null}
`}, {
		"adding", func() {
			root := newRoot()
			addLamp(root, "ä\"")
			_, _ = hsmtrace.AddChild(root, lampKey("ä\""), &lamp{"off", 0})
			_, _ = hsmtrace.AddChild(root, lampKey("b"), &lamp{"off", -1})
			_, _ = hsmtrace.AddChild(root, hsm.Key{Type: "bulb", ID: "b"}, &lamp{"off", 0})
		}, "add_child", `
{"op":"add_child","node":0,"key":["lamp","ä\""],"data":["off","<off 0>"],"bind":1} {"ok":null}
{"op":"add_child","node":0,"key":["lamp","ä\""],"data":["off","<off 0>"]} {"error":"state_machine_already_exists"}
{"op":"add_child","node":0,"key":["lamp","b"],"data":["off",null]} {"error":"serialize_error"}
{"op":"add_child","node":0,"key":["bulb","b"],"data":["off",""]} {"error":"not_registered"}
`}, {
		"looking up", func() {
			root := newRoot()
			deep := addLamp(addLamp(root, "a"), "b")
			try(hsmtrace.Child(root, []hsm.Key{lampKey("a"), lampKey("b")}))
			_, _ = hsmtrace.Child(root, []hsm.Key{lampKey("c")})
			try(hsmtrace.Child(root, nil))
			hsmtrace.Parent(deep)
			hsmtrace.Parent(root)
			hsmtrace.Path(deep)
			hsmtrace.TransitionCount(deep)
		}, "child", `
{"op":"child","node":0,"path":[["lamp","a"],["lamp","b"]],"bind":2} {"ok":null}
{"op":"child","node":0,"path":[["lamp","c"]]} {"error":"state_machine_not_found"}
{"op":"child","node":0,"path":[],"bind":0} {"ok":null}
{"op":"parent","node":2,"bind":1} {"ok":true}
{"op":"parent","node":0} {"ok":false}
{"op":"path","node":2} {"ok":[["lamp","a"],["lamp","b"]]}
{"op":"transition_count","node":2} {"ok":0}
`}, {
		"the transaction", func() {
			root := newRoot()
			node := addLamp(root, "a")
			must(hsmtrace.MachineTransition(node, func(l *lamp) (hsm.TransitionOutput, error) {
				return hsm.TransitionOutput{Tasks: []hsm.Task{call{1}, call{2}}}, nil
			}))
			hsmtrace.Dirty(root)
			hsmtrace.Outputs(root)
			hsmtrace.InternalRepr(root)
			hsmtrace.ClearTransactionState(root)
			hsmtrace.Dirty(root)
			hsmtrace.Outputs(root)
		}, "machine_transition", `
{"op":"machine_transition","node":1,"machine":0,"script":{"ops":[{"op":"read_machine","machine":0}],"tasks":[["call","eyJOdW1iZXIiOjF9",1],["call","eyJOdW1iZXIiOjJ9","house"]]}} {"ok":null,"inner":[{"ok":["off","<off 0>"]}]}
{"op":"transition_count","node":1} {"ok":1}
{"op":"dirty","node":0} {"ok":true}
{"op":"outputs","node":0} {"ok":[[[["lamp","a"]],[[["call","eyJOdW1iZXIiOjF9",1],["call","eyJOdW1iZXIiOjJ9","house"]]],[1]]]}
{"op":"export","node":0} {"ok":[0,[null,"<off 0>"],[["lamp","a",[1,[null,"<off 0>"],[]]]]]}
{"op":"clear","node":0} {"ok":null}
{"op":"dirty","node":0} {"ok":false}
{"op":"outputs","node":0} {"ok":[]}
`}, {
		"data", func() {
			node := addLamp(newRoot(), "a")
			try(hsmtrace.MachineData[*lamp](node))
			try(hsmtrace.MachineData[any](node))
			_, _ = hsmtrace.MachineData[string](node)
			_, _ = hsmtrace.MachineData[interface{ Explode() }](node)
		}, "machine_data", `
{"op":"machine_data","node":1} {"ok":["off","<off 0>"]}
{"op":"machine_data","node":1} {"ok":["off","<off 0>"]}
{"op":"machine_data","node":1,"cast":"other"} {"error":"incompatible_type"}
{"op":"machine_data","node":1,"cast":"other"} {"error":"incompatible_type"}
`}, {
		"transitions that fail", func() {
			node := addLamp(newRoot(), "a")
			_ = hsmtrace.MachineTransition(node, func(l *lamp) (hsm.TransitionOutput, error) {
				output, _ := l.switchedTo("on")
				return output, errBurnt
			})
			_ = hsmtrace.MachineTransition(node, func(l *lamp) (hsm.TransitionOutput, error) {
				l.times = -1
				return hsm.TransitionOutput{}, nil
			})
			_ = hsmtrace.MachineTransition(node, func(string) (hsm.TransitionOutput, error) { panic("not called") })
		}, "machine_transition", `
{"op":"machine_transition","node":1,"machine":0,"script":{"ops":[{"op":"read_machine","machine":0},{"op":"set_state","machine":0,"state":"on"},{"op":"set_value","machine":0,"value":"<on 1>"}],"fail":"user_1"}} {"error":"user_1","inner":[{"ok":["off","<off 0>"]},{"ok":null},{"ok":null}]}
{"op":"export","node":1} {"ok":[0,[null,"<off 0>"],[]]}
{"op":"machine_transition","node":1,"machine":0,"script":{"ops":[{"op":"read_machine","machine":0},{"op":"set_value","machine":0,"value":null}]}} {"error":"serialize_error","inner":[{"ok":["off","<off 0>"]},{"ok":null}]}
{"op":"export","node":1} {"ok":[0,[null,"<off 0>"],[]]}
{"op":"machine_transition","node":1,"cast":"other","script":{}} {"error":"incompatible_type"}
`}, {
		"what a function calls is in its script", func() {
			root := newRoot()
			must(hsmtrace.MachineTransition(root, func(l *lamp) (hsm.TransitionOutput, error) {
				node := addLamp(root, "a")
				must(hsmtrace.MachineTransition(node, switched("on")))
				hsmtrace.TransitionCount(root)
				return hsm.TransitionOutput{}, nil
			}))
		}, "register_machine", `
{"op":"register_machine","type":"house","tag":1} {"ok":null}
{"op":"new_root","type":"house","data":["off","<off 0>"],"bind":0} {"ok":null}
{"op":"register_machine","type":"lamp","tag":2} {"ok":null}
{"op":"machine_transition","node":0,"machine":0,"script":{"ops":[{"op":"read_machine","machine":0},{"op":"add_child","node":0,"key":["lamp","a"],"data":["off","<off 0>"],"bind":1},{"op":"machine_transition","node":1,"machine":1,"script":{"ops":[{"op":"read_machine","machine":1},{"op":"set_state","machine":1,"state":"on"},{"op":"set_value","machine":1,"value":"<on 1>"}]}},{"op":"transition_count","node":0}]}} {"ok":null,"inner":[{"ok":["off","<off 0>"]},{"ok":null},{"ok":null,"inner":[{"ok":["off","<off 0>"]},{"ok":null},{"ok":null}]},{"ok":1}]}
{"op":"transition_count","node":0} {"ok":1}
`}, {
		"what a function has changed is recorded before it can be seen", func() {
			node := addLamp(newRoot(), "a")
			must(hsmtrace.MachineTransition(node, func(l *lamp) (hsm.TransitionOutput, error) {
				l.state = "on"
				try(hsmtrace.MachineData[*lamp](node))
				l.times = 1
				must(hsmtrace.MachineTransition(node, switched("dim")))
				return hsm.TransitionOutput{}, nil
			}))
		}, "machine_transition", `
{"op":"machine_transition","node":1,"machine":0,"script":{"ops":[{"op":"read_machine","machine":0},{"op":"set_state","machine":0,"state":"on"},{"op":"set_value","machine":0,"value":"<on 0>"},{"op":"machine_data","node":1},{"op":"set_value","machine":0,"value":"<on 1>"},{"op":"machine_transition","node":1,"machine":1,"script":{"ops":[{"op":"read_machine","machine":1},{"op":"set_state","machine":1,"state":"dim"},{"op":"set_value","machine":1,"value":"<dim 2>"}]}},{"op":"set_state","machine":0,"state":"dim"},{"op":"set_value","machine":0,"value":"<dim 2>"}]}} {"ok":null,"inner":[{"ok":["off","<off 0>"]},{"ok":null},{"ok":null},{"ok":["on","<on 0>"]},{"ok":null},{"ok":null,"inner":[{"ok":["on","<on 1>"]},{"ok":null},{"ok":null}]},{"ok":null},{"ok":null}]}
{"op":"transition_count","node":1} {"ok":2}
`}, {
		"a collection", func() {
			root := newRoot()
			collection := hsmtrace.NewCollection[*lamp](root, "lamp")
			try(collection.Add("a", &lamp{"off", 0}))
			_, _ = collection.Add("a", &lamp{"off", 0})
			try(collection.Node("a"))
			_, _ = collection.Node("b")
			try(collection.Data("a"))
			collection.List()
			must(collection.Transition("a", switched("on")))
			_ = collection.Transition("b", switched("on"))
			_, _ = hsmtrace.NewCollection[string](root, "lamp").Data("a")
			_ = hsmtrace.NewCollection[string](root, "bulb").Transition("a", nil)
		}, "collection_add", `
{"op":"collection_add","node":0,"type":"lamp","id":"a","data":["off","<off 0>"],"bind":1} {"ok":null}
{"op":"collection_add","node":0,"type":"lamp","id":"a","data":["off","<off 0>"]} {"error":"state_machine_already_exists"}
{"op":"collection_node","node":0,"type":"lamp","id":"a","bind":1} {"ok":null}
{"op":"collection_node","node":0,"type":"lamp","id":"b"} {"error":"state_machine_not_found"}
{"op":"collection_data","node":0,"type":"lamp","id":"a"} {"ok":["off","<off 0>"]}
{"op":"collection_list","node":0,"type":"lamp"} {"ok":[[["lamp","a"]]]}
{"op":"collection_transition","node":0,"type":"lamp","id":"a","machine":0,"script":{"ops":[{"op":"read_machine","machine":0},{"op":"set_state","machine":0,"state":"on"},{"op":"set_value","machine":0,"value":"<on 1>"}]}} {"ok":null,"inner":[{"ok":["off","<off 0>"]},{"ok":null},{"ok":null}]}
{"op":"transition_count","node":1} {"ok":1}
{"op":"collection_transition","node":0,"type":"lamp","id":"b","script":{}} {"error":"state_machine_not_found"}
{"op":"collection_data","node":0,"type":"lamp","id":"a","cast":"other"} {"error":"incompatible_type"}
{"op":"collection_transition","node":0,"type":"bulb","id":"a","script":{}} {"error":"not_registered"}
`}, {
		"transition objects in a transition", func() {
			must(hsmtrace.MachineTransition(newRoot(), func(l *lamp) (hsm.TransitionOutput, error) {
				hsmtrace.Possible(switchOn, l)
				output, err := hsmtrace.Apply(switchOn, l, nil)
				must(err)
				_, _ = hsmtrace.Apply(switchOn, l, nil)
				return output, nil
			}))
		}, "machine_transition", `
{"op":"machine_transition","node":0,"machine":0,"script":{"ops":[{"op":"read_machine","machine":0},{"op":"possible","machine":0,"transition":{"sources":["off"],"destination":"on"}},{"op":"apply","machine":0,"transition":{"sources":["off"],"destination":"on"},"script":{"tasks":[["call","eyJOdW1iZXIiOjJ9","house"]]}},{"op":"apply","machine":0,"transition":{"sources":["off"],"destination":"on"}},{"op":"set_value","machine":0,"value":"<on 1>"},{"op":"read_machine","machine":0},{"op":"read_machine","machine":0}],"tasks":[["call","eyJOdW1iZXIiOjJ9","house"]]}} {"ok":null,"inner":[{"ok":["off","<off 0>"]},{"ok":true},{"ok":[["call","eyJOdW1iZXIiOjJ9","house"]]},{"error":"invalid_transition"},{"ok":null},{"ok":["on","<on 1>"]},{"ok":["on","<on 1>"]}]}
{"op":"transition_count","node":0} {"ok":1}
`}, {
		"transition objects on their own", func() {
			l := &lamp{"off", 0}
			hsmtrace.Possible(switchOn, l)
			_, _ = hsmtrace.Apply(switchOn, l, errBurnt)
			_, _ = hsmtrace.Apply(switchOn, l, nil)
		}, "state_machine", `
{"op":"state_machine","machine":0,"data":["off","MA=="]} {"ok":null}
{"op":"possible","machine":0,"transition":{"sources":["off"],"destination":"on"}} {"ok":true}
{"op":"state_machine","machine":0,"data":["off","MA=="]} {"ok":null}
{"op":"apply","machine":0,"transition":{"sources":["off"],"destination":"on"},"script":{"fail":"user_1"}} {"error":"user_1"}
{"op":"set_value","machine":0,"value":"MQ=="} {"ok":null}
{"op":"read_machine","machine":0} {"ok":["on","MQ=="]}
{"op":"state_machine","machine":0,"data":["on","MQ=="]} {"ok":null}
{"op":"apply","machine":0,"transition":{"sources":["off"],"destination":"on"}} {"error":"invalid_transition"}
{"op":"read_machine","machine":0} {"ok":["on","MQ=="]}
`}, {
		"an apply function that sets another state", func() {
			dim := hsm.NewTransition([]string{"off"}, "on", func(l *lamp, node *hsm.Node) (hsm.TransitionOutput, error) {
				hsmtrace.TransitionCount(node)
				l.state = "dim"
				return hsm.TransitionOutput{}, nil
			})
			root := newRoot()
			must(hsmtrace.MachineTransition(root, func(l *lamp) (hsm.TransitionOutput, error) {
				return hsmtrace.Apply(dim, l, root)
			}))
		}, "machine_transition", `
{"op":"machine_transition","node":0,"machine":0,"script":{"ops":[{"op":"read_machine","machine":0},{"op":"apply","machine":0,"transition":{"sources":["off"],"destination":"on"},"script":{"ops":[{"op":"transition_count","node":0},{"op":"set_state","machine":0,"state":"dim"}]}},{"op":"set_value","machine":0,"value":"<dim 0>"},{"op":"read_machine","machine":0}]}} {"ok":null,"inner":[{"ok":["off","<off 0>"]},{"ok":[],"inner":[{"ok":1},{"ok":null}]},{"ok":null},{"ok":["dim","<dim 0>"]}]}
{"op":"transition_count","node":0} {"ok":1}
`}} {
		t.Run(test.name, func(t *testing.T) {
			found := steps(recorded(t, test.calls), test.first)
			expected := strings.Split(strings.Trim(expand(test.expected), "\n"), "\n")
			for i := range max(len(expected), len(found)) {
				equal(t, at(expected, i), at(found, i))
			}
		})
	}
}

func at(lines []string, i int) string {
	if i >= len(lines) {
		return "nothing"
	}
	return lines[i]
}

// A calls is the serializer of calls.
type calls struct{}

func (calls) Serialize(task hsm.Task) ([]byte, error) {
	return []byte(fmt.Sprint(task.(call).Number)), nil
}

func (calls) Deserialize([]byte, hsm.TaskKind) (hsm.Task, error) { return call{}, nil }

func TestTheLastLookIsAtTheWholeTree(t *testing.T) {
	lines := recorded(t, func() { addLamp(newRoot(), "a") })
	last := lines[len(lines)-4:]
	equal(t, `{"trace":"t#1","op":{"op":"dirty","node":0},"saw":{"ok":true}}`, last[0])
	equal(t, `{"trace":"t#1","op":{"op":"outputs","node":0},"saw":{"ok":[]}}`, last[1])
	equal(t, expand(`{"trace":"t#1","op":{"op":"export","node":0},"saw":{"ok":[0,[null,"<off 0>"],[["lamp","a",`+
		`[0,[null,"<off 0>"],[]]]]]}}`), last[2])
	equal(t, `{"trace":"t#1","end":true}`, last[3])
}
