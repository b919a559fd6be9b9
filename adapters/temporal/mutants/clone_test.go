package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCopyModule(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	// As in the module cache, nothing may be written.
	write(t, filepath.Join(from, "go.mod"), "module m\n", 0o444)
	write(t, filepath.Join(from, "p", "a.go"), "package p\n", 0o444)
	write(t, filepath.Join(from, "p", "a_test.go"), "package p\n", 0o444)
	// What an interrupted copy left.
	write(t, filepath.Join(to+".partial", "old.go"), "package old\n", 0o644)

	if err := copyModule(from, to); err != nil {
		t.Fatal(err)
	}
	expectFile(t, filepath.Join(to, "go.mod"), true)
	expectFile(t, filepath.Join(to, "p", "a.go"), true)
	expectFile(t, filepath.Join(to, "p", "a_test.go"), false)
	expectFile(t, filepath.Join(to, "old.go"), false)
	expectFile(t, to+".partial", false)
	write(t, filepath.Join(to, "p", "a.go"), "package changed\n", 0o644)

	if err := copyModule(from, to); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(to, "p", "a.go")); err != nil || string(text) != "package changed\n" {
		t.Errorf("copied a second time: %q, %v", text, err)
	}
}

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func expectFile(t *testing.T, name string, expected bool) {
	t.Helper()
	if _, err := os.Stat(name); (err == nil) != expected {
		t.Errorf("%s is there: %t", filepath.Base(name), err == nil)
	}
}
