package hsmtrace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.temporal.io/server/service/history/hsm"
	"go.temporal.io/server/service/history/hsm/hsmtest"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

func TestAPanicPassesThroughAndIsRecorded(t *testing.T) {
	value := errors.New("the very value")
	lines := recorded(t, func() {
		node := addLamp(newRoot(), "a")
		func() {
			defer func() { equal(t, any(value), recover()) }()
			_ = hsmtrace.MachineTransition(node, func(*lamp) (hsm.TransitionOutput, error) {
				hsmtrace.TransitionCount(node)
				panic(value)
			})
		}()
		hsmtrace.TransitionCount(node)
	})
	found := steps(lines, "machine_transition")
	equal(t, `{"op":"machine_transition","node":1,"machine":0,"script":{"ops":[{"op":"read_machine","machine":0},`+
		`{"op":"transition_count","node":1}],"fail":"panic"}} {"panic":"panic","inner":[{"ok":["off","b2ZmIDA="]},{"ok":1}]}`,
		found[0])
	equal(t, `{"op":"transition_count","node":1} {"ok":1}`, found[1])
}

func TestAPanicWithinATransitionIsThatOfTheTransition(t *testing.T) {
	lines := recorded(t, func() {
		node := addLamp(newRoot(), "a")
		defer func() { equal(t, any("inside"), recover()) }()
		_ = hsmtrace.MachineTransition(node, func(l *lamp) (hsm.TransitionOutput, error) {
			return hsmtrace.Apply(hsm.NewTransition([]string{"off"}, "on",
				func(*lamp, int) (hsm.TransitionOutput, error) { panic("inside") }), l, 0)
		})
	})
	equal(t, `{"op":"machine_transition","node":1,"machine":0,"script":{"ops":[{"op":"read_machine","machine":0},`+
		`{"op":"apply","machine":0,"transition":{"sources":["off"],"destination":"on"},"script":{"fail":"panic"}}],`+
		`"fail":"panic"}} {"panic":"panic","inner":[{"ok":["off","b2ZmIDA="]},{"panic":"panic"}]}`,
		steps(lines, "machine_transition")[0])
}

func TestATestThatEndsInACallIsNoPanic(t *testing.T) {
	for name, run := range map[string]func(root, node *hsm.Node){
		"a transition": func(_, node *hsm.Node) {
			_ = hsmtrace.MachineTransition(node, func(*lamp) (hsm.TransitionOutput, error) {
				runtime.Goexit() // As t.FailNow does.
				return hsm.TransitionOutput{}, nil
			})
		},
		"a transition in one": func(root, node *hsm.Node) {
			_ = hsmtrace.MachineTransition(root, func(l *lamp) (hsm.TransitionOutput, error) {
				return hsm.TransitionOutput{}, hsmtrace.MachineTransition(node, func(*lamp) (hsm.TransitionOutput, error) {
					runtime.Goexit()
					return hsm.TransitionOutput{}, nil
				})
			})
		},
		"an apply function": func(_, node *hsm.Node) {
			_ = hsmtrace.MachineTransition(node, func(l *lamp) (hsm.TransitionOutput, error) {
				return hsmtrace.Apply(hsm.NewTransition([]string{"off"}, "on",
					func(*lamp, int) (hsm.TransitionOutput, error) {
						runtime.Goexit()
						return hsm.TransitionOutput{}, nil
					}), l, 0)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			recorder := hsmtrace.New("t", &out)
			root := newRoot()
			node := addLamp(root, "a")
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				run(root, node)
			}()
			<-ended
			must(recorder.Close())
			lines := wholeLines(t, out.String())
			equal(t, `{"trace":"t#1","end":true,"because":"the goroutine ended in a call, as t.FailNow has it do"}`,
				lines[len(lines)-1])
			equal(t, 0, strings.Count(out.String(), "panic\""))
			equal(t, 1, len(recorder.Notes()))
		})
	}
}

func TestAnExecutionInWhichATestEndsIsNoPanic(t *testing.T) {
	var out bytes.Buffer
	recorder := hsmtrace.New("t", &out)
	registry := hsm.NewRegistry()
	must(hsmtrace.RegisterImmediateExecutor(registry, func(context.Context, hsm.Environment, hsm.Ref, call) error {
		runtime.Goexit()
		return nil
	}))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = hsmtrace.ExecuteImmediateTask(registry, context.Background(), world{}, lampRef("a"), call{1})
	}()
	<-ended
	must(recorder.Close())
	lines := wholeLines(t, out.String())
	equal(t, `{"trace":"t#1","end":true,"because":"the goroutine ended in an execution, as t.FailNow has it do"}`,
		lines[len(lines)-1])
	equal(t, 2, len(lines))
}

func TestATraceEndsWhereAFunctionSurvivesAPanic(t *testing.T) {
	var out bytes.Buffer
	recorder := hsmtrace.New("t", &out)
	node := addLamp(newRoot(), "a")
	must(hsmtrace.MachineTransition(node, func(*lamp) (hsm.TransitionOutput, error) {
		func() {
			defer func() { _ = recover() }()
			_ = hsmtrace.MachineTransition(node, func(*lamp) (hsm.TransitionOutput, error) { panic("inside") })
		}()
		return hsm.TransitionOutput{}, nil
	}))
	must(recorder.Close())
	lines := wholeLines(t, out.String())
	equal(t, `{"trace":"t#1","end":true,"because":"a function went on after a panic in it"}`, lines[len(lines)-1])
	equal(t, 0, strings.Count(out.String(), "machine_transition"))
	equal(t, `the trace "t#1" ends before its time, since a function went on after a panic in it`,
		strings.Join(recorder.Notes(), "; "))
}

