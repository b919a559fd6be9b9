package edit

import (
	"fmt"
	"go/ast"
	"go/token"
)

// A Place names nodes of a syntax tree by what they are.
type Place struct {
	what string
	find func(ast.Node) ([]ast.Node, error)
}

// one finds the only node at a place.
func (p Place) one(scope ast.Node) (ast.Node, error) {
	found, err := p.find(scope)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%s: %d places instead of one", p.what, len(found))
	}
	return found[0], nil
}

// every is the place of all nodes of a kind that a condition holds for.
func every[N ast.Node](what string, condition func(N) bool) Place {
	return Place{what, func(scope ast.Node) ([]ast.Node, error) {
		var found []ast.Node
		ast.Inspect(scope, func(node ast.Node) bool {
			if node, ok := node.(N); ok && condition(node) {
				found = append(found, node)
			}
			return true
		})
		return found, nil
	}}
}

// part is a place inside each node at another place, where the node has it.
func part[N ast.Node](of Place, what string, part func(N) ast.Node) Place {
	what += " of " + of.what
	return Place{what, func(scope ast.Node) ([]ast.Node, error) {
		wholes, err := of.find(scope)
		if err != nil {
			return nil, err
		}
		var parts []ast.Node
		for _, whole := range wholes {
			if whole, ok := whole.(N); ok {
				if part := part(whole); part != nil {
					parts = append(parts, part)
				}
			}
		}
		return parts, nil
	}}
}

// Nth is the n-th, counted from one in the order of the text, of exactly so many nodes.
func (p Place) Nth(n, of int) Place {
	return Place{fmt.Sprintf("%s %d of %d", p.what, n, of), func(scope ast.Node) ([]ast.Node, error) {
		found, err := p.find(scope)
		if err != nil {
			return nil, err
		}
		if len(found) != of {
			return nil, fmt.Errorf("%s: %d places instead of %d", p.what, len(found), of)
		}
		return found[n-1 : n], nil
	}}
}

// In is the place inside the only node at another place.
func (p Place) In(outer Place) Place {
	return Place{p.what + " in " + outer.what, func(scope ast.Node) ([]ast.Node, error) {
		whole, err := outer.one(scope)
		if err != nil {
			return nil, err
		}
		return p.find(whole)
	}}
}

// --- statements -------------------------------------------------------------------------------------------------------

// If is an if statement.
func If() Place {
	return every("if", func(*ast.IfStmt) bool { return true })
}

// IfOn is an if statement whose condition uses a name.
func IfOn(name string) Place {
	return every("if on "+name, func(node *ast.IfStmt) bool { return uses(node.Cond, name) })
}

// Loop is a loop over a range.
func Loop() Place {
	return every("loop", func(*ast.RangeStmt) bool { return true })
}

// Return is a return statement.
func Return() Place {
	return every("return", func(*ast.ReturnStmt) bool { return true })
}

// Doing is a statement that is a call of a function or method.
func Doing(name string) Place {
	return every("statement calling "+name, func(node *ast.ExprStmt) bool {
		call, ok := node.X.(*ast.CallExpr)
		return ok && nameOf(call.Fun) == name
	})
}

// Assigned is an assignment to a variable, which may be its declaration.
func Assigned(variable string) Place {
	return assignment("assignment to "+variable, func(left ast.Expr) bool {
		ident, ok := left.(*ast.Ident)
		return ok && ident.Name == variable
	})
}

// Set is an assignment to a field.
func Set(field string) Place {
	return assignment("setting of "+field, func(left ast.Expr) bool {
		selector, ok := left.(*ast.SelectorExpr)
		return ok && selector.Sel.Name == field
	})
}

// Stored is an assignment to an element of a map or slice, given the name of the variable or field that holds that.
func Stored(name string) Place {
	return assignment("storing in "+name, func(left ast.Expr) bool {
		index, ok := left.(*ast.IndexExpr)
		return ok && nameOf(index.X) == name
	})
}

func assignment(what string, to func(ast.Expr) bool) Place {
	return every(what, func(node *ast.AssignStmt) bool {
		for _, left := range node.Lhs {
			if to(left) {
				return true
			}
		}
		return false
	})
}

// Increased is the statement that adds one to a variable or field.
func Increased(name string) Place {
	return step("increment of "+name, token.INC, name)
}

// Decreased is the statement that takes one from a variable or field.
func Decreased(name string) Place {
	return step("decrement of "+name, token.DEC, name)
}

func step(what string, tok token.Token, name string) Place {
	return every(what, func(node *ast.IncDecStmt) bool { return node.Tok == tok && nameOf(node.X) == name })
}

// --- expressions ------------------------------------------------------------------------------------------------------

// Use is every use of a name: a variable, field, function or type.
func Use(name string) Place {
	return every("use of "+name, func(node *ast.Ident) bool { return node.Name == name })
}

// Call is a call of a function or method.
func Call(name string) Place {
	return every("call of "+name, func(node *ast.CallExpr) bool { return nameOf(node.Fun) == name })
}

// Callee is the function of a call, with the value whose method it is.
func (p Place) Callee() Place {
	return part(p, "callee", func(call *ast.CallExpr) ast.Node { return call.Fun })
}

// Argument is the n-th argument of a call, counted from one.
func (p Place) Argument(n int) Place {
	return part(p, fmt.Sprint("argument ", n), func(call *ast.CallExpr) ast.Node { return nth(call.Args, n) })
}

// Condition is the condition of an if statement.
func (p Place) Condition() Place {
	return part(p, "condition", func(node *ast.IfStmt) ast.Node { return node.Cond })
}

// Result is the n-th result of a return statement, counted from one.
func (p Place) Result(n int) Place {
	return part(p, fmt.Sprint("result ", n), func(node *ast.ReturnStmt) ast.Node { return nth(node.Results, n) })
}

// Field is the value that a literal gives to a field.
func Field(name string) Place {
	fields := every("field "+name, func(node *ast.KeyValueExpr) bool { return nameOf(node.Key) == name })
	return part(fields, "value", func(node *ast.KeyValueExpr) ast.Node { return node.Value })
}

// nth is the n-th expression, nil if there are not so many.
func nth(expressions []ast.Expr, n int) ast.Node {
	if n > len(expressions) {
		return nil
	}
	return expressions[n-1]
}

// nameOf is the last name of an expression that consists of names: "c" of a.b.c.
func nameOf(expression ast.Expr) string {
	switch expression := expression.(type) {
	case *ast.Ident:
		return expression.Name
	case *ast.SelectorExpr:
		return expression.Sel.Name
	default:
		return ""
	}
}

// uses tells whether a name occurs in an expression.
func uses(expression ast.Expr, name string) bool {
	found := false
	ast.Inspect(expression, func(node ast.Node) bool {
		ident, ok := node.(*ast.Ident)
		found = found || ok && ident.Name == name
		return !found
	})
	return found
}
