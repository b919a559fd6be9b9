package framework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/api/serviceerror"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/definition"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/service/history/consts"
	"go.temporal.io/server/service/history/hsm"
	"go.temporal.io/server/service/history/workflow"
	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/protocol"
)

// rootType is the number by which programs know the type of the roots of workflows.
const rootType = 2147483645

// A world has trees as the tree's adapter has them, and workflows in stores.
type world struct {
	*binding.World
	generation  Generation
	observer    *protocol.Observer
	newDatabase func() (*database, error)
	database    *database
	// program is the number of the program, which is a part of the IDs of its workflows.
	program   int
	services  map[*hsm.Registry]*services
	cells     protocol.Handles[*cell]
	started   []*cell
	workflows protocol.Handles[definition.WorkflowKey]
	// deliveries has the deliveries under way, the innermost last.
	deliveries []*delivery
}

// services are what the cells of a registry share: the namespace, the events, and a store in each cluster that has a cell.
type services struct {
	namespaces *namespaces
	events     *eventDefinition
	stores     [len(clusterNames)]*store
}

func newWorld(generation Generation, kind Store, observer *protocol.Observer) *world {
	w := &world{
		World: binding.New(generation, observer), generation: generation, observer: observer,
		newDatabase: kind.open,
		services:    make(map[*hsm.Registry]*services),
	}
	w.Executed = w.executed
	return w
}

// Reset makes the world a fresh one.
func (w *world) Reset() {
	w.World.Reset()
	w.cells.Reset()
	w.workflows.Reset()
	for _, cell := range w.started {
		cell.stop()
	}
	w.started = w.started[:0]
	clear(w.services)
	if w.database != nil && w.database.stores >= storesOfDatabase {
		w.database.close()
		w.database = nil
	}
	w.program++
}

// CodeOf returns the code of an error.
func (w *world) CodeOf(err error) string {
	switch {
	case errors.Is(err, consts.ErrStaleReference):
		return "stale_reference"
	case err == consts.ErrWorkflowCompleted:
		return "workflow_closed"
	case errors.Is(err, errWorkflowExists):
		return "workflow_exists"
	case errors.Is(err, errUnknownOutcome):
		return "unknown_outcome"
	case errors.Is(err, consts.ErrResourceExhaustedBusyWorkflow):
		return "workflow_busy"
	case errors.As(err, new(*persistence.WorkflowConditionFailedError)),
		errors.As(err, new(*persistence.CurrentWorkflowConditionFailedError)),
		errors.As(err, new(*persistence.ConditionFailedError)):
		return "condition_failed"
	case errors.As(err, new(*persistence.ShardOwnershipLostError)):
		return "shard_ownership_lost"
	case errors.As(err, new(*serviceerror.NamespaceNotActive)):
		return "namespace_not_active"
	}
	if code := w.World.CodeOf(err); code != "" {
		return code
	}
	if code := replicationCode(err); code != "" {
		return code
	}
	var internal *serviceerror.Internal
	if errors.As(err, &internal) && strings.HasPrefix(internal.Message, "no task serializer for ") {
		return "no_serializer"
	}
	if errors.As(err, new(*serviceerror.NotFound)) {
		return "not_found"
	}
	return ""
}

// errWorkflowExists is the error of a workflow that is started once more.
var errWorkflowExists = errors.New("the workflow exists")

// A call is an operation with what its handles are bound to.
type call struct {
	*protocol.Operation
	cell     *cell
	source   *cell
	workflow definition.WorkflowKey
	out      []byte
}

var performers = [...]func(*world, call) ([]byte, error){
	protocol.StartWorkflow:         (*world).startWorkflow,
	protocol.CloseWorkflow:         (*world).closeWorkflow,
	protocol.AccessWorkflow:        (*world).access,
	protocol.FailStore:             (*world).failStore,
	protocol.Restart:               (*world).restart,
	protocol.Evict:                 (*world).evict,
	protocol.Stored:                (*world).stored,
	protocol.StoredTasks:           (*world).storedTasks,
	protocol.StoreCounts:           (*world).storeCounts,
	protocol.Refresh:               (*world).refresh,
	protocol.Now:                   (*world).now,
	protocol.Advance:               (*world).advance,
	protocol.RegisterTimerExecutor: (*world).registerTimerExecutor,
	protocol.TimerTasks:            (*world).timerTasks,
	protocol.PumpTimers:            (*world).pumpTimers,
	protocol.PumpOutbound:          (*world).pumpOutbound,
	protocol.Failover:              (*world).failover,
	protocol.StartWorkflowTask:     (*world).startWorkflowTask,
	protocol.EventChild:            (*world).eventChild,
	protocol.ReplicateEvents:       (*world).replicateEvents,
	protocol.Sync:                  (*world).sync,
}

