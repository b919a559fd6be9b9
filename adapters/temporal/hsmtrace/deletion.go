package hsmtrace

import (
	"errors"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/service/history/hsm"
)

// deletion is why a trace ends where a node is deleted: there is no such operation in traces.
const deletion = "a node was deleted, for which there is no operation"

// DeleteChild is the method DeleteChild of a node, [hsm.Node], which v1.27 and later have. The trace ends before it.
func DeleteChild(node interface{ DeleteChild(hsm.Key) error }, key hsm.Key) error {
	real, _ := any(node).(*hsm.Node)
	t := traceOf(real)
	if t == nil {
		return node.DeleteChild(key)
	}
	n := t.note("child", real, key.Type) // What is deleted is looked up.
	n.op = appendPath(appendMember(n.op, "path"), []hsm.Key{key})
	defer n.write()
	err := node.DeleteChild(key)
	if err != nil {
		t.afterDeletion(err)
		n.failed(codeOf(err), err)
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.giveUp(deletion)
	return nil
}

// afterDeletion gives the trace up if a call has failed in a way that comes of an earlier deletion.
func (t *trace) afterDeletion(err error) {
	if !hasLog || err == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if saysDeleted(err) {
		t.giveUp(deletion)
	} else if errors.Is(err, hsm.ErrStateMachineNotFound) {
		t.lookForDeletion()
	}
}

// lookForDeletion gives the trace up if a node is not in the tree any more, which the hsm package tells nobody. The lock
// is held.
func (t *trace) lookForDeletion() {
	if hasLog && t.root != nil && size(t.root.InternalRepr()) < len(t.counts) {
		t.giveUp(deletion)
	}
}

// size returns how many nodes there are in a tree.
func size(node *persistencespb.StateMachineNode) int {
	found := 1
	for _, machines := range node.GetChildren() {
		for _, below := range machines.GetMachinesById() {
			found += size(below)
		}
	}
	return found
}
