package recorded

import (
	"context"
	"errors"
	"testing"
	"time"

	enumsspb "go.temporal.io/server/api/enums/v1"
	"go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/definition"
	"go.temporal.io/server/components/callbacks"
	"go.temporal.io/server/service/history/hsm"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// An environment is that of one tree.
type environment struct{ root *hsm.Node }

func (environment) Now() time.Time { return now }

func (e environment) Access(
	_ context.Context, ref hsm.Ref, access hsm.AccessType, accessor func(*hsm.Node) error,
) error {
	node, err := e.root.Child(ref.StateMachinePath())
	if err == nil {
		err = accessor(node)
	}
	if err == nil && access == hsm.AccessWrite {
		hsmtrace.ClearTransactionState(e.root) // As at the end of a transaction.
	}
	return err
}

func refTo(node *hsm.Node) hsm.Ref {
	return hsm.Ref{
		WorkflowKey: definition.NewWorkflowKey("namespace", "workflow", "run"),
		StateMachineRef: &persistence.StateMachineRef{
			Path:                   []*persistence.StateMachineKey{{Type: node.Key.Type, Id: node.Key.ID}},
			MachineTransitionCount: node.InternalRepr().TransitionCount,
		},
	}
}

// tasksOf applies a transition to the machine of a node and returns the tasks that it puts out.
func tasksOf[E any](
	t *testing.T, node *hsm.Node, made hsm.Transition[enumsspb.CallbackState, callbacks.Callback, E], event E,
) (tasks []hsm.Task) {
	t.Helper()
	must(t, hsmtrace.MachineTransition(node, func(callback callbacks.Callback) (hsm.TransitionOutput, error) {
		output, err := hsmtrace.Apply(made, callback, event)
		tasks = output.Tasks
		return output, err
	}))
	return tasks
}

// invoke is an executor of the kind that Temporal has: it reads, calls, and writes what came of the call.
func invoke(result error) hsm.ImmediateExecutor[callbacks.InvocationTask] {
	return func(ctx context.Context, env hsm.Environment, ref hsm.Ref, _ callbacks.InvocationTask) error {
		err := env.Access(ctx, ref, hsm.AccessRead, func(node *hsm.Node) error {
			_, err := hsm.MachineData[callbacks.Callback](node)
			return err
		})
		if err != nil {
			return err
		}
		err = env.Access(ctx, ref, hsm.AccessWrite, func(node *hsm.Node) error {
			return hsm.MachineTransition(node, func(callback callbacks.Callback) (hsm.TransitionOutput, error) {
				if result != nil {
					return callbacks.TransitionAttemptFailed.Apply(callback, attemptFailed)
				}
				return callbacks.TransitionSucceeded.Apply(callback, succeeded)
			})
		})
		return errors.Join(result, err)
	}
}

func TestTheTasksOfACallbackAreExecuted(t *testing.T) {
	hsmtrace.Record(t)
	root := newRoot(t, nil)
	node, err := hsmtrace.AddChild(root, callbackKey("executed"), newCallback())
	must(t, err)
	invocation := tasksOf(t, node, callbacks.TransitionScheduled, scheduled)[0]
	for _, result := range []error{errAttempt, nil} {
		registry := hsmtrace.NewRegistry()
		must(t, hsmtrace.RegisterImmediateExecutor(registry, invoke(result)))
		err = hsmtrace.RegisterImmediateExecutor(registry, invoke(nil))
		expect(t, true, errors.Is(err, hsm.ErrDuplicateRegistration))
		err = hsmtrace.ExecuteImmediateTask(registry, context.Background(), environment{root}, refTo(node), invocation)
		expect(t, result == nil, err == nil)
		if result != nil {
			backOff(t, root, node)
		}
	}
	callback, err := hsmtrace.MachineData[callbacks.Callback](node)
	must(t, err)
	expect(t, enumsspb.CALLBACK_STATE_SUCCEEDED, callback.State())
	expect(t, 4, hsmtrace.TransitionCount(node))
}

// backOff executes the task that ends the time after a failed attempt, with the executor that Temporal has for it.
func backOff(t *testing.T, root, node *hsm.Node) {
	t.Helper()
	registry := hsmtrace.NewRegistry()
	err := hsmtrace.ExecuteTimerTask(registry, environment{root}, node, callbacks.BackoffTask{})
	expect(t, true, errors.Is(err, hsm.ErrNotRegistered))
	must(t, callbacks.RegisterExecutor(registry, callbacks.TaskExecutorOptions{}))
	must(t, hsmtrace.ExecuteTimerTask(registry, environment{root}, node, callbacks.BackoffTask{}))
	err = hsmtrace.RegisterTimerExecutor(registry,
		func(hsm.Environment, *hsm.Node, callbacks.BackoffTask) error { return nil })
	expect(t, true, errors.Is(err, hsm.ErrDuplicateRegistration))
}

func TestATaskOfATimerIsExecuted(t *testing.T) {
	hsmtrace.Record(t)
	root := newRoot(t, nil)
	node, err := hsmtrace.AddChild(root, callbackKey("timed"), newCallback())
	must(t, err)
	registry := hsmtrace.NewRegistry()
	must(t, hsmtrace.RegisterTimerExecutor(registry,
		func(_ hsm.Environment, node *hsm.Node, _ callbacks.BackoffTask) error {
			return transition(node, callbacks.TransitionScheduled, scheduled)
		}))
	must(t, hsmtrace.ExecuteTimerTask(registry, environment{root}, node, callbacks.BackoffTask{}))
	err = hsmtrace.ExecuteTimerTask(registry, environment{root}, node, callbacks.BackoffTask{})
	expect(t, true, errors.Is(err, hsm.ErrInvalidTransition))
}
