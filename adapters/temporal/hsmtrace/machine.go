package hsmtrace

import (
	"errors"
	"slices"

	"go.temporal.io/server/service/history/hsm"
)

// MachineData is [hsm.MachineData].
func MachineData[T any](node *hsm.Node) (T, error) {
	t := traceOf(node)
	if t == nil {
		return hsm.MachineData[T](node)
	}
	return readData(t.note("machine_data", node), t.typeOf(node), func() *hsm.Node { return node },
		func() (T, error) { return hsm.MachineData[T](node) })
}

// readData records that data of a machine type is read. The node is only asked for where it must be there.
func readData[T any](n *note, machineType string, node func() *hsm.Node, read func() (T, error)) (T, error) {
	t := n.trace
	defer n.write()
	data, err := read()
	t.afterDeletion(err)
	switch code := codeOf(err); {
	case err == nil:
		found := t.imageOf(machineType, data)
		t.checkRead(n, machineType, node, data, found)
		n.saw = append(appendImage(n.ok(), found), '}')
		t.learn(machineType, data)
		t.settle(data, found)
	case code == other:
		t.undeserializable(n, node(), err)
	default:
		n.failed(code, err)
	}
	castTo[T](n, machineType, node, err)
	return data, err
}

// settle records what the function that has been given a machine has changed of it by now.
func (t *trace) settle(machine any, now image) {
	if f := runningWith(machine); f != nil && f.trace == t {
		t.mu.Lock()
		defer t.mu.Unlock()
		f.settle(now)
	}
}

// castTo records whether data of a machine type is a T, if that mattered for what came of a call.
func castTo[T any](n *note, machineType string, node func() *hsm.Node, err error) {
	incompatible := errors.Is(err, hsm.ErrIncompatibleType)
	if err != nil && !incompatible {
		return
	}
	t := n.trace
	t.mu.Lock()
	defer t.mu.Unlock()
	of, known := t.classes[machineType]
	own := fits[T](of)
	if !known {
		own = !incompatible
	} else if own == incompatible {
		// What is added may be of another Go type than what is deserialized.
		if _, again, ok := t.persisted(machineType, node().InternalRepr().GetData()); ok && again != of {
			own = fits[T](again)
		}
	}
	if !own {
		n.op = appendText(n.op, "cast", "other")
	}
}

// learn takes note of the Go type of a machine type's data.
func (t *trace) learn(machineType string, data any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.classes[machineType]; !known {
		t.classes[machineType] = classOf(data)
	}
}

// undeserializable records that data could not be deserialized.
func (t *trace) undeserializable(n *note, node *hsm.Node, err error) {
	n.failed(deserializeError, err)
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.broken[node.InternalRepr()] {
		t.giveUp("data that was never loaded does not deserialize: " + err.Error())
	}
}

// MachineTransition is [hsm.MachineTransition].
func MachineTransition[T any](node *hsm.Node, transitionFn func(T) (hsm.TransitionOutput, error)) error {
	t := traceOf(node)
	if t == nil {
		return hsm.MachineTransition(node, transitionFn)
	}
	return recordTransition(t.note("machine_transition", node), t.typeOf(node), func() *hsm.Node { return node },
		transitionFn,
		func(fn func(T) (hsm.TransitionOutput, error)) error { return hsm.MachineTransition(node, fn) })
}

// recordTransition records a transition. The node is only asked for where it must be there.
func recordTransition[T any](
	n *note, machineType string, node func() *hsm.Node,
	fn func(T) (hsm.TransitionOutput, error), run func(func(T) (hsm.TransitionOutput, error)) error,
) error {
	t := n.trace
	f := newFrame(n, machineType)
	defer f.finish(node) // In whatever way it ends.
	t.own.Store(true)
	err := run(func(data T) (hsm.TransitionOutput, error) {
		f.begin(data, node())
		output, err := fn(data)
		f.ended(output, err)
		return output, err
	})
	f.failed = err != nil
	if !f.called {
		t.afterDeletion(err)
	}
	switch code := codeOf(err); {
	case err == nil:
		n.null()
	case f.returned && identical(err, f.err):
		n.failed(user, err)
	case code != other:
		n.failed(code, err)
	case !f.called:
		t.undeserializable(n, node(), err)
	case f.err == nil:
		n.failed(serializeError, err)
	default:
		n.failed(other, err)
	}
	if f.called {
		t.learn(machineType, f.data)
		castTo[T](n, machineType, node, nil)
	} else {
		castTo[T](n, machineType, node, err)
	}
	return err
}

// finish writes a transition and then looks at the node: its count, after a failure its persisted form.
func (f *frame) finish(node func() *hsm.Node) {
	t := f.trace
	f.forget()
	t.own.Store(false)
	for _, done := range f.finished(node) {
		t.checkTransition(done)
	}
	frames.Put(f)
}

// finished does so, and returns the transitions that are to be checked now: those of the call, when it is over and has
// not failed.
func (f *frame) finished(node func() *hsm.Node) []transitioned {
	t := f.trace
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hold()
	defer t.release()
	t.pop(f)
	n := f.note
	position := n.at
	if f.called {
		n.op = appendNumber(n.op, "machine", int64(f.machine))
	}
	n.op = f.appendScript(n.op)
	f.tell(n)
	t.write(n)
	if f.failed || !f.returned {
		t.succeeded = nil
	}
	if !f.called {
		return nil
	}
	at := node()
	switch {
	case !f.returned:
		t.counts[f.repr] = f.repr.TransitionCount
		t.emitted(f.repr, nil)
	case f.failed:
		t.counts[f.repr]--
	default:
		t.left[f.repr] = settled{f.data, f.known}
		t.emitted(f.repr, f.tasks)
		if t.recorder.looks() {
			t.succeeds(transitioned{at, f.machineType, f.data, slices.Clone(f.tasks), position})
		}
	}
	t.nested(f.repr)
	if len(t.frames) > 0 || t.over.Load() {
		return nil
	}
	if f.failed {
		t.export(at, position)
	} else if f.returned {
		t.countAgain(at, position)
	}
	done := t.succeeded
	t.succeeded = nil
	return done
}
