package hsmtrace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/service/history/hsm"
)

// A Rule is one for machines and for what uses them, and not for the hsm package. A recording has a line for each breach
// that is noticed while it is made.
type Rule string

const (
	// RegeneratedTasks: what the machine's RegenerateTasks returns after a transition has all tasks that the transition
	// put out, and none that no transition of the machine has put out. It does not fail.
	RegeneratedTasks Rule = "regenerated-tasks"
	// TaskSerializers: there is a serializer for each type of task that was put out, if there is any serializer.
	TaskSerializers Rule = "task-serializers"
	// TaskExecutors: there is an executor for each type of task that was put out, if there is any executor.
	TaskExecutors Rule = "task-executors"
	// RoundTrip: data that is serialized and deserialized is the same.
	RoundTrip Rule = "round-trip"
	// ClearedOutputs: the outputs of one transaction are cleared before the next one.
	ClearedOutputs Rule = "cleared-outputs"
	// SwallowedFailure: a function does not succeed where a transition in it failed.
	SwallowedFailure Rule = "swallowed-failure"
	// ChangedOutside: data is changed in transitions alone.
	ChangedOutside Rule = "changed-outside"
)

// Without switches rules off.
func Without(rules ...Rule) Option {
	return func(o *options) { o.without = append(o.without, rules...) }
}

// mostLooks is how many transitions to a state of a machine type are checked in a trace by serializing its data and
// regenerating its tasks, so that what a long test costs is bounded.
const mostLooks = 100

// checked is what a trace keeps for the rules.
type checked struct {
	backend hsm.NodeBackend
	// lives are those of nodes whose transitions are all recorded.
	lives map[*persistencespb.StateMachineNode]life
	// succeeded are the transitions in the call under way.
	succeeded []transitioned
	// looks are how many transitions to a state have been checked, by the type and the state of machines.
	looks map[hsm.Key]int
	// types are the types of tasks that were put out.
	types map[string]bool
	// uncleared are the outputs that were there at the end of a transaction.
	uncleared map[string]bool
	// remarked are the remarks that were made.
	remarked map[string]bool
}

// A life is the data that a node was made with, until its first transition, and the tasks that it has put out, as JSON.
type life struct {
	begun settled
	tasks []byte
}

// A transitioned is a transition that succeeded: its node, the data that it left, and the tasks that it put out, as JSON.
type transitioned struct {
	node        *hsm.Node
	machineType string
	data        any
	tasks, at   []byte
}

// remark writes a line about a breach of a rule, once for each text. The lock is held.
func (t *trace) remark(rule Rule, machineType string, at []byte, what string) {
	key := string(rule) + "\x00" + machineType + "\x00" + what
	if t.over.Load() || t.remarked[key] || !t.recorder.checks(rule) {
		return
	}
	if t.remarked == nil {
		t.remarked = make(map[string]bool)
	}
	t.remarked[key] = true
	line := append(slices.Clone(t.prefix), `"machine":{"rule":"`...)
	line = append(append(line, rule...), '"')
	line = appendText(line, "type", machineType)
	line = append(appendText(line, "what", what), '}')
	if at != nil {
		line = append(append(appendMember(line, "at"), at...), '}')
	}
	t.put(append(line, "}\n"...))
}

// begins takes note of a node with its data, from which on all transitions are recorded. The lock is held, unless nobody
// else has the trace yet.
func (t *trace) begins(node *persistencespb.StateMachineNode, data any, as image) {
	if t.lives == nil {
		t.lives = make(map[*persistencespb.StateMachineNode]life)
	}
	if !comparableNow(data) {
		data = nil
	}
	t.lives[node] = life{begun: settled{data, as}}
}

// emitted takes note of tasks that a node has put out, and that its data is not that of its beginning any more. The lock
// is held.
func (t *trace) emitted(node *persistencespb.StateMachineNode, tasks []byte) {
	of, known := t.lives[node]
	if known && (of.begun.data != nil || !bytes.Contains(of.tasks, tasks)) {
		t.lives[node] = life{tasks: append(of.tasks, tasks...)}
	}
}

// emits takes note of a type of task. The lock is held.
func (t *trace) emits(taskType string) {
	if t.types == nil {
		t.types = make(map[string]bool)
	}
	t.types[taskType] = true
}

