package hsmtrace

import (
	"context"

	"go.temporal.io/server/service/history/hsm"
)

// The executors of a registry by how they are called. The hsm package keeps them apart, so that each is a registry of
// its own in the trace.
const (
	immediate = iota
	timer
)

// RegisterImmediateExecutor is [hsm.RegisterImmediateExecutor].
func RegisterImmediateExecutor[T hsm.Task](registry *hsm.Registry, executor hsm.ImmediateExecutor[T]) error {
	tag := tags.Add(1)
	err := hsm.RegisterImmediateExecutor(registry,
		func(ctx context.Context, env hsm.Environment, ref hsm.Ref, task T) error {
			e, ok := env.(*execution)
			if !ok {
				return executor(ctx, env, ref, task)
			}
			return e.run(tag, task, &ref, func() error { return executor(ctx, env, ref, task) })
		})
	registerExecutor[T](registry, immediate, tag, err)
	return err
}

// RegisterTimerExecutor is [hsm.RegisterTimerExecutor].
func RegisterTimerExecutor[T hsm.Task](registry *hsm.Registry, executor hsm.TimerExecutor[T]) error {
	tag := tags.Add(1)
	err := hsm.RegisterTimerExecutor(registry, func(env hsm.Environment, node *hsm.Node, task T) error {
		e, ok := env.(*execution)
		if !ok {
			return executor(env, node, task)
		}
		return e.run(tag, task, nil, func() error { return executor(env, node, task) })
	})
	registerExecutor[T](registry, timer, tag, err)
	return err
}

// registerExecutor records the registration of an executor, which has been answered with an error or nil.
func registerExecutor[T hsm.Task](registry *hsm.Registry, how int, tag int64, err error) {
	code := codeOf(err)
	t := traceFor(registry)
	if t == nil || err != nil && code == other {
		return // There is no such error in the specification, hence nothing to be held to it.
	}
	var task T
	taskType := task.Type()
	at := callerOf()
	t.mu.Lock()
	defer t.mu.Unlock()
	executors := t.executorsOf(how)
	if _, known := executors[taskType]; !known && err != nil {
		executors[taskType] = 0
		n := t.executorNote(how, taskType, 0)
		n.null()
		t.write(n) // What was registered without the recorder is met now.
	}
	n := t.executorNote(how, taskType, tag)
	n.at = at
	if err != nil {
		n.failed(code, err)
	} else {
		executors[taskType] = tag
		n.null()
	}
	t.write(n)
}

// executorsOf returns the tags of the executors that are known to be registered, by the type of task. The lock is held.
func (t *trace) executorsOf(how int) map[string]int64 {
	if t.executors[how] == nil {
		t.executors[how] = make(map[string]int64)
		if how != immediate {
			n := t.bare("new_registry")
			n.op = appendNumber(n.op, "registry", int64(how))
			n.null()
			t.write(n)
		}
	}
	return t.executors[how]
}

// executorNote begins the note of a registration.
func (t *trace) executorNote(how int, taskType string, tag int64) *note {
	n := t.registryNote("register_executor", taskType)
	if tag != 0 {
		n.op = appendNumber(n.op, "tag", tag)
	}
	if how != immediate {
		n.op = appendNumber(n.op, "registry", int64(how))
	}
	return n
}

// registeredExecutor returns the tag of the executor that a registry is known to have for a type of task.
func registeredExecutor(registry *hsm.Registry, how int, taskType string) (tag int64, ok bool) {
	found, recorded := traces.Load(registry)
	if !recorded {
		return 0, false
	}
	t := found.(*trace)
	t.mu.Lock()
	defer t.mu.Unlock()
	tag, ok = t.executors[how][taskType]
	return tag, ok
}
