package framework

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/serialization"
	"go.temporal.io/server/service/history/tasks"
	"hsmspec/adapters/temporal/framework/release"
)

// newMemory returns the real managers over a store in maps, which is faster than a database.
func newMemory() *database {
	tables := &memory{branches: release.NewHistoryBranchUtil(), shards: make(map[int32]*shardRows)}
	return &database{
		close:      func() {},
		executions: release.NewExecutionManager(tables, transactionLimit),
		shards:     persistence.NewShardManager(shardStore{memory: tables}, serialization.NewSerializer()),
	}
}

// memory has what a database has in its tables: blobs, and the numbers that its conditions compare. The engine calls no
// other methods here.
type memory struct {
	persistence.ExecutionStore
	branches persistence.HistoryBranchUtil
	lock     sync.Mutex
	shards   map[int32]*shardRows
}

// shardRows are the rows of a shard.
type shardRows struct {
	rangeID    int64
	info       *commonpb.DataBlob
	executions map[executionKey]*persistence.InternalWorkflowMutableState
	current    map[currentKey]currentRow
	tasks      map[int]map[tasks.Key]*commonpb.DataBlob
	history    map[string]map[int64]persistence.InternalHistoryNode
}

type executionKey struct{ namespaceID, workflowID, runID string }

type currentKey struct{ namespaceID, workflowID string }

// currentRow names the current run of a workflow.
type currentRow struct {
	runID            string
	state            *persistencespb.WorkflowExecutionState
	lastWriteVersion int64
}

// owned returns the rows of a shard. Only the owner of the range may write.
func (m *memory) owned(shardID int32, rangeID int64) (*shardRows, error) {
	rows := m.shards[shardID]
	if rows == nil {
		return nil, serviceerror.NewUnavailable(fmt.Sprintf("there is no shard %d", shardID))
	}
	if rows.rangeID != rangeID {
		return nil, &persistence.ShardOwnershipLostError{
			ShardID: shardID, Msg: fmt.Sprintf("the range ID is %d, not %d", rows.rangeID, rangeID),
		}
	}
	return rows, nil
}

func (m *memory) GetHistoryBranchUtil() persistence.HistoryBranchUtil { return m.branches }

func (m *memory) GetName() string { return "memory" }

func (m *memory) Close() {}

// CreateWorkflowExecution writes a new workflow.
func (m *memory) CreateWorkflowExecution(
	_ context.Context, request *persistence.InternalCreateWorkflowExecutionRequest,
) (*persistence.InternalCreateWorkflowExecutionResponse, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	rows, err := m.owned(request.ShardID, request.RangeID)
	if err != nil {
		return nil, err
	}
	snapshot := &request.NewWorkflowSnapshot
	name := currentKey{snapshot.NamespaceID, snapshot.WorkflowID}
	if row, exists := rows.current[name]; exists && row.runID != request.PreviousRunID {
		return nil, &persistence.CurrentWorkflowConditionFailedError{
			Msg:              "the workflow exists",
			RunID:            row.runID,
			State:            row.state.State,
			Status:           row.state.Status,
			LastWriteVersion: row.lastWriteVersion,
		}
	}
	rows.appendHistory(request.NewWorkflowNewEvents)
	rows.current[name] = currentRow{snapshot.RunID, snapshot.ExecutionState, snapshot.LastWriteVersion}
	rows.put(snapshot)
	return &persistence.InternalCreateWorkflowExecutionResponse{}, nil
}

// put writes a workflow as a whole, with its new tasks.
func (r *shardRows) put(snapshot *persistence.InternalWorkflowSnapshot) {
	row := &persistence.InternalWorkflowMutableState{
		ActivityInfos:       maps.Clone(snapshot.ActivityInfos),
		TimerInfos:          maps.Clone(snapshot.TimerInfos),
		ChildExecutionInfos: maps.Clone(snapshot.ChildExecutionInfos),
		RequestCancelInfos:  maps.Clone(snapshot.RequestCancelInfos),
		SignalInfos:         maps.Clone(snapshot.SignalInfos),
		SignalRequestedIDs:  names(snapshot.SignalRequestedIDs),
		ExecutionInfo:       snapshot.ExecutionInfoBlob,
		ExecutionState:      snapshot.ExecutionStateBlob,
		NextEventID:         snapshot.NextEventID,
		Checksum:            snapshot.Checksum,
		DBRecordVersion:     snapshot.DBRecordVersion,
	}
	release.PutComponents(row, snapshot)
	r.executions[executionKey{snapshot.NamespaceID, snapshot.WorkflowID, snapshot.RunID}] = row
	r.putTasks(snapshot.Tasks)
}

func (r *shardRows) putTasks(added map[tasks.Category][]persistence.InternalHistoryTask) {
	for category, list := range added {
		queue := r.tasks[category.ID()]
		if queue == nil {
			queue = make(map[tasks.Key]*commonpb.DataBlob)
			r.tasks[category.ID()] = queue
		}
		for _, task := range list {
			queue[keyIn(category, task.Key)] = task.Blob
		}
	}
}

