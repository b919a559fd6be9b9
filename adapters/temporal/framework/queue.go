package framework

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/server/client"
	"go.temporal.io/server/common/clock"
	clusterpkg "go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/definition"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/namespace"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/serialization"
	"go.temporal.io/server/common/persistence/visibility/manager"
	"go.temporal.io/server/common/resource"
	"go.temporal.io/server/service/history"
	"go.temporal.io/server/service/history/hsm"
	"go.temporal.io/server/service/history/queues"
	"go.temporal.io/server/service/history/replication/eventhandler"
	"go.temporal.io/server/service/history/tasks"
	"go.uber.org/fx"
	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/framework/release"
	"hsmspec/adapters/temporal/protocol"
)

// executors execute the tasks of a cell, as its queues would have them executed.
type executors struct{ outbound, timer queues.Executor }

// captured keeps the executor that a queue would have been made with.
type captured struct{ executor queues.Executor }

// Wrap takes the executor.
func (c *captured) Wrap(executor queues.Executor) queues.Executor {
	c.executor = executor
	return executor
}

// executor returns the executor of tasks of a category. The queue that it belongs to is made and never started.
func (c *cell) executor(category tasks.Category) (queues.Executor, error) {
	if c.executors == nil {
		outbound, err := c.executorOf(history.NewOutboundQueueFactory)
		if err != nil {
			return nil, err
		}
		timer, err := c.executorOf(history.NewTimerQueueFactory)
		if err != nil {
			return nil, err
		}
		c.executors = &executors{outbound, timer}
	}
	if category == tasks.CategoryTimer {
		return c.executors.timer, nil
	}
	return c.executors.outbound, nil
}

// executorOf returns the executor of the queues of a factory, which fx makes.
func (c *cell) executorOf(newFactory any) (queues.Executor, error) {
	found := &captured{}
	var factory history.QueueFactory
	app := fx.New(
		fx.NopLogger,
		fx.Supply(c.config),
		release.Queues(c.cache),
		fx.Provide(
			newFactory,
			func() namespace.Registry { return c.namespaces },
			func() clusterpkg.Metadata { return c.clusters },
			func() clock.TimeSource { return c.clock },
			func() metrics.Handler { return metrics.NoopMetricsHandler },
			func() log.SnTaggedLogger { return log.NewNoopLogger() },
			func() log.Logger { return log.NewNoopLogger() },
			func() queues.SchedulerRateLimiter { return nil },
			func() *queues.DLQWriter { return nil },
			func() queues.ExecutorWrapper { return found },
			serialization.NewSerializer,
			func() eventhandler.HistoryPaginatedFetcher { return nil },
			func() client.Bean { return unreachable{} },
			func() resource.MatchingRawClient { return nil },
			func() manager.VisibilityManager { return visibility{} },
		),
		fx.Populate(&factory),
	)
	if err := app.Err(); err != nil {
		return nil, err
	}
	release.CreateQueue(factory, c.context, c.cache)
	return found.executor, nil
}

// queued returns the tasks of a category in the store.
func queued[T tasks.Task](s *store, category tasks.Category, key definition.WorkflowKey) ([]T, error) {
	var found []T
	request := &persistence.GetHistoryTasksRequest{
		ShardID: s.shard, TaskCategory: category, BatchSize: 1000,
		InclusiveMinTaskKey: tasks.NewImmediateKey(0), ExclusiveMaxTaskKey: tasks.NewImmediateKey(math.MaxInt64),
	}
	if category.Type() == tasks.CategoryTypeScheduled {
		request.InclusiveMinTaskKey, request.ExclusiveMaxTaskKey = tasks.NewKey(firstTime, 0), tasks.NewKey(lastTime, 0)
	}
	for {
		page, err := s.ExecutionManager.GetHistoryTasks(context.Background(), request)
		if err != nil {
			return nil, err
		}
		for _, task := range page.Tasks {
			if task.GetWorkflowID() == key.WorkflowID && task.GetRunID() == key.RunID {
				if task, ok := task.(T); ok {
					found = append(found, task)
				}
			}
		}
		if request.NextPageToken = page.NextPageToken; len(request.NextPageToken) == 0 {
			return found, nil
		}
	}
}

