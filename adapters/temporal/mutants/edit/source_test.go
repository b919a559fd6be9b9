package edit

import (
	"go/ast"
	"go/format"
	"os"
	"path/filepath"
	"testing"
)

// literal is a literal of this text.
func literal(text string) Place {
	return every("literal", func(node *ast.BasicLit) bool { return node.Value == text })
}

// gofmt formats source text.
func gofmt(t *testing.T, text string) string {
	t.Helper()
	out, err := format.Source([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestLoadLeavesTestsOut(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{"a.go": "package p\n\nfunc f() { g() }\n", "a_test.go": "no Go"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	pkg, err := Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	name, text, err := pkg.Apply("f", Become(Call("g"), "h()"))
	if err != nil || name != "a.go" || text != "package p\n\nfunc f() { h() }\n" {
		t.Errorf("got %s, %q, %v", name, text, err)
	}
}

func TestLoadOfNothing(t *testing.T) {
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("a folder without Go files was loaded")
	}
}