// Perform runs an operation if the handles that it acts on are bound.
func (w *world) Perform(op *protocol.Operation, out []byte) ([]byte, error) {
	if int(op.Code) < protocol.TreeCodes {
		return w.World.Perform(op, out)
	}
	switch op.Code {
	case protocol.NewCell:
		return out, w.newCell(op)
	case protocol.DeadlineFraction:
		w.Fraction = op.Number
		return out, nil
	}
	c := call{Operation: op, out: out}
	bound := true
	if op.Code.UsesCell() {
		c.cell, bound = w.cells.Get(op.Cell)
	}
	if bound && op.Code.UsesSource() {
		c.source, bound = w.cells.Get(op.Source)
	}
	if bound && op.Code.UsesWorkflow() {
		c.workflow, bound = w.workflows.Get(op.Workflow)
	}
	if !bound {
		return out, protocol.ErrUnbound
	}
	return performers[op.Code](w, c)
}

func (w *world) newCell(op *protocol.Operation) error {
	registry, bound := w.Registry(op.Registry)
	if !bound {
		return protocol.ErrUnbound
	}
	found, ok := w.services[registry]
	if !ok {
		if err := workflow.RegisterStateMachine(registry); err != nil {
			return err
		}
		events := &eventDefinition{generation: w.generation}
		if err := registry.RegisterEventDefinition(events); err != nil {
			return err
		}
		found = &services{namespaces: newNamespaces(), events: events}
		w.services[registry] = found
	}
	if found.stores[op.Cluster] == nil {
		made, err := w.newStore()
		if err != nil {
			return err
		}
		found.stores[op.Cluster] = made
	}
	made, err := newCell(found.stores[op.Cluster], registry, found.namespaces, clusters[op.Cluster])
	if err != nil {
		return err
	}
	w.started = append(w.started, made)
	w.cells.Bind(op.Cell, made)
	return nil
}

// newStore returns a store with nothing in it.
func (w *world) newStore() (*store, error) {
	if w.database == nil {
		fresh, err := w.newDatabase()
		if err != nil {
			return nil, err
		}
		w.database = fresh
	}
	return w.database.newStore(), nil
}

func (w *world) failover(c call) ([]byte, error) {
	c.cell.namespaces.failover(c.cell.clusters)
	return c.out, nil
}

func (w *world) startWorkflowTask(c call) ([]byte, error) {
	return c.out, c.cell.startWorkflowTask(c.workflow)
}

// key returns the key that a workflow has in all stores.
func (w *world) key(handle protocol.Handle) definition.WorkflowKey {
	run := fmt.Sprintf("%08x-0000-4000-8000-%012x", uint32(w.program), handle)
	return definition.NewWorkflowKey(namespaceID, fmt.Sprint("w", handle), run)
}

func (w *world) startWorkflow(c call) ([]byte, error) {
	key := w.key(c.Workflow)
	if _, err := c.cell.store.read(key); err == nil {
		w.workflows.Bind(c.Workflow, key)
		return c.out, errWorkflowExists
	}
	err := c.cell.startWorkflow(key)
	if err == nil {
		w.workflows.Bind(c.Workflow, key)
	}
	return c.out, err
}

func (w *world) closeWorkflow(c call) ([]byte, error) {
	return c.out, c.cell.closeWorkflow(c.workflow)
}

// reference returns the reference that an operation describes: to the root if it describes none.
func reference(c call) hsm.Ref {
	ref := hsm.Ref{WorkflowKey: c.workflow, StateMachineRef: &persistencespb.StateMachineRef{
		MachineInitialVersionedTransition: &persistencespb.VersionedTransition{},
	}}
	if c.Ref != nil {
		for _, key := range c.Ref.Path {
			ref.StateMachineRef.Path = append(ref.StateMachineRef.Path, &persistencespb.StateMachineKey{
				Type: binding.TypeName(key.Type), Id: key.ID,
			})
		}
		ref.StateMachineRef.MachineInitialVersionedTransition.NamespaceFailoverVersion = c.Ref.Version
		ref.StateMachineRef.MachineTransitionCount = c.Ref.Count
	}
	return ref
}

