// Package recorded has tests of Temporal's own machines as a project has them that uses hsmtrace. Their traces are
// judged by make recorded. It is tested by the module around it with v1.25.1, and by those in its folders with the
// versions that they are named after.
package recorded

import (
	"errors"
	"testing"
	"time"

	"go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/components/callbacks"
	"go.temporal.io/server/components/nexusoperations"
	"go.temporal.io/server/service/history/hsm"
	"go.temporal.io/server/service/history/hsm/hsmtest"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
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

// A workflow is the definition of machines without data.
type workflow struct{}

func (workflow) Type() string                       { return "workflow" }
func (workflow) Serialize(any) ([]byte, error)      { return nil, nil }
func (workflow) Deserialize([]byte) (any, error)    { return nil, nil }
func (workflow) CompareState(any, any) (int, error) { return 0, nil }

// newRoot makes a tree that knows Temporal's machines, with these persisted children.
func newRoot(t testing.TB, children map[string]*persistence.StateMachineMap) *hsm.Node {
	t.Helper()
	registry := hsmtrace.NewRegistry()
	must(t, hsmtrace.RegisterMachine(registry, workflow{}))
	must(t, callbacks.RegisterStateMachine(registry))
	must(t, callbacks.RegisterTaskSerializers(registry))
	must(t, nexusoperations.RegisterStateMachines(registry))
	must(t, nexusoperations.RegisterTaskSerializers(registry))
	root, err := hsmtrace.NewRoot(registry, workflow{}.Type(), nil, children, &hsmtest.NodeBackend{})
	must(t, err)
	return root
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func expect[T comparable](t testing.TB, expected, found T) {
	t.Helper()
	if expected != found {
		t.Fatalf("expected %v, found %v", expected, found)
	}
}
