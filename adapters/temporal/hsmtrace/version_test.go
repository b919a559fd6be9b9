package hsmtrace

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
)

func TestTheVersionOfAProgramIsThatOfItsModules(t *testing.T) {
	for _, test := range []struct {
		expected required
		module   debug.Module
	}{
		{required{"v1.25.1", ""}, debug.Module{Version: "v1.25.1"}},
		{
			required{"v1.25.1", "example.com/fork@v1.25.9"},
			debug.Module{Version: "v1.25.1", Replace: &debug.Module{Path: "example.com/fork", Version: "v1.25.9"}},
		},
		// No path of a machine is part of a recording.
		{
			required{"v1.25.1", "fork"},
			debug.Module{Version: "v1.25.1", Replace: &debug.Module{Path: "/home/somebody/fork"}},
		},
	} {
		if found := requiredBy(&test.module); found != test.expected {
			t.Errorf("expected %v, found %v", test.expected, found)
		}
	}
}

func TestTheVersionOfATestIsThatOfItsSources(t *testing.T) {
	folder := t.TempDir()
	write := func(name, content string) string {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		return filepath.ToSlash(file)
	}
	inside := "/service/history/hsm/registry.go"
	write("go.mod", "module m\n\nrequire (\n\tgo.temporal.io/api v1.9.9\n\tgo.temporal.io/server v1.25.1 // why\n)\n")
	write("vendor/modules.txt", "# go.temporal.io/api v1.9.9\n## explicit\n# go.temporal.io/server v1.26.0 => example.com/fork v1.26.9\n")
	below := filepath.Join(folder, "a", "b")
	if err := os.MkdirAll(below, 0o777); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Getwd()
	if err := os.Chdir(below); err != nil {
		t.Fatal(err)
	}
	defer os.Chdir(before)
	for _, test := range []struct {
		name, source string
		expected     required
	}{
		{"in the module cache", "/go/pkg/mod/go.temporal.io/server@v1.25.1" + inside, required{"v1.25.1", ""}},
		{"without paths", "go.temporal.io/server@v1.25.1" + inside, required{"v1.25.1", ""}},
		{
			"replaced by a module", "/go/pkg/mod/github.com/!some!body/server@v1.25.9" + inside,
			required{"v1.25.1", "github.com/SomeBody/server@v1.25.9"},
		},
		{"replaced by a folder", "/home/somebody/fork" + inside, required{"v1.25.1", "fork"}},
		{
			"vendored", filepath.ToSlash(folder) + "/vendor/go.temporal.io/server" + inside,
			required{"v1.26.0", "example.com/fork@v1.26.9"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if found := requiredAt(test.source); found != test.expected {
				t.Errorf("expected %v, found %v", test.expected, found)
			}
		})
	}
}
