package binding

import (
	"context"
	"time"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/definition"
	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/protocol"
)

// ref makes a reference.
func ref(spec *protocol.RefSpec) hsm.Ref {
	path := make([]*persistencespb.StateMachineKey, len(spec.Path))
	for i, key := range spec.Path {
		path[i] = &persistencespb.StateMachineKey{Type: TypeName(key.Type), Id: key.ID}
	}
	return hsm.Ref{
		WorkflowKey: definition.NewWorkflowKey(spec.Workflow[0], spec.Workflow[1], spec.Workflow[2]),
		StateMachineRef: &persistencespb.StateMachineRef{
			Path: path,
			MutableStateVersionedTransition: &persistencespb.VersionedTransition{
				NamespaceFailoverVersion: spec.Version,
			},
			MachineTransitionCount: spec.Count,
		},
	}
}

// appendRef appends a reference as [workflow, path, version, count].
func appendRef(out []byte, ref hsm.Ref) []byte {
	workflow := []string{ref.WorkflowKey.NamespaceID, ref.WorkflowKey.WorkflowID, ref.WorkflowKey.RunID}
	out = append(out, '[')
	out = protocol.AppendList(out, workflow, protocol.AppendString)
	out = append(out, ',')
	out = AppendPath(out, ref.StateMachinePath())
	out = append(out, ',')
	out = protocol.AppendInt(out, ref.StateMachineRef.MutableStateVersionedTransition.NamespaceFailoverVersion)
	out = append(out, ',')
	out = protocol.AppendInt(out, ref.StateMachineRef.MachineTransitionCount)
	return append(out, ']')
}

func (w *World) stateMachinePath(c call) ([]byte, error) {
	return AppendPath(c.out, ref(c.Ref).StateMachinePath()), nil
}

// An environment is the one in which a task is executed: a clock that stands still, and the tree of a node.
type environment struct {
	world *World
	now   time.Time
	node  *hsm.Node
}

// Now returns the time.
func (e *environment) Now() time.Time { return e.now }

// Access looks up the node that a reference is to and lets the accessor have it.
func (e *environment) Access(
	_ context.Context, ref hsm.Ref, access hsm.AccessType, accessor func(*hsm.Node) error,
) error {
	e.world.observer.Saw(func(out []byte) []byte {
		if access == hsm.AccessWrite {
			return protocol.AppendString(out, "write")
		}
		return protocol.AppendString(out, "read")
	})
	node, err := e.node.Child(ref.StateMachinePath())
	if err != nil {
		return err
	}
	return accessor(node)
}

// An Executor reports what it is called with and then does what its registration says.
type Executor struct {
	world *World
	// op is the operation that registers the executor.
	op *protocol.Operation
}

// execute executes a task.
func (e *Executor) execute(ctx context.Context, env hsm.Environment, ref hsm.Ref, task hsm.Task) error {
	if _, ours := env.(*environment); !ours {
		return e.world.Executed(ctx, e.op, env, ref, task)
	}
	e.world.observer.Saw(func(out []byte) []byte {
		out = append(out, '[')
		out = protocol.AppendInt(out, e.op.Tag)
		out = append(out, ',')
		out = protocol.AppendInt(out, env.Now().UnixMilli())
		out = append(out, ',')
		out = AppendTask(out, task)
		out = append(out, ',')
		out = appendRef(out, ref)
		return append(out, ']')
	})
	access := hsm.AccessRead
	switch e.op.Access {
	case protocol.NoAccess:
		return e.op.Script.Fail.Err()
	case protocol.WriteAccess:
		access = hsm.AccessWrite
	}
	return env.Access(ctx, ref, access, func(node *hsm.Node) error {
		e.world.nodes.Bind(e.op.Bind, node)
		return e.world.observer.Run(e.op.Script)
	})
}

// RegisterExecutor registers an executor of tasks of a version's own Go type.
func RegisterExecutor[T hsm.Task](registry *hsm.Registry, executor *Executor) error {
	registering = executor.op.Type
	return hsm.RegisterImmediateExecutor(
		registry,
		func(ctx context.Context, env hsm.Environment, ref hsm.Ref, task T) error {
			return executor.execute(ctx, env, ref, task)
		},
	)
}

// RegisterTimerExecutor registers an executor of timers of a version's own Go type.
func RegisterTimerExecutor[T hsm.Task](
	registry *hsm.Registry, taskType int32, executor func(hsm.Environment, *hsm.Node, hsm.Task) error,
) error {
	registering = taskType
	return hsm.RegisterTimerExecutor(registry, func(env hsm.Environment, node *hsm.Node, task T) error {
		return executor(env, node, task)
	})
}

func (w *World) registerExecutor(c call) ([]byte, error) {
	return c.out, w.generation.RegisterExecutor(c.registry, &Executor{w, c.Operation})
}

func (w *World) execute(c call) ([]byte, error) {
	env := &environment{w, time.UnixMilli(c.Number), c.node}
	task := w.generation.NewTask(Task{spec: c.Task})
	return c.out, c.registry.ExecuteImmediateTask(context.Background(), env, ref(c.Ref), task)
}
