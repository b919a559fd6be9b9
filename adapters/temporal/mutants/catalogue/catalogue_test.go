package catalogue

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const requirements = "../../../../specs/requirements"

// documented are the IDs of the requirements that the documentation makes.
func documented(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(requirements, "*.toml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no requirements in %s: %v", requirements, err)
	}
	entry := regexp.MustCompile(`(?m)^id = "([^"]+)"\nclass = "documented"$`)
	ids := make(map[string]bool)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range entry.FindAllStringSubmatch(string(text), -1) {
			ids[match[1]] = true
		}
	}
	return ids
}

func TestMutantsBreakDocumentedRequirements(t *testing.T) {
	ids := documented(t)
	for _, mutant := range All() {
		if !ids[mutant.Requirement] {
			t.Errorf("%s: %q is no documented requirement", mutant.Name, mutant.Requirement)
		}
	}
}

func TestMutantsHaveNamesOfTheirOwn(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	seen := make(map[string]bool)
	for _, mutant := range All() {
		if !name.MatchString(mutant.Name) {
			t.Errorf("%q is no name of a mutant", mutant.Name)
		}
		if seen[mutant.Name] {
			t.Errorf("two mutants are called %s", mutant.Name)
		}
		seen[mutant.Name] = true
	}
}

func TestMutantsSayWhatTheyDo(t *testing.T) {
	seen := make(map[string]string)
	for _, mutant := range All() {
		if !strings.HasSuffix(mutant.Sentence, ".") || strings.Count(mutant.Sentence, ".") != 1 {
			t.Errorf("%s: %q is not one sentence", mutant.Name, mutant.Sentence)
		}
		if other := seen[mutant.Sentence]; other != "" {
			t.Errorf("%s and %s do the same", mutant.Name, other)
		}
		seen[mutant.Sentence] = mutant.Name
		if mutant.In == "" || mutant.Edit == nil {
			t.Errorf("%s changes nothing", mutant.Name)
		}
	}
}
