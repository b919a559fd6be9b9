package hsmtrace

import (
	"bytes"
	"runtime"
	"sync"

	"go.temporal.io/server/service/history/hsm"
)

// A note is an operation that is being recorded, with what is seen of it: a panic as long as nothing else is set.
type note struct {
	trace *trace
	// op lacks the closing brace.
	op, saw []byte
	// at is where the program made the call, without the closing brace; nil if it made none.
	at []byte
	// within are the positions of the calls in the function, as a list without brackets.
	within []byte
}

var notes = sync.Pool{New: func() any { return new(note) }}

const (
	sawNull  = `{"ok":null}`
	sawPanic = `{"panic":"panic"}`
)

// bare begins the note of an operation. The lock is held, unless nobody else has the trace yet.
func (t *trace) bare(op string) *note {
	t.pending++
	n := notes.Get().(*note)
	n.trace, n.at, n.within = t, nil, n.within[:0]
	n.op = append(n.op[:0], `{"op":"`...)
	n.op = append(n.op, op...)
	n.op = append(n.op, '"')
	n.saw = append(n.saw[:0], sawPanic...)
	return n
}

// note begins the note of an operation on a node that involves machines of these types.
func (t *trace) note(op string, node *hsm.Node, types ...string) *note {
	at := callerOf()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.catchUp()
	for _, machineType := range types {
		t.know(machineType)
	}
	n := t.bare(op)
	n.at = at
	n.op = appendNumber(n.op, "node", int64(t.handle(node)))
	return n
}

// ok begins what was seen of an operation that succeeded.
func (n *note) ok() []byte {
	return append(n.saw[:0], `{"ok":`...)
}

// null says that the operation succeeded.
func (n *note) null() {
	n.saw = append(n.saw[:0], sawNull...)
}

// answer notes the result of an operation that returns an error or a node, which is bound.
func (n *note) answer(node *hsm.Node, err error) {
	if err != nil {
		n.trace.afterDeletion(err)
		n.failed(codeOf(err), err)
		return
	}
	n.null()
	n.trace.mu.Lock()
	defer n.trace.mu.Unlock()
	n.op = appendNumber(n.op, "bind", int64(n.trace.bind(node)))
}

// failed says that the operation failed.
func (n *note) failed(code string, err error) {
	n.saw = append(n.saw[:0], `{"error":`...)
	n.saw = appendString(n.saw, code)
	if code == other {
		n.saw = appendText(n.saw, "message", err.Error())
	}
	n.saw = append(n.saw, '}')
}

// write records the operation.
func (n *note) write() {
	t := n.trace
	t.mu.Lock()
	defer t.mu.Unlock()
	t.write(n)
}

// write records an operation: inside the function under way, else as a line. The lock is held.
func (t *trace) write(n *note) {
	t.pending--
	if bytes.HasPrefix(n.saw, []byte(sawPanic[:len(`{"panic"`)])) && exiting() {
		t.giveUp("the goroutine ended in a call, as t.FailNow has it do")
	}
	n.op = append(n.op, '}')
	if top := t.top(); top != nil {
		top.ops = appendItem(top.ops, n.op)
		top.inner = appendItem(top.inner, n.saw)
		if len(top.positions) > 0 {
			top.positions = append(top.positions, ',')
		}
		top.positions = n.appendAt(top.positions)
		top.positioned = top.positioned || n.at != nil
		top.failing(n)
		top.panicked = top.panicked || bytes.HasPrefix(n.saw, []byte(sawPanic[:len(`{"panic"`)]))
	} else {
		t.line(n)
	}
	notes.Put(n)
}

// appendAt appends where the program made the call, and the calls in its function.
func (n *note) appendAt(out []byte) []byte {
	if n.at == nil {
		return append(out, "null"...)
	}
	out = append(out, n.at...)
	if len(n.within) > 0 {
		out = append(append(append(out, `,"inner":[`...), n.within...), ']')
	}
	return append(out, '}')
}

// exiting tells whether the deferred call that it is asked in runs because the goroutine ends, and not for a panic.
func exiting() bool {
	var counters [64]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters[:])])
	for more := true; more; {
		var frame runtime.Frame
		switch frame, more = frames.Next(); frame.Function {
		case "runtime.Goexit":
			return true
		case "runtime.gopanic":
			return false
		}
	}
	return false
}

// line writes a line. The lock is held.
func (t *trace) line(n *note) {
	if t.over.Load() {
		return
	}
	line := lines.Get().(*[]byte)
	*line = append((*line)[:0], t.prefix...)
	*line = append(*line, `"op":`...)
	*line = append(*line, n.op...)
	*line = append(*line, `,"saw":`...)
	*line = append(*line, n.saw...)
	*line = t.appendShown(*line)
	if n.at != nil {
		*line = n.appendAt(appendMember(*line, "at"))
	}
	*line = append(*line, "}\n"...)
	t.put(*line)
	lines.Put(line)
}

// put writes a line, unless lines are held back for now. The lock is held.
func (t *trace) put(line []byte) {
	if t.holds {
		t.held = append(t.held, line...)
	} else {
		t.recorder.lines(line)
	}
}

// hold holds lines back until release, which writes them at once: that takes half the time. The lock is held.
func (t *trace) hold() {
	t.holds = true
}

func (t *trace) release() {
	t.recorder.lines(t.held)
	t.holds, t.held = false, t.held[:0]
}

var lines = sync.Pool{New: func() any { return new([]byte) }}