var (
	firstTime = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

// outbound returns the tasks of a workflow in the outbound queue.
func (s *store) outbound(key definition.WorkflowKey) ([]*tasks.StateMachineOutboundTask, error) {
	return queued[*tasks.StateMachineOutboundTask](s, tasks.CategoryOutbound, key)
}

// timers returns the tasks of a workflow in the timer queue that fire timers of machines, in order.
func (s *store) timers(key definition.WorkflowKey) ([]*tasks.StateMachineTimerTask, error) {
	found, err := queued[*tasks.StateMachineTimerTask](s, tasks.CategoryTimer, key)
	slices.SortFunc(found, func(a, b *tasks.StateMachineTimerTask) int { return a.GetKey().CompareTo(b.GetKey()) })
	return found, err
}

// described returns an outbound task as stored.
func described(task *tasks.StateMachineOutboundTask) storedTask {
	return storedTask{task.Info, protocol.Kind{Outbound: true, Destination: task.Destination}}
}

// path returns the path of a task's machine.
func (t storedTask) path() []protocol.Key {
	path := make([]protocol.Key, len(t.info.Ref.Path))
	for i, key := range t.info.Ref.Path {
		path[i] = protocol.Key{Type: binding.TypeNumber(key.Type), ID: key.Id}
	}
	return path
}

// compare orders tasks by their descriptions, timers before outbound tasks that are otherwise the same.
func (t storedTask) compare(other storedTask) int {
	byKey := func(a, b protocol.Key) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
	}
	a, b := t.info, other.info
	return cmp.Or(
		slices.CompareFunc(t.path(), other.path(), byKey),
		cmp.Compare(
			a.Ref.MachineInitialVersionedTransition.NamespaceFailoverVersion,
			b.Ref.MachineInitialVersionedTransition.NamespaceFailoverVersion,
		),
		cmp.Compare(a.Ref.MachineTransitionCount, b.Ref.MachineTransitionCount),
		cmp.Compare(binding.TypeNumber(a.Type), binding.TypeNumber(b.Type)),
		cmp.Compare(string(a.Data), string(b.Data)),
		cmp.Compare(t.kind.Deadline, other.kind.Deadline),
		cmp.Compare(t.kind.Destination, other.kind.Destination),
	)
}

// The fates of a task that was delivered.
const (
	done    = "done"
	dropped = "dropped"
	retried = "retried"
)

// deliver executes a task as its queue would, and removes it from there if it is finished. It returns the task's fate.
func (c *cell) deliver(task tasks.Task) (string, error) {
	executor, err := c.executor(task.GetCategory())
	if err != nil {
		return "", err
	}
	executable := release.NewExecutable(task, executor, c.clock, c.namespaces, c.clusters)
	if !c.context.IsValid() {
		return retried, nil // Its queues are stopped.
	}
	failure := executable.Execute()
	fate := done
	if failure != nil {
		fate = dropped
		if executable.HandleErr(failure) != nil || !c.context.IsValid() {
			fate = retried
		}
	}
	if err := c.settle(nil); err != nil {
		return fate, err
	}
	if fate == retried {
		return fate, nil
	}
	return fate, c.store.ExecutionManager.CompleteHistoryTask(context.Background(), &persistence.CompleteHistoryTaskRequest{
		ShardID: c.store.shard, TaskCategory: task.GetCategory(), TaskKey: task.GetKey(),
	})
}

// refresh regenerates the tasks of a workflow.
func (c *cell) refresh(key definition.WorkflowKey) error {
	ctx, cancel := c.waiting(key)
	defer cancel()
	execution := &commonpb.WorkflowExecution{WorkflowId: key.WorkflowID, RunId: key.RunID}
	return c.settle(release.Refreshed(ctx, c.engine, namespaceID, execution))
}

// A delivery is one that is under way: the cell, the workflow, and what executors were given.
type delivery struct {
	cell     *cell
	workflow definition.WorkflowKey
	calls    [][]byte
}

// delivered delivers a task and returns its fate and what executors were given.
func (w *world) delivered(c call, task tasks.Task) (string, [][]byte, error) {
	under := &delivery{cell: c.cell, workflow: c.workflow}
	depth := len(w.deliveries)
	w.deliveries = append(w.deliveries, under)
	defer func() { w.deliveries = w.deliveries[:depth] }()
	var fate string
	err := w.observer.Unseen(func() (err error) {
		fate, err = c.cell.deliver(task)
		return err
	})
	return fate, under.calls, err
}

// called notes what an executor is given: the tag of its registration, the time, the task, and more.
func (d *delivery) called(op *protocol.Operation, env hsm.Environment, task hsm.Task, more func([]byte) []byte) {
	out := []byte{'['}
	out = protocol.AppendInt(out, op.Tag)
	out = append(out, ',')
	out = protocol.AppendInt(out, env.Now().UnixMicro())
	out = append(out, ',')
	out = binding.AppendTask(out, task)
	out = append(out, ',')
	d.calls = append(d.calls, append(more(out), ']'))
}

func appendCall(out, call []byte) []byte { return append(out, call...) }