func (w *world) access(c call) ([]byte, error) {
	access := hsm.AccessRead
	if c.Access == protocol.WriteAccess {
		access = hsm.AccessWrite
	}
	return c.out, c.cell.access(w.generation.Counted(reference(c)), access, func(node *hsm.Node) error {
		return w.runInside(c.Bind, node, c.Script)
	})
}

// runInside runs a script with a node that was given to a function. Nodes that are bound inside are unbound then.
func (w *world) runInside(bind protocol.Handle, node *hsm.Node, script *protocol.Script) error {
	outside := w.Nodes().Clone()
	defer func() { *w.Nodes() = outside }()
	w.BindNode(bind, node, rootType)
	return w.observer.Run(script)
}

func (w *world) failStore(c call) ([]byte, error) {
	due := &fault{after: c.After, err: errConditionFailed}
	if c.StoreError == protocol.UnknownOutcome {
		due.err = errUnknownOutcome
	}
	c.cell.store.fault = due
	return c.out, nil
}

func (w *world) restart(c call) ([]byte, error) { return c.out, c.cell.restart() }

func (w *world) evict(c call) ([]byte, error) { return c.out, c.cell.evict(c.workflow) }

// read returns a workflow as it is stored, without counting it as a load.
func (s *store) read(key definition.WorkflowKey) (*persistencespb.WorkflowMutableState, error) {
	found, err := s.ExecutionManager.GetWorkflowExecution(context.Background(), &persistence.GetWorkflowExecutionRequest{
		ShardID: s.shard, NamespaceID: key.NamespaceID, WorkflowID: key.WorkflowID, RunID: key.RunID,
	})
	if err != nil {
		return nil, err
	}
	return found.State, nil
}

func (w *world) stored(c call) ([]byte, error) {
	state, err := c.cell.store.read(c.workflow)
	if err != nil {
		return c.out, err
	}
	// The root stands for the workflow and is not stored; its machines are.
	root := &persistencespb.StateMachineNode{Children: state.ExecutionInfo.SubStateMachinesByType}
	return binding.AppendPersisted(c.out, root), nil
}

// A storedTask is a task of a machine as it is stored.
type storedTask struct {
	info *persistencespb.StateMachineTaskInfo
	kind protocol.Kind
}

func (w *world) storedTasks(c call) ([]byte, error) {
	state, err := c.cell.store.read(c.workflow)
	if err != nil {
		return c.out, err
	}
	outbound, err := c.cell.store.outbound(c.workflow)
	if err != nil {
		return c.out, err
	}
	var found []storedTask
	for _, task := range outbound {
		found = append(found, described(task))
	}
	for _, group := range state.ExecutionInfo.StateMachineTimers {
		for _, info := range group.Infos {
			found = append(found, storedTask{info, protocol.Kind{Deadline: group.Deadline.AsTime().UnixMilli()}})
		}
	}
	slices.SortFunc(found, storedTask.compare)
	return protocol.AppendList(c.out, found, appendStoredTask), nil
}

func appendStoredTask(out []byte, task storedTask) []byte {
	out = append(out, '[')
	out = protocol.AppendPath(out, task.path())
	out = append(out, ',')
	out = protocol.AppendInt(out, task.info.Ref.MachineInitialVersionedTransition.NamespaceFailoverVersion)
	out = append(out, ',')
	out = protocol.AppendInt(out, task.info.Ref.MachineTransitionCount)
	out = append(out, ',')
	out = protocol.AppendInt(out, int64(binding.TypeNumber(task.info.Type)))
	out = append(out, ',')
	out = protocol.AppendString(out, string(task.info.Data))
	out = append(out, ',')
	out = protocol.AppendKind(out, task.kind)
	return append(out, ']')
}

func (w *world) storeCounts(c call) ([]byte, error) {
	return protocol.AppendList(c.out, []int64{c.cell.store.loads, c.cell.store.writes}, protocol.AppendInt), nil
}
