package recorded

import (
	"errors"
	"testing"

	enumsspb "go.temporal.io/server/api/enums/v1"
	"go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/components/callbacks"
	"go.temporal.io/server/service/history/hsm"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

func newCallback() callbacks.Callback {
	return callbacks.Callback{CallbackInfo: &persistence.CallbackInfo{
		Trigger:          callbacks.NewWorkflowClosedTrigger(),
		State:            enumsspb.CALLBACK_STATE_STANDBY,
		RegistrationTime: timestamppb.New(now),
		Callback: &persistence.Callback{
			Variant: &persistence.Callback_Nexus_{Nexus: &persistence.Callback_Nexus{
				Url:    "https://caller.example/path",
				Header: map[string]string{"a": "1", "b": "2", "c": "3"},
			}},
		},
	}}
}

// transition applies a transition to the machine of a node.
func transition[E any](
	node *hsm.Node, made hsm.Transition[enumsspb.CallbackState, callbacks.Callback, E], event E,
) error {
	return hsmtrace.MachineTransition(node, func(callback callbacks.Callback) (hsm.TransitionOutput, error) {
		return hsmtrace.Apply(made, callback, event)
	})
}

var (
	scheduled     = callbacks.EventScheduled{}
	rescheduled   = callbacks.EventRescheduled{}
	attemptFailed = callbacks.EventAttemptFailed{Time: now, Err: errAttempt, RetryPolicy: minuteAnAttempt{}}
	succeeded     = callbacks.EventSucceeded{Time: now}
)

func callbackKey(id string) hsm.Key { return hsm.Key{Type: callbacks.StateMachineType, ID: id} }

func TestACallbackIsRetried(t *testing.T) {
	hsmtrace.Record(t)
	root := newRoot(t, nil)
	node, err := hsmtrace.AddChild(root, callbackKey("retried"), newCallback())
	must(t, err)
	must(t, transition(node, callbacks.TransitionScheduled, scheduled))
	expect(t, 1, outputs(t, root))
	for range 3 {
		must(t, transition(node, callbacks.TransitionAttemptFailed, attemptFailed))
		must(t, transition(node, callbacks.TransitionRescheduled, rescheduled))
		hsmtrace.ClearTransactionState(root)
	}
	must(t, transition(node, callbacks.TransitionSucceeded, succeeded))
	callback, err := hsmtrace.MachineData[callbacks.Callback](node)
	must(t, err)
	expect(t, enumsspb.CALLBACK_STATE_SUCCEEDED, callback.State())
	expect(t, 4, callback.Attempt)
	expect(t, true, hsmtrace.Dirty(root))
}

func TestATransitionThatIsInvalidChangesNothing(t *testing.T) {
	hsmtrace.Record(t)
	node, err := hsmtrace.AddChild(newRoot(t, nil), callbackKey("standing by"), newCallback())
	must(t, err)
	err = transition(node, callbacks.TransitionSucceeded, succeeded)
	expect(t, true, errors.Is(err, hsm.ErrInvalidTransition))
	callback, err := hsmtrace.MachineData[callbacks.Callback](node)
	must(t, err)
	expect(t, enumsspb.CALLBACK_STATE_STANDBY, callback.State())
	expect(t, 0, hsmtrace.TransitionCount(node))
}

func TestATransitionWhoseFunctionFailsIsRolledBack(t *testing.T) {
	hsmtrace.Record(t)
	root := newRoot(t, nil)
	node, err := hsmtrace.AddChild(root, callbackKey("failing"), newCallback())
	must(t, err)
	must(t, transition(node, callbacks.TransitionScheduled, scheduled))
	err = hsmtrace.MachineTransition(node, func(callback callbacks.Callback) (hsm.TransitionOutput, error) {
		output, err := hsmtrace.Apply(callbacks.TransitionAttemptFailed, callback, attemptFailed)
		must(t, err)
		return output, errAttempt
	})
	expect(t, errAttempt, err)
	callback, err := hsmtrace.MachineData[callbacks.Callback](node)
	must(t, err)
	expect(t, enumsspb.CALLBACK_STATE_SCHEDULED, callback.State())
	expect(t, 0, callback.Attempt)
	expect(t, 1, outputs(t, root))
}

// Without a variant, tasks cannot be made, and the apply function fails.
func TestAnApplyFunctionThatFails(t *testing.T) {
	hsmtrace.Record(t)
	callback := newCallback()
	callback.Callback.Variant = nil
	node, err := hsmtrace.AddChild(newRoot(t, nil), callbackKey("without variant"), callback)
	must(t, err)
	if transition(node, callbacks.TransitionScheduled, scheduled) == nil {
		t.Fatal("no error")
	}
	callback, err = hsmtrace.MachineData[callbacks.Callback](node)
	must(t, err)
	expect(t, enumsspb.CALLBACK_STATE_STANDBY, callback.State())
}

func TestACollectionOfCallbacks(t *testing.T) {
	hsmtrace.Record(t)
	root := newRoot(t, nil)
	collection := hsmtrace.NewCollection[callbacks.Callback](root, callbacks.StateMachineType)
	for _, id := range []string{"a", "b", "c"} {
		_, err := collection.Add(id, newCallback())
		must(t, err)
	}
	_, err := collection.Add("a", newCallback())
	expect(t, true, errors.Is(err, hsm.ErrStateMachineAlreadyExists))
	must(t, collection.Transition("b", func(callback callbacks.Callback) (hsm.TransitionOutput, error) {
		return hsmtrace.Apply(callbacks.TransitionScheduled, callback, scheduled)
	}))
	callback, err := collection.Data("b")
	must(t, err)
	expect(t, enumsspb.CALLBACK_STATE_SCHEDULED, callback.State())
	expect(t, 3, len(collection.List()))
	_, err = collection.Node("d")
	expect(t, true, errors.Is(err, hsm.ErrStateMachineNotFound))
	for _, node := range collection.List() {
		expect(t, 1, len(hsmtrace.Path(node)))
	}
}

func TestATreeGoesThroughPersistence(t *testing.T) {
	hsmtrace.Record(t)
	root := newRoot(t, nil)
	node, err := hsmtrace.AddChild(root, callbackKey("persisted"), newCallback())
	must(t, err)
	must(t, transition(node, callbacks.TransitionScheduled, scheduled))
	written, err := proto.Marshal(hsmtrace.InternalRepr(root))
	must(t, err)
	read := new(persistence.StateMachineNode)
	must(t, proto.Unmarshal(written, read))

	again, err := hsmtrace.Child(newRoot(t, read.Children), []hsm.Key{callbackKey("persisted")})
	must(t, err)
	expect(t, 1, hsmtrace.TransitionCount(again))
	must(t, transition(again, callbacks.TransitionSucceeded, succeeded))
	expect(t, 2, hsmtrace.TransitionCount(again))
}

// Machines can be used without a tree, as the tests of Temporal do.
func TestACallbackWithoutATree(t *testing.T) {
	hsmtrace.Record(t)
	callback := newCallback()
	expect(t, true, hsmtrace.Possible(callbacks.TransitionScheduled, callback))
	_, err := hsmtrace.Apply(callbacks.TransitionScheduled, callback, scheduled)
	must(t, err)
	output, err := hsmtrace.Apply(callbacks.TransitionAttemptFailed, callback, attemptFailed)
	must(t, err)
	expect(t, 1, len(output.Tasks))
	_, err = hsmtrace.Apply(callbacks.TransitionScheduled, callback, scheduled)
	expect(t, true, errors.Is(err, hsm.ErrInvalidTransition))
}
