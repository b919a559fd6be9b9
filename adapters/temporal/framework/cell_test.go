package framework

import (
	"errors"
	"testing"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/definition"
	"go.temporal.io/server/service/history/consts"
	"go.temporal.io/server/service/history/hsm"
	"go.temporal.io/server/service/history/workflow"
)

// started returns a cell with a workflow.
func started(t *testing.T) (*cell, definition.WorkflowKey) {
	t.Helper()
	database, err := newSQLite()
	if err != nil {
		t.Fatal(err)
	}
	registry := hsm.NewRegistry()
	if err := workflow.RegisterStateMachine(registry); err != nil {
		t.Fatal(err)
	}
	c, err := newCell(database.newStore(), registry, newNamespaces(), clusters[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.stop)
	key := definition.NewWorkflowKey(namespaceID, "w", "00000000-0000-4000-8000-000000000000")
	if err := c.startWorkflow(key); err != nil {
		t.Fatal(err)
	}
	return c, key
}

func look(*hsm.Node) error { return nil }

// No program can say this, as all references of the vocabulary have a version.
func TestAfterARefWithoutInitialVersionTheWorkflowStaysLocked(t *testing.T) {
	c, key := started(t)
	root := hsm.Ref{WorkflowKey: key, StateMachineRef: &persistencespb.StateMachineRef{
		MachineInitialVersionedTransition: &persistencespb.VersionedTransition{},
	}}
	if err := c.access(root, hsm.AccessRead, look); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		_ = c.access(
			hsm.Ref{WorkflowKey: key, StateMachineRef: &persistencespb.StateMachineRef{}}, hsm.AccessRead, look,
		)
	}()
	defer c.accessed.enter(key)() // So that what follows waits no longer than it must.
	if err := c.access(root, hsm.AccessRead, look); !errors.Is(err, consts.ErrResourceExhaustedBusyWorkflow) {
		t.Errorf("busy is expected: %v", err)
	}
}

func TestAStoreOfItsOwnHasNothingOfAnother(t *testing.T) {
	c, key := started(t)
	store := (&database{executions: c.store.ExecutionManager, shards: c.store.shards, stores: 1}).newStore()
	other, err := newCell(store, c.registry, c.namespaces, c.clusters)
	if err != nil {
		t.Fatal(err)
	}
	defer other.stop()
	if _, err := other.store.read(key); err == nil {
		t.Error("it has the workflow of the first store")
	}
}