// failing takes note of a transition that failed in the function. The lock is held.
func (f *frame) failing(n *note) {
	if bytes.HasPrefix(n.saw, []byte(`{"error":"`+user)) || bytes.HasPrefix(n.saw, []byte(`{"error":"`+serializeError)) {
		op, _, _ := strings.Cut(string(n.op[len(`{"op":"`):]), `"`)
		switch op {
		case "machine_transition", "collection_transition", "apply":
			f.swallowed = "a call of `" + op + "`"
		}
	}
}

// lastOf returns the data of a node as the last transition left it, or as it was when the node was made, nil if that is
// not known. The lock is held.
func (t *trace) lastOf(node *persistencespb.StateMachineNode) settled {
	if last, known := t.left[node]; known {
		return last
	}
	return t.lives[node].begun
}

// checkUnchanged checks that data is as it was last known. The lock is held.
func (t *trace) checkUnchanged(last settled, machineType string, data any, now image, at []byte) {
	if last.data != nil && last.data == data && last.image != now {
		t.remark(ChangedOutside, machineType, at, fmt.Sprintf(
			"the data was changed outside of a transition, from state %q to %q", last.image.state, now.state))
	}
}

// checkRead does so for data that was read.
func (t *trace) checkRead(n *note, machineType string, node func() *hsm.Node, data any, now image) {
	if !t.recorder.checks(ChangedOutside) || !comparableNow(data) || runningWith(data) != nil {
		return
	}
	of := node().InternalRepr()
	t.mu.Lock()
	defer t.mu.Unlock()
	last := t.lastOf(of)
	t.checkUnchanged(last, machineType, data, now, n.at)
	if last.data == nil {
		t.left[of] = settled{data, now} // From now on it is known, as after a failure.
	}
}

// succeeds takes note of a transition in the call under way, in the place of an earlier one of the node. The lock is held.
func (t *trace) succeeds(done transitioned) {
	same := func(other transitioned) bool { return other.node == done.node }
	t.succeeded = append(slices.DeleteFunc(t.succeeded, same), done)
}

// checkTransition checks a transition by a copy of the tree, which has the persisted nodes and data of its own. The lock
// is not held while the program's functions run.
func (t *trace) checkTransition(done transitioned) {
	root, looks := t.looksAt(done)
	if !looks {
		return
	}
	data, regenerated, failure := t.regenerate(done, root)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending--
	if data != nil && !same(reflect.ValueOf(done.data), reflect.ValueOf(data), 0) {
		t.remark(RoundTrip, done.machineType, done.at, fmt.Sprintf(
			"data in state %q is not the same when it is serialized and deserialized", stateOf(done.data)))
	}
	if failure != nil {
		t.remark(RegeneratedTasks, done.machineType, done.at,
			fmt.Sprintf("in state %q RegenerateTasks fails: %v", stateOf(data), failure))
	}
	if regenerated == nil {
		return
	}
	all := t.appendTasks(nil, *regenerated)
	t.each(done.tasks, all, func(task string) {
		t.remark(RegeneratedTasks, done.machineType, done.at, fmt.Sprintf(
			"in state %q RegenerateTasks does not return a task that the transition put out: %s", stateOf(data), task))
	})
	if of, whole := t.lives[done.node.InternalRepr()]; whole {
		t.each(all, of.tasks, func(task string) {
			t.remark(RegeneratedTasks, done.machineType, done.at, fmt.Sprintf(
				"in state %q RegenerateTasks returns a task that no transition has put out: %s", stateOf(data), task))
		})
	}
}

// looksAt returns the data of the root if the transition is to be checked, nil where it is not known.
func (t *trace) looksAt(done transitioned) (root any, looks bool) {
	to := hsm.Key{Type: done.machineType, ID: stateOf(done.data)}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.looks == nil {
		t.looks = make(map[hsm.Key]int)
	}
	if t.looks[to]++; t.looks[to] > mostLooks || t.over.Load() {
		return nil, false
	}
	t.pending++
	return t.lastOf(t.root.InternalRepr()).data, true
}

// regenerate returns the data of a transition as it is deserialized, nil if it is not, and the tasks that it returns, nil
// if it returns none or is not asked for them, or its error. What is not pure in that is stopped.
func (t *trace) regenerate(done transitioned, root any) (data any, tasks *[]hsm.Task, failure error) {
	before, unknown := done.node.InternalRepr().TransitionCount, t.recorder.unknown.Load()
	defer func() {
		if recover() != nil {
			done.node.InternalRepr().TransitionCount = before
		}
		t.recorder.unknown.Store(unknown) // Calls on the copy are none of the program's.
	}()
	node, data := t.copyOf(done, root)
	machine, ok := data.(hsm.TaskRegenerator)
	if !ok || !t.recorder.checks(RegeneratedTasks) {
		return data, nil, nil
	}
	found, err := machine.RegenerateTasks(node)
	if err != nil {
		return data, nil, err
	}
	return data, &found, nil
}

