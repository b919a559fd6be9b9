package hsmtrace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.temporal.io/server/service/history/hsm"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// A pump is a machine whose tasks are those that its definition says for its state.
type pump struct {
	state string
	level int
	tasks map[string][]hsm.Task
	// forgotten is what the definition does not serialize.
	forgotten int
	// touched has RegenerateTasks change the tree, which it must not; asked is what else it does.
	touched bool
	asked   func()
}

func (p *pump) State() string         { return p.state }
func (p *pump) SetState(state string) { p.state = state }

func (p *pump) RegenerateTasks(node *hsm.Node) ([]hsm.Task, error) {
	if p.touched {
		_, _ = node.AddChild(lampKey("touched"), &lamp{"off", 0})
	}
	if p.asked != nil {
		p.asked()
	}
	return p.tasks[p.state], nil
}

type pumps struct {
	tasks   map[string][]hsm.Task
	touched bool
	asked   func()
}

func (pumps) Type() string { return "pump" }

func (pumps) Serialize(data any) ([]byte, error) {
	return []byte(fmt.Sprintf("%s %d", data.(*pump).state, data.(*pump).level)), nil
}

func (d pumps) Deserialize(data []byte) (any, error) {
	p := &pump{tasks: d.tasks, touched: d.touched, asked: d.asked}
	_, err := fmt.Sscanf(string(data), "%s %d", &p.state, &p.level)
	return p, err
}

func (pumps) CompareState(any, any) (int, error) { return 0, nil }

// A remark is a line about a machine.
type remark struct{ Rule, Type, What string }

// remarks returns what was remarked while a function ran with a pump, of which each remark has a place in the program.
func remarks(
	t *testing.T, definition pumps, run func(*hsm.Registry, *hsm.Node), options ...hsmtrace.Option,
) (found []remark, lines string) {
	t.Helper()
	var out bytes.Buffer
	recorder := hsmtrace.New("t", &out, options...)
	registry := newRegistry()
	must(registry.RegisterMachine(definition))
	root := try(hsmtrace.NewRoot(registry, "house", &lamp{"off", 0}, nil, backend()))
	p := &pump{state: "idle", tasks: definition.tasks, touched: definition.touched, asked: definition.asked}
	run(registry, try(hsmtrace.AddChild(root, hsm.Key{Type: "pump", ID: "p"}, p)))
	must(recorder.Close())
	for _, line := range wholeLines(t, out.String()) {
		var of struct {
			Machine *remark
			At      *position
		}
		must(json.Unmarshal([]byte(line), &of))
		if of.Machine != nil {
			found = append(found, *of.Machine)
			equal(t, strings.HasPrefix(of.Machine.Rule, "task-"), of.At == nil)
		}
	}
	if len(found) > 0 && !slices.ContainsFunc(found, func(of remark) bool { return of.Rule == string(hsmtrace.ChangedOutside) }) {
		keep(t, out.Bytes())
	}
	return found, out.String()
}

// to is a transition of a pump, with these tasks.
func to(node *hsm.Node, state string, tasks ...hsm.Task) error {
	return hsmtrace.MachineTransition(node, func(p *pump) (hsm.TransitionOutput, error) {
		p.state = state
		p.level++
		return hsm.TransitionOutput{Tasks: tasks}, nil
	})
}

