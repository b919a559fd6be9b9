package hsmtrace

import (
	"slices"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/service/history/hsm"
)

// noticing is a backend that notices when the hsm package changes its tree: it is asked for the version then.
type noticing struct {
	hsm.NodeBackend
	trace *trace
}

// GetCurrentVersion is that of the backend.
func (n *noticing) GetCurrentVersion() int64 {
	if !n.trace.own.Load() {
		n.trace.unseen.Store(true)
	}
	return n.NodeBackend.GetCurrentVersion()
}

// catchUp records, by their effect, changes of the tree that were made without the recorder. The lock is held.
func (t *trace) catchUp() {
	if t.root == nil || !t.unseen.Swap(false) || t.over.Load() {
		return
	}
	outputs := make(map[string]nodeOutputs)
	for _, of := range t.outputs() {
		outputs[of.path] = of
	}
	t.catchUpWith(nil, t.rootType, t.root.InternalRepr(), outputs)
}

// catchUpWith records what has changed at a node and below. The lock is held.
func (t *trace) catchUpWith(
	path []hsm.Key, machineType string, node *persistencespb.StateMachineNode, outputs map[string]nodeOutputs,
) {
	for count := t.counts[node] + 1; count <= node.GetTransitionCount(); count++ {
		t.transitioned(path, machineType, node, outputs[string(appendPath(nil, path))], count)
	}
	if t.counts[node] != node.GetTransitionCount() {
		t.giveUp("the transition count of a node has gone back without a recorded call")
	}
	for _, of := range sortedKeys(node.GetChildren()) {
		machines := node.Children[of].GetMachinesById()
		for _, id := range sortedKeys(machines) {
			child, below := machines[id], append(slices.Clip(path), hsm.Key{Type: of, ID: id})
			if _, known := t.counts[child]; !known {
				t.added(below, child)
			}
			t.catchUpWith(below, of, child, outputs)
			if t.over.Load() {
				return
			}
		}
	}
}

// at returns the handle of the node at a path. The lock is held.
func (t *trace) at(path []hsm.Key) int64 {
	node, err := t.root.Child(path)
	if err != nil {
		t.giveUp("a node was added without a recorded call and is not found: " + err.Error())
		return 0
	}
	return int64(t.handle(node))
}

// added records that a node was added, with the data that it has by now. The lock is held.
func (t *trace) added(path []hsm.Key, node *persistencespb.StateMachineNode) {
	key := path[len(path)-1]
	data, of, ok := t.persisted(key.Type, node.GetData())
	if !ok {
		t.giveUp("data that was added without a recorded call does not deserialize")
		return
	}
	if _, known := t.classes[key.Type]; !known && of.Type != nil {
		t.classes[key.Type] = of
	}
	t.know(key.Type)
	n := t.bare("add_child")
	n.op = appendNumber(n.op, "node", t.at(path[:len(path)-1]))
	n.op = appendKey(appendMember(n.op, "key"), key)
	n.op = appendImage(appendMember(n.op, "data"), data)
	n.null()
	t.write(n)
	t.counts[node] = 0
}

// transitioned records the transition that brought a node to a count, with the data that it has by now. The lock is
// held.
func (t *trace) transitioned(
	path []hsm.Key, machineType string, node *persistencespb.StateMachineNode, outputs nodeOutputs, count int64,
) {
	place := slices.Index(outputs.counts, count)
	if place < 0 {
		t.giveUp("a transition that was not recorded has no output by now")
		return
	}
	data, _, ok := t.persisted(machineType, node.GetData())
	if !ok {
		t.giveUp("data that was left by a transition without a recorded call does not deserialize")
		return
	}
	delete(t.left, node)
	t.emitted(node, []byte(outputs.tasks[place]))
	n := t.bare("machine_transition")
	n.op = appendNumber(n.op, "node", t.at(path))
	f := &frame{trace: t, note: n, machine: len(t.frames), called: true, returned: true}
	t.frames = append(t.frames, f)
	f.setState(data.state)
	f.setValue(data)
	t.pop(f)
	if tasks := outputs.tasks[place]; tasks != "[]" {
		f.tasks = []byte(tasks)
	}
	n.op = appendNumber(n.op, "machine", int64(f.machine))
	n.op = f.appendScript(n.op)
	n.null()
	f.tell(n)
	t.write(n)
	t.nested(node)
	t.counts[node] = count
}
