package hsmtrace_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/suite"
	"go.temporal.io/server/service/history/hsm"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// TestMain lets tests that wait for each other run side by side, however few processors there are.
func TestMain(m *testing.M) {
	flag.Parse()
	must(flag.Set("test.parallel", "16"))
	os.Exit(m.Run())
}

// recordings runs a test with a folder for its recordings and returns the lines of each, by the name of the test.
func recordings(t *testing.T, test func(*testing.T)) map[string][]string {
	t.Helper()
	folder := t.TempDir()
	t.Setenv(hsmtrace.Variable, folder)
	t.Run("recorded", test)
	found := make(map[string][]string)
	for _, file := range try(filepath.Glob(filepath.Join(folder, "*.jsonl"))) {
		name, _, _ := cutLast(filepath.Base(file), "-")
		_, name, _ = strings.Cut(name, "recorded-")
		found[name] = wholeLines(t, string(try(os.ReadFile(file))))
	}
	return found
}

func cutLast(text, separator string) (before, after string, found bool) {
	if at := strings.LastIndex(text, separator); at >= 0 {
		return text[:at], text[at+len(separator):], true
	}
	return text, "", false
}

const added = 300

// work makes a tree and adds lamps to it, all of which are named after the test.
func work(t *testing.T, name string) {
	t.Helper()
	root := newRoot()
	for i := range added {
		addLamp(root, fmt.Sprintf("%s-%d", name, i))
	}
}

// whole fails unless a recording has this many trees of the test, with all their calls, and nothing else.
func whole(t *testing.T, lines []string, name string, trees int) {
	t.Helper()
	text := strings.Join(lines, "\n")
	equal(t, trees, strings.Count(text, `"op":"new_root"`))
	equal(t, trees*added, strings.Count(text, `"op":"add_child"`))
	equal(t, trees*added, strings.Count(text, `"key":["lamp","`+name+`-`))
	equal(t, trees, strings.Count(text, `"end":true}`))
	equal(t, 0, strings.Count(text, `"because"`))
}

func TestParallelTestsRecordTheirOwnTrees(t *testing.T) {
	const tests = 4
	found := recordings(t, func(t *testing.T) {
		var started sync.WaitGroup
		started.Add(tests)
		for i := range tests {
			name := fmt.Sprint("test", i)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				hsmtrace.Record(t)
				started.Done()
				started.Wait() // All record before the first one makes a tree.
				work(t, name)
			})
		}
		t.Run("unrecorded", func(t *testing.T) {
			t.Parallel()
			started.Wait()
			work(t, "unrecorded")
		})
	})
	equal(t, tests, len(found))
	for name, lines := range found {
		whole(t, lines, name, 1)
	}
}

func TestATestThatEndsLeavesTheTreesOfOthersAlone(t *testing.T) {
	recording, half := make(chan bool), make(chan bool)
	found := recordings(t, func(t *testing.T) {
		t.Run("busy", func(t *testing.T) {
			t.Parallel()
			hsmtrace.Record(t)
			<-recording
			root := newRoot()
			for i := range added {
				if i == added/2 {
					close(half)
				}
				addLamp(root, fmt.Sprint("busy-", i))
			}
		})
		t.Run("short", func(t *testing.T) {
			t.Parallel()
			hsmtrace.Record(t)
			close(recording)
			<-half
		})
	})
	equal(t, 1, len(found))
	whole(t, found["busy"], "busy", 1)
}

func TestSubtestsAreRecordedByTheTestAroundThem(t *testing.T) {
	found := recordings(t, func(t *testing.T) {
		t.Run("around", func(t *testing.T) {
			hsmtrace.Record(t)
			for i := range 3 {
				t.Run(fmt.Sprint(i), func(t *testing.T) {
					t.Parallel()
					t.Run("silent", func(t *testing.T) { work(t, "around") })
				})
			}
			t.Run("own", func(t *testing.T) {
				t.Parallel()
				hsmtrace.Record(t)
				work(t, "own")
			})
		})
	})
	equal(t, 2, len(found))
	whole(t, found["around"], "around", 3)
	whole(t, found["around-own"], "own", 1)
}

func TestGoroutinesBelongToTheTestThatStartedThem(t *testing.T) {
	found := recordings(t, func(t *testing.T) {
		for _, name := range []string{"a", "b"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				hsmtrace.Record(t)
				var all sync.WaitGroup
				for range 3 {
					all.Add(1)
					go func() { // Without a call of its own.
						go func() {
							defer all.Done()
							work(t, name)
						}()
					}()
				}
				all.Wait()
			})
		}
	})
	whole(t, found["a"], "a", 3)
	whole(t, found["b"], "b", 3)
}

