package protocol

import (
	"math"
	"unicode/utf8"
)

// Version is the version of the adapter protocol that the package speaks.
const Version = 1

// A request is one line of input, understood.
type request struct {
	// seq is the line's sequence number, if numbered.
	seq      int64
	numbered bool
	// hello is the protocol version asked for, if this is the handshake.
	hello    int64
	greeting bool
	programs [][]Operation
}

// request decodes a line as a whole. On a failure it still reports the sequence number if it came to see it.
func (d *decoder) request(line string, req *request) {
	programs := req.programs[:0]
	*req = request{}
	d.reset(line)
	if !utf8.ValidString(line) {
		d.fail("invalid UTF-8")
	}
	batch := false
	d.expect('{')
	for i := 0; d.next(i, '}'); i++ {
		switch name := d.name(); name {
		case "seq":
			req.seq = d.integer(0, safe)
			req.numbered = d.failure == ""
		case "hello":
			req.hello = d.hello()
			req.greeting = true
		case "programs":
			programs = d.programs(programs)
			batch = true
		default:
			d.fail("unknown member %q", name)
		}
	}
	d.end()
	req.programs = programs
	if !req.numbered {
		d.fail("request without seq")
	}
	if req.greeting == batch {
		d.fail("request with neither or both of hello and programs")
	}
}

func (d *decoder) hello() int64 {
	version := int64(0)
	d.expect('{')
	for i := 0; d.next(i, '}'); i++ {
		if name := d.name(); name != "protocol" {
			d.fail("unknown member %q", name)
		}
		version = d.integer(math.MinInt64, math.MaxInt64)
	}
	return version
}

// programs reads a list of programs into the given ones, whose room it uses again.
func (d *decoder) programs(programs [][]Operation) [][]Operation {
	d.expect('[')
	for i := 0; d.next(i, ']'); i++ {
		if len(programs) < cap(programs) {
			programs = programs[:len(programs)+1]
		} else {
			programs = append(programs, nil)
		}
		last := &programs[len(programs)-1]
		*last = d.operations((*last)[:0])
	}
	return programs
}
