package framework

import (
	"context"
	"errors"
	"runtime"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	enumsspb "go.temporal.io/server/api/enums/v1"
	"go.temporal.io/server/api/historyservice/v1"
	"go.temporal.io/server/common/archiver"
	"go.temporal.io/server/common/clock"
	clusterpkg "go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/definition"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/locks"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/namespace"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/serialization"
	"go.temporal.io/server/common/searchattribute"
	"go.temporal.io/server/service/history/configs"
	"go.temporal.io/server/service/history/consts"
	"go.temporal.io/server/service/history/events"
	"go.temporal.io/server/service/history/hsm"
	"go.temporal.io/server/service/history/shard"
	"go.temporal.io/server/service/history/tasks"
	"go.temporal.io/server/service/history/workflow"
	"go.temporal.io/server/service/history/workflow/cache"
	"google.golang.org/protobuf/types/known/durationpb"
	"hsmspec/adapters/temporal/framework/release"
)

const (
	// patience is how long an operation may take that nothing holds up: longer is a hang.
	patience = 3 * time.Second
	// impatience is how long an operation waits for a workflow that is locked by an access around it. Programs have one
	// thread, so the lock is not released meanwhile.
	impatience = time.Millisecond
	// insidePatience is how long the engine's own operations wait inside of an access, which may be of another workflow.
	insidePatience = 100 * time.Millisecond
)

// A cell is a running history engine of a cluster, on its store.
type cell struct {
	store      *store
	registry   *hsm.Registry
	namespaces *namespaces
	clusters   clusterpkg.Metadata
	clock      *clock.EventTimeSource
	config     *configs.Config
	cache      cache.Cache
	context    release.ControllableContext
	engine     release.Engine
	// stopped has the contexts of earlier lives of the cell.
	stopped []release.ControllableContext
	// accessed has the workflows whose accessors are running.
	accessed accesses
	// executors are made when the first task is delivered in this life of the cell.
	executors *executors
}

// newCell starts a cell of a cluster on its store.
func newCell(store *store, registry *hsm.Registry, namespaces *namespaces, clusters clusterpkg.Metadata) (*cell, error) {
	c := &cell{
		store:      store,
		registry:   registry,
		namespaces: namespaces,
		clusters:   clusters,
		clock:      clock.NewEventTimeSource().Update(time.Unix(0, 0).UTC()),
		config:     configs.NewConfig(dynamicconfig.NewNoopCollection(), 1),
	}
	c.config.HistoryCacheNonUserContextLockTimeout = func() time.Duration {
		if len(c.accessed) > 0 {
			return insidePatience
		}
		return patience
	}
	release.Configure(c.config)
	// This allows for clocks that differ between machines: timers of the next second would be due a second late.
	c.config.TimerProcessorMaxTimeShift = func() time.Duration { return 0 }
	// Nothing that concerns replication happens in the background.
	c.config.ReplicationEnableDLQMetrics = func() bool { return false }
	c.config.ReplicationTaskProcessorCleanupInterval = func(int32) time.Duration { return 365 * 24 * time.Hour }
	// There is no service of another cluster that could be asked for events, which would happen before tasks are discarded.
	c.config.StandbyTaskMissingEventsResendDelay = c.config.StandbyTaskMissingEventsDiscardDelay
	return c, c.start()
}

// CreateEngine makes the engine when the cell has become the owner of its store.
func (c *cell) CreateEngine(context release.ShardContext) release.Engine {
	notifier := events.NewNotifier(
		c.clock, metrics.NoopMetricsHandler, func(namespace.ID, string) int32 { return c.store.shard },
	)
	return release.NewEngine(context, notifier, c.config, c.cache, visibility{}, categories)
}

