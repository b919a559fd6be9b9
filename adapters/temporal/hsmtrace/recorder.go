package hsmtrace

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"go.temporal.io/server/service/history/hsm"
)

const (
	// Variable names the environment variable that [Record] looks at.
	Variable = "HSMTRACE"
	// readable is the mode of files with traces.
	readable = 0o644
)

// TB is the part of [testing.TB] that recorders need.
type TB interface {
	Helper()
	Name() string
	Cleanup(func())
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// A Recorder writes traces. It may be used by several goroutines.
type Recorder struct {
	name string
	options
	// outer is the recorder that was the goroutine's before.
	outer *Recorder
	// labels are those of the recorder's goroutines, labelsBefore those that the first of them had before.
	labels, labelsBefore unsafe.Pointer
	closed               atomic.Bool
	unknown              atomic.Int64

	mu     sync.Mutex
	out    io.Writer
	err    error
	traced bool
	traces map[*trace]struct{}
	count  int
	notes  []string
	// lacking are the kinds of things that may have been made without being recorded.
	lacking map[string]bool
}

// Record starts a recorder for a test if the environment variable HSMTRACE names a folder, by an absolute path, which is
// created if need be. The traces go to a file of their own in it, which everybody may read and whose name begins with that
// of the test. Without the variable it returns nil, which is a recorder that records nothing.
//
// It records the trees and registries that are made by the test's goroutine, by its subtests and by all goroutines that
// these start, until the test is over. Tests may run in parallel.
func Record(t TB, options ...Option) *Recorder {
	t.Helper()
	folder := os.Getenv(Variable)
	if folder == "" {
		return nil
	}
	if !filepath.IsAbs(folder) {
		t.Fatalf("hsmtrace: %s=%s is relative to the folder of each package, which is where go test runs its tests. "+
			"Name one folder for all: %s=$PWD/%s", Variable, folder, Variable, filepath.ToSlash(filepath.Clean(folder)))
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Fatalf("hsmtrace: %v", err)
	}
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\*:<>"|?`, r) || r <= ' ' {
			return '-'
		}
		return r
	}, t.Name())
	file, err := os.CreateTemp(folder, plain[:min(len(plain), 100)]+"-*.jsonl")
	if err != nil {
		t.Fatalf("hsmtrace: %v", err)
	}
	// Who judges the traces may be somebody else: a later step of CI, say.
	if err := file.Chmod(readable); err != nil {
		t.Fatalf("hsmtrace: %v", err)
	}
	var r *Recorder
	t.Cleanup(func() {
		err := file.Close()
		// A test that made no tree is none to judge; a file with a header alone is one that was ended by force.
		if err == nil && r.empty() {
			err = os.Remove(file.Name())
		}
		if err != nil {
			t.Errorf("hsmtrace: %v", err)
		}
	})
	r = Start(t, file, options...)
	return r
}

// Start starts a recorder that is closed at the end of the test, also if the test panics. What could not be recorded is
// logged; an error of out fails the test.
func Start(t TB, out io.Writer, options ...Option) *Recorder {
	t.Helper()
	r := New(t.Name(), out, options...)
	t.Cleanup(func() {
		err := r.Close()
		for _, note := range r.Notes() {
			t.Logf("hsmtrace: %s", note)
		}
		if err != nil {
			t.Errorf("hsmtrace: %v", err)
		}
	})
	return r
}

// New starts a recorder. The name is part of those of its traces. Until it is closed, or the goroutine starts another
// one, it records the trees and registries that [NewRoot] and [NewRegistry] make in the goroutine and in all that descend
// from it.
func New(name string, out io.Writer, with ...Option) *Recorder {
	r := &Recorder{
		name: name, options: optionsOf(with), out: out, traces: make(map[*trace]struct{}), lacking: make(map[string]bool),
	}
	header := []byte(`{"hsmspec":1,"world":"open","implementation":"temporal-hsm"`)
	known := version()
	header = appendText(header, "version", known.version)
	if known.replaced != "" {
		header = appendText(header, "replaced", known.replaced)
	}
	header = append(header, `,"language":"go","dialect":"v1.25","capabilities":`...)
	header = append(header, capabilities()...)
	r.lines(append(header, "}\n"...))
	r.traced = false
	r.own()
	return r
}

// Close ends all traces. It returns the first error of the writer.
func (r *Recorder) Close() error {
	for _, t := range r.unfinished() {
		t.end()
	}
	r.disown() // Until here, calls on the trees wait until they have been looked at.
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out = nil
	return r.err
}

// lacks says, in the recording and in the log, that something may be missing: it was made by a goroutine that may be one
// of the test's.
func (r *Recorder) lacks(made string) {
	r.mu.Lock()
	told := r.lacking[made]
	r.lacking[made] = true
	r.mu.Unlock()
	if told {
		return
	}
	because := made + " by a goroutine of which it is not known to which test it belongs"
	r.note("something is not recorded: %s; the methods of a Recorder say which one", because)
	line := append(appendString([]byte(`{"trace":`), r.name), `,"end":true`...)
	r.lines(append(appendText(line, "because", because), "}\n"...))
}

// empty says whether no trace has a line.
func (r *Recorder) empty() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.traced
}

// Notes returns sentences about what could not be recorded.
func (r *Recorder) Notes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	notes := append([]string(nil), r.notes...)
	if n := r.unknown.Load(); n > 0 {
		notes = append(notes, fmt.Sprintf("%d calls concerned trees or registries that hsmtrace did not make, "+
			"so they were not recorded", n))
	}
	return notes
}

func (r *Recorder) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// unfinished returns the traces that have not ended. From then on there are no new ones.
func (r *Recorder) unfinished() []*trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed.Store(true)
	traces := make([]*trace, 0, len(r.traces))
	for t := range r.traces {
		traces = append(traces, t)
	}
	slices.SortFunc(traces, func(a, b *trace) int { return a.number - b.number })
	return traces
}

// newTrace begins a trace, without a line. There is none in a recorder that is closed.
func (r *Recorder) newTrace(registry *hsm.Registry) *trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed.Load() {
		return nil
	}
	r.count++
	t := &trace{
		recorder: r,
		number:   r.count,
		prefix:   append(appendString([]byte(`{"trace":`), r.name+"#"+strconv.Itoa(r.count)), ','),
		registry: registry,
		known:    make(map[string]bool),
	}
	r.traces[t] = struct{}{}
	return t
}

// lines writes whole lines, at once: nobody writes them any more if the program is ended by a panic in a goroutine, by
// [os.Exit] or by a time-out of go test.
func (r *Recorder) lines(lines []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.out == nil || r.err != nil || len(lines) == 0 {
		return
	}
	r.traced = true
	n, err := r.out.Write(lines)
	if err == nil && n < len(lines) {
		err = io.ErrShortWrite
	}
	if err != nil {
		r.err = fmt.Errorf("the trace is not complete: %w", err)
	}
}
