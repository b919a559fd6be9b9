package bindingtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// committedVectors has the vectors of the repository, below one of the folders around the one of a version.
const committedVectors = "specs/vectors"

// vectorVariable is the variable of the environment that names another folder of vectors.
const vectorVariable = "HSMSPEC_VECTORS"

// vectorFormat is the format of vectors that is understood.
const vectorFormat = 1

// A vector is a program with what it must answer.
type vector struct {
	Requirement           string
	Case                  int
	Class                 string
	Capabilities          []string
	Program, Observations []json.RawMessage
	Evidence              []int
}

// known is what a version is known to answer otherwise than the vectors say.
type known struct {
	Format int
	// Requirements must each deviate in the evidence of some vector.
	Requirements []string
	// Deviates has the first operation that deviates, Unknown the one from which on any might: by requirement and
	// number of the vector.
	Deviates, Unknown map[string]map[int]int
}

// testVectors runs the vectors. Where the version is known to deviate it must, where it is not it must not.
func testVectors(t *testing.T, adapter Adapter) {
	greeting := adapter.Greeting
	var deviations known
	readJSON(t, filepath.Join("deviations", greeting.Name+"-"+filepath.Base(workingFolder(t))+".json"), &deviations)
	var manifest struct {
		Format       int
		Requirements map[string]struct{ File string }
	}
	readJSON(t, "manifest.json", &manifest)
	if manifest.Format != vectorFormat || deviations.Format != vectorFormat || len(manifest.Requirements) == 0 {
		t.Fatalf("no vectors of format %d", vectorFormat)
	}
	for requirement, entry := range manifest.Requirements {
		t.Run(requirement, func(t *testing.T) {
			shown := false
			for _, vector := range readVectors(t, entry.File) {
				if vector.offered(greeting.Capabilities) {
					deviating := vector.run(t, adapter)
					deviations.check(t, vector, deviating)
					shown = shown || slices.Contains(vector.Evidence, deviating)
				}
			}
			if slices.Contains(deviations.Requirements, requirement) && !shown {
				t.Error("it is known to deviate, and does not")
			}
		})
	}
}

// Same runs the programs of all vectors with two adapters, which must answer the same byte by byte.
func Same(t *testing.T, one, other Adapter) {
	var manifest struct {
		Requirements map[string]struct{ File string }
	}
	readJSON(t, "manifest.json", &manifest)
	programs := 0
	for _, entry := range manifest.Requirements {
		for _, vector := range readVectors(t, entry.File) {
			if !vector.offered(one.Greeting.Capabilities) {
				continue
			}
			programs++
			program := vector.operations()
			answers := observations(t, other, program)
			for i, observed := range observations(t, one, program) {
				if observed != answers[i] {
					t.Errorf("%s, case %d: %s\n%s\n%s", vector.Requirement, vector.Case, program[i], observed, answers[i])
					break
				}
			}
		}
	}
	if programs == 0 {
		t.Error("there is no program to compare")
	}
}

// operations returns the operations of a vector's program.
func (v vector) operations() []string {
	program := make([]string, len(v.Program))
	for i, operation := range v.Program {
		program[i] = string(operation)
	}
	return program
}

// offered tells whether the implementation has all that a vector needs.
func (v vector) offered(capabilities []string) bool {
	return !slices.ContainsFunc(v.Capabilities, func(needed string) bool {
		return !slices.Contains(capabilities, needed)
	})
}

// run runs a vector's program and returns the index of the first operation that answers otherwise, -1 if none does.
func (v vector) run(t *testing.T, adapter Adapter) int {
	program := v.operations()
	for i, observed := range observations(t, adapter, program) {
		if expected := string(v.Observations[i]); !sameObservation(t, program[i], expected, observed) {
			t.Logf("case %d, operation %d: %s\nexpected %s\nobserved %s", v.Case, i, program[i], expected, observed)
			return i
		}
	}
	return -1
}

// check holds the first deviating operation of a vector, -1 if there is none, to what is known.
func (k known) check(t *testing.T, v vector, deviating int) {
	if expected, ok := k.Deviates[v.Requirement][v.Case]; ok {
		if expected != deviating {
			t.Errorf("case %d: operation %d is known to be the first to deviate, and %d is", v.Case, expected, deviating)
		}
		return
	}
	if deviating < 0 || v.Class != "documented" {
		return
	}
	if from, ok := k.Unknown[v.Requirement][v.Case]; ok && deviating >= from {
		return
	}
	if !slices.Contains(k.Requirements, v.Requirement) || !slices.Contains(v.Evidence, deviating) {
		t.Errorf("case %d: operation %d deviates", v.Case, deviating)
	}
}

// sameObservation tells whether two observations of an operation say the same: the texts of panics and messages do not
// matter, and neither does the order of tasks. All else is written in one way only.
func sameObservation(t *testing.T, operation, expected, observed string) bool {
	if expected == observed {
		return true
	}
	one, other := meaning(t, expected), meaning(t, observed)
	if strings.Contains(operation, `"op":"stored_tasks"`) || strings.Contains(operation, `"op":"pump_outbound"`) {
		sortValue(one)
		sortValue(other)
	}
	return reflect.DeepEqual(one, other)
}

// sortValue sorts the value of an observation.
func sortValue(observation any) {
	members, _ := observation.(map[string]any)
	if list, ok := members["ok"].([]any); ok {
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
}

func meaning(t *testing.T, observation string) any {
	decoder := json.NewDecoder(bytes.NewReader([]byte(observation)))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		t.Fatalf("%s: %v", observation, err)
	}
	withoutTexts(decoded)
	return decoded
}

func withoutTexts(observation any) {
	members, _ := observation.(map[string]any)
	delete(members, "message")
	if _, panicked := members["panic"]; panicked {
		members["panic"] = ""
	}
	inner, _ := members["inner"].([]any)
	for _, inside := range inner {
		withoutTexts(inside)
	}
}

// readVectors reads the vectors of a file.
func readVectors(t *testing.T, file string) []vector {
	var vectors []vector
	decoder := json.NewDecoder(bytes.NewReader(readFile(t, file)))
	for decoder.More() {
		var next vector
		if err := decoder.Decode(&next); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if len(next.Program) != len(next.Observations) || len(next.Evidence) == 0 {
			t.Fatalf("%s: case %d is no vector", file, next.Case)
		}
		vectors = append(vectors, next)
	}
	if len(vectors) == 0 {
		t.Fatalf("%s is empty", file)
	}
	return vectors
}

func readJSON(t *testing.T, file string, value any) {
	if err := json.Unmarshal(readFile(t, file), value); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func readFile(t *testing.T, file string) []byte {
	content, err := os.ReadFile(filepath.Join(vectorFolder(t), file))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// vectorFolder returns the folder of vectors.
func vectorFolder(t *testing.T) string {
	if folder := os.Getenv(vectorVariable); folder != "" {
		return folder
	}
	for folder := workingFolder(t); ; folder = filepath.Dir(folder) {
		vectors := filepath.Join(folder, committedVectors)
		if _, err := os.Stat(vectors); err == nil {
			return vectors
		}
		if folder == filepath.Dir(folder) {
			t.Fatalf("there is no %s", committedVectors)
		}
	}
}

func workingFolder(t *testing.T) string {
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return folder
}
