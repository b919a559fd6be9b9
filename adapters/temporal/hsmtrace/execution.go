package hsmtrace

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"

	"go.temporal.io/server/service/history/hsm"
)

// tags counts executors, so that each has a number of its own.
var tags atomic.Int64

// ExecuteImmediateTask is [hsm.Registry.ExecuteImmediateTask].
func ExecuteImmediateTask(
	registry *hsm.Registry, ctx context.Context, env hsm.Environment, ref hsm.Ref, task hsm.Task,
) error {
	if recording.Load() == 0 || env == nil || task == nil {
		return registry.ExecuteImmediateTask(ctx, env, ref, task)
	}
	r := recorderOf(registry)
	if r == nil {
		return registry.ExecuteImmediateTask(ctx, env, ref, task)
	}
	e := &execution{Environment: env, recorder: r, registry: registry, how: immediate, task: task, ref: &ref, at: callerOf()}
	defer e.finish()
	return e.ended(registry.ExecuteImmediateTask(ctx, e, ref, task))
}

// ExecuteTimerTask is [hsm.Registry.ExecuteTimerTask].
func ExecuteTimerTask(registry *hsm.Registry, env hsm.Environment, node *hsm.Node, task hsm.Task) error {
	if recording.Load() == 0 || env == nil || node == nil || task == nil {
		return registry.ExecuteTimerTask(env, node, task)
	}
	r := recorderOf(registry)
	if r == nil {
		return registry.ExecuteTimerTask(env, node, task)
	}
	e := &execution{Environment: env, recorder: r, registry: registry, how: timer, task: task, path: node.Path(), at: callerOf()}
	defer e.finish()
	defer handed(node)()
	return e.ended(registry.ExecuteTimerTask(e, node, task))
}

// recorderOf returns the recorder of executions by a registry: the registry's own, if it is recorded, else the goroutine's.
func recorderOf(registry *hsm.Registry) *Recorder {
	if found, ok := traces.Load(registry); ok {
		if r := found.(*trace).recorder; !r.closed.Load() {
			return r
		}
	}
	return recorderFor("a task was executed")
}

// An execution is one of a task, and the environment that its executor is given.
type execution struct {
	hsm.Environment
	recorder *Recorder
	registry *hsm.Registry
	how      int
	task     hsm.Task
	// ref is what was referred to, nil for a timer's task, which is executed with the node at the path.
	ref  *hsm.Ref
	path []hsm.Key
	// at is where the program executes it.
	at []byte
	// err is what the execution answered if it returned.
	err      error
	returned bool

	mu sync.Mutex
	// calls are the calls of the executor.
	calls []executorCall
}

// An executorCall is what an executor was called with and how it ended.
type executorCall struct {
	tag      int64
	task     hsm.Task
	ref      *hsm.Ref
	err      error
	returned bool
}

// run calls an executor.
func (e *execution) run(tag int64, task hsm.Task, ref *hsm.Ref, executor func() error) error {
	call := executorCall{tag: tag, task: task, ref: ref}
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.calls = append(e.calls, call)
	}()
	call.err = executor()
	call.returned = true
	return call.err
}

// Access is that of the environment. What the accessor does is recorded in the trace of the tree.
func (e *execution) Access(
	ctx context.Context, ref hsm.Ref, accessType hsm.AccessType, accessor func(*hsm.Node) error,
) error {
	return e.Environment.Access(ctx, ref, accessType, func(node *hsm.Node) error {
		defer handed(node)()
		t := traceOf(node)
		if t == nil || accessType != hsm.AccessWrite {
			return accessor(node)
		}
		t.checkCleared(e.at)
		err := accessor(node)
		if err == nil {
			t.committed()
		}
		return err
	})
}

// handed says that a function was given a node, and returns what is to be called when it has ended.
func handed(node *hsm.Node) (ended func()) {
	t := traceOf(node)
	if t == nil {
		return func() {}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.catchUp()
	t.handle(node)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.catchUp()
	}
}

func (e *execution) ended(err error) error {
	e.err, e.returned = err, true
	return err
}