func TestATraceEndsBeforeACallThatIsUnderWayWhenTheRecorderIsClosed(t *testing.T) {
	var out bytes.Buffer
	recorder := hsmtrace.New("t", &out)
	node := addLamp(newRoot(), "a")
	must(hsmtrace.MachineTransition(node, func(*lamp) (hsm.TransitionOutput, error) {
		return hsm.TransitionOutput{}, recorder.Close()
	}))
	lines := wholeLines(t, out.String())
	equal(t, `{"trace":"t#1","end":true,"because":"a call was under way when the recording ended"}`, lines[len(lines)-1])
	equal(t, 0, strings.Count(out.String(), "machine_transition"))
}

func TestTreesInGoroutinesAreTracesOfTheirOwn(t *testing.T) {
	const trees, transitions = 8, 50
	lines := recorded(t, func() {
		var all sync.WaitGroup
		for range trees {
			all.Add(1)
			go func() {
				defer all.Done()
				node := addLamp(newRoot(), "a")
				for range transitions {
					must(hsmtrace.MachineTransition(node, func(l *lamp) (hsm.TransitionOutput, error) {
						l.state = "off"
						return hsmtrace.Apply(switchOn, l, nil)
					}))
				}
			}()
		}
		all.Wait()
	})
	counts := map[string]int{}
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ",")
		counts[name]++
		if strings.Contains(line, `"op":{"op":"transition_count"`) {
			// It counts what has been recorded of the tree so far.
			counts[name+" transitions"]++
			if expected := fmt.Sprintf(`{"ok":%d}}`, counts[name+" transitions"]); !strings.HasSuffix(line, expected) {
				t.Errorf("expected %s at the end of %s", expected, line)
			}
		}
	}
	equal(t, 2*trees, len(counts))
	for i := range trees {
		equal(t, transitions, counts[fmt.Sprintf(`{"trace":"t#%d" transitions`, i+1)])
	}
}

func TestATreeBelongsToTheRecorderThatMadeIt(t *testing.T) {
	var outer, inner bytes.Buffer
	first := hsmtrace.New("first", &outer)
	root := newRoot()
	second := hsmtrace.New("second", &inner)
	addLamp(root, "a")
	addLamp(newRoot(), "b")
	explicit := try(first.NewRoot(newRegistry(), "house", &lamp{"off", 0}, nil, &hsmtest.NodeBackend{}))
	must(second.Close())
	addLamp(explicit, "c")
	newRoot()
	must(first.Close())
	equal(t, 3, strings.Count(outer.String(), `"op":"new_root"`))
	equal(t, 2, strings.Count(outer.String(), `"op":"add_child"`))
	equal(t, 1, strings.Count(inner.String(), `"op":"new_root"`))
	equal(t, 1, strings.Count(inner.String(), `"op":"add_child"`))
}

func TestWithoutARecorderNothingIsDifferent(t *testing.T) {
	root := newRoot()
	node := addLamp(root, "a")
	must(hsmtrace.MachineTransition(node, func(l *lamp) (hsm.TransitionOutput, error) {
		return hsmtrace.Apply(switchOn, l, nil)
	}))
	equal(t, "on", try(hsmtrace.MachineData[*lamp](node)).state)
	equal(t, int64(1), hsmtrace.TransitionCount(node))
	equal(t, 1, len(hsmtrace.Outputs(root)))
	equal(t, true, hsmtrace.Dirty(root))
	hsmtrace.ClearTransactionState(root)
	equal(t, false, hsmtrace.Dirty(root))
	equal(t, node, try(hsmtrace.Child(root, hsmtrace.Path(node))))
	equal(t, root, hsmtrace.Parent(node))
	equal(t, 1, len(hsmtrace.InternalRepr(root).Children))
	collection := hsmtrace.NewCollection[*lamp](root, "lamp")
	try(collection.Add("b", &lamp{"off", 0}))
	must(collection.Transition("b", switched("on")))
	equal(t, "on", try(collection.Data("b")).state)
	equal(t, 2, collection.Size())
	equal(t, 2, len(collection.List()))
	equal(t, true, hsmtrace.Possible(switchOn, &lamp{"off", 0}))
	registry := hsmtrace.NewRegistry()
	must(hsmtrace.RegisterMachine(registry, lamps{"lamp"}))
	must(hsmtrace.RegisterTaskSerializer(registry, "call", calls{}))
	_, machine := hsmtrace.Machine(registry, "lamp")
	_, serializer := hsmtrace.TaskSerializer(registry, "call")
	equal(t, true, machine && serializer)
}

// A full writer takes some bytes, and no more.
type full struct{ left int }

func (w *full) Write(data []byte) (int, error) {
	if len(data) > w.left {
		return w.left, errBroken
	}
	w.left -= len(data)
	return len(data), nil
}

func TestAnErrorOfTheWriterIsReportedAtTheEnd(t *testing.T) {
	recorder := hsmtrace.New("t", &full{100_000})
	root := newRoot()
	for i := range 2000 {
		addLamp(root, fmt.Sprint(i))
	}
	if err := recorder.Close(); !errors.Is(err, errBroken) {
		t.Errorf("found %v", err)
	}
}
