package main

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/components/callbacks"
	"go.temporal.io/server/components/nexusoperations"
	"go.temporal.io/server/components/scheduler"
	"go.temporal.io/server/service/history/hsm"
)

var (
	// now is the time of all events.
	now = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	// errAttempt is why attempts fail.
	errAttempt = errors.New("attempt failed")
)

// A minuteAnAttempt is the retry policy of all events: a delay of as many minutes as attempts were made.
type minuteAnAttempt struct{}

func (minuteAnAttempt) ComputeNextDelay(_ time.Duration, attempts int, _ error) time.Duration {
	return time.Duration(attempts) * time.Minute
}

// earlierFailure is what is known of the last attempt before the probe.
func earlierFailure() *failurepb.Failure {
	return &failurepb.Failure{Message: "earlier attempt failed"}
}

// newRoot makes a tree that knows all the machines and has none.
func newRoot() *hsm.Node {
	registry := hsm.NewRegistry()
	must(registry.RegisterMachine(rootDefinition{}))
	must(callbacks.RegisterStateMachine(registry))
	must(nexusoperations.RegisterStateMachines(registry))
	must(scheduler.RegisterStateMachine(registry))
	children := map[string]*persistence.StateMachineMap{}
	return try(hsm.NewRoot(registry, rootDefinition{}.Type(), nil, children, backend{}))
}

// A rootDefinition is of machines without data.
type rootDefinition struct{}

func (rootDefinition) Type() string                       { return "root" }
func (rootDefinition) Serialize(any) ([]byte, error)      { return nil, nil }
func (rootDefinition) Deserialize([]byte) (any, error)    { return nil, nil }
func (rootDefinition) CompareState(any, any) (int, error) { return 0, nil }

// A backend keeps no history.
type backend struct{}

func (backend) GetCurrentVersion() int64   { return 0 }
func (backend) NextTransitionCount() int64 { return 0 }

func (backend) AddHistoryEvent(kind enumspb.EventType, set func(*historypb.HistoryEvent)) *historypb.HistoryEvent {
	event := &historypb.HistoryEvent{EventType: kind}
	set(event)
	return event
}

func (backend) LoadHistoryEvent(context.Context, []byte) (*historypb.HistoryEvent, error) {
	return nil, errors.New("there is no history")
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func try[T any](value T, err error) T {
	must(err)
	return value
}