// keyIn returns the key of a task in its queue: that of an immediate one has no time.
func keyIn(category tasks.Category, key tasks.Key) tasks.Key {
	if category.Type() == tasks.CategoryTypeImmediate {
		return tasks.NewImmediateKey(key.TaskID)
	}
	return tasks.NewKey(key.FireTime.UTC(), key.TaskID)
}

// names returns the members of a set, in order.
func names(set map[string]struct{}) []string {
	found := make([]string, 0, len(set))
	for name := range set {
		found = append(found, name)
	}
	slices.Sort(found)
	return found
}

// present returns the row of a workflow if it is the one that a write of a record is to replace.
func (r *shardRows) present(key executionKey, record int64) (*persistence.InternalWorkflowMutableState, error) {
	row := r.executions[key]
	if row == nil || row.DBRecordVersion != record-1 {
		failure := &persistence.WorkflowConditionFailedError{Msg: "another record is there"}
		if row != nil {
			failure.NextEventID, failure.DBRecordVersion = row.NextEventID, row.DBRecordVersion
		}
		return nil, failure
	}
	return row, nil
}

// UpdateWorkflowExecution writes what has changed in a workflow, with its new tasks.
func (m *memory) UpdateWorkflowExecution(
	_ context.Context, request *persistence.InternalUpdateWorkflowExecutionRequest,
) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	rows, err := m.owned(request.ShardID, request.RangeID)
	if err != nil {
		return err
	}
	if request.NewWorkflowSnapshot != nil {
		return serviceerror.NewUnimplemented("a workflow that is continued by another")
	}
	change := &request.UpdateWorkflowMutation
	row, err := rows.present(
		executionKey{change.NamespaceID, change.WorkflowID, change.RunID}, change.DBRecordVersion,
	)
	if err != nil {
		return err
	}
	name := currentKey{change.NamespaceID, change.WorkflowID}
	if request.Mode == persistence.UpdateWorkflowModeUpdateCurrent {
		if rows.current[name].runID != change.RunID {
			return &persistence.CurrentWorkflowConditionFailedError{
				Msg: "another run is current", RunID: rows.current[name].runID,
			}
		}
		rows.current[name] = currentRow{change.RunID, change.ExecutionState, change.LastWriteVersion}
	}
	rows.appendHistory(request.UpdateWorkflowNewEvents)
	merge(row.ActivityInfos, change.UpsertActivityInfos, change.DeleteActivityInfos)
	merge(row.TimerInfos, change.UpsertTimerInfos, change.DeleteTimerInfos)
	merge(row.ChildExecutionInfos, change.UpsertChildExecutionInfos, change.DeleteChildExecutionInfos)
	merge(row.RequestCancelInfos, change.UpsertRequestCancelInfos, change.DeleteRequestCancelInfos)
	merge(row.SignalInfos, change.UpsertSignalInfos, change.DeleteSignalInfos)
	requested := make(map[string]struct{})
	for _, id := range row.SignalRequestedIDs {
		requested[id] = struct{}{}
	}
	merge(requested, change.UpsertSignalRequestedIDs, change.DeleteSignalRequestedIDs)
	row.SignalRequestedIDs = names(requested)
	release.ChangeComponents(row, change)
	if change.ClearBufferedEvents {
		row.BufferedEvents = nil
	}
	if change.NewBufferedEvents != nil {
		row.BufferedEvents = append(slices.Clone(row.BufferedEvents), change.NewBufferedEvents)
	}
	row.ExecutionInfo, row.ExecutionState = change.ExecutionInfoBlob, change.ExecutionStateBlob
	row.NextEventID, row.Checksum, row.DBRecordVersion = change.NextEventID, change.Checksum, change.DBRecordVersion
	rows.putTasks(change.Tasks)
	return nil
}

func merge[K comparable, V any](row, upserted map[K]V, deleted map[K]struct{}) {
	if row != nil {
		maps.Copy(row, upserted)
	}
	for key := range deleted {
		delete(row, key)
	}
}

// SetWorkflowExecution writes a workflow that is there as a whole.
func (m *memory) SetWorkflowExecution(
	_ context.Context, request *persistence.InternalSetWorkflowExecutionRequest,
) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	rows, err := m.owned(request.ShardID, request.RangeID)
	if err != nil {
		return err
	}
	snapshot := &request.SetWorkflowSnapshot
	key := executionKey{snapshot.NamespaceID, snapshot.WorkflowID, snapshot.RunID}
	if _, err := rows.present(key, snapshot.DBRecordVersion); err != nil {
		return err
	}
	rows.put(snapshot)
	return nil
}

// GetWorkflowExecution reads a workflow.
func (m *memory) GetWorkflowExecution(
	_ context.Context, request *persistence.GetWorkflowExecutionRequest,
) (*persistence.InternalGetWorkflowExecutionResponse, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if rows := m.shards[request.ShardID]; rows != nil {
		row := rows.executions[executionKey{request.NamespaceID, request.WorkflowID, request.RunID}]
		if row != nil {
			state := *row
			return &persistence.InternalGetWorkflowExecutionResponse{
				State: &state, DBRecordVersion: row.DBRecordVersion,
			}, nil
		}
	}
	return nil, serviceerror.NewNotFound("there is no such workflow")
}

