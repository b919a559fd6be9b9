package main

import (
	"bytes"
	"strings"
	"testing"

	"hsmspec/adapters/temporal/framework"
	"hsmspec/adapters/temporal/framework/frameworktest"
	"hsmspec/adapters/temporal/kinds"
	"hsmspec/adapters/temporal/protocol"
)

// replicating is the beginning of programs: two cells of one cluster, of which the second owns the store, one of the
// other cluster, and a workflow. The first cell's event is refused, but SQLite keeps it beyond the end of the history.
const replicating = `{"op":"new_registry"},{"op":"register_machine","type":1},
{"op":"new_cell","cell":0},{"op":"start_workflow","cell":0,"workflow":0},
{"op":"new_cell","cell":1},{"op":"new_cell","cell":2,"cluster":1},
{"op":"event_child","cell":0,"workflow":0,"key":[1,"refused"],"data":[0,0]},`

// answers returns what the adapter answers to a program on SQLite, from the event on.
func answers(t *testing.T, operations string) string {
	t.Helper()
	program := strings.ReplaceAll(replicating+operations, "\n", "")
	adapter := frameworktest.Of(kinds.Generation{}, framework.SQLite)
	var out bytes.Buffer
	lines := strings.NewReader(`{"seq":1,"programs":[[` + program + `]]}` + "\n")
	if err := protocol.Serve(lines, &out, adapter.Greeting, adapter.NewWorld); err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(out.String(), `{"error":"shard_ownership_lost"},`)
	return strings.TrimRight(after, "]}\n")
}

func TestAnEventWhoseWriteWasRefusedIsNotReplicated(t *testing.T) {
	found := answers(t, `{"op":"replicate_events","cell":2,"source":1,"workflow":0}`)
	if expected := `{"ok":0`; expected != found {
		t.Errorf("expected %s, found %s", expected, found)
	}
}

func TestAllEventsAreReplicatedThatFollowOneWhoseWriteWasRefused(t *testing.T) {
	found := answers(t, `{"op":"event_child","cell":1,"workflow":0,"key":[1,"a"],"data":[0,0]},
{"op":"event_child","cell":1,"workflow":0,"key":[1,"b"],"data":[0,0]},
{"op":"replicate_events","cell":2,"source":1,"workflow":0},
{"op":"replicate_events","cell":2,"source":1,"workflow":0}`)
	if expected := `{"ok":null},{"ok":null},{"ok":2},{"ok":0`; expected != found {
		t.Errorf("expected %s, found %s", expected, found)
	}
}
