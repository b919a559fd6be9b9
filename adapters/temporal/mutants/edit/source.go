// Package edit changes one place of a Go package, named by its role in the syntax tree and not by its text.
//
// A recipe says in which declaration, at which [Place] and by which [Edit]. It holds for exactly one place or for none:
// where the source has changed so that the place is gone or no longer the only one, applying it is an error.
package edit

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// A Package is the source of a Go package.
type Package struct {
	files []*file
}

// A file is a source file: its text and, with positions counted from its beginning, its syntax tree.
type file struct {
	name string
	text string
	tree *ast.File
}

// Load reads the package of a folder, without its tests.
func Load(folder string) (*Package, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	texts := make(map[string]string)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		texts[filepath.Base(name)] = string(text)
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("no Go files in %s", folder)
	}
	return Parse(texts)
}

// Parse makes a package of the texts of its files by name.
func Parse(texts map[string]string) (*Package, error) {
	pkg := new(Package)
	for name, text := range texts {
		// A set of its own for each file, so that positions are offsets into the text, plus one.
		tree, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		pkg.files = append(pkg.files, &file{name, text, tree})
	}
	return pkg, nil
}

// Apply edits a declaration and returns the name of the file that it is in and the file's new text. The declaration is
// a function ("Walk"), a method ("Node.Walk"), or a variable or constant of the package.
func (p *Package) Apply(declaration string, edit Edit) (name, text string, err error) {
	file, scope, err := p.declaration(declaration)
	if err != nil {
		return "", "", err
	}
	splices, err := edit(file, scope)
	if err == nil {
		text, err = file.spliced(splices)
	}
	if err != nil {
		return "", "", fmt.Errorf("in %s: %w", declaration, err)
	}
	return file.name, text, nil
}

// declaration finds the only declaration of a name: the body of a function, the specification of a value.
func (p *Package) declaration(name string) (*file, ast.Node, error) {
	var in *file
	var scope ast.Node
	found := 0
	for _, file := range p.files {
		for _, declared := range file.tree.Decls {
			switch declared := declared.(type) {
			case *ast.FuncDecl:
				if qualifiedName(declared) == name && declared.Body != nil {
					in, scope, found = file, declared.Body, found+1
				}
			case *ast.GenDecl:
				for _, spec := range declared.Specs {
					if value, ok := spec.(*ast.ValueSpec); ok && len(value.Names) == 1 && value.Names[0].Name == name {
						in, scope, found = file, value, found+1
					}
				}
			}
		}
	}
	if found != 1 {
		return nil, nil, fmt.Errorf("%d declarations of %s instead of one", found, name)
	}
	return in, scope, nil
}

// qualifiedName is a function's name, after its receiver's if it is a method.
func qualifiedName(function *ast.FuncDecl) string {
	if function.Recv == nil {
		return function.Name.Name
	}
	receiver := function.Recv.List[0].Type
	for {
		switch of := receiver.(type) {
		case *ast.StarExpr:
			receiver = of.X
		case *ast.IndexExpr:
			receiver = of.X
		case *ast.IndexListExpr:
			receiver = of.X
		case *ast.Ident:
			return of.Name + "." + function.Name.Name
		default:
			return function.Name.Name
		}
	}
}

// textOf is the text of a node.
func (f *file) textOf(node ast.Node) string {
	return f.text[node.Pos()-1 : node.End()-1]
}

// formatted checks that text is Go and formats it.
func formatted(text string) (string, error) {
	out, err := format.Source([]byte(text))
	if err != nil {
		return "", fmt.Errorf("the result is no Go: %w", err)
	}
	return string(out), nil
}
