package hsmtrace

import (
	"sync"
	"sync/atomic"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/service/history/hsm"
)

// A trace is what is recorded of one tree, of one registry, or of a machine that is in no tree.
type trace struct {
	recorder *Recorder
	number   int
	// prefix is how each line begins.
	prefix []byte
	// key is the root or the registry by which the trace is found, nil if it is not.
	key      any
	registry *hsm.Registry
	root     *hsm.Node
	rootType string

	// over says that nothing is recorded any more.
	over atomic.Bool
	// own says that the recorder has called what changes the tree, unseen that something else has changed it.
	own, unseen atomic.Bool

	// forms are those of machine types whose data are messages. It is replaced, never changed.
	forms atomic.Pointer[map[string]form]

	// showing protects what is shown of values: which texts have been shown, and what the next line is to show.
	showing sync.Mutex
	shown   map[string]bool
	toShow  []byte

	// mu protects what follows. It is not held while the hsm package runs functions of the program.
	mu sync.Mutex
	// held are the lines that are held back, if the trace holds any.
	held  []byte
	holds bool
	// known are the machine types that the trace has as registered.
	known map[string]bool
	// handles are the numbers of nodes, by identity.
	handles map[*hsm.Node]int
	// found is the node that was found under each key of a node.
	found map[place]*hsm.Node
	// counts are the transition counts as recorded.
	counts map[*persistencespb.StateMachineNode]int64
	// left is the data of nodes, and its image, as the last transition left it. It is not there after a failure.
	left map[*persistencespb.StateMachineNode]settled
	// broken are the nodes whose persisted data did not deserialize when they were loaded.
	broken map[*persistencespb.StateMachineNode]bool
	// classes are the Go types of data, by machine type.
	classes map[string]class
	// pending is how many calls are under way.
	pending int
	checked
	// frames are the functions under way, the innermost last.
	frames []*frame
	// executors are the tags of those that a registry is known to have, by how they are called and the type of task.
	executors [2]map[string]int64
	// tags are the numbers of definitions and serializers.
	tags map[any]int
}

// settled is data whose image is known.
type settled struct {
	data  any
	image image
}

// A place is where a node is: below another one, under a key.
type place struct {
	parent *hsm.Node
	key    hsm.Key
}

// traces has the trace of each recorded tree by its root, and of each recorded registry.
var traces sync.Map

// traceOf returns the trace of a node's tree, nil if it is not recorded.
func traceOf(node *hsm.Node) *trace {
	if recording.Load() == 0 || node == nil {
		return nil
	}
	root := node
	for root.Parent != nil {
		root = root.Parent
	}
	return traceFor(root)
}

// traceFor returns the trace of a root or a registry, nil if it is not recorded.
func traceFor(recorded any) *trace {
	if recording.Load() == 0 {
		return nil
	}
	found, ok := traces.Load(recorded)
	if !ok {
		if r, _ := labeled(); r != nil {
			r.unknown.Add(1)
		}
		return nil
	}
	t := found.(*trace)
	if t.over.Load() {
		return nil
	}
	return t
}

// tag returns the number of a definition or a serializer. The lock is held.
func (t *trace) tag(definition any) int {
	if !comparableNow(definition) {
		return 0
	}
	tag, ok := t.tags[definition]
	if !ok {
		if t.tags == nil {
			t.tags = make(map[any]int)
		}
		tag = len(t.tags) + 1
		t.tags[definition] = tag
	}
	return tag
}

// giveUp ends the trace before its time and says why, in the trace and in the log. The lock is held.
func (t *trace) giveUp(reason string) {
	if t.over.Load() {
		return
	}
	t.recorder.note("the trace %s ends before its time, since %s", t.name(), reason)
	t.close(reason)
}

// name returns the trace's name, as JSON.
func (t *trace) name() string {
	return string(t.prefix[len(`{"trace":`) : len(t.prefix)-1])
}

// close writes the end, with the reason if it is before its time. The lock is held.
func (t *trace) close(because string) {
	end := append(append([]byte(nil), t.prefix...), `"end":true`...)
	if because != "" {
		end = appendText(end, "because", because)
	}
	t.put(append(end, "}\n"...))
	t.over.Store(true)
}

// end ends the trace with a last look at the tree.
func (t *trace) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.over.Load() {
		if len(t.frames) > 0 || t.pending > 0 {
			t.giveUp("a call was under way when the recording ended")
		} else if t.root != nil {
			t.lastLook()
			t.checkTasks()
		}
		if !t.over.Load() {
			t.close("")
		}
	}
	if t.key != nil {
		traces.Delete(t.key)
	}
	t.recorder.mu.Lock()
	delete(t.recorder.traces, t)
	t.recorder.mu.Unlock()
}

// lastLook records what the tree is like: dirty or not, outputs, persisted form. The lock is held.
func (t *trace) lastLook() {
	t.catchUp()
	t.lookForDeletion()
	if t.over.Load() {
		return
	}
	n := t.bare("dirty")
	n.op = appendNumber(n.op, "node", 0)
	n.saw = appendBool(n.ok(), t.root.Dirty())
	t.write(n)
	n = t.bare("outputs")
	n.op = appendNumber(n.op, "node", 0)
	n.sawOutputs(t.outputs())
	t.write(n)
	t.export(t.root, nil)
}
