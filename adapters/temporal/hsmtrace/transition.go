package hsmtrace

import (
	"errors"
	"slices"

	"go.temporal.io/server/service/history/hsm"
)

// Possible is [hsm.Transition.Possible].
func Possible[S comparable, SM hsm.StateMachine[S], E any](transition hsm.Transition[S, SM, E], sm SM) bool {
	r := current.Load()
	if r == nil {
		return transition.Possible(sm)
	}
	a := r.application("possible", sm, textOfState(sm.State()))
	if a == nil {
		return transition.Possible(sm)
	}
	appendSpec(a.note, transition)
	defer a.finish()
	possible := transition.Possible(sm)
	a.note.saw = appendBool(a.note.ok(), possible)
	return possible
}

// Apply is [hsm.Transition.Apply].
func Apply[S comparable, SM hsm.StateMachine[S], E any](
	transition hsm.Transition[S, SM, E], sm SM, event E,
) (hsm.TransitionOutput, error) {
	r := current.Load()
	if r == nil {
		return transition.Apply(sm, event)
	}
	state := sm.State()
	a := r.application("apply", sm, textOfState(state))
	if a == nil {
		return transition.Apply(sm, event)
	}
	appendSpec(a.note, transition)
	defer a.finish()
	if slices.Contains(transition.Sources, state) {
		a.push()
	}
	output, err := transition.Apply(sm, event)
	a.ended(output, err, textOfState(sm.State()), textOfState(transition.Destination))
	return output, err
}

// appendSpec appends the transition.
func appendSpec[S comparable, SM hsm.StateMachine[S], E any](n *note, transition hsm.Transition[S, SM, E]) {
	n.op = append(appendMember(n.op, "transition"), `{"sources":`...)
	n.op = appendList(n.op, transition.Sources, func(out []byte, state S) []byte {
		return appendString(out, textOfState(state))
	})
	n.op = appendText(n.op, "destination", textOfState(transition.Destination))
	n.op = append(n.op, '}')
}

// An application is a transition that is applied to a machine, or asked whether it could be. The frame is that of the
// apply function, which is called if the transition is possible.
type application struct {
	frame
	// within is the transition whose function has been given the machine. Without one the machine is in no tree, and has
	// a trace of its own.
	within *frame
}

// application begins to record what is done with a machine in this state, nil if it cannot.
func (r *Recorder) application(op string, machine any, state string) *application {
	a := &application{within: runningWith(machine)}
	a.data, a.known.state = machine, state
	if a.within != nil {
		a.trace, a.machine, a.machineType = a.within.trace, a.within.machine, a.within.machineType
		if a.trace.over.Load() {
			return nil
		}
		a.trace.mu.Lock()
		defer a.trace.mu.Unlock()
		a.trace.catchUp()
		if a.within.known.state != state {
			a.within.setState(state)
		}
	} else {
		a.trace = r.newTrace(nil)
		if a.trace == nil {
			return nil
		}
		n := a.trace.bare("state_machine")
		n.op = appendNumber(n.op, "machine", 0)
		n.op = appendImage(appendMember(n.op, "data"), a.image())
		n.null()
		n.write()
	}
	a.note = a.trace.bare(op)
	a.note.op = appendNumber(a.note.op, "machine", int64(a.machine))
	return a
}

// image returns the image of the machine.
func (a *application) image() image {
	if a.within == nil {
		return freeImage(a.data)
	}
	return a.trace.imageOf(a.machineType, a.data)
}

// push begins the apply function.
func (a *application) push() {
	a.trace.mu.Lock()
	defer a.trace.mu.Unlock()
	a.called = true
	a.trace.frames = append(a.trace.frames, &a.frame)
}

// ended says what came of it: the output, and the state that was left, by its text and that of the destination.
func (a *application) ended(output hsm.TransitionOutput, err error, left, destination string) {
	t, n := a.trace, a.note
	t.mu.Lock()
	defer t.mu.Unlock()
	a.returned, a.failed = true, err != nil
	a.survived()
	if a.called && err == nil && left != destination && left != a.known.state {
		// The function has chosen another state. That of before it hardly would: then the destination was not set.
		a.setState(left)
	}
	t.pop(&a.frame)
	// An error of the apply function comes with the destination, also if it says that another transition is invalid.
	own := errors.Is(err, hsm.ErrInvalidTransition) && left == a.known.state
	switch {
	case err == nil:
		saw := n.ok()
		n.saw = append(t.appendTasks(saw, output.Tasks), '}')
		if a.called && len(output.Tasks) > 0 {
			a.tasks = append(a.tasks, n.saw[len(saw):len(n.saw)-1]...)
		}
	case a.called && !own:
		a.err = err
		n.failed(user, err)
	default:
		n.failed(codeOf(err), err)
	}
	if a.within != nil {
		a.within.known.state, a.within.applied = left, true
	}
}

// finish writes the operation and then how it left the machine, unless the function around it will tell.
func (a *application) finish() {
	t, n := a.trace, a.note
	t.mu.Lock()
	t.pop(&a.frame)
	if a.called && !a.idle() {
		n.op = a.appendScript(n.op)
	}
	n.saw = a.appendInner(n.saw)
	t.write(n)
	if a.failed || a.returned && a.within == nil {
		left := a.image()
		if a.called || a.within != nil {
			a.setValue(left)
		}
		if a.within != nil {
			a.within.known.value, a.within.known.serializes = left.value, left.serializes
		}
		a.readMachine(left)
	}
	t.mu.Unlock()
	if a.within == nil {
		t.end()
	}
}
