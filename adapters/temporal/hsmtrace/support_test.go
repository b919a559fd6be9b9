package hsmtrace_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/service/history/hsm"
	"go.temporal.io/server/service/history/hsm/hsmtest"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// A lamp is a machine: its state and how often it was switched.
type lamp struct {
	state string
	times int
}

func (l *lamp) State() string                { return l.state }
func (l *lamp) SetState(state string)        { l.state = state }
func (l *lamp) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprint(l.times)), nil }

func (l *lamp) RegenerateTasks(*hsm.Node) ([]hsm.Task, error) {
	if l.state == "on" {
		return []hsm.Task{call{2}}, nil
	}
	return nil, nil
}

func (l *lamp) switchedTo(state string) (hsm.TransitionOutput, error) {
	l.state = state
	l.times++
	return hsm.TransitionOutput{}, nil
}

var (
	errBurnt  = errors.New("the lamp is burnt")
	errBroken = errors.New("broken")
)

// A lamps is the definition of lamps of a type. Those that were switched a negative number of times do not serialize.
type lamps struct{ of string }

func (d lamps) Type() string { return d.of }

func (d lamps) Serialize(data any) ([]byte, error) {
	l := data.(*lamp)
	if l.times < 0 {
		return nil, errBroken
	}
	return []byte(fmt.Sprintf("%s %d", l.state, l.times)), nil
}

func (d lamps) Deserialize(data []byte) (any, error) {
	l := new(lamp)
	_, err := fmt.Sscanf(string(data), "%s %d", &l.state, &l.times)
	return l, err
}

func (d lamps) CompareState(any, any) (int, error) { return 0, nil }

// A call is a task.
type call struct{ Number int }

func (call) Type() string { return "call" }

func (c call) Kind() hsm.TaskKind {
	if c.Number%2 == 0 {
		return hsm.TaskKindOutbound{Destination: "house"}
	}
	return hsm.TaskKindTimer{Deadline: time.UnixMilli(int64(c.Number))}
}

func (call) Concurrent() bool { return false }

// switchOn is a transition. Its event is the error of the apply function, if there is one.
var switchOn = hsm.NewTransition([]string{"off"}, "on", func(l *lamp, err error) (hsm.TransitionOutput, error) {
	l.times++
	return hsm.TransitionOutput{Tasks: []hsm.Task{call{2}}}, err
})

// newRegistry makes a registry, unrecorded, that knows lamps of the types house and lamp.
func newRegistry() *hsm.Registry {
	registry := hsm.NewRegistry()
	must(registry.RegisterMachine(lamps{"house"}))
	must(registry.RegisterMachine(lamps{"lamp"}))
	return registry
}

// newRoot makes a tree that is recorded, with a root that is off.
func newRoot() *hsm.Node {
	return try(hsmtrace.NewRoot(newRegistry(), "house", &lamp{"off", 0}, nil, &hsmtest.NodeBackend{}))
}

func lampKey(id string) hsm.Key { return hsm.Key{Type: "lamp", ID: id} }

func addLamp(node *hsm.Node, id string) *hsm.Node {
	return try(hsmtrace.AddChild(node, lampKey(id), &lamp{"off", 0}))
}

func switched(state string) func(*lamp) (hsm.TransitionOutput, error) {
	return func(l *lamp) (hsm.TransitionOutput, error) { return l.switchedTo(state) }
}

// positioned matches where in the program a call was made, at the end of a line.
var positioned = regexp.MustCompile(`,"at":\{.*\}\}\n`)

// recorded runs a function while a recorder is open and returns the lines without the header, and without positions.
func recorded(t *testing.T, run func()) []string {
	t.Helper()
	var out bytes.Buffer
	recorder := hsmtrace.New("t", &out)
	func() {
		defer recorder.Close()
		run()
	}()
	keep(t, out.Bytes())
	lines := wholeLines(t, positioned.ReplaceAllString(out.String(), "}\n"))
	if !strings.HasPrefix(lines[0], `{"hsmspec":1,"world":"open","implementation":"temporal-hsm","version":"v1.`) {
		t.Errorf("not a header: %s", lines[0])
	}
	return lines[1:]
}

// keep writes a trace to the folder for traces, where there is one: what the tests recorded can be judged, too. It leaves
// out those with panics, after which nothing is expected of this version.
func keep(t *testing.T, trace []byte) {
	t.Helper()
	folder := os.Getenv(hsmtrace.Variable)
	if folder == "" || bytes.Contains(trace, []byte(`"fail":"panic"`)) {
		return
	}
	must(os.MkdirAll(folder, 0o777))
	name := strings.ReplaceAll(t.Name(), "/", "-") + ".jsonl"
	must(os.WriteFile(filepath.Join(folder, name), trace, 0o666))
}

func wholeLines(t *testing.T, text string) []string {
	t.Helper()
	if !strings.HasSuffix(text, "\n") {
		t.Fatalf("the trace does not end with a whole line: %q", text)
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

var marked = regexp.MustCompile(`<[a-z]* [0-9-]*>`)

// tagged matches where the number of an executor is.
var tagged = regexp.MustCompile(`("tag":|{"ok":\[)[0-9]+`)

// expand puts the text of data in the place of what stands between angle brackets.
func expand(line string) string {
	return marked.ReplaceAllStringFunc(line, func(data string) string {
		return base64.StdEncoding.EncodeToString([]byte(data[1 : len(data)-1]))
	})
}

// steps returns the lines of a trace from the first with this operation on, shortened to operation and observation,
// without the last look at the tree.
func steps(lines []string, first string) []string {
	var found []string
	for _, line := range lines {
		_, step, isStep := strings.Cut(line, `"op":{`)
		if isStep && (found != nil || strings.HasPrefix(step, `"op":"`+first+`"`)) {
			found = append(found, `{`+strings.Replace(strings.TrimSuffix(step, "}"), `,"saw":`, ` `, 1))
		}
	}
	if len(found) >= 3 && strings.HasPrefix(found[len(found)-1], `{"op":"export","node":0}`) {
		found = found[:len(found)-3]
	}
	return found
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func try[T any](value T, err error) T {
	must(err)
	return value
}

func equal[T comparable](t *testing.T, expected, found T) {
	t.Helper()
	if expected != found {
		t.Errorf("expected: %v\nfound:    %v", expected, found)
	}
}

func backend() hsm.NodeBackend { return &hsmtest.NodeBackend{} }

func callbackInfoOf(url string) *persistencespb.CallbackInfo {
	return &persistencespb.CallbackInfo{Callback: &persistencespb.Callback{
		Variant: &persistencespb.Callback_Nexus_{Nexus: &persistencespb.Callback_Nexus{Url: url}},
	}}
}