// executed is what an executor of outbound tasks does.
func (w *world) executed(
	ctx context.Context, op *protocol.Operation, env hsm.Environment, ref hsm.Ref, task hsm.Task,
) error {
	under := w.deliveries[len(w.deliveries)-1]
	under.called(op, env, task, func(out []byte) []byte {
		out = binding.AppendPath(out, ref.StateMachinePath())
		out = append(out, ',')
		out = protocol.AppendInt(out, ref.StateMachineRef.MachineInitialVersionedTransition.NamespaceFailoverVersion)
		out = append(out, ',')
		return protocol.AppendInt(out, ref.StateMachineRef.MachineTransitionCount)
	})
	access := hsm.AccessRead
	switch op.Access {
	case protocol.NoAccess:
		return op.Script.Fail.Err()
	case protocol.WriteAccess:
		access = hsm.AccessWrite
	}
	wait := patience
	if under.cell.accessed[ref.WorkflowKey] > 0 {
		wait = impatience
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	accessed := under.cell.accessed
	return env.Access(ctx, ref, access, func(node *hsm.Node) error {
		defer accessed.enter(ref.WorkflowKey)()
		return w.runInside(op.Bind, node, op.Script)
	})
}

func (w *world) registerTimerExecutor(c call) ([]byte, error) {
	op := c.Operation
	return c.out, w.generation.RegisterTimerExecutor(c.cell.registry, op.Type,
		func(env hsm.Environment, node *hsm.Node, task hsm.Task) error {
			under := w.deliveries[len(w.deliveries)-1]
			under.called(op, env, task, func(out []byte) []byte {
				out = binding.AppendPath(out, node.Path())
				out = append(out, ',')
				return protocol.AppendInt(out, node.InternalRepr().TransitionCount)
			})
			defer under.cell.accessed.enter(under.workflow)()
			if err := w.runInside(op.Bind, node, op.Script); err != nil {
				return err
			}
			if op.NotFound {
				return serviceerror.NewNotFound("not found")
			}
			return nil
		})
}

func (w *world) refresh(c call) ([]byte, error) { return c.out, c.cell.refresh(c.workflow) }

func (w *world) now(c call) ([]byte, error) {
	return protocol.AppendInt(c.out, release.Environment(c.cell.engine).Now().UnixMicro()), nil
}

func (w *world) advance(c call) ([]byte, error) {
	c.cell.clock.Advance(time.Duration(c.Number) * time.Microsecond)
	return c.out, nil
}

func (w *world) timerTasks(c call) ([]byte, error) {
	if _, err := c.cell.store.read(c.workflow); err != nil {
		return c.out, err
	}
	found, err := c.cell.store.timers(c.workflow)
	if err != nil {
		return c.out, err
	}
	return protocol.AppendList(c.out, found, func(out []byte, task *tasks.StateMachineTimerTask) []byte {
		return protocol.AppendInt(out, task.GetVisibilityTime().UnixMilli())
	}), nil
}

// times returns how often a task is delivered.
func (c call) times() int {
	if c.Delivery == protocol.Twice {
		return 2
	}
	return 1
}

func (w *world) pumpTimers(c call) ([]byte, error) {
	if _, err := c.cell.store.read(c.workflow); err != nil {
		return c.out, err
	}
	found, err := c.cell.store.timers(c.workflow)
	if err != nil {
		return c.out, err
	}
	var calls [][]byte
	for _, task := range found {
		if c.Delivery != protocol.Early && task.GetVisibilityTime().After(c.cell.clock.Now()) {
			continue
		}
		for range c.times() {
			_, more, err := w.delivered(c, task)
			if err != nil {
				return c.out, err
			}
			calls = append(calls, more...)
		}
	}
	return protocol.AppendList(c.out, calls, appendCall), nil
}

func (w *world) pumpOutbound(c call) ([]byte, error) {
	if _, err := c.cell.store.read(c.workflow); err != nil {
		return c.out, err
	}
	found, err := c.cell.store.outbound(c.workflow)
	if err != nil {
		return c.out, err
	}
	slices.SortFunc(found, func(a, b *tasks.StateMachineOutboundTask) int {
		return described(a).compare(described(b))
	})
	var deliveries [][]byte
	for _, task := range found {
		if c.Destination != nil && *c.Destination != task.Destination {
			continue
		}
		for range c.times() {
			fate, calls, err := w.delivered(c, task)
			if err != nil {
				return c.out, err
			}
			out := []byte{'['}
			out = protocol.AppendInt(out, int64(binding.TypeNumber(task.Info.Type)))
			out = append(out, ',')
			out = protocol.AppendString(out, string(task.Info.Data))
			out = append(out, ',')
			if fate == done && len(calls) == 0 {
				fate = dropped // As on a passive cell: it is gone, and no executor has succeeded.
			}
			out = protocol.AppendString(out, fate)
			out = append(out, ',')
			out = protocol.AppendList(out, calls, appendCall)
			deliveries = append(deliveries, append(out, ']'))
		}
	}
	return protocol.AppendList(c.out, deliveries, appendCall), nil
}
