package framework

import (
	"context"
	"encoding/json"
	"errors"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	historyspb "go.temporal.io/server/api/history/v1"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/definition"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/versionhistory"
	serviceerrors "go.temporal.io/server/common/serviceerror"
	"go.temporal.io/server/service/history/consts"
	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/framework/release"
	"hsmspec/adapters/temporal/protocol"
)

// eventType is a type of events that the engine leaves to definitions.
const eventType = enumspb.EVENT_TYPE_NEXUS_OPERATION_SCHEDULED

// firstEvent is the ID of the event with which a workflow starts.
const firstEvent = 1

// An addition is what an event says: the key and the data of a machine below the root.
type addition struct {
	Type int32
	ID   string
	Data protocol.Data
}

// An eventDefinition applies events that add machines.
type eventDefinition struct {
	release.NotPicked
	generation Generation
	// applied counts the events that were applied.
	applied int
}

// Type returns the type of the events.
func (*eventDefinition) Type() enumspb.EventType { return eventType }

// IsWorkflowTaskTrigger says that no workflow task follows the event.
func (*eventDefinition) IsWorkflowTaskTrigger() bool { return false }

// Apply adds a machine and lets it transition with the tasks that its state calls for.
func (d *eventDefinition) Apply(root *hsm.Node, event *historypb.HistoryEvent) error {
	var added addition
	content := event.GetNexusOperationScheduledEventAttributes().GetInput().GetData()
	if err := json.Unmarshal(content, &added); err != nil {
		return err
	}
	node, err := root.AddChild(
		hsm.Key{Type: binding.TypeName(added.Type), ID: added.ID},
		binding.NewMachine(d.generation, added.Type, added.Data),
	)
	if err != nil {
		return err
	}
	d.applied++
	return hsm.MachineTransition(node, func(machine hsm.TaskRegenerator) (hsm.TransitionOutput, error) {
		tasks, err := machine.RegenerateTasks(node)
		return hsm.TransitionOutput{Tasks: tasks}, err
	})
}

// addEvent applies an event to a workflow and adds it to the workflow's history.
func (d *eventDefinition) addEvent(root *hsm.Node, added addition) error {
	content, err := json.Marshal(added)
	if err != nil {
		return err
	}
	return d.Apply(root, root.AddHistoryEvent(eventType, func(event *historypb.HistoryEvent) {
		event.Attributes = &historypb.HistoryEvent_NexusOperationScheduledEventAttributes{
			NexusOperationScheduledEventAttributes: &historypb.NexusOperationScheduledEventAttributes{
				Input: &commonpb.Payload{Data: content},
			},
		}
	}))
}

// history returns a workflow as it is stored, with the history of versions of its events.
func (s *store) history(
	key definition.WorkflowKey,
) (*persistencespb.WorkflowMutableState, *historyspb.VersionHistory, error) {
	state, err := s.read(key)
	if err != nil {
		return nil, nil, err
	}
	versions, err := versionhistory.GetCurrentVersionHistory(state.ExecutionInfo.VersionHistories)
	return state, versions, err
}

// batches returns the events of a workflow as they are stored: those of each transaction, in order.
func (s *store) batches(versions *historyspb.VersionHistory) ([]*historypb.History, error) {
	// Beyond the last one may be events of transactions whose write was refused.
	last, err := versionhistory.GetLastVersionHistoryItem(versions)
	if err != nil {
		return nil, err
	}
	var found []*historypb.History
	request := &persistence.ReadHistoryBranchRequest{
		ShardID: s.shard, BranchToken: versions.BranchToken, MinEventID: firstEvent, MaxEventID: last.EventId + 1,
		PageSize: 100,
	}
	for {
		page, err := s.ExecutionManager.ReadHistoryBranchByBatch(context.Background(), request)
		if err != nil {
			return nil, err
		}
		found = append(found, page.History...)
		if request.NextPageToken = page.NextPageToken; len(request.NextPageToken) == 0 {
			return found, nil
		}
	}
}

// replicateEvents sends a cell all events of a workflow that the store of another one has, as that one wrote them.
func (c *cell) replicateEvents(source *store, key definition.WorkflowKey) error {
	_, versions, err := source.history(key)
	if err != nil {
		return err
	}
	found, err := source.batches(versions)
	if err != nil {
		return err
	}
	ctx, cancel := c.waiting(key)
	defer cancel()
	for _, batch := range found {
		err := c.engine.ReplicateHistoryEvents(
			ctx, key, nil, versions.Items, [][]*historypb.HistoryEvent{batch.Events}, nil, "",
		)
		if err = c.replicated(err); err != nil {
			return err
		}
	}
	return nil
}

// sync sends a cell the machines of a workflow as the store of another one has them.
func (c *cell) sync(source *store, key definition.WorkflowKey) error {
	state, versions, err := source.history(key)
	if err != nil {
		return err
	}
	ctx, cancel := c.waiting(key)
	defer cancel()
	return c.replicated(c.engine.SyncHSM(ctx, &release.SyncHSMRequest{
		WorkflowKey:         key,
		EventVersionHistory: versions,
		StateMachineNode:    &persistencespb.StateMachineNode{Children: state.ExecutionInfo.SubStateMachinesByType},
	}))
}

// replicated returns the error of a replication task. Later releases have one for what is there already, which ends the
// task like success.
func (c *cell) replicated(err error) error {
	if errors.Is(err, consts.ErrDuplicate) {
		err = nil
	}
	return c.settle(err)
}

// replicationCode returns the code of an error of replication.
func replicationCode(err error) string {
	switch {
	case errors.Is(err, hsm.ErrInitialTransitionMismatch):
		return "initial_version_mismatch"
	case errors.As(err, new(*serviceerrors.RetryReplication)):
		return "retry_replication"
	}
	return ""
}

func (w *world) eventChild(c call) ([]byte, error) {
	events := w.services[c.cell.registry].events
	return c.out, c.cell.access(reference(c), hsm.AccessWrite, func(root *hsm.Node) error {
		return events.addEvent(root, addition{c.Key.Type, c.Key.ID, c.Data})
	})
}

func (w *world) replicateEvents(c call) ([]byte, error) {
	events := w.services[c.cell.registry].events
	before := events.applied
	if err := c.cell.replicateEvents(c.source.store, c.workflow); err != nil {
		return c.out, err
	}
	return protocol.AppendInt(c.out, int64(events.applied-before)), nil
}

func (w *world) sync(c call) ([]byte, error) {
	before := c.cell.store.writes
	if err := c.cell.sync(c.source.store, c.workflow); err != nil {
		return c.out, err
	}
	return protocol.AppendBool(c.out, c.cell.store.writes > before), nil
}
