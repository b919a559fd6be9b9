package hsmtrace

import (
	"bytes"
	"context"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"unsafe"
)

// A recorder records what is made by the goroutine that started it, and by all goroutines that descend from that one. A
// goroutine inherits the profiler's labels of the one that starts it, so that labels of a recorder's own tell its
// goroutines from those of all others. A program that sets labels itself loses those of the recorder: then a goroutine is
// found by its number, or by that of the goroutine that started it.

// labels returns the profiler's labels of the goroutine. The runtime promises to keep the function for those who link to
// it; there is no exported one.
//
//go:linkname labels runtime/pprof.runtime_getProfLabel
func labels() unsafe.Pointer

//go:linkname setLabels runtime/pprof.runtime_setProfLabel
func setLabels(unsafe.Pointer)

// recording is how many recorders are open. While it is 0, nothing is recorded.
var recording atomic.Int32

// owners has the recorders by what identifies their goroutines.
var owners = struct {
	sync.RWMutex
	open        map[*Recorder]struct{}
	byLabels    map[unsafe.Pointer]*Recorder
	byGoroutine map[int64]*Recorder
}{
	open:        make(map[*Recorder]struct{}),
	byLabels:    make(map[unsafe.Pointer]*Recorder),
	byGoroutine: make(map[int64]*Recorder),
}

// own makes the goroutine, and all that it starts from now on, the recorder's.
func (r *Recorder) own() {
	r.outer, _ = owner()
	r.labelsBefore = labels()
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("hsmtrace", r.name)))
	r.labels = labels()
	own, _, _ := goroutine()
	owners.Lock()
	defer owners.Unlock()
	owners.open[r] = struct{}{}
	owners.byLabels[r.labels] = r
	owners.byGoroutine[own] = r
	recording.Add(1)
}

// disown ends own. What the recorder's goroutines make from now on is the outer recorder's, if there is one.
func (r *Recorder) disown() {
	owners.Lock()
	defer owners.Unlock()
	if _, open := owners.open[r]; !open {
		return
	}
	delete(owners.open, r)
	for number, of := range owners.byGoroutine {
		if of == r {
			delete(owners.byGoroutine, number)
			if r.outer != nil {
				owners.byGoroutine[number] = r.outer
			}
		}
	}
	if labels() == r.labels {
		setLabels(r.labelsBefore)
	}
	recording.Add(-1)
}

// labeled returns the open recorder whose labels the goroutine has. It is false if the labels are no recorder's.
func labeled() (*Recorder, bool) {
	owners.RLock()
	defer owners.RUnlock()
	r, known := owners.byLabels[labels()]
	return r.opened(), known
}

// opened returns the recorder, or the innermost of those around it that is open.
func (r *Recorder) opened() *Recorder {
	for r != nil && r.closed.Load() {
		r = r.outer
	}
	return r
}

// owner returns the open recorder that the goroutine belongs to, nil if it belongs to none. It is false if that is not
// known.
func owner() (*Recorder, bool) {
	if recording.Load() == 0 {
		return nil, true
	}
	if r, known := labeled(); known {
		return r, true
	}
	own, creator, test := goroutine()
	owners.Lock()
	defer owners.Unlock()
	for _, number := range []int64{own, creator} {
		if r, known := owners.byGoroutine[number]; known {
			owners.byGoroutine[own] = r
			return r.opened(), true
		}
	}
	// A test that has started no recorder, nor has one around it.
	return nil, test
}

// recorderFor returns the open recorder that the goroutine belongs to, nil if there is none. Where that is not known, all
// open recorders say that they may lack something, which is named.
func recorderFor(made string) *Recorder {
	r, known := owner()
	if known {
		return r
	}
	owners.RLock()
	defer owners.RUnlock()
	for open := range owners.open {
		open.lacks(made)
	}
	return nil
}

// goroutine returns the number of the goroutine and of the one that started it, and whether it is that of a test.
func goroutine() (own, creator int64, test bool) {
	stack := make([]byte, 1<<12)
	for {
		if n := runtime.Stack(stack, false); n < len(stack) {
			stack = stack[:n]
			break
		}
		stack = make([]byte, 2*len(stack))
	}
	own = numberAfter(stack, "goroutine ")
	if last := bytes.LastIndex(stack, []byte("\ncreated by ")); last >= 0 {
		creator = numberAfter(stack[last:], " in goroutine ")
		test = bytes.Contains(stack[:last], []byte("\ntesting.tRunner("))
	}
	return own, creator, test
}

// numberAfter returns the number behind the first occurrence of a text, 0 if there is none.
func numberAfter(text []byte, before string) (number int64) {
	_, after, _ := bytes.Cut(text, []byte(before))
	digits := len(after)
	if end := bytes.IndexFunc(after, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		digits = end
	}
	number, _ = strconv.ParseInt(string(after[:digits]), 10, 64)
	return number
}
