package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestEveryExportedTransitionIsTried(t *testing.T) {
	var exported []string
	for _, name := range []string{"callbacks", "nexusoperations", "scheduler"} {
		exported = append(exported, exportedTransitions(t, "go.temporal.io/server/components/"+name)...)
	}
	var tried []string
	for _, machine := range probe().Machines {
		for _, transition := range machine.Transitions {
			tried = append(tried, transition.Name)
		}
	}
	slices.Sort(exported)
	slices.Sort(tried)
	if len(tried) != 20 || !slices.Equal(exported, tried) {
		t.Errorf("exported are %v, tried %v", exported, tried)
	}
}

func TestATransitionThatIsNotPossibleChangesNothing(t *testing.T) {
	for _, machine := range probe().Machines {
		for _, trial := range machine.Trials {
			refused := trial.Error == "invalid_transition"
			if refused == trial.Possible || !trial.Possible && (trial.After != trial.State || len(trial.Tasks) > 0) {
				t.Errorf("%s: %+v", machine.Machine, trial)
			}
		}
	}
}

// exportedTransitions reads off a package's source which variables are named as transitions are.
func exportedTransitions(t *testing.T, path string) []string {
	t.Helper()
	folder, err := exec.Command("go", "list", "-f", "{{.Dir}}", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	isSource := func(file fs.FileInfo) bool { return !strings.HasSuffix(file.Name(), "_test.go") }
	packages, err := parser.ParseDir(token.NewFileSet(), strings.TrimSpace(string(folder)), isSource, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, source := range packages {
		ast.Inspect(source, func(node ast.Node) bool {
			if spec, ok := node.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Transition") {
				names = append(names, spec.Names[0].Name)
			}
			return true
		})
	}
	return names
}