// each calls a function for each of the tasks, as JSON, that is not among others.
func (t *trace) each(tasks, others []byte, missing func(task string)) {
	if len(tasks) == 0 || bytes.Contains(others, tasks[1:len(tasks)-1]) { // Without the brackets.
		return
	}
	var found []json.RawMessage
	if json.Unmarshal(tasks, &found) != nil {
		return
	}
	for _, task := range found {
		if !bytes.Contains(others, task) {
			missing(string(task))
		}
	}
}

// copyOf returns the node of a transition in a copy of its tree, given the root's data if that is known, and the node's
// data as it is deserialized; nil where it is not.
func (t *trace) copyOf(done transitioned, root any) (*hsm.Node, any) {
	persisted := t.root.InternalRepr()
	data := root // It is only read.
	if data == nil || done.node.Parent == nil {
		definition, _ := t.registry.Machine(t.rootType)
		var err error
		if data, err = definition.Deserialize(persisted.GetData()); err != nil {
			return nil, nil
		}
	}
	node, err := hsm.NewRoot(t.registry, t.rootType, data, persisted.GetChildren(), pure{t.backend})
	if err != nil || done.node.Parent == nil {
		return node, data
	}
	if node, err = node.Child(done.node.Path()); err != nil {
		return nil, nil
	}
	if data, err = hsm.MachineData[any](node); err != nil {
		return nil, nil
	}
	return node, data
}

// A pure backend is that of a copy of a tree, which nothing may change.
type pure struct{ hsm.NodeBackend }

func (pure) GetCurrentVersion() int64   { panic("changed") }
func (pure) NextTransitionCount() int64 { panic("changed") }

func (pure) AddHistoryEvent(enumspb.EventType, func(*historypb.HistoryEvent)) *historypb.HistoryEvent {
	panic("changed")
}

// committed takes note of the outputs that are there at the end of a transaction.
func (t *trace) committed() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.uncleared = make(map[string]bool)
	t.eachOutput(func(output string) { t.uncleared[output] = true })
}

// checkCleared checks, when a transaction begins, that the outputs of the one before are cleared.
func (t *trace) checkCleared(at []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.uncleared) == 0 || t.over.Load() {
		return
	}
	t.eachOutput(func(output string) {
		if t.uncleared[output] {
			t.remark(ClearedOutputs, t.rootType, at, "a transaction begins with the outputs of the one before, as the "+
				"tree's ClearTransactionState was not called")
		}
	})
}

// eachOutput calls a function with what identifies each output of the tree. The lock is held.
func (t *trace) eachOutput(call func(output string)) {
	for _, of := range t.outputs() {
		for _, count := range of.counts {
			call(fmt.Sprint(of.path, count))
		}
	}
}

// checkTasks checks, at the end, that what was put out can be serialized and executed. The lock is held.
func (t *trace) checkTasks() {
	for _, taskType := range sortedKeys(t.types) {
		if _, found := t.registry.TaskSerializer(taskType); !found && registered(t.registry, "", "tasks") {
			t.remark(TaskSerializers, t.rootType, nil, fmt.Sprintf("there is no serializer for tasks of the type %q", taskType))
		}
		executors := []string{"immediateExecutors", "timerExecutors"}
		if registered(t.registry, "", executors...) && !registered(t.registry, taskType, executors...) {
			t.remark(TaskExecutors, t.rootType, nil, fmt.Sprintf("there is no executor for tasks of the type %q", taskType))
		}
	}
}

// registered tells whether a registry has something for a type, or for any if it is empty, in one of its fields. The hsm
// package has no function that tells.
func registered(registry *hsm.Registry, ofType string, fields ...string) bool {
	return slices.ContainsFunc(fields, func(name string) bool {
		field := reflect.ValueOf(registry).Elem().FieldByName(name)
		if !field.IsValid() || field.Kind() != reflect.Map || field.Type().Key().Kind() != reflect.String {
			return false
		}
		return field.Len() > 0 && (ofType == "" || field.MapIndex(reflect.ValueOf(ofType)).IsValid())
	})
}
