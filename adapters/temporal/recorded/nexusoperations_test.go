//go:build !oplog

package recorded

import (
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	enumsspb "go.temporal.io/server/api/enums/v1"
	"go.temporal.io/server/components/nexusoperations"
	"go.temporal.io/server/service/history/hsm"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// newOperation adds an operation as its package does: with its own calls of the hsm package, which are not recorded.
func newOperation(t *testing.T, root *hsm.Node) *hsm.Node {
	t.Helper()
	node, err := nexusoperations.AddChild(root, "operation", &historypb.HistoryEvent{
		EventTime: timestamppb.New(now),
		Attributes: &historypb.HistoryEvent_NexusOperationScheduledEventAttributes{
			NexusOperationScheduledEventAttributes: &historypb.NexusOperationScheduledEventAttributes{
				Endpoint:               "endpoint",
				ScheduleToCloseTimeout: durationpb.New(time.Hour),
			},
		},
	}, nil, false)
	must(t, err)
	return node
}

func operate[E any](
	node *hsm.Node, made hsm.Transition[enumsspb.NexusOperationState, nexusoperations.Operation, E], event E,
) error {
	return hsmtrace.MachineTransition(node, func(operation nexusoperations.Operation) (hsm.TransitionOutput, error) {
		return hsmtrace.Apply(made, operation, event)
	})
}

func TestAnOperationIsRetried(t *testing.T) {
	hsmtrace.Record(t)
	root := newRoot(t, nil)
	node := newOperation(t, root)
	outputs := hsmtrace.Outputs(root)
	expect(t, 1, len(outputs))
	expect(t, 2, len(outputs[0].Outputs[0].Tasks))
	must(t, operate(node, nexusoperations.TransitionAttemptFailed, nexusoperations.EventAttemptFailed{
		Time: now, Err: errAttempt, Node: node, RetryPolicy: minuteAnAttempt{},
	}))
	must(t, operate(node, nexusoperations.TransitionRescheduled, nexusoperations.EventRescheduled{Node: node}))
	must(t, operate(node, nexusoperations.TransitionStarted, nexusoperations.EventStarted{
		Time: now, Node: node, Attributes: &historypb.NexusOperationStartedEventAttributes{OperationId: "id"},
	}))
	must(t, operate(node, nexusoperations.TransitionSucceeded, nexusoperations.EventSucceeded{Time: now, Node: node}))
	operation, err := hsmtrace.MachineData[nexusoperations.Operation](node)
	must(t, err)
	expect(t, enumsspb.NEXUS_OPERATION_STATE_SUCCEEDED, operation.State())
	expect(t, 5, hsmtrace.TransitionCount(node))
}

// The package adds the child that stands for the cancelation inside of a transition.
func TestAnOperationIsCanceled(t *testing.T) {
	hsmtrace.Record(t)
	root := newRoot(t, nil)
	node := newOperation(t, root)
	must(t, operate(node, nexusoperations.TransitionStarted, nexusoperations.EventStarted{
		Time: now, Node: node, Attributes: &historypb.NexusOperationStartedEventAttributes{OperationId: "id"},
	}))
	must(t, hsmtrace.MachineTransition(node, func(o nexusoperations.Operation) (hsm.TransitionOutput, error) {
		return o.Cancel(node, now)
	}))
	cancelation, err := hsmtrace.Child(node, []hsm.Key{nexusoperations.CancelationMachineKey})
	must(t, err)
	must(t, hsmtrace.MachineTransition(cancelation,
		func(c nexusoperations.Cancelation) (hsm.TransitionOutput, error) {
			return hsmtrace.Apply(nexusoperations.TransitionCancelationSucceeded, c,
				nexusoperations.EventCancelationSucceeded{Time: now, Node: cancelation})
		}))
	data, err := hsmtrace.MachineData[nexusoperations.Cancelation](cancelation)
	must(t, err)
	expect(t, enumspb.NEXUS_OPERATION_CANCELLATION_STATE_SUCCEEDED, data.State())
	must(t, operate(node, nexusoperations.TransitionCanceled, nexusoperations.EventCanceled{Time: now, Node: node}))
	expect(t, 2, len(hsmtrace.Outputs(root)))
}