// start makes the cell the owner of its store, with nothing in memory.
func (c *cell) start() error {
	logger := log.NewNoopLogger()
	c.cache = cache.NewHostLevelCache(c.config, logger, metrics.NoopMetricsHandler)
	c.accessed = make(accesses)
	c.executors = nil
	nothing := dynamicconfig.NewNoopCollection()
	made, err := release.NewContext(shard.ContextFactoryParams{
		ArchivalMetadata: archiver.NewArchivalMetadata(
			nothing, "disabled", false, "disabled", false, &config.ArchivalNamespaceDefaults{},
		),
		ClusterMetadata:             c.clusters,
		Config:                      c.config,
		EngineFactory:               c,
		HostInfoProvider:            host{},
		Logger:                      logger,
		ThrottledLogger:             logger,
		MetricsHandler:              metrics.NoopMetricsHandler,
		NamespaceRegistry:           c.namespaces,
		PayloadSerializer:           serialization.NewSerializer(),
		PersistenceExecutionManager: c.store,
		PersistenceShardManager:     c.store.shards,
		SaMapperProvider:            searchattribute.NewTestMapperProvider(nil),
		SaProvider:                  searchattribute.NewTestProvider(),
		TimeSource:                  c.clock,
		TaskCategoryRegistry:        categories,
		EventsCache: events.NewHostLevelEventsCache(
			c.store, c.config, metrics.NoopMetricsHandler, logger, false,
		),
		StateMachineRegistry: c.registry,
	}, c.store.shard)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	engine, err := made.GetEngine(ctx)
	if err != nil {
		made.FinishStop()
		return err
	}
	c.context, c.engine = made, engine
	return c.recovered()
}

// restart stops the cell and starts it again. Accesses that are under way go on with what was stopped.
func (c *cell) restart() error {
	c.stopped = append(c.stopped, c.context)
	return c.start()
}

// stop ends the cell for good.
func (c *cell) stop() {
	for _, context := range append(c.stopped, c.context) {
		context.FinishStop()
	}
}

// recovered waits until the shard accepts requests or is stopped: both it becomes in the background.
func (c *cell) recovered() error {
	c.store.unknown = false
	deadline := time.Now().Add(patience)
	for {
		_, err := c.context.GetCurrentExecution(context.Background(), &persistence.GetCurrentExecutionRequest{
			ShardID: c.store.shard, NamespaceID: namespaceID, WorkflowID: "none",
		})
		switch {
		case err == nil, errors.As(err, new(*serviceerror.NotFound)), errors.As(err, new(*persistence.ShardOwnershipLostError)):
			return nil
		case time.Now().After(deadline):
			return err
		}
		runtime.Gosched()
	}
}

// settle returns the error of an operation once the engine has dealt with it.
func (c *cell) settle(err error) error {
	if c.store.unknown {
		if failure := c.recovered(); failure != nil {
			return failure
		}
	}
	return err
}

// waiting returns a context to lock a workflow in.
func (c *cell) waiting(key definition.WorkflowKey) (context.Context, context.CancelFunc) {
	if c.accessed[key] > 0 {
		return context.WithTimeout(context.Background(), impatience)
	}
	return context.WithTimeout(context.Background(), patience)
}

// startWorkflow writes a workflow with an empty tree.
func (c *cell) startWorkflow(key definition.WorkflowKey) error {
	ctx, cancel := c.waiting(key)
	defer cancel()
	execution := &commonpb.WorkflowExecution{WorkflowId: key.WorkflowID, RunId: key.RunID}
	space := c.namespaces.present.Load()
	state := workflow.NewMutableState(
		c.context, c.context.GetEventsCache(), c.context.GetLogger(), space, key.WorkflowID, key.RunID, c.clock.Now(),
	)
	if err := state.UpdateCurrentVersion(release.FailoverVersion(space), false); err != nil {
		return err
	}
	if err := state.SetHistoryTree(nil, nil, key.RunID); err != nil {
		return err
	}
	if _, err := state.AddWorkflowExecutionStartedEvent(execution, startRequest(key)); err != nil {
		return err
	}
	locked, unlock, err := c.cache.GetOrCreateWorkflowExecution(
		ctx, c.context, namespaceID, execution, locks.PriorityHigh,
	)
	if err != nil {
		return err
	}
	err = release.Created(ctx, c.context, locked, state)
	unlock(err)
	return c.settle(err)
}

