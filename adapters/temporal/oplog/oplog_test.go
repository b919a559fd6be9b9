package oplog

import (
	"testing"

	"hsmspec/adapters/temporal/binding/bindingtest"
)

func TestGeneration(t *testing.T) {
	bindingtest.Check(t, bindingtest.Of(Generation{}), []bindingtest.Program{
		// The package clears the whole log with any node.
		bindingtest.ClearingSubtree(`{"ok":[]}`),
		{Name: "attributes that the type does not have are no documented error", Steps: []bindingtest.Step{
			{Operation: `{"op":"new_registry"}`, Expected: `{"ok":null}`},
			{Operation: `{"op":"register_task_serializer","type":1}`, Expected: `{"ok":null}`},
			{
				Operation: `{"op":"deserialize_task","type":1,"data":"1","kind":"d"}`,
				Expected:  `{"error":"other","message":"invalid task attributes"}`,
			},
		}},
	})
}

func BenchmarkAdapter(b *testing.B) {
	bindingtest.Benchmark(b, bindingtest.Of(Generation{}))
}
