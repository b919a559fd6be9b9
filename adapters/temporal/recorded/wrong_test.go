package recorded

import (
	"context"
	"testing"

	enumsspb "go.temporal.io/server/api/enums/v1"
	"go.temporal.io/server/components/callbacks"
	"go.temporal.io/server/service/history/hsm"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// TestWrong makes the hsm package do wrong, behind the recorder's back: each time so that the requirement is broken
// which the case is named after. Judging these traces must name it. In changed-outside it is the program that does wrong.
func TestWrong(t *testing.T) {
	fail := func(node *hsm.Node, before func(callbacks.Callback)) {
		_ = hsmtrace.MachineTransition(node, func(callback callbacks.Callback) (hsm.TransitionOutput, error) {
			before(callback)
			return hsm.TransitionOutput{}, errAttempt
		})
	}
	for requirement, wrong := range map[string]func(root, node *hsm.Node){
		"MT-ROLLBACK-1": func(_, node *hsm.Node) {
			fail(node, func(callbacks.Callback) { node.InternalRepr().TransitionCount++ })
		},
		"MT-ROLLBACK-2": func(_, node *hsm.Node) {
			fail(node, func(callback callbacks.Callback) {
				callback.CallbackInfo.Attempt = 7
				node.InternalRepr().Data = serialized(node, callback)
			})
		},
		"MT-COMMIT-2": func(_, node *hsm.Node) {
			_ = hsmtrace.MachineTransition(node, func(callbacks.Callback) (hsm.TransitionOutput, error) {
				node.InternalRepr().TransitionCount++
				return hsm.TransitionOutput{}, nil
			})
		},
		"changed-outside": func(_, node *hsm.Node) {
			callback, _ := hsm.MachineData[callbacks.Callback](node)
			callback.SetState(enumsspb.CALLBACK_STATE_FAILED)
			_, _ = hsmtrace.MachineData[callbacks.Callback](node)
		},
		"OUT-LIST-1": func(root, node *hsm.Node) {
			_ = transition(node, callbacks.TransitionScheduled, scheduled)
			root.ClearTransactionState()
			outputs(t, root)
		},
		"DIRTY-TREE-1": func(root, node *hsm.Node) {
			_ = transition(node, callbacks.TransitionScheduled, scheduled)
			root.ClearTransactionState()
			hsmtrace.Dirty(root)
		},
		"REG-EXEC-1": func(root, node *hsm.Node) {
			registry := hsmtrace.NewRegistry()
			_ = hsmtrace.RegisterImmediateExecutor(registry, invoke(nil))
			*registry = *hsm.NewRegistry()
			_ = hsmtrace.ExecuteImmediateTask(registry, context.Background(), environment{root}, refTo(node),
				callbacks.InvocationTask{})
		},
		"REG-EXEC-2": func(_, _ *hsm.Node) {
			registry := hsmtrace.NewRegistry()
			_ = hsmtrace.RegisterImmediateExecutor(registry, invoke(nil))
			*registry = *hsm.NewRegistry()
			_ = hsmtrace.RegisterImmediateExecutor(registry, invoke(nil))
		},
		"MACH-STATE-1": func(_, _ *hsm.Node) {
			set := hsm.NewTransition([]enumsspb.CallbackState{enumsspb.CALLBACK_STATE_STANDBY},
				enumsspb.CALLBACK_STATE_SCHEDULED,
				func(deaf, int) (hsm.TransitionOutput, error) { return hsm.TransitionOutput{}, nil })
			_, _ = hsmtrace.Apply(set, deaf{newCallback()}, 0)
		},
	} {
		t.Run(requirement, func(t *testing.T) {
			hsmtrace.Record(t)
			root := newRoot(t, nil)
			node, err := hsmtrace.AddChild(root, callbackKey("wronged"), newCallback())
			must(t, err)
			wrong(root, node)
		})
	}
}

// A deaf callback does not hear which state it is to be in, as if Apply had not told it.
type deaf struct{ callbacks.Callback }

func (deaf) SetState(enumsspb.CallbackState) {}

// serialized returns the bytes that a machine of the node's type has.
func serialized(node *hsm.Node, callback callbacks.Callback) []byte {
	registry := hsm.NewRegistry()
	_ = callbacks.RegisterStateMachine(registry)
	definition, _ := registry.Machine(node.Key.Type)
	data, _ := definition.Serialize(callback)
	return data
}
