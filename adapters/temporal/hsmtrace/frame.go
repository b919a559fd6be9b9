package hsmtrace

import (
	"slices"
	"sync"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/service/history/hsm"
)

// A frame is a function of the program that the hsm package has been given to run: that of a transition, or an apply
// function.
type frame struct {
	trace *trace
	note  *note
	// machine is the handle of the machine that the function is given, data that machine.
	machine     int
	machineType string
	data        any
	// repr is the persisted form of the node whose machine it is.
	repr *persistencespb.StateMachineNode
	// known is the machine as far as it is recorded: not its value, if a transition was applied since.
	known image
	// applied says that a transition was applied to the machine, nested that one of the same node has ended in the
	// function.
	applied, nested bool
	// ops and inner are the operations in the function and their observations, as lists without brackets.
	ops, inner []byte
	tasks      []byte
	// positions are where the program made the calls in the function, as a list; positioned says that it made one.
	positions  []byte
	positioned bool
	err        error
	// output are the tasks that the last transition applied to the machine put out, and outputText those as JSON. Without
	// any that can be distinguished from others it is empty.
	output     []hsm.Task
	outputText []byte
	// called and returned say how far it came, failed that it was a transition that failed, panicked that an operation
	// in it did.
	called, returned, failed, panicked bool
	// identified says that the machine is found by identity.
	identified bool
	outer      *frame
	// swallowed is the failure of a transition in the function, as long as no other call has failed the function.
	swallowed string
}

// frames has frames that are over, for their memory.
var frames = sync.Pool{New: func() any { return new(frame) }}

// newFrame returns a frame of the trace, the note's.
func newFrame(n *note, machineType string) *frame {
	f := frames.Get().(*frame)
	f.reset()
	f.trace, f.note, f.machineType = n.trace, n, machineType
	return f
}

// reset makes the frame a new one that has the memory of the old.
func (f *frame) reset() {
	clear(f.output)
	*f = frame{
		ops: f.ops[:0], inner: f.inner[:0], positions: f.positions[:0], tasks: f.tasks[:0], output: f.output[:0], outputText: f.outputText[:0],
	}
}

var (
	// running has the innermost frame of each machine, by identity. A frame's outer is the one that it hides.
	running   = make(map[any]*frame)
	runningMu sync.Mutex
)

// runningWith returns the frame whose function has been given a machine, nil if there is none.
func runningWith(machine any) *frame {
	if !comparableNow(machine) {
		return nil
	}
	runningMu.Lock()
	defer runningMu.Unlock()
	return running[machine]
}

// top returns the innermost function under way, nil if there is none. The lock is held.
func (t *trace) top() *frame {
	if len(t.frames) == 0 {
		return nil
	}
	return t.frames[len(t.frames)-1]
}

// pop ends a function and all within, which did not return. The lock is held.
func (t *trace) pop(f *frame) {
	for i := len(t.frames) - 1; i >= 0; i-- {
		if t.frames[i] == f {
			t.frames = t.frames[:i]
			return
		}
	}
}

// begin begins the function of a transition of a node.
func (f *frame) begin(data any, node *hsm.Node) {
	t := f.trace
	t.own.Store(false)
	f.data = data
	f.repr = node.InternalRepr()
	f.identified = comparableNow(data)
	if f.identified {
		runningMu.Lock()
		f.outer = running[data]
		running[data] = f
		runningMu.Unlock()
	}
	outer := f.outer
	t.mu.Lock()
	known := t.lastOf(f.repr)
	last, unchanged := t.left[f.repr]
	unchanged = unchanged && outer == nil && f.identified && last.data == data
	delete(t.left, f.repr)
	t.counts[f.repr]++
	t.mu.Unlock()
	if unchanged && !t.recorder.checks(ChangedOutside) {
		f.known = last.image
	} else {
		f.known = t.imageOf(f.machineType, data)
		unchanged = unchanged && f.known == last.image
	}
	t.mu.Lock()
	if outer == nil && f.identified {
		t.checkUnchanged(known, f.machineType, data, f.known, f.note.at)
	}
	if outer != nil {
		outer.settle(f.known)
	}
	f.called = true
	f.machine = len(t.frames)
	t.frames = append(t.frames, f)
	if !unchanged {
		f.readMachine(f.known)
	}
	t.mu.Unlock()
}