func startRequest(key definition.WorkflowKey) *historyservice.StartWorkflowExecutionRequest {
	const long = 100 * 365 * 24 * time.Hour
	return &historyservice.StartWorkflowExecutionRequest{
		Attempt:     1,
		NamespaceId: namespaceID,
		StartRequest: &workflowservice.StartWorkflowExecutionRequest{
			RequestId:                key.RunID,
			WorkflowId:               key.WorkflowID,
			WorkflowType:             &commonpb.WorkflowType{Name: "hsmspec"},
			TaskQueue:                &taskqueuepb.TaskQueue{Name: "hsmspec", Kind: enumspb.TASK_QUEUE_KIND_NORMAL},
			WorkflowExecutionTimeout: durationpb.New(long),
			WorkflowRunTimeout:       durationpb.New(long),
			WorkflowTaskTimeout:      durationpb.New(time.Second),
		},
	}
}

// closeWorkflow terminates a workflow.
func (c *cell) closeWorkflow(key definition.WorkflowKey) error {
	ctx, cancel := c.waiting(key)
	defer cancel()
	_, err := c.engine.TerminateWorkflowExecution(ctx, &historyservice.TerminateWorkflowExecutionRequest{
		NamespaceId: namespaceID,
		TerminateRequest: &workflowservice.TerminateWorkflowExecutionRequest{
			WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: key.WorkflowID, RunId: key.RunID},
			Reason:            "closed",
		},
	})
	return c.settle(err)
}

// startWorkflowTask starts a workflow task, unless one has been started.
func (c *cell) startWorkflowTask(key definition.WorkflowKey) error {
	ctx, cancel := c.waiting(key)
	defer cancel()
	execution := &commonpb.WorkflowExecution{WorkflowId: key.WorkflowID, RunId: key.RunID}
	locked, unlock, err := c.cache.GetOrCreateWorkflowExecution(
		ctx, c.context, namespaceID, execution, locks.PriorityHigh,
	)
	if err != nil {
		return err
	}
	err = c.addWorkflowTask(ctx, locked)
	unlock(err)
	return c.settle(err)
}

// addWorkflowTask starts a workflow task of a workflow that is locked.
func (c *cell) addWorkflowTask(ctx context.Context, locked release.WorkflowContext) error {
	state, err := locked.LoadMutableState(ctx, c.context)
	if err != nil {
		return err
	}
	if !state.IsWorkflowExecutionRunning() {
		return consts.ErrWorkflowCompleted
	}
	if !state.HasPendingWorkflowTask() {
		if _, err := state.AddWorkflowTaskScheduledEvent(false, enumsspb.WORKFLOW_TASK_TYPE_NORMAL); err != nil {
			return err
		}
	}
	if !state.HasStartedWorkflowTask() {
		if err := release.TaskStarted(state); err != nil {
			return err
		}
	}
	return locked.UpdateWorkflowExecutionAsActive(ctx, c.context)
}

// access lets the accessor have the node that a reference is to.
func (c *cell) access(ref hsm.Ref, access hsm.AccessType, accessor func(*hsm.Node) error) error {
	ctx, cancel := c.waiting(ref.WorkflowKey)
	defer cancel()
	accessed := c.accessed
	err := release.Environment(c.engine).Access(ctx, ref, access, func(node *hsm.Node) error {
		defer accessed.enter(ref.WorkflowKey)()
		return accessor(node)
	})
	return c.settle(err)
}

// accesses counts by workflow the functions that are running with access to it.
type accesses map[definition.WorkflowKey]int

// enter notes that a function begins, and returns what notes that it ends.
func (a accesses) enter(key definition.WorkflowKey) func() {
	a[key]++
	return func() {
		if a[key]--; a[key] == 0 {
			delete(a, key)
		}
	}
}

// evict unloads a workflow unless it is locked.
func (c *cell) evict(key definition.WorkflowKey) error {
	ctx, cancel := c.waiting(key)
	defer cancel()
	locked, unlock, err := c.cache.GetOrCreateWorkflowExecution(ctx, c.context, namespaceID,
		&commonpb.WorkflowExecution{WorkflowId: key.WorkflowID, RunId: key.RunID}, locks.PriorityHigh)
	if err != nil {
		return nil
	}
	locked.Clear()
	unlock(nil)
	return nil
}

// categories are the categories of tasks.
var categories = tasks.NewDefaultTaskCategoryRegistry()
