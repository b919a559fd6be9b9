package main

import (
	enumsspb "go.temporal.io/server/api/enums/v1"
	schedspb "go.temporal.io/server/api/schedule/v1"
	"go.temporal.io/server/components/scheduler"
	"go.temporal.io/server/service/history/hsm"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func probeScheduler() *machineReport {
	p := newProber(
		scheduler.StateMachineType,
		func(machine *scheduler.Scheduler) map[string]any {
			return map[string]any{"next_invocation": millis(machine.GetNextInvocationTime())}
		},
		machineCase[enumsspb.SchedulerState]{"", func(state enumsspb.SchedulerState) *hsm.Node {
			made := scheduler.NewScheduler(&schedspb.StartScheduleArgs{}, &scheduler.DefaultTweakables)
			made.NextInvocationTime = timestamppb.New(now)
			made.SetState(state)
			return try(newRoot().AddChild(hsm.Key{Type: scheduler.StateMachineType, ID: "1"}, made))
		}},
	)
	tryOut(p, "TransitionSchedulerActivate", scheduler.TransitionSchedulerActivate,
		only(func(*hsm.Node) scheduler.EventSchedulerActivate { return scheduler.EventSchedulerActivate{} }))
	tryOut(p, "TransitionSchedulerWait", scheduler.TransitionSchedulerWait,
		only(func(*hsm.Node) scheduler.EventSchedulerWait { return scheduler.EventSchedulerWait{} }))
	return p.report
}
