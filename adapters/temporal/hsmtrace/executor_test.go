package hsmtrace_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/definition"
	"go.temporal.io/server/service/history/hsm"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// A world is an environment: the tree that its references are into.
type world struct{ root *hsm.Node }

func (world) Now() time.Time { panic("the clock was looked at") }

func (w world) Access(
	_ context.Context, ref hsm.Ref, _ hsm.AccessType, accessor func(*hsm.Node) error,
) error {
	node, err := w.root.Child(ref.StateMachinePath())
	if err != nil {
		return err
	}
	return accessor(node)
}

func lampRef(id string) hsm.Ref {
	return hsm.Ref{
		WorkflowKey: definition.NewWorkflowKey("n", "w", "r"),
		StateMachineRef: &persistence.StateMachineRef{
			Path:                            []*persistence.StateMachineKey{{Type: "lamp", Id: id}},
			MutableStateVersionedTransition: &persistence.VersionedTransition{NamespaceFailoverVersion: 4},
			MachineTransitionCount:          5,
		},
	}
}

// answering returns an executor that does nothing but answer.
func answering(err error) hsm.ImmediateExecutor[call] {
	return func(context.Context, hsm.Environment, hsm.Ref, call) error { return err }
}

// execute executes a call at a lamp and returns what was recorded of that and of the registry.
func execute(t *testing.T, register func(*hsm.Registry), run func(*hsm.Registry, world)) (of, registry []string) {
	t.Helper()
	lines := recorded(t, func() {
		made := hsmtrace.NewRegistry()
		register(made)
		root := newRoot()
		addLamp(root, "a")
		run(made, world{root})
	})
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, `{"trace":"t#1"`):
			registry = append(registry, line)
		case strings.HasPrefix(line, `{"trace":"t#3"`):
			of = append(of, line)
		}
	}
	return withoutTags(steps(of, "new_registry")), withoutTags(steps(registry, "new_registry"))
}

// withoutTags puts the letters from a on in the place of the numbers of executors.
func withoutTags(lines []string) []string {
	letters := map[string]string{}
	found := make([]string, len(lines))
	for i, line := range lines {
		found[i] = tagged.ReplaceAllStringFunc(line, func(text string) string {
			digits := strings.TrimLeft(text, `"tagok:{[`)
			if letters[digits] == "" {
				letters[digits] = string(rune('a' + len(letters)))
			}
			return strings.TrimSuffix(text, digits) + letters[digits]
		})
	}
	return found
}

const (
	madeUp = `{"op":"new_registry"} {"ok":null}
{"op":"register_machine","type":"root"} {"ok":null}
{"op":"new_root","type":"root","data":["",""],"bind":0} {"ok":null}
`
	theCall  = `["call","eyJOdW1iZXIiOjF9",1]`
	theLamp  = `[["lamp","a"]]`
	executed = `{"op":"execute","task":` + theCall + `,"ref":{"path":` + theLamp +
		`,"workflow":["n","w","r"],"version":4,"count":5},"node":0} `
	wasCalled = `"inner":[{"ok":[a,null,` + theCall + `,[["n","w","r"],` + theLamp + `,4,5]]}]}`
)

