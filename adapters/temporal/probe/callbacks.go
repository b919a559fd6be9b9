package main

import (
	enumsspb "go.temporal.io/server/api/enums/v1"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/components/callbacks"
	"go.temporal.io/server/service/history/hsm"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func probeCallback() *machineReport {
	p := newProber(
		callbacks.StateMachineType,
		func(callback callbacks.Callback) map[string]any {
			return map[string]any{
				"attempt":      callback.GetAttempt(),
				"last_attempt": millis(callback.GetLastAttemptCompleteTime()),
				"last_failure": callback.GetLastAttemptFailure().GetMessage(),
				"next_attempt": millis(callback.GetNextAttemptScheduleTime()),
			}
		},
		callbackCase("URL", true, nexusCallback("https://user@caller.example?token=1")),
		callbackCase("machine", false, &persistencespb.Callback{Variant: &persistencespb.Callback_Hsm{
			Hsm: &persistencespb.Callback_HSM{},
		}}),
		callbackCase("broken URL", true, nexusCallback("https://caller.example/\x7f")),
		callbackCase("no variant", true, &persistencespb.Callback{}),
	)
	tryOut(p, "TransitionScheduled", callbacks.TransitionScheduled,
		only(func(*hsm.Node) callbacks.EventScheduled { return callbacks.EventScheduled{} }))
	tryOut(p, "TransitionRescheduled", callbacks.TransitionRescheduled,
		only(func(*hsm.Node) callbacks.EventRescheduled { return callbacks.EventRescheduled{} }))
	tryOut(p, "TransitionAttemptFailed", callbacks.TransitionAttemptFailed,
		only(func(*hsm.Node) callbacks.EventAttemptFailed {
			return callbacks.EventAttemptFailed{Time: now, Err: errAttempt, RetryPolicy: minuteAnAttempt{}}
		}))
	tryOut(p, "TransitionFailed", callbacks.TransitionFailed,
		only(func(*hsm.Node) callbacks.EventFailed { return callbacks.EventFailed{Time: now, Err: errAttempt} }))
	tryOut(p, "TransitionSucceeded", callbacks.TransitionSucceeded,
		only(func(*hsm.Node) callbacks.EventSucceeded { return callbacks.EventSucceeded{Time: now} }))
	return p.report
}

func nexusCallback(url string) *persistencespb.Callback {
	return &persistencespb.Callback{
		Variant: &persistencespb.Callback_Nexus_{Nexus: &persistencespb.Callback_Nexus{Url: url}},
	}
}

// callbackCase makes callbacks, with an attempt behind them or without.
func callbackCase(
	name string, attempted bool, callback *persistencespb.Callback,
) machineCase[enumsspb.CallbackState] {
	return machineCase[enumsspb.CallbackState]{name, func(state enumsspb.CallbackState) *hsm.Node {
		made := callbacks.NewCallback(timestamppb.New(now), callbacks.NewWorkflowClosedTrigger(), callback)
		made.SetState(state)
		if attempted {
			made.LastAttemptFailure = earlierFailure()
			made.NextAttemptScheduleTime = timestamppb.New(now)
		}
		return try(newRoot().AddChild(hsm.Key{Type: callbacks.StateMachineType, ID: "1"}, made))
	}}
}