// GetCurrentExecution reads which run of a workflow is the current one.
func (m *memory) GetCurrentExecution(
	_ context.Context, request *persistence.GetCurrentExecutionRequest,
) (*persistence.InternalGetCurrentExecutionResponse, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if rows := m.shards[request.ShardID]; rows != nil {
		if row, exists := rows.current[currentKey{request.NamespaceID, request.WorkflowID}]; exists {
			return &persistence.InternalGetCurrentExecutionResponse{RunID: row.runID, ExecutionState: row.state}, nil
		}
	}
	return nil, serviceerror.NewNotFound("there is no such workflow")
}

// GetHistoryTasks reads all tasks of a queue in a range, in order.
func (m *memory) GetHistoryTasks(
	_ context.Context, request *persistence.GetHistoryTasksRequest,
) (*persistence.InternalGetHistoryTasksResponse, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	found := &persistence.InternalGetHistoryTasksResponse{}
	rows := m.shards[request.ShardID]
	if rows == nil {
		return found, nil
	}
	for key, blob := range rows.tasks[request.TaskCategory.ID()] {
		if key.CompareTo(request.InclusiveMinTaskKey) >= 0 && key.CompareTo(request.ExclusiveMaxTaskKey) < 0 {
			found.Tasks = append(found.Tasks, persistence.InternalHistoryTask{Key: key, Blob: blob})
		}
	}
	slices.SortFunc(found.Tasks, func(a, b persistence.InternalHistoryTask) int { return a.Key.CompareTo(b.Key) })
	return found, nil
}

// CompleteHistoryTask removes a task.
func (m *memory) CompleteHistoryTask(_ context.Context, request *persistence.CompleteHistoryTaskRequest) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	if rows := m.shards[request.ShardID]; rows != nil {
		delete(rows.tasks[request.TaskCategory.ID()], keyIn(request.TaskCategory, request.TaskKey))
	}
	return nil
}

func (r *shardRows) appendHistory(requests []*persistence.InternalAppendHistoryNodesRequest) {
	for _, request := range requests {
		branch := r.history[request.BranchInfo.BranchId]
		if branch == nil {
			branch = make(map[int64]persistence.InternalHistoryNode)
			r.history[request.BranchInfo.BranchId] = branch
		}
		if present, exists := branch[request.Node.NodeID]; !exists || present.TransactionID < request.Node.TransactionID {
			branch[request.Node.NodeID] = request.Node
		}
	}
}

// ReadHistoryBranch reads events.
func (m *memory) ReadHistoryBranch(
	_ context.Context, request *persistence.InternalReadHistoryBranchRequest,
) (*persistence.InternalReadHistoryBranchResponse, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	found := &persistence.InternalReadHistoryBranchResponse{}
	if rows := m.shards[request.ShardID]; rows != nil {
		for id, node := range rows.history[request.BranchID] {
			if request.MinNodeID <= id && id < request.MaxNodeID {
				found.Nodes = append(found.Nodes, node)
			}
		}
	}
	slices.SortFunc(found.Nodes, func(a, b persistence.InternalHistoryNode) int { return cmp.Compare(a.NodeID, b.NodeID) })
	return found, nil
}

// shardStore has the owners of shards.
type shardStore struct {
	persistence.ShardStore
	memory *memory
}

func (s shardStore) GetName() string        { return "memory" }
func (s shardStore) GetClusterName() string { return firstCluster }
func (s shardStore) Close()                 {}

// GetOrCreateShard reads who owns a shard, which is new if nobody has.
func (s shardStore) GetOrCreateShard(
	_ context.Context, request *persistence.InternalGetOrCreateShardRequest,
) (*persistence.InternalGetOrCreateShardResponse, error) {
	s.memory.lock.Lock()
	defer s.memory.lock.Unlock()
	rows := s.memory.shards[request.ShardID]
	if rows == nil {
		rangeID, info, err := request.CreateShardInfo()
		if err != nil {
			return nil, err
		}
		rows = &shardRows{
			rangeID:    rangeID,
			info:       info,
			executions: make(map[executionKey]*persistence.InternalWorkflowMutableState),
			current:    make(map[currentKey]currentRow),
			tasks:      make(map[int]map[tasks.Key]*commonpb.DataBlob),
			history:    make(map[string]map[int64]persistence.InternalHistoryNode),
		}
		s.memory.shards[request.ShardID] = rows
	}
	return &persistence.InternalGetOrCreateShardResponse{ShardInfo: rows.info}, nil
}

// UpdateShard writes who owns a shard, unless another one has become it.
func (s shardStore) UpdateShard(_ context.Context, request *persistence.InternalUpdateShardRequest) error {
	s.memory.lock.Lock()
	defer s.memory.lock.Unlock()
	rows, err := s.memory.owned(request.ShardID, request.PreviousRangeID)
	if err != nil {
		return err
	}
	rows.rangeID, rows.info = request.RangeID, request.ShardInfo
	return nil
}
