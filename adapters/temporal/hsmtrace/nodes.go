package hsmtrace

import (
	"strconv"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/service/history/hsm"
)

// bind returns the handle of a node that was found, a new one if the node has none. The lock is held.
func (t *trace) bind(node *hsm.Node) int {
	handle, ok := t.handles[node]
	if !ok {
		handle = len(t.handles)
		t.handles[node] = handle
	}
	return handle
}

// handle returns the handle of a node. A node that was found by the hsm package itself is looked up first. The lock is
// held.
func (t *trace) handle(node *hsm.Node) int {
	if handle, ok := t.handles[node]; ok {
		return handle
	}
	path := node.Path()
	for _, key := range path {
		t.know(key.Type)
	}
	found, err := t.root.Child(path)
	if err != nil || found != node {
		t.giveUp("a node is used that is not in its tree any more")
		return t.bind(node)
	}
	n := t.bare("child")
	n.op = appendNumber(n.op, "node", 0)
	n.op = appendPath(appendMember(n.op, "path"), path)
	n.op = appendNumber(n.op, "bind", int64(t.bind(node)))
	n.null()
	t.write(n)
	t.found[place{node.Parent, node.Key}] = node
	return t.handles[node]
}

// typeOf returns the machine type of a node.
func (t *trace) typeOf(node *hsm.Node) string {
	if node.Parent == nil {
		return t.rootType
	}
	return node.Key.Type
}

func (n *note) sawCount(count int64) {
	n.saw = append(strconv.AppendInt(n.ok(), count, 10), '}')
}

// countAgain records the transition count of a node, after the call at a position. The lock is held.
func (t *trace) countAgain(node *hsm.Node, at []byte) {
	handle := t.handle(node)
	n := t.bare("transition_count")
	n.at = at
	n.op = appendNumber(n.op, "node", int64(handle))
	n.sawCount(node.InternalRepr().GetTransitionCount())
	t.write(n)
}

// export records the persisted form of a node, for the call at a position. The lock is held.
func (t *trace) export(node *hsm.Node, at []byte) {
	t.lookForDeletion()
	handle := t.handle(node)
	n := t.bare("export")
	n.at = at
	n.op = appendNumber(n.op, "node", int64(handle))
	n.saw = append(t.appendExported(n.ok(), t.typeOf(node), node.InternalRepr()), '}')
	t.write(n)
}

// appendExported appends [count, [null, value], children].
func (t *trace) appendExported(out []byte, machineType string, node *persistencespb.StateMachineNode) []byte {
	var below []byte
	for _, of := range sortedKeys(node.GetChildren()) {
		machines := node.Children[of].GetMachinesById()
		for _, id := range sortedKeys(machines) {
			below = appendBelow(below, of, id)
			below = append(t.appendExported(below, of, machines[id]), ']')
		}
	}
	data := image{value: textOf(node.GetData()), serializes: true}
	if t.recorder.show != nil || t.classes[machineType].mayBeUnstable() {
		data, _, _ = t.persisted(machineType, node.GetData())
	}
	return appendNode(out, node.GetTransitionCount(), data, false, below)
}

// appendBelow begins an item [type, id, node] of a list without brackets: all up to the node.
func appendBelow(out []byte, machineType, id string) []byte {
	if len(out) > 0 {
		out = append(out, ',')
	}
	out = append(out, '[')
	out = appendString(out, machineType)
	out = append(out, ',')
	out = appendString(out, id)
	return append(out, ',')
}

// appendNode appends [count, [state, value], children]; a state that is not known is null.
func appendNode(out []byte, count int64, data image, stateKnown bool, below []byte) []byte {
	out = append(out, '[')
	out = strconv.AppendInt(out, count, 10)
	out = append(out, ",["...)
	if stateKnown {
		out = appendString(out, data.state)
	} else {
		out = append(out, "null"...)
	}
	out = append(out, ',')
	out = data.appendValue(out)
	out = append(out, "],["...)
	out = append(out, below...)
	return append(out, "]]"...)
}
