package protocol

import (
	"errors"
	"fmt"
)

// ErrUnbound is what a world answers to an operation that names a handle which nothing has bound.
var ErrUnbound = errors.New("unbound")

// A World is what the operations of one program act on.
type World interface {
	// Reset makes the world a fresh one, without any registry, node or machine.
	Reset()
	// Perform runs one operation and appends its value as JSON, nothing if it has none.
	Perform(op *Operation, out []byte) ([]byte, error)
	// CodeOf returns the code of an error, "" if it has none.
	CodeOf(err error) string
}

// An Observer runs operations in a world and writes down what it observes of them.
//
// Observations made inside a function of an operation come before the operation's own but stand behind it, so each
// level of nesting has a buffer of its own, whose content moves to the level above when the operation is over.
type Observer struct {
	world  World
	levels [][]byte
	level  int
}

// maxLevels is how deeply operations may nest when they run, which executors that execute can make any depth.
const maxLevels = 1000

// observe runs operations in order and appends their observations to the buffer of the current level.
func (o *Observer) observe(ops []Operation) {
	for i := range ops {
		o.operation(&ops[i])
	}
}

func (o *Observer) operation(op *Operation) {
	level := o.level
	if level >= maxLevels {
		panic("operations nested too deeply")
	}
	for len(o.levels) < level+2 {
		o.levels = append(o.levels, nil)
	}
	out := separate(o.levels[level])
	o.levels[level] = out
	o.levels[level+1] = o.levels[level+1][:0]
	o.level = level + 1
	defer o.recover(level, len(out))

	start := len(out)
	out = append(out, `{"ok":`...)
	value := len(out)
	out, err := o.world.Perform(op, out)
	switch {
	case err != nil:
		out = o.failure(out[:start], level, err)
	case len(out) == value:
		out = o.inner(append(out, "null"...), level)
	default:
		out = o.inner(out, level)
	}
	o.levels[level] = append(out, '}')
	o.level = level
}

// recover makes a panic inside an operation its observation. The panic of an operation inside a function goes on as
// the function's own.
func (o *Observer) recover(level, start int) {
	cause := recover()
	if cause == nil {
		return
	}
	out := append(o.levels[level][:start], `{"panic":`...)
	out = appendValid(out, fmt.Sprint(cause))
	out = o.inner(out, level)
	o.levels[level] = append(out, '}')
	o.level = level
	if level > 0 {
		panic(cause)
	}
}

// failure appends an observation of an error, but for its end.
func (o *Observer) failure(out []byte, level int, err error) []byte {
	if err == ErrUnbound {
		return append(out, `{"unbound":true`...)
	}
	code := o.world.CodeOf(err)
	if code != "" {
		out = append(out, `{"error":"`...)
		out = append(out, code...)
		out = append(out, '"')
		return o.inner(out, level)
	}
	out = append(out, `{"error":"other"`...)
	out = o.inner(out, level)
	out = append(out, `,"message":`...)
	return appendValid(out, err.Error())
}

// inner appends the observations made inside an operation at this level, if there are any.
func (o *Observer) inner(out []byte, level int) []byte {
	inside := o.levels[level+1]
	if len(inside) == 0 {
		return out
	}
	out = append(out, `,"inner":[`...)
	out = append(out, inside...)
	return append(out, ']')
}

// separate appends a comma behind an earlier observation.
func separate(out []byte) []byte {
	if len(out) == 0 || out[len(out)-1] == '[' {
		return out
	}
	return append(out, ',')
}

// Saw records a value that a function saw, appended as JSON by value, among the observations made inside it.
func (o *Observer) Saw(value func([]byte) []byte) {
	out := append(separate(o.levels[o.level]), `{"ok":`...)
	o.levels[o.level] = append(value(out), '}')
}

// Unseen runs a function and forgets the observations that are made in it.
func (o *Observer) Unseen(run func() error) error {
	level, seen := o.level, len(o.levels[o.level])
	defer func() { o.levels[level] = o.levels[level][:seen] }()
	return run()
}

// Run runs a script inside a function of the current operation and returns the error with which it fails.
func (o *Observer) Run(script *Script) error {
	o.observe(script.Ops)
	return script.Fail.Err()
}

// Err returns the error that a function returns which ends this way; it panics if that is how to end.
func (f Failure) Err() error {
	switch f {
	case FailUser1:
		return ErrUser1
	case FailUser2:
		return ErrUser2
	case FailPanic:
		panic("panic")
	default:
		return nil
	}
}

// program appends the list of what a program's operations are observed to answer.
func (o *Observer) program(out []byte, ops []Operation) []byte {
	if len(o.levels) == 0 {
		o.levels = append(o.levels, nil)
	}
	o.level = 0
	o.levels[0] = append(out, '[')
	o.observe(ops)
	return append(o.levels[0], ']')
}
