package hsmtrace_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.temporal.io/server/service/history/hsm"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// ends is the variable that says how the test's process must end.
const ends = "HSMTRACE_TEST_ENDS"

// endOf runs a test again in a process of its own, which ends as how says. It returns the lines of what was
// recorded, after the process has said this.
func endOf(t *testing.T, how, said string) []string {
	t.Helper()
	folder := t.TempDir()
	test, _, _ := strings.Cut(t.Name(), "/")
	command := exec.Command(os.Args[0], "-test.run=^"+test+"$")
	command.Env = append(os.Environ(), ends+"="+how, hsmtrace.Variable+"="+folder)
	output, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(output), said) {
		t.Fatalf("it did not end as it was to: %v, %s", err, output)
	}
	found := try(filepath.Glob(filepath.Join(folder, test+"-*.jsonl")))
	equal(t, 1, len(found))
	return wholeLines(t, string(try(os.ReadFile(found[0]))))
}

func TestATestThatPanics(t *testing.T) {
	if os.Getenv(ends) != "" {
		hsmtrace.Record(t)
		node := addLamp(newRoot(), "a")
		_ = hsmtrace.MachineTransition(node, func(*lamp) (hsm.TransitionOutput, error) { panic("on purpose") })
		return
	}
	lines := endOf(t, "panic", "panic: on purpose")
	equal(t, `{"trace":"TestATestThatPanics#1","end":true}`, lines[len(lines)-1])
	equal(t, 1, strings.Count(strings.Join(lines, "\n"), `"fail":"panic"`))
}

func TestCallsThatWereOverWhenTheProcessEndedAreKept(t *testing.T) {
	if how := os.Getenv(ends); how != "" {
		hsmtrace.Record(t)
		node := addLamp(newRoot(), "a")
		must(hsmtrace.MachineTransition(node, switched("on")))
		_ = hsmtrace.MachineTransition(node, func(*lamp) (hsm.TransitionOutput, error) { return hsm.TransitionOutput{}, errBurnt })
		_ = hsmtrace.MachineTransition(node, func(*lamp) (hsm.TransitionOutput, error) {
			switch how {
			case "a panic in a goroutine": // As that of a time-out of go test.
				go panic("on purpose")
			case "an exit":
				fmt.Println("on purpose")
				os.Exit(1)
			}
			select {} // Until the process ends.
		})
	}
	for how, said := range map[string]string{
		"a panic in a goroutine": "panic: on purpose",
		"an exit":                "on purpose",
	} {
		t.Run(how, func(t *testing.T) {
			lines := endOf(t, how, said)
			equal(t, true, strings.HasPrefix(lines[0], `{"hsmspec":1,`))
			var found []string
			for _, step := range steps(lines, "new_root") {
				found = append(found, strings.Split(step, `"`)[3])
			}
			equal(t, "new_root register_machine add_child machine_transition transition_count machine_transition export",
				strings.Join(found, " "))
		})
	}
}

func TestTheHeaderIsThereAtOnce(t *testing.T) {
	var out bytes.Buffer
	recorder := hsmtrace.New("t", &out)
	equal(t, 1, len(wholeLines(t, out.String())))
	must(recorder.Close())
}

func TestEverybodyMayReadTheFile(t *testing.T) {
	t.Setenv(hsmtrace.Variable, filepath.Join(t.TempDir(), "a", "b"))
	t.Run("recorded", func(t *testing.T) {
		hsmtrace.Record(t)
		newRoot()
	})
	for _, file := range try(filepath.Glob(filepath.Join(os.Getenv(hsmtrace.Variable), "*.jsonl"))) {
		equal(t, 0o644, try(os.Stat(file)).Mode())
		return
	}
	t.Error("there is no file")
}

// A failing test takes note of why it fails, and ends.
type failing struct {
	*testing.T
	why string
}

func (f *failing) Fatalf(format string, args ...any) {
	f.why = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestARelativeFolderIsRefused(t *testing.T) {
	for folder, fixed := range map[string]string{"no-traces": "$PWD/no-traces", "./no/traces": "$PWD/no/traces"} {
		t.Setenv(hsmtrace.Variable, folder)
		test, ended := &failing{T: t}, make(chan struct{})
		go func() {
			defer close(ended)
			hsmtrace.Record(test)
		}()
		<-ended
		equal(t, "hsmtrace: HSMTRACE="+folder+" is relative to the folder of each package, which is where go test runs its "+
			"tests. Name one folder for all: HSMTRACE="+fixed, test.why)
		if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s was made", folder)
		}
	}
}

func TestATestThatMakesNoTreeLeavesNoFile(t *testing.T) {
	folder := t.TempDir()
	t.Setenv(hsmtrace.Variable, folder)
	t.Run("none", func(t *testing.T) { hsmtrace.Record(t) })
	t.Run("one", func(t *testing.T) {
		hsmtrace.Record(t)
		newRoot()
	})
	equal(t, 0, len(try(filepath.Glob(filepath.Join(folder, "*none*")))))
	equal(t, 1, len(try(filepath.Glob(filepath.Join(folder, "*one*")))))
}
