// Mutants builds mutants of the hsm package, each as the adapter of one version, and says in a manifest which
// requirement each of them breaks.
//
// The mutants are those of the module that the adapter requires. It is copied into the output folder, as files in the
// module cache cannot be overlaid; the adapter's own module is not touched.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"hsmspec/adapters/temporal/mutants/catalogue"
)

// An entry is a mutant as the manifest has it. Paths are relative to the repository's root.
type entry struct {
	Name        string   `json:"name"`
	Requirement string   `json:"requirement"`
	Sentence    string   `json:"sentence"`
	Command     []string `json:"command"`
	Deviations  string   `json:"deviations"`
}

func main() {
	root := flag.String("root", ".", "root of the repository")
	adapter := flag.String("adapter", "adapters/temporal/v1.25.1", "the adapter's folder, from the root")
	out := flag.String("out", "build/mutants", "folder for what is built, from the root")
	jobs := flag.Int("jobs", runtime.NumCPU(), "how many builds at a time")
	goCommand := flag.String("go", "go", "the go command")
	flag.Parse()
	if err := run(*root, *adapter, *out, *jobs, *goCommand); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(root, adapter, out string, jobs int, goCommand string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	builder, err := newBuilder(goCommand, filepath.Join(root, adapter), filepath.Join(root, out))
	if err != nil {
		return err
	}
	mutants := catalogue.All()
	if err := builder.prepare(mutants); err != nil {
		return err
	}
	if err := builder.buildAll(mutants, jobs); err != nil {
		return err
	}
	manifest := make([]entry, len(mutants))
	for i, mutant := range mutants {
		manifest[i] = entry{
			Name:        mutant.Name,
			Requirement: mutant.Requirement,
			Sentence:    mutant.Sentence,
			Command:     []string{filepath.ToSlash(filepath.Join(out, binary(mutant.Name)))},
			Deviations:  filepath.ToSlash(filepath.Join(adapter, "deviations.toml")),
		}
	}
	return writeJSON(filepath.Join(root, out, "temporal.json"), manifest)
}

func writeJSON(name string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o644)
}