// Each mistake is one that teams make in machines, and has a right way beside it.
func TestMistakesOfMachinesAreRemarked(t *testing.T) {
	tasks := map[string][]hsm.Task{"busy": {call{1}, call{2}}, "late": {call{1}}}
	commit := func(node *hsm.Node, clears bool) {
		env := world{node.Parent}
		registry := hsm.NewRegistry()
		must(hsmtrace.RegisterImmediateExecutor(registry,
			func(ctx context.Context, env hsm.Environment, ref hsm.Ref, _ call) error {
				return env.Access(ctx, ref, hsm.AccessWrite, func(node *hsm.Node) error { return to(node, "idle") })
			}))
		ref := lampRef("")
		ref.StateMachineRef.Path[0].Type, ref.StateMachineRef.Path[0].Id = "pump", "p"
		for range 2 {
			must(hsmtrace.ExecuteImmediateTask(registry, context.Background(), env, ref, call{1}))
			if clears {
				hsmtrace.ClearTransactionState(node.Parent)
			}
		}
	}
	for _, test := range []struct {
		name     string
		expected []hsmtrace.Rule
		run      func(registry *hsm.Registry, node *hsm.Node)
	}{
		{"tasks that are regenerated", nil, func(_ *hsm.Registry, node *hsm.Node) {
			must(to(node, "busy", call{1}, call{2}))
			must(to(node, "late")) // Its task was put out before.
			must(to(node, "busy", call{2}))
		}},
		{"a task that is not regenerated", []hsmtrace.Rule{hsmtrace.RegeneratedTasks},
			func(_ *hsm.Registry, node *hsm.Node) { must(to(node, "idle", call{1})) }},
		{"a task that is regenerated alone", []hsmtrace.Rule{hsmtrace.RegeneratedTasks},
			func(_ *hsm.Registry, node *hsm.Node) { must(to(node, "busy", call{1})) }},
		{"a task with another deadline", []hsmtrace.Rule{hsmtrace.RegeneratedTasks, hsmtrace.RegeneratedTasks},
			func(_ *hsm.Registry, node *hsm.Node) { must(to(node, "late", call{3})) }},
		{"a transition in another", []hsmtrace.Rule{hsmtrace.RegeneratedTasks}, func(_ *hsm.Registry, node *hsm.Node) {
			must(hsmtrace.MachineTransition(node.Parent, func(*lamp) (hsm.TransitionOutput, error) {
				return hsm.TransitionOutput{}, to(node, "idle", call{1})
			}))
		}},
		{"a transition in one that fails", nil, func(_ *hsm.Registry, node *hsm.Node) {
			_ = hsmtrace.MachineTransition(node.Parent, func(*lamp) (hsm.TransitionOutput, error) {
				must(to(node, "idle", call{1}))
				return hsm.TransitionOutput{}, errBurnt
			})
		}},
		{"data that is serialized in part", []hsmtrace.Rule{hsmtrace.RoundTrip}, func(_ *hsm.Registry, node *hsm.Node) {
			must(hsmtrace.MachineTransition(node, func(p *pump) (hsm.TransitionOutput, error) {
				p.forgotten = 3
				return hsm.TransitionOutput{}, nil
			}))
		}},
		{"a serializer that is not there", []hsmtrace.Rule{hsmtrace.TaskSerializers},
			func(registry *hsm.Registry, node *hsm.Node) {
				must(registry.RegisterTaskSerializer("letter", calls{}))
				must(to(node, "busy", call{1}, call{2}))
			}},
		{"an executor that is not there", []hsmtrace.Rule{hsmtrace.TaskExecutors},
			func(registry *hsm.Registry, node *hsm.Node) {
				must(hsm.RegisterImmediateExecutor(registry,
					func(context.Context, hsm.Environment, hsm.Ref, letter) error { return nil }))
				must(to(node, "busy", call{1}, call{2}))
			}},
		{"serializers and executors that are there", nil, func(registry *hsm.Registry, node *hsm.Node) {
			must(registry.RegisterTaskSerializer("call", calls{}))
			must(hsm.RegisterTimerExecutor(registry, func(hsm.Environment, *hsm.Node, call) error { return nil }))
			must(to(node, "busy", call{1}, call{2}))
		}},
		{"a failure that is swallowed", []hsmtrace.Rule{hsmtrace.SwallowedFailure},
			func(_ *hsm.Registry, node *hsm.Node) {
				must(hsmtrace.MachineTransition(node.Parent, func(*lamp) (hsm.TransitionOutput, error) {
					_ = hsmtrace.MachineTransition(node, func(*pump) (hsm.TransitionOutput, error) {
						return hsm.TransitionOutput{}, errBurnt
					})
					return hsm.TransitionOutput{}, nil
				}))
			}},
		{"a failure that is passed on", nil, func(_ *hsm.Registry, node *hsm.Node) {
			_ = hsmtrace.MachineTransition(node.Parent, func(*lamp) (hsm.TransitionOutput, error) {
				return hsm.TransitionOutput{}, hsmtrace.MachineTransition(node, func(*pump) (hsm.TransitionOutput, error) {
					return hsm.TransitionOutput{}, errBurnt
				})
			})
		}},
		{"data that is changed after it was read", []hsmtrace.Rule{hsmtrace.ChangedOutside},
			func(_ *hsm.Registry, node *hsm.Node) {
				must(to(node, "idle"))
				try(hsmtrace.MachineData[*pump](node)).level = 7
				must(to(node, "idle"))
			}},
		{"data that is changed before the first transition", []hsmtrace.Rule{hsmtrace.ChangedOutside},
			func(_ *hsm.Registry, node *hsm.Node) {
				try(hsmtrace.MachineData[*pump](node)).level = 7
				try(hsmtrace.MachineData[*pump](node))
			}},
		{"data that is read after a transition that is not recorded", nil, func(_ *hsm.Registry, node *hsm.Node) {
			must(to(node, "idle"))
			must(hsm.MachineTransition(node, func(p *pump) (hsm.TransitionOutput, error) {
				p.level = 9
				return hsm.TransitionOutput{}, nil
			}))
			try(hsmtrace.MachineData[*pump](node))
			must(to(node, "idle"))
		}},
		{"data that a panic leaves", nil, func(_ *hsm.Registry, node *hsm.Node) {
			func() {
				defer func() { _ = recover() }()
				_ = hsmtrace.MachineTransition(node, func(p *pump) (hsm.TransitionOutput, error) {
					p.level = 9
					panic("on purpose")
				})
			}()
			try(hsmtrace.MachineData[*pump](node))
		}},
		{"data that is read alone", nil, func(_ *hsm.Registry, node *hsm.Node) {
			for range 3 {
				try(hsmtrace.MachineData[*pump](node))
				must(to(node, "idle"))
			}
		}},
		{"outputs that are not cleared", []hsmtrace.Rule{hsmtrace.ClearedOutputs},
			func(_ *hsm.Registry, node *hsm.Node) { commit(node, false) }},
		{"outputs that are cleared", nil, func(_ *hsm.Registry, node *hsm.Node) { commit(node, true) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, lines := remarks(t, pumps{tasks: tasks}, test.run)
			var rules []hsmtrace.Rule
			for _, of := range found {
				rules = append(rules, hsmtrace.Rule(of.Rule))
			}
			equal(t, fmt.Sprint(test.expected), fmt.Sprint(rules))
			without, other := remarks(t, pumps{tasks: tasks}, test.run, hsmtrace.Without(test.expected...))
			equal(t, 0, len(without))
			if !slices.Contains(test.expected, hsmtrace.ChangedOutside) { // Then it is not looked whether it was changed.
				// Nothing else is different, apart from the numbers of executors.
				equal(t, withoutRemarks(lines), withoutRemarks(other))
			}
		})
	}
}

