// Package bindingtest tests a version's adapter against the version of the hsm package that it is built with.
package bindingtest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/protocol"
)

// An Adapter is what is tested: how it introduces itself, and what makes its worlds.
type Adapter struct {
	Greeting protocol.Greeting
	NewWorld func(*protocol.Observer) protocol.World
}

// Of returns the adapter of trees alone.
func Of(generation binding.Generation) Adapter {
	return Adapter{binding.Greeting(generation), binding.NewWorld(generation)}
}

// serve returns the adapter's answers to lines of input.
func serve(t testing.TB, adapter Adapter, lines string) string {
	t.Helper()
	var out bytes.Buffer
	err := protocol.Serve(
		strings.NewReader(lines), &out, adapter.Greeting, adapter.NewWorld,
	)
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// observations returns what the operations of one program answer, each as JSON.
func observations(t testing.TB, adapter Adapter, program []string) []string {
	t.Helper()
	answer := serve(t, adapter, `{"seq":1,"programs":[[`+strings.Join(program, ",")+`]]}`+"\n")
	var decoded struct {
		Observations  [][]json.RawMessage
		ProtocolError string `json:"protocol_error"`
	}
	if err := json.Unmarshal([]byte(answer), &decoded); err != nil || decoded.ProtocolError != "" {
		t.Fatalf("no observations in %s", answer)
	}
	found := make([]string, len(program))
	for i, observation := range decoded.Observations[0] {
		found[i] = string(observation)
	}
	return found
}

// A Step is an operation and the observation that is expected of it.
type Step struct {
	Operation, Expected string
}

// operations returns the operations of steps.
func operations(steps []Step) []string {
	found := make([]string, len(steps))
	for i, step := range steps {
		found[i] = step.Operation
	}
	return found
}

// A Program is a program with what is expected of it.
type Program struct {
	Name  string
	Steps []Step
}

// Check runs programs and compares what they observe byte by byte.
func Check(t *testing.T, adapter Adapter, programs []Program) {
	for _, program := range programs {
		t.Run(program.Name, func(t *testing.T) {
			for i, observed := range observations(t, adapter, operations(program.Steps)) {
				if step := program.Steps[i]; step.Expected != observed {
					t.Errorf("%s\nexpected %s\nobserved %s", step.Operation, step.Expected, observed)
				}
			}
		})
	}
}

// null is the observation of an operation that succeeds and has no value.
const null = `{"ok":null}`

// Setup are the steps that make a registry with types 1 and 2 and a root of type 1, node 0.
func Setup() []Step {
	return []Step{
		{`{"op":"new_registry"}`, null},
		{`{"op":"register_machine","type":1,"tag":7}`, null},
		{`{"op":"register_machine","type":2,"tag":8}`, null},
		{`{"op":"new_root","type":1,"data":[1,2],"bind":0}`, null},
	}
}

// Run runs the tests that hold for every version.
func Run(t *testing.T, adapter Adapter) {
	t.Run("programs", func(t *testing.T) { Check(t, adapter, programs()) })
	t.Run("session", func(t *testing.T) { testSession(t, adapter) })
	t.Run("properties", func(t *testing.T) { testProperties(t, adapter) })
	t.Run("vectors", func(t *testing.T) { testVectors(t, adapter) })
}

// Benchmark measures the adapter with batches of the programs.
func Benchmark(b *testing.B, adapter Adapter) {
	var batch []string
	count := 0
	for _, program := range programs() {
		batch = append(batch, "["+strings.Join(operations(program.Steps), ",")+"]")
		count += len(program.Steps)
	}
	line := `{"seq":1,"programs":[` + strings.Join(batch, ",") + "]}\n"
	lines := strings.Repeat(line, b.N)
	b.ResetTimer()
	serve(b, adapter, lines)
	b.ReportMetric(float64(count*b.N)/b.Elapsed().Seconds(), "operations/s")
}
