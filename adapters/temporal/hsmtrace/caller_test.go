package hsmtrace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"

	"go.temporal.io/server/service/history/hsm"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// A position is where the program made a call, with those of the calls in its function.
type position struct {
	File  string
	Line  int
	Inner []*position
}

// here returns the line of the call.
func here() int {
	_, _, line, _ := runtime.Caller(1)
	return line
}

// Each kind of call is made in a line of its own, from the first one on.
func TestEachCallHasItsPlaceInTheProgram(t *testing.T) {
	var out bytes.Buffer
	recorder := hsmtrace.New("t", &out)
	root := newRoot()
	l := &lamp{"off", 0}
	first := here() + 1
	node, _ := hsmtrace.AddChild(root, lampKey("a"), &lamp{"off", 0})
	_, _ = hsmtrace.Child(root, []hsm.Key{lampKey("a")})
	hsmtrace.Parent(node)
	hsmtrace.Path(node)
	hsmtrace.Dirty(node)
	hsmtrace.Outputs(root)
	hsmtrace.ClearTransactionState(root)
	hsmtrace.TransitionCount(node)
	hsmtrace.InternalRepr(root)
	_, _ = hsmtrace.MachineData[*lamp](node)
	_, _ = hsmtrace.NewCollection[*lamp](root, "lamp").Node("a")
	hsmtrace.NewCollection[*lamp](root, "lamp").List()
	_, _ = hsmtrace.NewCollection[*lamp](root, "lamp").Add("b", l)
	_, _ = hsmtrace.NewCollection[*lamp](root, "lamp").Data("b")
	_ = hsmtrace.NewCollection[*lamp](root, "lamp").Transition("b", switched("on"))
	registry := hsmtrace.NewRegistry()
	_ = hsmtrace.RegisterMachine(registry, lamps{"lamp"})
	_, _ = hsmtrace.Machine(registry, "lamp")
	_ = hsmtrace.RegisterTaskSerializer(registry, "call", calls{})
	_, _ = hsmtrace.TaskSerializer(registry, "call")
	_ = hsmtrace.RegisterImmediateExecutor(registry, answering(nil))
	_ = hsmtrace.ExecuteImmediateTask(registry, context.Background(), world{root}, lampRef("a"), call{1})
	_ = hsmtrace.ExecuteTimerTask(registry, world{root}, node, call{1})
	hsmtrace.Possible(switchOn, l)
	_, _ = hsmtrace.Apply(switchOn, &lamp{"off", 0}, nil)
	_, _ = hsmtrace.NewRoot(newRegistry(), "house", l, nil, backend())
	last := here() - 1
	must(recorder.Close())
	places := map[int]bool{}
	for _, line := range wholeLines(t, out.String()) {
		var found struct{ At *position }
		must(json.Unmarshal([]byte(line), &found))
		if found.At == nil {
			continue
		}
		switch found.At.File {
		case "caller_test.go":
			places[found.At.Line] = true
		case "support_test.go": // newRoot
		default:
			t.Errorf("found %s", found.At.File)
		}
	}
	for line := first; line <= last; line++ {
		if !places[line] {
			t.Errorf("no call is in line %d", line)
		}
	}
	equal(t, last-first+1, len(places))
}

func TestCallsInAFunctionHaveTheirPlacesToo(t *testing.T) {
	var out bytes.Buffer
	recorder := hsmtrace.New("t", &out)
	root := newRoot()
	first := here() + 1
	must(hsmtrace.MachineTransition(root, func(l *lamp) (hsm.TransitionOutput, error) {
		hsmtrace.Dirty(root)
		return hsmtrace.Apply(hsm.NewTransition([]string{"off"}, "on", func(*lamp, int) (hsm.TransitionOutput, error) {
			hsmtrace.Dirty(root)
			return hsm.TransitionOutput{}, nil
		}), l, 0)
	}))
	must(recorder.Close())
	for _, line := range wholeLines(t, out.String()) {
		var found struct {
			Op  struct{ Op string }
			Saw struct{ Inner []any }
			At  *position
		}
		must(json.Unmarshal([]byte(line), &found))
		switch found.Op.Op {
		case "machine_transition":
			equal(t, first, found.At.Line)
			equal(t, len(found.Saw.Inner), len(found.At.Inner))
			var lines []string
			for _, inner := range found.At.Inner {
				switch {
				case inner == nil:
					lines = append(lines, "none")
				case inner.Inner == nil:
					lines = append(lines, fmt.Sprint(inner.Line-first))
				default:
					equal(t, 1, len(inner.Inner))
					lines = append(lines, fmt.Sprint(inner.Line-first, "+", inner.Inner[0].Line-first))
				}
			}
			// A look, the two calls, the value that is left, and another look.
			equal(t, "[none 1 2+3 none none]", fmt.Sprint(lines))
		case "transition_count": // The recorder's own, after the call.
			equal(t, first, found.At.Line)
		}
	}
}
