package edit

import (
	"strings"
	"testing"
)

// machinery is a package with a place for each kind of edit.
const machinery = `package machinery

import "errors"

type (
	engine struct {
		oil     map[string]int
		strokes int
		running bool
		parts   []part
	}
	part  struct{ size int }
	box[T any] struct{ content T }
)

const speed = 3

var errCold = errors.New("cold")

func build() *engine {
	return &engine{oil: make(map[string]int), strokes: 1}
}

func (e *engine) start(key string) error {
	if key == "" {
		return errCold
	}
	if e.running {
		return nil
	}
	level := e.oil[key]
	e.oil[key] = level - 1 // consumed
	e.strokes++
	e.running = true
	e.turn(key, level)
	return nil
}

func (e *engine) stop() int {
	total := 0
	for _, part := range e.parts {
		total += part.size
	}
	e.strokes--
	return total
}

func (e *engine) turn(key string, times int) {
	e.parts = append(e.parts, part{len(key) * times})
}

func (b box[T]) open() T {
	return b.content
}

func unfinished()
`

func parsed(t *testing.T) *Package {
	t.Helper()
	pkg, err := Parse(map[string]string{"machinery.go": machinery, "other.go": "package machinery\n\nvar other = 1\n"})
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

// changes are what each edit leaves of a text and puts in its place.
var changes = []struct {
	name     string
	in       string
	edit     Edit
	old, new string
}{
	{
		"an increment is dropped", "engine.start", Drop(Increased("strokes")),
		"\te.strokes++\n", "\n",
	},
	{
		"a decrement becomes something else", "engine.stop", Become(Decreased("strokes"), "e.strokes = 0"),
		"\te.strokes--\n", "\te.strokes = 0\n",
	},
	{
		"a field is no longer set", "engine.start", Drop(Set("running")),
		"\te.running = true\n", "\n",
	},
	{
		"a loop is dropped", "engine.stop", Drop(Loop()),
		"\tfor _, part := range e.parts {\n\t\ttotal += part.size\n\t}\n", "\n",
	},
	{
		"a statement comes before another one", "engine.start", Before(Stored("oil"), "level++"),
		"\te.oil[key] = level - 1 // consumed\n", "\tlevel++\n\te.oil[key] = level - 1 // consumed\n",
	},
	{
		"a statement comes after another one", "engine.start", After(Assigned("level"), "level++"),
		"\tlevel := e.oil[key]\n", "\tlevel := e.oil[key]\n\tlevel++\n",
	},
	{
		"the second condition never holds", "engine.start", Never(If().Nth(2, 2)),
		"if e.running {", "if (e.running) && false {",
	},
	{
		"a condition found by a name always holds", "engine.start", Always(IfOn("key")),
		`if key == "" {`, `if (key == "") || true {`,
	},
	{
		"a call is deferred", "engine.start", Become(Doing("turn"), "defer $"),
		"\te.turn(key, level)\n", "\tdefer e.turn(key, level)\n",
	},
	{
		"a call has another function", "engine.start", Become(Call("turn").Callee(), "e.turn2"),
		"e.turn(key, level)", "e.turn2(key, level)",
	},
	{
		"a call has another argument", "engine.start", Become(Call("turn").Argument(2), "$+1"),
		"e.turn(key, level)", "e.turn(key, level+1)",
	},
	{
		"the text is used twice", "engine.turn", Become(Call("append"), "append($, $...)"),
		"append(e.parts, part{len(key) * times})",
		"append(append(e.parts, part{len(key) * times}), append(e.parts, part{len(key) * times})...)",
	},
	{
		"a result in a block is another one", "engine.start", Become(Return().In(IfOn("key")).Result(1), "nil"),
		"return errCold", "return nil",
	},
	{
		"a name is another one", "engine.start", Become(Use("errCold"), "nil"),
		"return errCold", "return nil",
	},
	{
		"a field of a literal has another value", "build", Become(Field("strokes"), "2"),
		"strokes: 1}", "strokes: 2}",
	},
	{
		"a value is shared", "build", Hoist(Field("oil"), "allOil"),
		"oil: make(map[string]int), strokes: 1}", "oil: allOil, strokes: 1}",
	},
	{
		"a constant is another one", "speed", Become(literal("3"), "4"),
		"const speed = 3", "const speed = 4",
	},
	{
		"a variable of the package is made otherwise", "errCold", Become(Call("New").Argument(1), `"warm"`),
		`errors.New("cold")`, `errors.New("warm")`,
	},
	{
		"a method of a generic type is found", "box.open", Become(Use("content"), "other"),
		"return b.content", "return b.other",
	},
}

func TestEdit(t *testing.T) {
	for _, change := range changes {
		t.Run(change.name, func(t *testing.T) {
			name, text, err := parsed(t).Apply(change.in, change.edit)
			if err != nil {
				t.Fatal(err)
			}
			if name != "machinery.go" {
				t.Errorf("changed %s", name)
			}
			if strings.Count(machinery, change.old) != 1 {
				t.Fatalf("%q is not once in the source", change.old)
			}
			expected := strings.Replace(machinery, change.old, change.new, 1)
			if strings.Contains(change.name, "shared") {
				expected += "\nvar allOil = make(map[string]int)\n"
			}
			if expected = gofmt(t, expected); text != expected {
				t.Errorf("expected:\n%s\nbut got:\n%s", expected, text)
			}
		})
	}
}

func TestMoveKeepsTheOrderOfWhatItMoves(t *testing.T) {
	_, text, err := parsed(t).Apply("engine.start", Move(Assigned("level"), Set("running"), Increased("strokes")))
	if err != nil {
		t.Fatal(err)
	}
	at := -1
	for _, statement := range []string{"e.running = true", "e.strokes++", "level := e.oil[key]", "e.oil[key] = level - 1"} {
		next := strings.Index(text, statement)
		if next <= at || strings.Count(text, statement) != 1 {
			t.Errorf("%s is not where it is expected in:\n%s", statement, text)
		}
		at = next
	}
}

func TestTogetherMakesAllEdits(t *testing.T) {
	_, text, err := parsed(t).Apply("engine.start", Together(Drop(Set("running")), Before(Stored("oil"), "level++")))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "e.running = true") || !strings.Contains(text, "level++") {
		t.Errorf("not both edits were made:\n%s", text)
	}
}

