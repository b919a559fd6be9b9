package recorded

import (
	"os"
	"path/filepath"
	"testing"

	"go.temporal.io/server/components/callbacks"
	"go.temporal.io/server/service/history/hsm"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// BenchmarkOverhead measures two transitions of a real callback, with Apply in them: four calls.
func BenchmarkOverhead(b *testing.B) {
	real := func(node *hsm.Node, i int) {
		_ = hsm.MachineTransition(node, func(callback callbacks.Callback) (hsm.TransitionOutput, error) {
			return callbacks.TransitionAttemptFailed.Apply(callback, attemptFailed)
		})
		_ = hsm.MachineTransition(node, func(callback callbacks.Callback) (hsm.TransitionOutput, error) {
			return callbacks.TransitionRescheduled.Apply(callback, rescheduled)
		})
		if i%100 == 0 {
			node.ClearTransactionState()
		}
	}
	recorded := func(node *hsm.Node, i int) {
		_ = transition(node, callbacks.TransitionAttemptFailed, attemptFailed)
		_ = transition(node, callbacks.TransitionRescheduled, rescheduled)
		if i%100 == 0 {
			node.ClearTransactionState()
		}
	}
	measure := func(b *testing.B, run func(*hsm.Node, int)) {
		b.ReportAllocs()
		plain := newCallback()
		plain.Callback.GetNexus().Header = nil
		root := newRoot(b, nil)
		node, err := hsmtrace.AddChild(root, callbackKey("measured"), plain)
		must(b, err)
		must(b, transition(node, callbacks.TransitionScheduled, scheduled))
		b.ResetTimer()
		for i := range b.N {
			run(node, i)
		}
	}
	b.Run("real", func(b *testing.B) { measure(b, real) })
	b.Run("unrecorded", func(b *testing.B) { measure(b, recorded) })
	b.Run("recorded", func(b *testing.B) {
		file, err := os.Create(filepath.Join(b.TempDir(), "trace.jsonl"))
		must(b, err)
		defer file.Close()
		recorder := hsmtrace.New("b", file)
		measure(b, recorded)
		b.StopTimer()
		must(b, recorder.Close())
	})
}
