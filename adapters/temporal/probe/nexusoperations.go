package main

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	enumsspb "go.temporal.io/server/api/enums/v1"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/components/nexusoperations"
	"go.temporal.io/server/service/history/hsm"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const endpoint = "endpoint"

func probeOperation() *machineReport {
	p := newProber(
		nexusoperations.OperationMachineType,
		func(operation nexusoperations.Operation) map[string]any {
			return map[string]any{
				"attempt":      operation.GetAttempt(),
				"last_attempt": millis(operation.GetLastAttemptCompleteTime()),
				"last_failure": operation.GetLastAttemptFailure().GetMessage(),
				"next_attempt": millis(operation.GetNextAttemptScheduleTime()),
				"operation_id": operation.GetOperationId(),
			}
		},
		machineCase[enumsspb.NexusOperationState]{"no timeout", func(state enumsspb.NexusOperationState) *hsm.Node {
			return addOperation(state, 0)
		}},
		machineCase[enumsspb.NexusOperationState]{"timeout", func(state enumsspb.NexusOperationState) *hsm.Node {
			return addOperation(state, time.Hour)
		}},
		machineCase[enumsspb.NexusOperationState]{"cancel requested", func(state enumsspb.NexusOperationState) *hsm.Node {
			node := addOperation(state, time.Hour)
			addCancelation(node, enumspb.NEXUS_OPERATION_CANCELLATION_STATE_UNSPECIFIED)
			return node
		}},
	)
	tryOut(p, "TransitionScheduled", nexusoperations.TransitionScheduled,
		only(func(node *hsm.Node) nexusoperations.EventScheduled { return nexusoperations.EventScheduled{Node: node} }))
	tryOut(p, "TransitionRescheduled", nexusoperations.TransitionRescheduled,
		only(func(node *hsm.Node) nexusoperations.EventRescheduled {
			return nexusoperations.EventRescheduled{Node: node}
		}))
	tryOut(p, "TransitionAttemptFailed", nexusoperations.TransitionAttemptFailed,
		only(func(node *hsm.Node) nexusoperations.EventAttemptFailed {
			return nexusoperations.EventAttemptFailed{Time: now, Err: errAttempt, Node: node, RetryPolicy: minuteAnAttempt{}}
		}))
	tryOut(p, "TransitionFailed", nexusoperations.TransitionFailed,
		samples(func(node *hsm.Node, source nexusoperations.CompletionSource) nexusoperations.EventFailed {
			return nexusoperations.EventFailed{
				Time: now,
				Node: node,
				Attributes: &historypb.NexusOperationFailedEventAttributes{
					Failure: &failurepb.Failure{Cause: &failurepb.Failure{Message: errAttempt.Error()}},
				},
				CompletionSource: source,
			}
		})...)
	tryOut(p, "TransitionSucceeded", nexusoperations.TransitionSucceeded,
		samples(func(node *hsm.Node, source nexusoperations.CompletionSource) nexusoperations.EventSucceeded {
			return nexusoperations.EventSucceeded{Time: now, Node: node, CompletionSource: source}
		})...)
	tryOut(p, "TransitionCanceled", nexusoperations.TransitionCanceled,
		samples(func(node *hsm.Node, source nexusoperations.CompletionSource) nexusoperations.EventCanceled {
			return nexusoperations.EventCanceled{Time: now, Node: node, CompletionSource: source}
		})...)
	tryOut(p, "TransitionStarted", nexusoperations.TransitionStarted,
		only(func(node *hsm.Node) nexusoperations.EventStarted {
			attributes := &historypb.NexusOperationStartedEventAttributes{OperationId: "operation-id"}
			return nexusoperations.EventStarted{Time: now, Node: node, Attributes: attributes}
		}))
	tryOut(p, "TransitionTimedOut", nexusoperations.TransitionTimedOut,
		only(func(node *hsm.Node) nexusoperations.EventTimedOut { return nexusoperations.EventTimedOut{Node: node} }))
	p.report.Created = append(p.report.Created, create("no timeout", 0), create("timeout", time.Hour))
	return p.report
}

// samples makes an event for each place that a completion may come from.
func samples[E any](event func(*hsm.Node, nexusoperations.CompletionSource) E) []sample[E] {
	var made []sample[E]
	for source, name := range []string{"unspecified", "response", "callback", "cancel requested"} {
		made = append(made, sample[E]{name, func(node *hsm.Node) E {
			return event(node, nexusoperations.CompletionSource(source))
		}})
	}
	return made
}

