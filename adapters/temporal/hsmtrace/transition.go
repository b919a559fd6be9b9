package hsmtrace

import (
	"errors"
	"slices"
	"sync"

	"go.temporal.io/server/service/history/hsm"
)

// Possible is [hsm.Transition.Possible].
func Possible[S comparable, SM hsm.StateMachine[S], E any](transition hsm.Transition[S, SM, E], sm SM) bool {
	if recording.Load() == 0 {
		return transition.Possible(sm)
	}
	learnState[S](sm)
	state := sm.State()
	text := textOfState(state)
	a := newApplication("possible", sm, text)
	if a == nil {
		return transition.Possible(sm)
	}
	appendSpec(a.note, transition, state, text, textOfState(transition.Destination))
	defer a.finish()
	possible := transition.Possible(sm)
	a.note.saw = appendBool(a.note.ok(), possible)
	return possible
}

// Apply is [hsm.Transition.Apply].
func Apply[S comparable, SM hsm.StateMachine[S], E any](
	transition hsm.Transition[S, SM, E], sm SM, event E,
) (hsm.TransitionOutput, error) {
	if recording.Load() == 0 {
		return transition.Apply(sm, event)
	}
	learnState[S](sm)
	state := sm.State()
	text, destination := textOfState(state), textOfState(transition.Destination)
	a := newApplication("apply", sm, text)
	if a == nil {
		return transition.Apply(sm, event)
	}
	appendSpec(a.note, transition, state, text, destination)
	defer a.finish()
	if slices.Contains(transition.Sources, state) {
		a.push()
	}
	output, err := transition.Apply(sm, event)
	left := text
	switch now := sm.State(); now {
	case state:
	case transition.Destination:
		left = destination
	default:
		left = textOfState(now)
	}
	a.ended(output, err, left, destination)
	return output, err
}

// appendSpec appends the transition, given the texts of a state and of the destination.
func appendSpec[S comparable, SM hsm.StateMachine[S], E any](
	n *note, transition hsm.Transition[S, SM, E], state S, text, destination string,
) {
	n.op = append(appendMember(n.op, "transition"), `{"sources":[`...)
	for i, source := range transition.Sources {
		if i > 0 {
			n.op = append(n.op, ',')
		}
		if source == state {
			n.op = appendString(n.op, text)
		} else {
			n.op = appendString(n.op, textOfState(source))
		}
	}
	n.op = append(n.op, ']')
	n.op = appendText(n.op, "destination", destination)
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

// applications has applications that are over, for their memory.
var applications = sync.Pool{New: func() any { return new(application) }}

// newApplication begins to record what is done with a machine in this state, nil if it cannot.
func newApplication(op string, machine any, state string) *application {
	at := callerOf()
	a := applications.Get().(*application)
	a.reset()
	a.within, a.data, a.known.state = runningWith(machine), machine, state
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
		r := recorderFor("a transition was applied to a machine in no tree")
		if r == nil {
			return nil
		}
		if a.trace = r.newTrace(nil); a.trace == nil {
			return nil
		}
		n := a.trace.bare("state_machine")
		n.op = appendNumber(n.op, "machine", 0)
		n.op = appendImage(appendMember(n.op, "data"), a.image())
		n.null()
		n.write()
	}
	a.note = a.trace.bare(op)
	a.note.at = at
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
		text := n.saw[len(saw) : len(n.saw)-1]
		if a.called && len(output.Tasks) > 0 {
			a.tasks = append(a.tasks, text...)
		}
		if a.within != nil {
			a.within.putOut(output.Tasks, text)
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
	a.tell(n)
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
	applications.Put(a)
}
