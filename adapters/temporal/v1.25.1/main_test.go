package main

import (
	"testing"

	"hsmspec/adapters/temporal/binding/bindingtest"
	"hsmspec/adapters/temporal/kinds"
)

func TestAdapter(t *testing.T) {
	bindingtest.Run(t, bindingtest.Of(kinds.Generation{}))
}

func BenchmarkAdapter(b *testing.B) {
	bindingtest.Benchmark(b, bindingtest.Of(kinds.Generation{}))
}

func TestGeneration(t *testing.T) {
	bindingtest.Check(t, bindingtest.Of(kinds.Generation{}), []bindingtest.Program{
		{Name: "a kind that the type does not have is invalid", Steps: []bindingtest.Step{
			{Operation: `{"op":"new_registry"}`, Expected: `{"ok":null}`},
			{Operation: `{"op":"register_task_serializer","type":1}`, Expected: `{"ok":null}`},
			{Operation: `{"op":"register_task_serializer","type":2}`, Expected: `{"ok":null}`},
			{
				Operation: `{"op":"deserialize_task","type":1,"data":"x","kind":"d"}`,
				Expected:  `{"error":"invalid_task_kind"}`,
			},
			{
				Operation: `{"op":"deserialize_task","type":2,"data":"x","kind":0}`,
				Expected:  `{"error":"invalid_task_kind"}`,
			},
			{
				Operation: `{"op":"deserialize_task","type":2,"data":"x","kind":""}`,
				Expected:  `{"error":"deserialize_error"}`,
			},
		}},
		bindingtest.ClearingSubtree(`{"ok":[[[],[[]]]]}`),
	})
}
