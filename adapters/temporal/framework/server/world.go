package server

import (
	"context"
	"slices"
	"sync"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/definition"
	"go.temporal.io/server/service/history/hsm"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/kinds"
	"hsmspec/adapters/temporal/protocol"
)

// rootType is the number by which programs know the type of the roots of workflows.
const rootType = 2147483645

// A world runs a program with one cell, the server's history service, and one workflow. Its queues deliver by
// themselves: pumping them waits until executors have been called as often as they should be.
type world struct {
	*binding.World
	observer *protocol.Observer
	registry *hsm.Registry
	server   *running
	env      hsm.Environment
	workflow definition.WorkflowKey
	// due has how many calls each pumping waits for.
	due []int
	// zero is the time that the program's clock begins at, set by its first access.
	zero time.Time
	// turn is held by the program, except while it waits for the queues, and by executors.
	turn sync.Mutex
	// outbound and timers have what executors were called with since the queue was pumped last.
	outbound, timers [][]byte
	// early has timers that were executed before their deadline.
	early []time.Duration
}

func (w *world) Reset() { w.World.Reset() }

// Perform runs an operation of those that a server can run.
func (w *world) Perform(op *protocol.Operation, out []byte) ([]byte, error) {
	switch op.Code {
	case protocol.NewCell:
		return out, w.newCell(op)
	case protocol.StartWorkflow:
		return out, w.startWorkflow()
	case protocol.RegisterTimerExecutor:
		return out, kinds.Generation{}.RegisterTimerExecutor(w.registry, op.Type,
			func(_ hsm.Environment, node *hsm.Node, task hsm.Task) error { return w.fired(op, node, task) })
	case protocol.AccessWorkflow:
		return out, w.access(op)
	case protocol.Advance:
		time.Sleep(time.Duration(op.Number) * time.Microsecond)
		return out, nil
	case protocol.PumpOutbound:
		return w.pumped(out, &w.outbound), nil
	case protocol.PumpTimers:
		return w.pumped(out, &w.timers), nil
	default:
		return w.World.Perform(op, out)
	}
}

// newCell starts the server with the program's machines.
func (w *world) newCell(op *protocol.Operation) error {
	registry, bound := w.Registry(op.Registry)
	if !bound {
		return protocol.ErrUnbound
	}
	w.registry = registry
	server, err := start(registry)
	if err != nil {
		return err
	}
	w.server = server
	w.env, err = server.environment()
	return err
}

// startWorkflow starts a workflow as clients do. No worker polls its task queue.
func (w *world) startWorkflow() error {
	connection, err := grpc.NewClient(w.server.frontend, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	started, err := workflowservice.NewWorkflowServiceClient(connection).StartWorkflowExecution(ctx,
		&workflowservice.StartWorkflowExecutionRequest{
			Namespace: space, WorkflowId: "w", RequestId: "w",
			WorkflowType: &commonpb.WorkflowType{Name: "hsmspec"}, TaskQueue: &taskqueuepb.TaskQueue{Name: "hsmspec"},
		}, grpc.WaitForReady(true))
	if err != nil {
		return err
	}
	w.workflow = definition.NewWorkflowKey(w.server.namespaceID, "w", started.RunId)
	return nil
}

// access lets a script have the root of the workflow.
func (w *world) access(op *protocol.Operation) error {
	if w.zero.IsZero() {
		w.zero = time.Now().Truncate(time.Millisecond)
		w.Fraction = w.zero.UnixMicro()
	}
	access := hsm.AccessRead
	if op.Access == protocol.WriteAccess {
		access = hsm.AccessWrite
	}
	root := hsm.Ref{WorkflowKey: w.workflow, StateMachineRef: &persistencespb.StateMachineRef{
		MachineInitialVersionedTransition: &persistencespb.VersionedTransition{},
	}}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return w.env.Access(ctx, root, access, func(node *hsm.Node) error { return w.runInside(op.Bind, node, op.Script) })
}

// runInside runs a script with a node that was given to a function. Nodes that are bound inside are unbound then.
func (w *world) runInside(bind protocol.Handle, node *hsm.Node, script *protocol.Script) error {
	outside := w.Nodes().Clone()
	defer func() { *w.Nodes() = outside }()
	w.BindNode(bind, node, rootType)
	return w.observer.Run(script)
}

// pumped waits until executors of a queue have been called as often as they should be, and appends their calls.
func (w *world) pumped(out []byte, calls *[][]byte) []byte {
	wanted := w.due[0]
	w.due = w.due[1:]
	_ = w.observer.Unseen(func() error {
		for deadline := time.Now().Add(patience); len(*calls) < wanted && time.Now().Before(deadline); {
			w.turn.Unlock()
			time.Sleep(5 * time.Millisecond)
			w.turn.Lock()
		}
		return nil
	})
	found := *calls
	*calls = nil
	return protocol.AppendList(out, found, func(out, call []byte) []byte { return append(out, call...) })
}

// executed is what an executor of outbound tasks does.
func (w *world) executed(
	ctx context.Context, op *protocol.Operation, env hsm.Environment, ref hsm.Ref, task hsm.Task,
) error {
	w.turn.Lock()
	defer w.turn.Unlock()
	w.outbound = append(w.outbound, w.call(op, task, ref.StateMachinePath(), ref.StateMachineRef.MachineTransitionCount))
	return env.Access(ctx, ref, hsm.AccessWrite, func(node *hsm.Node) error { return w.runInside(op.Bind, node, op.Script) })
}

// fired is what an executor of timers does.
func (w *world) fired(op *protocol.Operation, node *hsm.Node, task hsm.Task) error {
	w.turn.Lock()
	defer w.turn.Unlock()
	if early := task.(interface{ Deadline() time.Time }).Deadline().Sub(time.Now()); early > 0 {
		w.early = append(w.early, early)
	}
	w.timers = append(w.timers, w.call(op, task, node.Path(), node.InternalRepr().TransitionCount))
	return w.runInside(op.Bind, node, op.Script)
}

// call describes what an executor is called with: its tag, the task with a deadline of the program's clock, the path
// and the count.
func (w *world) call(op *protocol.Operation, task hsm.Task, path []hsm.Key, count int64) []byte {
	seen := *task.(interface{ Spec() *protocol.Task }).Spec()
	if !seen.Kind.Outbound {
		seen.Kind.Deadline -= w.zero.UnixMilli()
	}
	out := protocol.AppendInt([]byte{'['}, op.Tag)
	out = append(out, ',')
	out = protocol.AppendTask(out, seen)
	out = append(out, ',')
	out = binding.AppendPath(out, slices.Clone(path))
	out = append(out, ',')
	return append(protocol.AppendInt(out, count), ']')
}
