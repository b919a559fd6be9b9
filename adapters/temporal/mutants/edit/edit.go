package edit

import (
	"errors"
	"go/ast"
	"slices"
	"strings"
)

// An Edit is a change inside a declaration.
type Edit func(*file, ast.Node) ([]splice, error)

// A splice replaces a part of a file's text, given by offsets.
type splice struct {
	start, end int
	text       string
}

// spliced is the file's text after all splices.
func (f *file) spliced(splices []splice) (string, error) {
	slices.SortStableFunc(splices, func(a, b splice) int { return a.start - b.start })
	var out strings.Builder
	at := 0
	for _, s := range splices {
		if s.start < at {
			return "", errors.New("the changes overlap")
		}
		out.WriteString(f.text[at:s.start])
		out.WriteString(s.text)
		at = s.end
	}
	out.WriteString(f.text[at:])
	if out.String() == f.text {
		return "", errors.New("nothing changes")
	}
	return formatted(out.String())
}

// original stands for the text of the place in the text that takes its place.
const original = "$"

// Become puts text in the place of a node. In it, $ stands for what is there.
func Become(place Place, text string) Edit {
	return func(f *file, scope ast.Node) ([]splice, error) {
		node, err := place.one(scope)
		if err != nil {
			return nil, err
		}
		return []splice{f.replace(node, strings.ReplaceAll(text, original, f.textOf(node)))}, nil
	}
}

func (f *file) replace(node ast.Node, text string) splice {
	return splice{int(node.Pos()) - 1, int(node.End()) - 1, text}
}

// Drop removes a statement.
func Drop(place Place) Edit {
	return Become(place, "")
}

// Before inserts a statement before another one.
func Before(place Place, statement string) Edit {
	return Become(place, statement+"\n"+original)
}

// After inserts a statement after another one.
func After(place Place, statement string) Edit {
	return Become(place, original+"\n"+statement)
}

// Never lets the condition of an if statement be evaluated and not hold.
func Never(place Place) Edit {
	return Become(place.Condition(), "("+original+") && false")
}

// Always lets the condition of an if statement be evaluated and hold.
func Always(place Place) Edit {
	return Become(place.Condition(), "("+original+") || true")
}

// Move moves statements, in the order in which they are given, to before another one.
func Move(before Place, statements ...Place) Edit {
	return func(f *file, scope ast.Node) ([]splice, error) {
		target, err := before.one(scope)
		if err != nil {
			return nil, err
		}
		var moved strings.Builder
		var splices []splice
		for _, statement := range statements {
			node, err := statement.one(scope)
			if err != nil {
				return nil, err
			}
			moved.WriteString(f.textOf(node) + "\n")
			splices = append(splices, f.replace(node, ""))
		}
		start := int(target.Pos()) - 1
		return append(splices, splice{start, start, moved.String()}), nil
	}
}

// Hoist makes the value of an expression that of a variable of the package, made once.
func Hoist(place Place, variable string) Edit {
	return func(f *file, scope ast.Node) ([]splice, error) {
		node, err := place.one(scope)
		if err != nil {
			return nil, err
		}
		end := len(f.text)
		declaration := splice{end, end, "\nvar " + variable + " = " + f.textOf(node) + "\n"}
		return []splice{f.replace(node, variable), declaration}, nil
	}
}

// Together makes several edits of one declaration, none of which may touch the place of another.
func Together(edits ...Edit) Edit {
	return func(f *file, scope ast.Node) ([]splice, error) {
		var all []splice
		for _, edit := range edits {
			splices, err := edit(f, scope)
			if err != nil {
				return nil, err
			}
			all = append(all, splices...)
		}
		return all, nil
	}
}
