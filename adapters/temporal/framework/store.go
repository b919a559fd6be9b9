package framework

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence"
	persistenceclient "go.temporal.io/server/common/persistence/client"
	"go.temporal.io/server/common/persistence/serialization"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/quotas"
	"go.temporal.io/server/common/resolver"
)

// storesOfDatabase is how many stores share a database in memory before the next program has a new one.
const storesOfDatabase = 256

// A database has the tables of Temporal. Each store is a shard of its own in it.
type database struct {
	// close frees what the database takes.
	close      func()
	executions persistence.ExecutionManager
	shards     persistence.ShardManager
	stores     int32
}

// databases counts the databases of the process: SQLite knows one in memory by its name.
var databases atomic.Int64

// newSQLite opens an empty database of SQLite in memory.
func newSQLite() (*database, error) {
	name := fmt.Sprintf("hsmspec-%d", databases.Add(1))
	persisted := &config.Persistence{
		DefaultStore:         sqlite.PluginName,
		VisibilityStore:      sqlite.PluginName,
		NumHistoryShards:     1,
		TransactionSizeLimit: func() int { return 4 << 20 },
		DataStores: map[string]config.DataStore{sqlite.PluginName: {SQL: &config.SQL{
			PluginName:        sqlite.PluginName,
			DatabaseName:      name,
			ConnectAttributes: map[string]string{"mode": "memory", "cache": "private"},
		}}},
	}
	logger := log.NewNoopLogger()
	stores := persistenceclient.DataStoreFactoryProvider(
		firstCluster, resolver.NewNoopResolver(), persisted, nil, logger, metrics.NoopMetricsHandler,
	)
	factory := persistenceclient.NewFactory(
		stores, persisted, quotas.NoopRequestRateLimiter, quotas.NoopRequestRateLimiter, serialization.NewSerializer(),
		persistence.NewEventsBlobCache(1<<20, time.Hour), firstCluster, metrics.NoopMetricsHandler, logger,
		persistence.NoopHealthSignalAggregator,
	)
	executions, err := factory.NewExecutionManager()
	if err != nil {
		return nil, err
	}
	shards, err := factory.NewShardManager()
	if err != nil {
		return nil, err
	}
	return &database{close: factory.Close, executions: executions, shards: shards}, nil
}

// newStore returns a store with nothing in it.
func (d *database) newStore() *store {
	d.stores++
	return &store{ExecutionManager: d.executions, shards: d.shards, shard: d.stores}
}

// errUnknownOutcome is the error of a write of which the store does not say whether it took place.
var errUnknownOutcome = serviceerror.NewUnavailable("unknown outcome")

// errConditionFailed is the error of a write that the store refuses.
var errConditionFailed = &persistence.WorkflowConditionFailedError{Msg: "condition failed"}

// A fault is how the next write of a store fails.
type fault struct {
	after bool
	err   error
}

// A store is the real execution manager on one shard. It counts loads and writes, and can be made to fail.
type store struct {
	persistence.ExecutionManager
	shards        persistence.ShardManager
	shard         int32
	fault         *fault
	loads, writes int64
	// unknown tells that a write had an unknown outcome and the shard may not have recovered from it.
	unknown bool
}

// write runs a write, with the fault that is due.
func (s *store) write(run func() error) error {
	due := s.fault
	s.fault = nil
	if due != nil && !due.after {
		return s.failed(due)
	}
	if err := run(); err != nil {
		return err
	}
	s.writes++
	if due != nil {
		return s.failed(due)
	}
	return nil
}

func (s *store) failed(due *fault) error {
	s.unknown = errors.Is(due.err, errUnknownOutcome)
	return due.err
}

// CreateWorkflowExecution writes a new workflow.
func (s *store) CreateWorkflowExecution(
	ctx context.Context, request *persistence.CreateWorkflowExecutionRequest,
) (response *persistence.CreateWorkflowExecutionResponse, err error) {
	err = s.write(func() (err error) {
		response, err = s.ExecutionManager.CreateWorkflowExecution(ctx, request)
		return err
	})
	return response, err
}

// UpdateWorkflowExecution writes what a transaction has changed.
func (s *store) UpdateWorkflowExecution(
	ctx context.Context, request *persistence.UpdateWorkflowExecutionRequest,
) (response *persistence.UpdateWorkflowExecutionResponse, err error) {
	err = s.write(func() (err error) {
		response, err = s.ExecutionManager.UpdateWorkflowExecution(ctx, request)
		return err
	})
	return response, err
}

// SetWorkflowExecution writes a workflow as a whole.
func (s *store) SetWorkflowExecution(
	ctx context.Context, request *persistence.SetWorkflowExecutionRequest,
) (response *persistence.SetWorkflowExecutionResponse, err error) {
	err = s.write(func() (err error) {
		response, err = s.ExecutionManager.SetWorkflowExecution(ctx, request)
		return err
	})
	return response, err
}

// GetWorkflowExecution loads a workflow.
func (s *store) GetWorkflowExecution(
	ctx context.Context, request *persistence.GetWorkflowExecutionRequest,
) (*persistence.GetWorkflowExecutionResponse, error) {
	response, err := s.ExecutionManager.GetWorkflowExecution(ctx, request)
	if err == nil {
		s.loads++
	}
	return response, err
}
