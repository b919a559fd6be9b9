// Package release has what differs between releases of go.temporal.io/server, as it is in v1.25.1. The module of each
// release's adapter replaces this module with its own, which has the same names.
package release

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace/noop"
	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/server/common/clock"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/namespace"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/client"
	"go.temporal.io/server/common/persistence/serialization"
	"go.temporal.io/server/common/persistence/visibility/manager"
	"go.temporal.io/server/common/quotas"
	"go.temporal.io/server/common/resolver"
	"go.temporal.io/server/service/history"
	"go.temporal.io/server/service/history/api"
	"go.temporal.io/server/service/history/configs"
	"go.temporal.io/server/service/history/events"
	"go.temporal.io/server/service/history/hsm"
	"go.temporal.io/server/service/history/queues"
	"go.temporal.io/server/service/history/shard"
	"go.temporal.io/server/service/history/tasks"
	"go.temporal.io/server/service/history/workflow"
	"go.temporal.io/server/service/history/workflow/cache"
	"go.uber.org/fx"
)

// The types that have moved between packages.
type (
	ControllableContext = shard.ControllableContext
	Engine              = shard.Engine
	ShardContext        = shard.Context
	WorkflowContext     = workflow.Context
	MutableState        = workflow.MutableState
	SyncHSMRequest      = shard.SyncHSMRequest
)

// active is the policy of a transaction of the active cluster.
const active = workflow.TransactionPolicyActive

// Capabilities returns those of the engine that not every release offers.
func Capabilities() []string { return []string{"replication"} }

// Configure changes the settings of the release that programs need.
func Configure(config *configs.Config) {
	// Without it a refresh leaves earlier tasks as valid as they are.
	config.EnableNexus = func() bool { return true }
}

// NewFactory returns a factory of the managers of a configured database.
func NewFactory(cluster string, persisted *config.Persistence) client.Factory {
	logger, handler := log.NewNoopLogger(), metrics.NoopMetricsHandler
	stores := client.DataStoreFactoryProvider(
		client.ClusterName(cluster), resolver.NewNoopResolver(), persisted, nil, logger, handler,
	)
	return client.NewFactory(
		stores, persisted, quotas.NoopRequestRateLimiter, quotas.NoopRequestRateLimiter, serialization.NewSerializer(),
		persistence.NewEventsBlobCache(1<<20, time.Hour), cluster, handler, logger, persistence.NoopHealthSignalAggregator,
	)
}

// NewHistoryBranchUtil returns what makes and reads the names of branches of events.
func NewHistoryBranchUtil() persistence.HistoryBranchUtil {
	return &persistence.HistoryBranchUtilImpl{}
}

// NewExecutionManager returns the real execution manager on a store.
func NewExecutionManager(store persistence.ExecutionStore, limit int) persistence.ExecutionManager {
	return persistence.NewExecutionManager(
		store, serialization.NewSerializer(), nil, log.NewNoopLogger(), dynamicconfig.GetIntPropertyFn(limit),
	)
}

// NewContext returns the context of a shard, which makes its engine.
func NewContext(params shard.ContextFactoryParams, shardID int32) (ControllableContext, error) {
	return shard.ContextFactoryProvider(params).CreateContext(shardID, nil)
}

// NewEngine returns the engine of a shard, without queues.
func NewEngine(
	context ShardContext, notifier events.Notifier, config *configs.Config, workflows cache.Cache,
	visibility manager.VisibilityManager, categories tasks.TaskCategoryRegistry,
) Engine {
	return history.NewEngineWithShardContext(
		context, nil, nil, nil, notifier, config, nil, workflows, serialization.NewSerializer(), nil, nil, nil,
		api.NewWorkflowConsistencyChecker(context, workflows), noop.NewTracerProvider(), visibility, nil, categories, nil,
		workflow.NewCommandHandlerRegistry(),
	)
}

// Environment returns the environment of an engine.
func Environment(engine Engine) hsm.Environment { return engine.StateMachineEnvironment() }

// Queues are what the factories of queues are made with in this release alone.
func Queues(cache.Cache) fx.Option { return fx.Options() }

// CreateQueue makes a queue.
func CreateQueue(factory history.QueueFactory, context ShardContext, workflows cache.Cache) {
	factory.CreateQueue(context, workflows)
}

// NewExecutable returns a task as its queue has it executed.
func NewExecutable(
	task tasks.Task, executor queues.Executor, time clock.TimeSource, namespaces namespace.Registry, clusters cluster.Metadata,
) queues.Executable {
	return queues.NewExecutable(
		0, task, executor, nil, nil, queues.NewNoopPriorityAssigner(), time, namespaces, clusters, log.NewNoopLogger(),
		metrics.NoopMetricsHandler,
	)
}

// Created writes a workflow of the active cluster that is new.
func Created(
	ctx context.Context, shard ShardContext, locked WorkflowContext, state *workflow.MutableStateImpl,
) error {
	snapshot, written, err := state.CloseTransactionAsSnapshot(active)
	if err != nil {
		return err
	}
	return locked.CreateWorkflowExecution(
		ctx, shard, persistence.CreateWorkflowModeBrandNew, "", 0, state, snapshot, written,
	)
}

// TaskStarted starts the workflow task that is pending.
func TaskStarted(state MutableState) error {
	pending := state.GetPendingWorkflowTask()
	_, _, err := state.AddWorkflowTaskStartedEvent(
		pending.ScheduledEventID, pending.RequestID, pending.TaskQueue, "hsmspec", nil, nil, false,
	)
	return err
}

// FailoverVersion returns the failover version of a namespace.
func FailoverVersion(space *namespace.Namespace) int64 { return space.FailoverVersion() }

// NotPicked is the part of the definition of an event that says that a reset does not take the event over.
type NotPicked struct{}

// CherryPick takes no event over.
func (NotPicked) CherryPick(*hsm.Node, *historypb.HistoryEvent) error {
	return hsm.ErrNotCherryPickable
}

// Refreshed regenerates the tasks of a workflow.
func Refreshed(ctx context.Context, engine Engine, space namespace.ID, execution *commonpb.WorkflowExecution) error {
	return engine.RefreshWorkflowTasks(ctx, space, execution)
}

// PutComponents writes what components of a workflow there are besides its state machines: none.
func PutComponents(*persistence.InternalWorkflowMutableState, *persistence.InternalWorkflowSnapshot) {
}

// ChangeComponents writes what has changed in these components: nothing.
func ChangeComponents(*persistence.InternalWorkflowMutableState, *persistence.InternalWorkflowMutation) {
}