// finish records the execution as a trace of its own: the executor by how it ended, and that it was called. What it did
// to a tree is in the trace of that. Nothing is recorded of an executor that is not known.
func (e *execution) finish() {
	e.mu.Lock()
	calls := e.calls
	e.mu.Unlock()
	tag, known := registeredExecutor(e.registry, e.how, e.task.Type())
	if len(calls) > 0 {
		if !known || tag == 0 {
			tag, known = calls[0].tag, true
		}
	}
	t := e.recorder.newTrace(e.registry)
	if t == nil {
		return
	}
	t.mu.Lock()
	if !e.returned && exiting() {
		t.giveUp("the goroutine ended in an execution, as t.FailNow has it do")
		t.mu.Unlock()
		t.end()
		return
	}
	if len(calls) == 0 && (!e.returned || known && tag == 0 || !known && !errors.Is(e.err, hsm.ErrNotRegistered)) {
		t.giveUp("a task of the type " + e.task.Type() + " was executed by an executor that was registered without the " +
			"recorder, which is not seen to be called")
		t.mu.Unlock()
		t.end()
		return
	}
	for _, op := range []string{
		`{"op":"new_registry"`,
		`{"op":"register_machine","type":"root"`,
		`{"op":"new_root","type":"root","data":["",""],"bind":0`,
	} {
		n := t.bare("")
		n.op = append(n.op[:0], op...)
		n.null()
		t.write(n)
	}
	if known {
		n := t.executorNote(immediate, e.task.Type(), tag)
		if len(calls) > 0 {
			n.op = calls[0].appendScript(n.op)
		}
		n.null()
		t.write(n)
	}
	n := t.bare("execute")
	n.at = e.at
	n.op = t.appendTask(appendMember(n.op, "task"), e.task)
	if e.ref != nil {
		n.op = appendRefSpec(appendMember(n.op, "ref"), e.ref)
	} else {
		n.op = append(appendPath(append(appendMember(n.op, "ref"), `{"path":`...), e.path), '}')
	}
	n.op = append(n.op, `,"node":0`...)
	e.saw(n, calls)
	t.write(n)
	t.mu.Unlock()
	t.end()
}

// saw says what was seen of the execution: how it ended and the calls of the executor.
func (e *execution) saw(n *note, calls []executorCall) {
	switch {
	case !e.returned:
	case e.err == nil:
		n.null()
	case len(calls) > 0 && calls[len(calls)-1].returned && identical(e.err, calls[len(calls)-1].err):
		n.failed(user, e.err)
	default:
		n.failed(codeOf(e.err), e.err)
	}
	if len(calls) == 0 {
		return
	}
	n.saw = append(n.saw[:len(n.saw)-1], `,"inner":`...)
	n.saw = appendList(n.saw, calls, func(out []byte, call executorCall) []byte {
		out = append(out, `{"ok":`...)
		out = call.append(out, n.trace)
		return append(out, '}')
	})
	n.saw = append(n.saw, '}')
}

// appendScript appends the script that has the effect of an executor that asks for no access.
func (c executorCall) appendScript(out []byte) []byte {
	switch {
	case !c.returned:
		return append(out, `,"script":{"fail":"panic"}`...)
	case c.err != nil:
		return append(out, `,"script":{"fail":"`+user+`"}`...)
	}
	return out
}

// append appends [tag, now, task, ref]. The clock was not looked at, and a timer's task has no reference.
func (c executorCall) append(out []byte, t *trace) []byte {
	out = strconv.AppendInt(append(out, '['), c.tag, 10)
	out = t.appendTask(append(out, ",null,"...), c.task)
	if c.ref == nil {
		return append(out, ",null]"...)
	}
	out = appendWorkflow(append(out, ",["...), c.ref)
	out = appendPath(append(out, ','), c.ref.StateMachinePath())
	for _, number := range numbersIn(c.ref) {
		out = strconv.AppendInt(append(out, ','), number, 10)
	}
	return append(out, "]]"...)
}

// appendRefSpec appends a reference as operations have it.
func appendRefSpec(out []byte, ref *hsm.Ref) []byte {
	out = appendPath(append(out, `{"path":`...), ref.StateMachinePath())
	out = appendWorkflow(appendMember(out, "workflow"), ref)
	numbers := numbersIn(ref)
	out = appendNumber(out, "version", numbers[0])
	return append(appendNumber(out, "count", numbers[1]), '}')
}

func appendWorkflow(out []byte, ref *hsm.Ref) []byte {
	key := ref.WorkflowKey
	return appendList(out, []string{key.NamespaceID, key.WorkflowID, key.RunID}, appendString)
}

// numbersIn returns the failover version and the machine's transition count in a reference. Greater ones than traces can
// have are shortened, the same everywhere.
func numbersIn(ref *hsm.Ref) [2]int64 {
	const most = 1 << 53
	return [2]int64{
		ref.StateMachineRef.GetMutableStateVersionedTransition().GetNamespaceFailoverVersion() % most,
		ref.StateMachineRef.GetMachineTransitionCount() % most,
	}
}
