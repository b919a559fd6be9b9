//go:build oplog

package recorded

import (
	"errors"
	"fmt"
	"testing"

	"go.temporal.io/server/components/callbacks"
	"go.temporal.io/server/service/history/hsm"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// outputs returns how many nodes of a tree have outputs.
func outputs(t testing.TB, root *hsm.Node) int {
	t.Helper()
	log, err := hsmtrace.OpLog(root)
	must(t, err)
	nodes := make(map[string]bool)
	for _, operation := range log {
		nodes[fmt.Sprint(operation.Path())] = true
	}
	return len(nodes)
}

func TestTheLogIsThatOfTheRoot(t *testing.T) {
	hsmtrace.Record(t)
	node, err := hsmtrace.AddChild(newRoot(t, nil), callbackKey("asked"), newCallback())
	must(t, err)
	if _, err = hsmtrace.OpLog(node); err == nil {
		t.Fatal("no error")
	}
}

// There is no operation for a deletion, so the traces end before it, however it is made.
func TestADeletionEndsTheTrace(t *testing.T) {
	for name, remove := range map[string]func(*hsm.Node, hsm.Key) error{
		"recorded":   func(node *hsm.Node, key hsm.Key) error { return hsmtrace.DeleteChild(node, key) },
		"unrecorded": func(node *hsm.Node, key hsm.Key) error { return node.DeleteChild(key) },
	} {
		for after, look := range map[string]func(root, gone *hsm.Node){
			"nothing":                 func(_, _ *hsm.Node) {},
			"a lookup":                func(root, gone *hsm.Node) { _, _ = hsmtrace.Child(root, []hsm.Key{gone.Key}) },
			"a list":                  func(root, gone *hsm.Node) { collectionOf(root).List() },
			"a log":                   func(root, gone *hsm.Node) { _, _ = hsmtrace.OpLog(root) },
			"a clearing":              func(root, gone *hsm.Node) { hsmtrace.ClearTransactionState(root) },
			"a look at what is dirty": func(root, _ *hsm.Node) { hsmtrace.Dirty(root) },
			"an export":               func(root, gone *hsm.Node) { hsmtrace.InternalRepr(root) },
			"a transition": func(_, gone *hsm.Node) {
				err := transition(gone, callbacks.TransitionScheduled, scheduled)
				expect(t, true, errors.Is(err, hsm.ErrStateMachineInvalidState))
			},
			"another": func(root, gone *hsm.Node) { _, _ = hsmtrace.AddChild(root, gone.Key, newCallback()) },
		} {
			t.Run(name+" and "+after, func(t *testing.T) {
				recorder := hsmtrace.Record(t)
				root := newRoot(t, nil)
				gone, err := hsmtrace.AddChild(root, callbackKey("deleted"), newCallback())
				must(t, err)
				must(t, transition(gone, callbacks.TransitionScheduled, scheduled))
				must(t, remove(root, gone.Key))
				look(root, gone)
				if recorder != nil {
					must(t, recorder.Close())
					expect(t, 1, len(recorder.Notes()))
				}
			})
		}
	}
}

func TestWhatIsNotThereIsNotDeleted(t *testing.T) {
	hsmtrace.Record(t)
	err := hsmtrace.DeleteChild(newRoot(t, nil), callbackKey("nowhere"))
	expect(t, true, errors.Is(err, hsm.ErrStateMachineNotFound))
}

func collectionOf(root *hsm.Node) hsmtrace.Collection[callbacks.Callback] {
	return hsmtrace.NewCollection[callbacks.Callback](root, callbacks.StateMachineType)
}