// withoutRemarks returns what was recorded, without lines about machines.
func withoutRemarks(lines string) string {
	kept := slices.DeleteFunc(strings.Split(tagged.ReplaceAllString(lines, ""), "\n"), func(line string) bool {
		return strings.Contains(line, `,"machine":{`)
	})
	return strings.Join(kept, "\n")
}

func TestTasksAreRegeneratedWithoutAnEffectOnTheTree(t *testing.T) {
	remarks(t, pumps{touched: true}, func(_ *hsm.Registry, node *hsm.Node) {
		must(to(node, "busy"))
		equal(t, int64(1), node.InternalRepr().TransitionCount)
		equal(t, 0, len(node.InternalRepr().Children))
		_, err := node.Child([]hsm.Key{lampKey("touched")})
		equal(t, true, err != nil)
	})
}

func TestRegeneratingTasksMayUseTheRecordedTree(t *testing.T) {
	var recorded *hsm.Node
	times := 0
	found, _ := remarks(t, pumps{asked: func() {
		hsmtrace.Dirty(recorded)
		times++
	}}, func(_ *hsm.Registry, node *hsm.Node) {
		recorded = node.Parent
		must(to(node, "busy"))
	})
	equal(t, 1, times)
	equal(t, 0, len(found))
}

func TestARemarkIsMadeOnce(t *testing.T) {
	found, _ := remarks(t, pumps{}, func(_ *hsm.Registry, node *hsm.Node) {
		for range 5 {
			must(to(node, "idle", call{1}))
		}
	})
	equal(t, 1, len(found))
	equal(t, `in state "idle" RegenerateTasks does not return a task that the transition put out: `+
		`["call","eyJOdW1iZXIiOjF9",1]`, found[0].What)
	equal(t, "pump", found[0].Type)
}

func TestWhatATestShowsOfDataIsInTheRecordingOnce(t *testing.T) {
	_, lines := remarks(t, pumps{}, func(_ *hsm.Registry, node *hsm.Node) {
		must(to(node, "busy", call{1}))
		must(to(node, "busy", call{1}))
	}, hsmtrace.Show(func(value any) string {
		switch of := value.(type) {
		case *pump:
			return fmt.Sprintf("%s at %d", of.state, of.level)
		case call:
			return hsmtrace.JSON(of)
		}
		panic("a decoder may fail")
	}))
	equal(t, 1, strings.Count(lines, expand(`"shown":{"<idle 0>":"idle at 0"}`)))
	equal(t, 1, strings.Count(lines, expand(`"<busy 1>":"busy at 1"`)))
	equal(t, 2, strings.Count(lines, expand(`"<off 0>"`))) // That which is not shown, when it is made and at the end.
	equal(t, 1, strings.Count(lines, `"eyJOdW1iZXIiOjF9":"{\"Number\":1}"`))
}

func TestMessagesAreShownAsJSONAndAsText(t *testing.T) {
	message := callbackInfoOf("http://caller.example")
	equal(t, true, strings.Contains(strings.ReplaceAll(hsmtrace.JSON(message), " ", ""),
		`"nexus":{"url":"http://caller.example"}`))
	equal(t, true, strings.Contains(hsmtrace.ProtoText(message), `"http://caller.example"`))
	equal(t, "", hsmtrace.ProtoText(1))
	equal(t, "", hsmtrace.JSON(func() {}))
}
