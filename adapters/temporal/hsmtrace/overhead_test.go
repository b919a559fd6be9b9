package hsmtrace_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/server/service/history/hsm"
	"go.temporal.io/server/service/history/hsm/hsmtest"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// BenchmarkOverhead measures each kind of call four times: of the hsm package itself, of hsmtrace without a recorder, and
// recorded to a file as [hsmtrace.Record] does, with all rules for machines and without.
func BenchmarkOverhead(b *testing.B) {
	root := func() *hsm.Node {
		return try(hsmtrace.NewRoot(newRegistry(), "house", &lamp{"off", 0}, nil, &hsmtest.NodeBackend{}))
	}
	on := func(l *lamp) (hsm.TransitionOutput, error) {
		l.state = "off"
		return switchOn.Apply(l, nil)
	}
	recordedOn := func(l *lamp) (hsm.TransitionOutput, error) {
		l.state = "off"
		return hsmtrace.Apply(switchOn, l, nil)
	}
	failing := func(*lamp) (hsm.TransitionOutput, error) { return hsm.TransitionOutput{}, errBurnt }
	path := []hsm.Key{lampKey("a")}
	for _, operation := range []struct {
		name           string
		real, recorded func(root, node *hsm.Node, i int)
	}{
		{
			"Dirty",
			func(root, _ *hsm.Node, _ int) { root.Dirty() },
			func(root, _ *hsm.Node, _ int) { hsmtrace.Dirty(root) },
		}, {
			"Child",
			func(root, _ *hsm.Node, _ int) { try(root.Child(path)) },
			func(root, _ *hsm.Node, _ int) { try(hsmtrace.Child(root, path)) },
		}, {
			"AddChild",
			func(root, _ *hsm.Node, i int) { try(root.AddChild(lampKey(fmt.Sprint(i)), &lamp{"off", 0})) },
			func(root, _ *hsm.Node, i int) { try(hsmtrace.AddChild(root, lampKey(fmt.Sprint(i)), &lamp{"off", 0})) },
		}, {
			"MachineData",
			func(_, node *hsm.Node, _ int) { try(hsm.MachineData[*lamp](node)) },
			func(_, node *hsm.Node, _ int) { try(hsmtrace.MachineData[*lamp](node)) },
		}, {
			"MachineTransition",
			func(_, node *hsm.Node, i int) { must(hsm.MachineTransition(node, on)); sometimesClear(node, i) },
			func(_, node *hsm.Node, i int) { must(hsmtrace.MachineTransition(node, on)); sometimesClear(node, i) },
		}, {
			"MachineTransitionWithApply",
			func(_, node *hsm.Node, i int) { must(hsm.MachineTransition(node, on)); sometimesClear(node, i) },
			func(_, node *hsm.Node, i int) {
				must(hsmtrace.MachineTransition(node, recordedOn))
				sometimesClear(node, i)
			},
		}, {
			"MachineTransitionThatFails",
			func(_, node *hsm.Node, _ int) { _ = hsm.MachineTransition(node, failing) },
			func(_, node *hsm.Node, _ int) { _ = hsmtrace.MachineTransition(node, failing) },
		},
	} {
		measure := func(b *testing.B, run func(root, node *hsm.Node, i int)) {
			b.ReportAllocs()
			root := root()
			node := addLamp(root, "a")
			before := processorTime()
			for i := range b.N {
				run(root, node, i)
			}
			b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op")
		}
		b.Run(operation.name+"/real", func(b *testing.B) { measure(b, operation.real) })
		b.Run(operation.name+"/unrecorded", func(b *testing.B) { measure(b, operation.recorded) })
		for name, options := range map[string][]hsmtrace.Option{"recorded": nil, "unchecked": {everyRule}} {
			b.Run(operation.name+"/"+name, func(b *testing.B) {
				file := try(os.Create(filepath.Join(b.TempDir(), "trace.jsonl")))
				defer file.Close()
				recorder := hsmtrace.New("b", file, options...)
				measure(b, operation.recorded)
				b.StopTimer()
				must(recorder.Close())
			})
		}
	}
}

// everyRule switches all rules for machines off.
var everyRule = hsmtrace.Without(hsmtrace.RegeneratedTasks, hsmtrace.TaskSerializers, hsmtrace.TaskExecutors,
	hsmtrace.RoundTrip, hsmtrace.ClearedOutputs, hsmtrace.SwallowedFailure, hsmtrace.ChangedOutside)

// processorTime returns the time that processors have spent on this process: other processes do not count.
func processorTime() time.Duration {
	var used syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// sometimesClear keeps outputs from piling up.
func sometimesClear(node *hsm.Node, i int) {
	if i%100 == 0 {
		node.ClearTransactionState()
	}
}