// refusals are edits that do not hold for exactly one place, and what is said of them.
var refusals = []struct {
	name string
	in   string
	edit Edit
	said string
}{
	{"nothing is declared so", "engine.fly", Drop(Loop()), "0 declarations of engine.fly instead of one"},
	{"a function without a body", "unfinished", Drop(Loop()), "0 declarations of unfinished instead of one"},
	{"a method without its type", "start", Drop(Loop()), "0 declarations of start instead of one"},
	{"no such place", "engine.start", Drop(Loop()), "in engine.start: loop: 0 places instead of one"},
	{"several places", "engine.start", Never(If()), "in engine.start: condition of if: 2 places instead of one"},
	{"fewer places than counted", "engine.start", Never(If().Nth(2, 3)), "if: 2 places instead of 3"},
	{"more places than counted", "engine.start", Drop(Return().Nth(1, 2)), "return: 3 places instead of 2"},
	{"no such argument", "engine.start", Become(Call("turn").Argument(3), "1"), "argument 3 of call of turn: 0 places"},
	{"no such result", "engine.turn", Become(Return().Result(1), "1"), "result 1 of return: 0 places instead of one"},
	{"not inside of one place", "engine.start", Drop(Return().In(If())), "if: 2 places instead of one"},
	{"nothing to move", "engine.start", Move(Assigned("level"), Set("nothing")), "setting of nothing: 0 places"},
	{"nowhere to move to", "engine.start", Move(Loop(), Set("running")), "loop: 0 places instead of one"},
	{"no value to share", "build", Hoist(Field("fuel"), "all"), "value of field fuel: 0 places instead of one"},
	{"one of two edits", "engine.start", Together(Drop(Set("running")), Drop(Loop())), "loop: 0 places instead of one"},
	{
		"two edits of one place", "engine.start",
		Together(Drop(IfOn("running")), Become(IfOn("running").Condition(), "true")), "the changes overlap",
	},
	{"no change", "engine.start", Become(Set("running"), original), "nothing changes"},
	{"no Go", "engine.start", Become(Set("running"), "e.running = )"), "the result is no Go"},
}

func TestRefusal(t *testing.T) {
	for _, refusal := range refusals {
		t.Run(refusal.name, func(t *testing.T) {
			_, text, err := parsed(t).Apply(refusal.in, refusal.edit)
			if err == nil {
				t.Fatalf("not refused:\n%s", text)
			}
			if !strings.Contains(err.Error(), refusal.said) {
				t.Errorf("expected %q, but got %q", refusal.said, err)
			}
		})
	}
}

func TestDeclaredTwice(t *testing.T) {
	pkg, err := Parse(map[string]string{
		"a.go": "package p\n\nfunc f() { g() }\n", "b.go": "//go:build other\n\npackage p\n\nfunc f() { g() }\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = pkg.Apply("f", Drop(Doing("g")))
	if err == nil || !strings.Contains(err.Error(), "2 declarations of f instead of one") {
		t.Errorf("got %v", err)
	}
}