func addOperation(state enumsspb.NexusOperationState, timeout time.Duration) *hsm.Node {
	key := hsm.Key{Type: nexusoperations.OperationMachineType, ID: "1"}
	return try(newRoot().AddChild(key, nexusoperations.Operation{
		NexusOperationInfo: &persistencespb.NexusOperationInfo{
			Endpoint:               endpoint,
			ScheduledTime:          timestamppb.New(now),
			ScheduleToCloseTimeout: durationpb.New(timeout),
			State:                  state,
			// With an attempt behind it.
			LastAttemptFailure:      earlierFailure(),
			NextAttemptScheduleTime: timestamppb.New(now),
		},
	}))
}

// create adds an operation in the way of its package: in one go with its first transition.
func create(name string, timeout time.Duration) created {
	root := newRoot()
	event := &historypb.HistoryEvent{
		EventTime: timestamppb.New(now),
		Attributes: &historypb.HistoryEvent_NexusOperationScheduledEventAttributes{
			NexusOperationScheduledEventAttributes: &historypb.NexusOperationScheduledEventAttributes{
				Endpoint:               endpoint,
				ScheduleToCloseTimeout: durationpb.New(timeout),
			},
		},
	}
	node := try(nexusoperations.AddChild(root, "1", event, nil, false))
	entry := created{Case: name, After: try(hsm.MachineData[nexusoperations.Operation](node)).State().String()}
	var tasks []hsm.Task
	for _, of := range root.Outputs() {
		for _, output := range of.Outputs {
			tasks = append(tasks, output.Tasks...)
		}
	}
	entry.Tasks = describe(tasks)
	return entry
}

func probeCancelation() *machineReport {
	p := newProber(
		nexusoperations.CancelationMachineType,
		func(cancelation nexusoperations.Cancelation) map[string]any {
			return map[string]any{
				"attempt":      cancelation.GetAttempt(),
				"last_attempt": millis(cancelation.GetLastAttemptCompleteTime()),
				"last_failure": cancelation.GetLastAttemptFailure().GetMessage(),
				"next_attempt": millis(cancelation.GetNextAttemptScheduleTime()),
				"requested":    millis(cancelation.GetRequestedTime()),
			}
		},
		machineCase[enumspb.NexusOperationCancellationState]{"", func(state enumspb.NexusOperationCancellationState) *hsm.Node {
			return addCancelation(addOperation(enumsspb.NEXUS_OPERATION_STATE_STARTED, 0), state)
		}},
	)
	tryOut(p, "TransitionCancelationScheduled", nexusoperations.TransitionCancelationScheduled,
		only(func(node *hsm.Node) nexusoperations.EventCancelationScheduled {
			return nexusoperations.EventCancelationScheduled{Time: now, Node: node}
		}))
	tryOut(p, "TransitionCancelationRescheduled", nexusoperations.TransitionCancelationRescheduled,
		only(func(node *hsm.Node) nexusoperations.EventCancelationRescheduled {
			return nexusoperations.EventCancelationRescheduled{Node: node}
		}))
	tryOut(p, "TransitionCancelationAttemptFailed", nexusoperations.TransitionCancelationAttemptFailed,
		only(func(node *hsm.Node) nexusoperations.EventCancelationAttemptFailed {
			return nexusoperations.EventCancelationAttemptFailed{
				Time: now, Err: errAttempt, Node: node, RetryPolicy: minuteAnAttempt{},
			}
		}))
	tryOut(p, "TransitionCancelationFailed", nexusoperations.TransitionCancelationFailed,
		only(func(node *hsm.Node) nexusoperations.EventCancelationFailed {
			return nexusoperations.EventCancelationFailed{Time: now, Err: errAttempt, Node: node}
		}))
	tryOut(p, "TransitionCancelationSucceeded", nexusoperations.TransitionCancelationSucceeded,
		only(func(node *hsm.Node) nexusoperations.EventCancelationSucceeded {
			return nexusoperations.EventCancelationSucceeded{Time: now, Node: node}
		}))
	return p.report
}

func addCancelation(operation *hsm.Node, state enumspb.NexusOperationCancellationState) *hsm.Node {
	return try(operation.AddChild(nexusoperations.CancelationMachineKey, nexusoperations.Cancelation{
		NexusOperationCancellationInfo: &persistencespb.NexusOperationCancellationInfo{
			State:                   state,
			LastAttemptFailure:      earlierFailure(),
			NextAttemptScheduleTime: timestamppb.New(now),
		},
	}))
}