// forget makes the machine one of no function under way.
func (f *frame) forget() {
	if !f.identified {
		return
	}
	runningMu.Lock()
	defer runningMu.Unlock()
	if f.outer == nil {
		delete(running, f.data)
	} else {
		running[f.data] = f.outer
	}
}

// nested says that a transition of a node has ended, inside of any that are under way. The lock is held.
func (t *trace) nested(node *persistencespb.StateMachineNode) {
	for _, f := range t.frames {
		f.nested = f.nested || f.repr == node
	}
}

// settle appends what the function itself has changed of the machine. What a recorded call has made of its state is
// known and not excused. The lock is held.
func (f *frame) settle(now image) {
	if f.known.state != now.state {
		f.setState(now.state)
	}
	if now.value != f.known.value || now.serializes != f.known.serializes {
		f.setValue(now)
	}
}

// setState appends that the machine has got a state. The lock is held.
func (f *frame) setState(state string) {
	f.known.state = state
	n := f.trace.bare("set_state")
	n.op = appendNumber(n.op, "machine", int64(f.machine))
	n.op = appendText(n.op, "state", state)
	n.null()
	f.trace.write(n)
}

// setValue appends that the machine has got this value. The lock is held.
func (f *frame) setValue(data image) {
	f.known.value, f.known.serializes = data.value, data.serializes
	n := f.trace.bare("set_value")
	n.op = appendNumber(n.op, "machine", int64(f.machine))
	n.op = data.appendValue(appendMember(n.op, "value"))
	n.null()
	f.trace.write(n)
}

// readMachine appends what the machine is like. The lock is held.
func (f *frame) readMachine(data image) {
	n := f.trace.bare("read_machine")
	n.op = appendNumber(n.op, "machine", int64(f.machine))
	n.saw = append(appendImage(n.ok(), data), '}')
	f.trace.write(n)
}

// ended says what the function of a transition left and returned.
func (f *frame) ended(output hsm.TransitionOutput, err error) {
	t := f.trace
	left := t.imageOf(f.machineType, f.data)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.catchUp()
	f.survived()
	if f.nested {
		// Whose data persists is not specified unless the function sets all of its own.
		f.setState(left.state)
		f.setValue(left)
	} else {
		f.settle(left)
	}
	if f.applied {
		f.readMachine(left)
	}
	f.returned, f.err = true, err
	if err == nil && f.swallowed != "" {
		t.remark(SwallowedFailure, f.machineType, f.note.at, "a function succeeds in which "+f.swallowed+" failed, and what "+
			"that changed of its machine stays")
	}
	switch {
	case err != nil || len(output.Tasks) == 0:
	case slices.Equal(f.output, output.Tasks):
		f.tasks = append(f.tasks, f.outputText...)
	default:
		f.tasks = t.appendTasks(f.tasks, output.Tasks)
	}
	t.pop(f)
}

// survived gives the trace up if the function has gone on after a panic, as no script does. The lock is held.
func (f *frame) survived() {
	if f.panicked {
		f.trace.giveUp("a function went on after a panic in it")
	}
}

// idle tells whether the function did nothing that is recorded.
func (f *frame) idle() bool {
	return len(f.ops) == 0 && len(f.tasks) == 0 && f.returned && f.err == nil
}

// appendScript appends the script that has the effect of the function. The lock is held.
func (f *frame) appendScript(out []byte) []byte {
	out = append(appendMember(out, "script"), '{')
	begun := len(out)
	if len(f.ops) > 0 {
		out = append(out, `,"ops":[`...)
		out = append(out, f.ops...)
		out = append(out, ']')
	}
	if len(f.tasks) > 0 {
		out = append(out, `,"tasks":`...)
		out = append(out, f.tasks...)
	}
	switch {
	case f.called && !f.returned:
		out = append(out, `,"fail":"panic"`...)
	case f.err != nil:
		out = append(out, `,"fail":"`+user+`"`...)
	}
	if len(out) > begun {
		out = append(out[:begun], out[begun+1:]...) // Without the first comma.
	}
	return append(out, '}')
}

// tell says, of a note, what was observed in the function, and where the program made the calls in it. The lock is held.
func (f *frame) tell(n *note) {
	if len(f.inner) == 0 {
		return
	}
	n.saw = append(n.saw[:len(n.saw)-1], `,"inner":[`...)
	n.saw = append(n.saw, f.inner...)
	n.saw = append(n.saw, "]}"...)
	if f.positioned {
		n.within = append(n.within, f.positions...)
	}
}
