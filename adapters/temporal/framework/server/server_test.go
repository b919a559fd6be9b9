package server

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/kinds"
	"hsmspec/adapters/temporal/protocol"
)

// A program is one with the observations of the model, which a test in Python checks.
type program struct {
	Program      []map[string]any
	Observations []map[string]any
}

// The model's queues say when a task was executed, and what became of it; those of a server tell neither.
func (p program) calls(t *testing.T) (due []int) {
	t.Helper()
	for i, op := range p.Program {
		var calls []any
		switch op["op"] {
		case "pump_outbound":
			for _, delivery := range p.Observations[i]["ok"].([]any) {
				for _, call := range delivery.([]any)[3].([]any) {
					of := call.([]any)
					calls = append(calls, []any{of[0], of[2], of[3], of[5]})
				}
			}
		case "pump_timers":
			for _, call := range p.Observations[i]["ok"].([]any) {
				of := call.([]any)
				calls = append(calls, []any{of[0], of[2], of[3], of[4]})
			}
		default:
			continue
		}
		if calls == nil {
			calls = []any{}
		}
		p.Observations[i]["ok"] = calls
		due = append(due, len(calls))
	}
	return due
}

func TestAWholeServerRunsMachinesTimersAndOutboundTasksAsTheModelSays(t *testing.T) {
	content, err := os.ReadFile("testdata/program.json")
	if err != nil {
		t.Fatal(err)
	}
	var expected program
	if err := json.Unmarshal(content, &expected); err != nil {
		t.Fatal(err)
	}
	due := expected.calls(t)

	var under *world
	newWorld := func(observer *protocol.Observer) protocol.World {
		under = &world{World: binding.New(kinds.Generation{}, observer), observer: observer, due: due}
		under.Executed = under.executed
		under.turn.Lock()
		return under
	}
	request, err := json.Marshal(map[string]any{"seq": 1, "programs": []any{expected.Program}})
	if err != nil {
		t.Fatal(err)
	}
	input := bytes.NewBufferString(`{"seq":0,"hello":{"protocol":1}}` + "\n")
	input.Write(append(request, '\n'))
	greeting := binding.Greeting(kinds.Generation{})
	greeting.Capabilities = append(greeting.Capabilities, "transactions", "timers", "outbound")
	var output bytes.Buffer
	if err := protocol.Serve(input, &output, greeting, newWorld); err != nil {
		t.Fatal(err)
	}
	if under.server != nil {
		under.turn.Unlock()
		t.Cleanup(func() { _ = under.server.server.Stop() })
	}

	_, answer, _ := bytes.Cut(output.Bytes(), []byte{'\n'})
	var response struct {
		Observations [][]map[string]any
	}
	if err := json.Unmarshal(answer, &response); err != nil || len(response.Observations) != 1 {
		t.Fatalf("%v: %s", err, answer)
	}
	for i, op := range expected.Program {
		if want, got := expected.Observations[i], response.Observations[0][i]; !reflect.DeepEqual(want, got) {
			t.Errorf("%d %v: expected %v, observed %v", i, op["op"], want, got)
		}
	}
	if len(under.early) > 0 {
		t.Errorf("timers fired before their deadlines: %v", under.early)
	}
}
