package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"hsmspec/adapters/temporal/mutants/catalogue"
	"hsmspec/adapters/temporal/mutants/edit"
)

const (
	module     = "go.temporal.io/server"
	hsmPackage = module + "/service/history/hsm"
)

// A builder builds the adapter with changed files of the hsm package.
type builder struct {
	// goCommand is the name of the go command.
	goCommand string
	// adapter is the folder of the adapter's module, out the one for everything that is made.
	adapter, out string
	// hsm is the folder of the hsm package in the copy of its module.
	hsm string
	// source is the package as it is.
	source *edit.Package
}

func binary(name string) string { return "temporal-" + name }

// newBuilder gets ready to build: a copy of the module that the adapter requires, and a go.mod that names it.
func newBuilder(goCommand, adapter, out string) (*builder, error) {
	b := &builder{goCommand: goCommand, adapter: adapter, out: out}
	// Go fetches the module for this if it has to.
	listed, err := b.run(adapter, "list", "-f", "{{.Module.Version}}\n{{.Module.Dir}}\n{{.Dir}}", hsmPackage)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(listed), "\n")
	if len(lines) != 3 {
		return nil, fmt.Errorf("go list says of %s: %q", hsmPackage, listed)
	}
	version, moduleFolder, packageFolder := lines[0], lines[1], lines[2]
	inModule, err := filepath.Rel(moduleFolder, packageFolder)
	if err != nil {
		return nil, err
	}
	clone := filepath.Join(out, "server-"+version)
	if err := copyModule(moduleFolder, clone); err != nil {
		return nil, err
	}
	b.hsm = filepath.Join(clone, inModule)
	if b.source, err = edit.Load(b.hsm); err != nil {
		return nil, err
	}
	return b, b.writeModfile(clone)
}

func (b *builder) modfile() string { return filepath.Join(b.out, "go.mod") }

// writeModfile makes a go.mod like the adapter's, but for the module that is replaced.
func (b *builder) writeModfile(clone string) error {
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(b.adapter, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(b.out, name), text, 0o644); err != nil {
			return err
		}
	}
	relative, err := filepath.Rel(b.adapter, clone)
	if err != nil {
		return err
	}
	_, err = b.run(b.out, "mod", "edit", "-replace="+module+"="+filepath.ToSlash(relative), b.modfile())
	return err
}

// prepare writes down what each mutant changes: the file as it becomes and the overlay that puts it in place.
func (b *builder) prepare(mutants []catalogue.Mutant) error {
	var failures []error
	for _, mutant := range mutants {
		if err := b.overlay(mutant); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", mutant.Name, err))
		}
	}
	return errors.Join(failures...)
}

func (b *builder) overlay(mutant catalogue.Mutant) error {
	name, text, err := b.source.Apply(mutant.In, mutant.Edit)
	if err != nil {
		return err
	}
	folder := filepath.Join(b.out, mutant.Name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	changed := filepath.Join(folder, name)
	if err := os.WriteFile(changed, []byte(text), 0o644); err != nil {
		return err
	}
	replaced := map[string]map[string]string{"Replace": {filepath.Join(b.hsm, name): changed}}
	return writeJSON(b.overlayFile(mutant), replaced)
}

func (b *builder) overlayFile(mutant catalogue.Mutant) string {
	return filepath.Join(b.out, mutant.Name, "overlay.json")
}

// buildAll builds mutants that are prepared, several at a time, and reports each.
func (b *builder) buildAll(mutants []catalogue.Mutant, jobs int) error {
	began := time.Now()
	var lock sync.Mutex
	var failures []error
	var workers sync.WaitGroup
	queue := make(chan catalogue.Mutant)
	for range max(jobs, 1) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for mutant := range queue {
				started := time.Now()
				err := b.build(mutant)
				lock.Lock()
				if err != nil {
					failures = append(failures, fmt.Errorf("%s: %w", mutant.Name, err))
				} else {
					fmt.Printf("%5.1f s  %s\n", time.Since(started).Seconds(), mutant.Name)
				}
				lock.Unlock()
			}
		}()
	}
	for _, mutant := range mutants {
		queue <- mutant
	}
	close(queue)
	workers.Wait()
	fmt.Printf("%5.1f s for %d mutants\n", time.Since(began).Seconds(), len(mutants))
	return errors.Join(failures...)
}

// build builds one mutant.
func (b *builder) build(mutant catalogue.Mutant) error {
	_, err := b.run(b.adapter, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
		"-modfile="+b.modfile(), "-overlay="+b.overlayFile(mutant), "-o", filepath.Join(b.out, binary(mutant.Name)), ".")
	return err
}

// run runs the go command in a folder and returns its output.
func (b *builder) run(folder string, arguments ...string) (string, error) {
	command := exec.Command(b.goCommand, arguments...)
	command.Dir = folder
	var complaints strings.Builder
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", arguments[0], err, complaints.String())
	}
	return string(out), nil
}