func TestAnExecutionIsATraceOfItsOwn(t *testing.T) {
	run := func(registry *hsm.Registry, env world) {
		_ = hsmtrace.ExecuteImmediateTask(registry, context.Background(), env, lampRef("a"), call{1})
	}
	for _, test := range []struct {
		name     string
		executor hsm.ImmediateExecutor[call]
		expected string
	}{
		{
			"that succeeds", answering(nil),
			`{"op":"register_executor","type":"call","tag":a} {"ok":null}
` + executed + `{"ok":null,` + wasCalled,
		}, {
			"that fails", answering(errBurnt),
			`{"op":"register_executor","type":"call","tag":a,"script":{"fail":"user_1"}} {"ok":null}
` + executed + `{"error":"user_1",` + wasCalled,
		}, {
			"with an error that is a documented one", answering(fmt.Errorf("in vain: %w", hsm.ErrNotRegistered)),
			`{"op":"register_executor","type":"call","tag":a,"script":{"fail":"user_1"}} {"ok":null}
` + executed + `{"error":"user_1",` + wasCalled,
		}, {
			"without an executor", nil, executed + `{"error":"not_registered"}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, _ := execute(t, func(registry *hsm.Registry) {
				if test.executor != nil {
					must(hsmtrace.RegisterImmediateExecutor(registry, test.executor))
				}
			}, run)
			equal(t, madeUp+test.expected, strings.Join(found, "\n"))
		})
	}
}

func TestAnExecutionThatPanics(t *testing.T) {
	found, _ := execute(t, func(registry *hsm.Registry) {
		must(hsmtrace.RegisterImmediateExecutor(registry,
			func(context.Context, hsm.Environment, hsm.Ref, call) error { panic("the very value") }))
	}, func(registry *hsm.Registry, env world) {
		defer func() { equal(t, any("the very value"), recover()) }()
		_ = hsmtrace.ExecuteImmediateTask(registry, context.Background(), env, lampRef("a"), call{1})
	})
	equal(t, madeUp+`{"op":"register_executor","type":"call","tag":a,"script":{"fail":"panic"}} {"ok":null}
`+executed+`{"panic":"panic",`+wasCalled, strings.Join(found, "\n"))
}

func TestATimersTaskHasNoReference(t *testing.T) {
	found, _ := execute(t, func(registry *hsm.Registry) {
		must(hsmtrace.RegisterTimerExecutor(registry, func(hsm.Environment, *hsm.Node, call) error { return nil }))
	}, func(registry *hsm.Registry, env world) {
		node := try(env.root.Child([]hsm.Key{lampKey("a")}))
		must(hsmtrace.ExecuteTimerTask(registry, env, node, call{1}))
	})
	equal(t, madeUp+`{"op":"register_executor","type":"call","tag":a} {"ok":null}
{"op":"execute","task":`+theCall+`,"ref":{"path":`+theLamp+`},"node":0} {"ok":null,"inner":[{"ok":[a,null,`+
		theCall+`,null]}]}`, strings.Join(found, "\n"))
}

func TestExecutorsAreRegisteredInTheRegistrysTrace(t *testing.T) {
	waiting := func(hsm.Environment, *hsm.Node, call) error { return nil }
	_, found := execute(t, func(registry *hsm.Registry) {
		_ = hsmtrace.RegisterImmediateExecutor(registry, answering(nil))
		_ = hsmtrace.RegisterImmediateExecutor(registry, answering(nil))
		must(hsm.RegisterTimerExecutor(registry, waiting))
		_ = hsmtrace.RegisterTimerExecutor(registry, waiting)
	}, func(*hsm.Registry, world) {})
	equal(t, `{"op":"new_registry"} {"ok":null}
{"op":"register_executor","type":"call","tag":a} {"ok":null}
{"op":"register_executor","type":"call","tag":b} {"error":"duplicate_registration"}
{"op":"new_registry","registry":1} {"ok":null}
{"op":"register_executor","type":"call","registry":1} {"ok":null}
{"op":"register_executor","type":"call","tag":c,"registry":1} {"error":"duplicate_registration"}`,
		strings.Join(found, "\n"))
}

func TestWhatAnExecutorDoesIsInTheTreesTrace(t *testing.T) {
	on := func(node *hsm.Node) error { return hsm.MachineTransition(node, switched("on")) }
	for name, run := range map[string]func(*hsm.Registry, world) error{
		"an immediate one": func(registry *hsm.Registry, env world) error {
			return hsmtrace.ExecuteImmediateTask(registry, context.Background(), env, lampRef("a"), call{1})
		},
		"a timer's": func(registry *hsm.Registry, env world) error {
			return hsmtrace.ExecuteTimerTask(registry, env, try(env.root.Child([]hsm.Key{lampKey("a")})), call{1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			lines := recorded(t, func() {
				registry, root := hsm.NewRegistry(), newRoot()
				addLamp(root, "a")
				must(hsm.RegisterImmediateExecutor(registry,
					func(ctx context.Context, env hsm.Environment, ref hsm.Ref, _ call) error {
						return env.Access(ctx, ref, hsm.AccessWrite, on)
					}))
				must(hsm.RegisterTimerExecutor(registry,
					func(_ hsm.Environment, node *hsm.Node, _ call) error { return on(node) }))
				must(run(registry, world{root}))
			})
			found := steps(lines, "machine_transition")
			equal(t, 1, len(found))
			equal(t, expand(`{"op":"machine_transition","node":1,"machine":0,"script":{"ops":[`+
				`{"op":"set_state","machine":0,"state":"on"},{"op":"set_value","machine":0,"value":"<on 1>"}]}} `+
				`{"ok":null,"inner":[{"ok":null},{"ok":null}]}`), found[0])
			// An executor that was registered without the recorder is not seen to be called, which is said.
			equal(t, 0, strings.Count(strings.Join(lines, "\n"), `"op":"execute"`))
			equal(t, 1, strings.Count(strings.Join(lines, "\n"), `{"trace":"t#2","end":true,"because":"a task of the type `+
				`call was executed by an executor that was registered without the recorder, which is not seen to be called"}`))
		})
	}
}