func TestGoroutinesAreKnownWhereAProgramHasLabelsOfItsOwn(t *testing.T) {
	found := recordings(t, func(t *testing.T) {
		for _, name := range []string{"a", "b"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				hsmtrace.Record(t)
				pprof.Do(context.Background(), pprof.Labels("of", "the program"), func(context.Context) {
					work(t, name)
					ended := make(chan struct{})
					go func() {
						defer close(ended)
						work(t, name)
					}()
					<-ended
				})
				work(t, name)
			})
		}
	})
	whole(t, found["a"], "a", 3)
	whole(t, found["b"], "b", 3)
}

// jobs are done by a strange goroutine: no test has started it, so that it cannot be known whose trees it makes.
var jobs = make(chan func())

func init() {
	go func() {
		for job := range jobs {
			job()
		}
	}()
}

func TestTreesOfStrangeGoroutinesAreMissedByAllWhoMayLackThem(t *testing.T) {
	strange := func(job func()) {
		ended := make(chan struct{})
		jobs <- func() {
			defer close(ended)
			job()
		}
		<-ended
	}
	const because = "a tree was made by a goroutine of which it is not known to which test it belongs"
	var outs [2]bytes.Buffer
	recorders := make([]*hsmtrace.Recorder, 2)
	for i := range outs {
		recorders[i] = hsmtrace.New(fmt.Sprint("t", i), &outs[i])
	}
	strange(func() { work(t, "strange") })
	strange(func() { work(t, "strange") })
	strange(func() {
		root := try(recorders[0].NewRoot(newRegistry(), "house", &lamp{"off", 0}, nil, backend()))
		addLamp(root, "known")
	})
	for i := range outs {
		must(recorders[len(outs)-1-i].Close())
	}
	for i := range outs {
		equal(t, 1, strings.Count(outs[i].String(), fmt.Sprintf(`{"trace":"t%d","end":true,"because":"%s"}`, i, because)))
		equal(t, 1, len(recorders[i].Notes()))
		equal(t, 0, strings.Count(outs[i].String(), `"strange-`))
	}
	equal(t, 1, strings.Count(outs[0].String(), `"key":["lamp","known"]`))
	equal(t, 0, strings.Count(outs[1].String(), `"key":["lamp","known"]`))
}

// A goroutine that outlives its test changes a tree while the recording looks at it for the last time.
func TestATreeIsNotReadWhileACallChangesIt(t *testing.T) {
	for range 20 {
		var out bytes.Buffer
		recorder := hsmtrace.New("t", &out)
		root := newRoot()
		ended, going := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(ended)
			for i := range added {
				if i == 10 {
					close(going)
				}
				addLamp(root, fmt.Sprint(i))
			}
		}()
		<-going
		must(recorder.Close())
		<-ended
		lines := wholeLines(t, out.String())
		last := lines[len(lines)-1]
		// Either the tree was looked at between two calls, or a call was under way.
		looked := last == `{"trace":"t#1","end":true}` && strings.Contains(lines[len(lines)-2], `"op":"export"`)
		refused := last == `{"trace":"t#1","end":true,"because":"a call was under way when the recording ended"}`
		equal(t, true, looked || refused)
	}
}

// A lampSuite is a suite as projects have it: recorded for the whole of it, or for each of its tests.
type lampSuite struct {
	suite.Suite
	each bool
	root *hsm.Node
}

func (s *lampSuite) SetupSuite() {
	if !s.each {
		hsmtrace.Record(s.T())
	}
}

func (s *lampSuite) SetupTest() {
	if s.each {
		hsmtrace.Record(s.T())
	}
	s.root = newRoot()
}

func (s *lampSuite) TestFirst()  { s.add() }
func (s *lampSuite) TestSecond() { s.Run("below", s.add) }

func (s *lampSuite) add() {
	for i := range added {
		addLamp(s.root, fmt.Sprint("suite-", i))
	}
}

func TestSuitesAreRecorded(t *testing.T) {
	found := recordings(t, func(t *testing.T) {
		for name, each := range map[string]bool{"each": true, "all": false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				suite.Run(t, &lampSuite{each: each})
			})
		}
	})
	equal(t, 3, len(found))
	whole(t, found["all"], "suite", 2)
	whole(t, found["each-TestFirst"], "suite", 1)
	whole(t, found["each-TestSecond"], "suite", 1)
}

// Trees of parallel subtests may be used by others than those that made them, one at a time.
func TestATreeThatGoroutinesHandOnIsOneTrace(t *testing.T) {
	found := recordings(t, func(t *testing.T) {
		t.Run("a", func(t *testing.T) {
			hsmtrace.Record(t)
			root, turn := newRoot(), make(chan int, 1)
			turn <- 0
			var all sync.WaitGroup
			for range 4 {
				all.Add(1)
				go func() {
					defer all.Done()
					for i := range turn {
						if i == added {
							close(turn)
							return
						}
						addLamp(root, fmt.Sprint("a-", i))
						turn <- i + 1
					}
				}()
			}
			all.Wait()
		})
	})
	whole(t, found["a"], "a", 1)
}
