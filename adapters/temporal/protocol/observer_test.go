package protocol

import (
	"errors"
	"strings"
	"testing"
)

// fakeWorld answers every operation with its node, after running its script; what a node does depends on its number.
type fakeWorld struct {
	observer *Observer
	resets   int
}

const (
	fails = 10 + iota
	failsOtherwise
	panics
	isUnbound
	hasNoValue
	runsItself
	sees
)

func (w *fakeWorld) Reset() { w.resets++ }

func (w *fakeWorld) CodeOf(err error) string {
	if errors.Is(err, ErrUser1) || errors.Is(err, ErrUser2) {
		return err.Error()
	}
	return ""
}

func (w *fakeWorld) Perform(op *Operation, out []byte) ([]byte, error) {
	if op.Node == sees {
		w.observer.Saw(func(out []byte) []byte { return AppendString(out, "seen") })
	}
	if op.Node == runsItself {
		return out, w.observer.Run(&Script{Ops: []Operation{*op}})
	}
	if op.Script != nil {
		if err := w.observer.Run(op.Script); err != nil {
			return append(out, "thrown away"...), err
		}
	}
	switch op.Node {
	case fails:
		return append(out, "thrown away"...), ErrUser1
	case failsOtherwise:
		return out, errors.New("a \"message\" that is no UTF-8: \xff")
	case panics:
		panic("at the disco")
	case isUnbound:
		return out, ErrUnbound
	case hasNoValue:
		return out, nil
	}
	return AppendInt(out, int64(op.Node)), nil
}

func newFake(observer *Observer) World {
	return &fakeWorld{observer: observer}
}

// ops makes operations on nodes.
func ops(nodes ...Handle) []Operation {
	var made []Operation
	for _, node := range nodes {
		made = append(made, Operation{Node: node})
	}
	return made
}

// around makes an operation on a node with a script of operations.
func around(node Handle, fail Failure, inside ...Operation) Operation {
	return Operation{Node: node, Script: &Script{Ops: inside, Fail: fail}}
}

func observe(program []Operation) string {
	s := newServer(Greeting{}, newFake)
	return string(s.program(nil, program))
}

func TestObservations(t *testing.T) {
	nested := []Operation{around(1, Succeed, append(ops(2, fails), around(3, FailUser2, ops(4, 5)...))...), {Node: 6}}
	for _, test := range []struct {
		name     string
		program  []Operation
		expected string
	}{
		{"none", nil, `[]`},
		{"values", ops(1, hasNoValue, 2), `[{"ok":1},{"ok":null},{"ok":2}]`},
		{"errors", ops(fails, isUnbound), `[{"error":"user_1"},{"unbound":true}]`},
		{
			"an error without a code", []Operation{around(failsOtherwise, Succeed, ops(1)...)},
			`[{"error":"other","inner":[{"ok":1}],"message":"a \"message\" that is no UTF-8: ` + "\ufffd" + `"}]`,
		},
		{"a panic", ops(1, panics, 2), `[{"ok":1},{"panic":"at the disco"},{"ok":2}]`},
		{
			"nesting", nested,
			`[{"ok":1,"inner":[{"ok":2},{"error":"user_1"},{"error":"user_2","inner":[{"ok":4},{"ok":5}]}]},{"ok":6}]`,
		},
		{
			"a panic goes through the functions around it",
			[]Operation{around(1, Succeed, append(ops(2), around(3, Succeed, ops(4, panics, 5)...))...), {Node: 6}},
			`[{"panic":"at the disco","inner":[{"ok":2},` +
				`{"panic":"at the disco","inner":[{"ok":4},{"panic":"at the disco"}]}]},{"ok":6}]`,
		},
		{"a script's panic", []Operation{around(1, FailPanic, ops(2)...)}, `[{"panic":"panic","inner":[{"ok":2}]}]`},
		{
			"what a function saw comes first", []Operation{around(sees, Succeed, ops(2)...)},
			`[{"ok":16,"inner":[{"ok":"seen"},{"ok":2}]}]`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if observed := observe(test.program); test.expected != observed {
				t.Errorf("expected %s\nobserved %s", test.expected, observed)
			}
		})
	}
}

func TestOperationsThatRunThemselvesComeToAnEnd(t *testing.T) {
	observed := observe(ops(runsItself, 1))
	if !strings.HasPrefix(observed, `[{"panic":"operations nested too deeply","inner":[{"panic"`) ||
		!strings.HasSuffix(observed, `]},{"ok":1}]`) {
		t.Errorf("observed %.100s ... %s", observed, observed[len(observed)-100:])
	}
}
