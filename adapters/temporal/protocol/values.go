package protocol

import "math"

// safe is the largest magnitude of the numbers in a program that are not narrower.
const safe = 1 << 53

func (d *decoder) handle() Handle {
	return Handle(d.integer(0, math.MaxInt32))
}

func (d *decoder) typeID() int32 {
	return int32(d.integer(math.MinInt32, math.MaxInt32))
}

func (d *decoder) small() int64 {
	return d.integer(-safe, safe)
}

// choice reads a string that must be one of two and returns which.
func (d *decoder) choice(first, second string) int {
	switch word := d.string(); word {
	case first:
		return 0
	case second:
		return 1
	default:
		d.fail("neither %s nor %s: %q", first, second, word)
		return 0
	}
}

func (d *decoder) delivery() Delivery {
	switch word := d.string(); word {
	case "once":
		return Once
	case "twice":
		return Twice
	case "early":
		return Early
	default:
		d.fail("unknown delivery %q", word)
		return Once
	}
}

func (d *decoder) key() Key {
	d.expect('[')
	key := Key{Type: d.typeID()}
	d.expect(',')
	key.ID = d.string()
	d.expect(']')
	return key
}

func (d *decoder) path() []Key {
	start := len(d.keys)
	d.expect('[')
	for i := 0; d.next(i, ']'); i++ {
		d.keys = append(d.keys, d.key())
	}
	return d.keys[start:len(d.keys):len(d.keys)]
}

func (d *decoder) data() Data {
	d.expect('[')
	data := Data{State: d.small()}
	d.expect(',')
	data.Value = d.small()
	d.expect(']')
	return data
}

func (d *decoder) kind() Kind {
	if d.peek() == '"' {
		return Kind{Outbound: true, Destination: d.string()}
	}
	return Kind{Deadline: d.integer(math.MinInt64, math.MaxInt64)}
}

func (d *decoder) task() Task {
	d.expect('[')
	task := Task{Type: d.typeID()}
	d.expect(',')
	task.Payload = d.small()
	d.expect(',')
	task.Kind = d.kind()
	d.expect(']')
	return task
}

func (d *decoder) script() *Script {
	script := &Script{}
	d.expect('{')
	for i := 0; d.next(i, '}'); i++ {
		switch name := d.name(); name {
		case "ops":
			script.Ops = d.operations(nil)
		case "tasks":
			start := len(d.tasks)
			d.expect('[')
			for i := 0; d.next(i, ']'); i++ {
				d.tasks = append(d.tasks, d.task())
			}
			script.Tasks = d.tasks[start:len(d.tasks):len(d.tasks)]
		case "fail":
			script.Fail = d.failureOf()
		default:
			d.fail("unknown member %q", name)
		}
	}
	return script
}

func (d *decoder) failureOf() Failure {
	if d.null() {
		return Succeed
	}
	switch word := d.string(); word {
	case "user_1":
		return FailUser1
	case "user_2":
		return FailUser2
	case "panic":
		return FailPanic
	default:
		d.fail("unknown failure %q", word)
		return Succeed
	}
}

func (d *decoder) transition() *TransitionSpec {
	transition := &TransitionSpec{}
	found := 0
	d.expect('{')
	for i := 0; d.next(i, '}'); i++ {
		switch name := d.name(); name {
		case "sources":
			d.expect('[')
			for i := 0; d.next(i, ']'); i++ {
				transition.Sources = append(transition.Sources, d.small())
			}
			found |= 1
		case "destination":
			transition.Destination = d.small()
			found |= 2
		default:
			d.fail("unknown member %q", name)
		}
	}
	if found != 3 {
		d.fail("transition lacks a member")
	}
	return transition
}

// machineRef reads a reference to a machine of a workflow that the operation names.
func (d *decoder) machineRef() *RefSpec {
	ref := &RefSpec{}
	d.expect('[')
	ref.Path = d.path()
	d.expect(',')
	ref.Version = d.small()
	d.expect(',')
	ref.Count = d.integer(0, safe)
	d.expect(']')
	return ref
}

func (d *decoder) ref() *RefSpec {
	ref := &RefSpec{Workflow: [3]string{"n", "w", "r"}}
	located := false
	d.expect('{')
	for i := 0; d.next(i, '}'); i++ {
		switch name := d.name(); name {
		case "path":
			ref.Path = d.path()
			located = true
		case "workflow":
			d.expect('[')
			ref.Workflow[0] = d.string()
			d.expect(',')
			ref.Workflow[1] = d.string()
			d.expect(',')
			ref.Workflow[2] = d.string()
			d.expect(']')
		case "version":
			ref.Version = d.small()
		case "count":
			ref.Count = d.small()
		default:
			d.fail("unknown member %q", name)
		}
	}
	if !located {
		d.fail("ref lacks a path")
	}
	return ref
}
