package protocol

// A decoder decodes programs. What it returns is valid until it decodes again.
type decoder struct {
	scanner
	keys  []Key
	tasks []Task
	depth int
	// transactions tells whether the operations with this capability are known.
	transactions bool
}

// reset starts on another text.
func (d *decoder) reset(text string) {
	d.scanner = scanner{text: text}
	d.keys = d.keys[:0]
	d.tasks = d.tasks[:0]
	d.depth = 0
}

// operations reads a list of operations and appends them.
func (d *decoder) operations(ops []Operation) []Operation {
	if d.depth++; d.depth > maxNesting {
		d.fail("scripts nested too deeply")
	}
	d.expect('[')
	for i := 0; d.next(i, ']'); i++ {
		ops = append(ops, Operation{
			Registry: 0, Node: NoHandle, Other: NoHandle, Machine: NoHandle, Bind: NoHandle,
			Collection: NoHandle, Kept: NoHandle, Cell: NoHandle, Workflow: NoHandle,
			Source: NoHandle,
		})
		d.operation(&ops[len(ops)-1])
	}
	d.depth--
	return ops
}

// noScript is the script of an operation that leaves it out.
var noScript Script

func (d *decoder) operation(op *Operation) {
	op.Script = &noScript
	known := false
	var found member
	d.expect('{')
	for i := 0; d.next(i, '}'); i++ {
		name := d.name()
		if name == "op" {
			name := d.string()
			code, ok := codes[name]
			if !ok || code.transactional() && !d.transactions {
				d.fail("unknown operation %q", name)
			}
			if known {
				d.fail("member op twice")
			}
			op.Code, known = code, true
			continue
		}
		member := d.member(op, name)
		if found&member != 0 {
			d.fail("member %s twice", name)
		}
		found |= member
	}
	if !known {
		d.fail("operation without a name")
		return
	}
	entry := &vocabulary[op.Code]
	if found&^(entry.required|entry.optional) != 0 {
		d.fail("operation %s has a member too many", entry.name)
	}
	if entry.required&^found != 0 {
		d.fail("operation %s lacks a member", entry.name)
	}
}

// member reads the member of this name into an operation and returns which one it is; none if it was null.
func (d *decoder) member(op *Operation, name string) member {
	if d.null() {
		switch name {
		case "machine", "bind", "access", "collection", "kept", "ref", "destination":
		default:
			d.fail("member %q is null", name)
		}
		return 0
	}
	switch name {
	case "registry":
		op.Registry = d.handle()
		return registryMember
	case "node":
		op.Node = d.handle()
		return nodeMember
	case "other":
		op.Other = d.handle()
		return otherMember
	case "machine":
		op.Machine = d.handle()
		return machineMember
	case "bind":
		op.Bind = d.handle()
		return bindMember
	case "collection":
		op.Collection = d.handle()
		return collectionMember
	case "kept":
		op.Kept = d.handle()
		return keptMember
	case "cell":
		op.Cell = d.handle()
		return cellMember
	case "workflow":
		op.Workflow = d.handle()
		return workflowMember
	case "source":
		op.Source = d.handle()
		return sourceMember
	case "type":
		op.Type = d.typeID()
		return typeMember
	case "tag":
		op.Tag = d.small()
		return tagMember
	case "access":
		op.Access = Access(1 + d.choice("read", "write"))
		return accessMember
	case "cast":
		op.OtherCast = d.choice("own", "other") == 1
		return castMember
	case "key":
		op.Key = d.key()
		return keyMember
	case "path":
		op.Path = d.path()
		return pathMember
	case "id":
		op.Text = d.string()
		return idMember
	case "data":
		if d.peek() == '"' {
			op.Text = d.string()
			return textMember
		}
		op.Data = d.data()
		return dataMember
	case "bytes":
		op.Text = d.string()
		return bytesMember
	case "kind":
		op.Kind = d.kind()
		return kindMember
	case "task":
		task := d.task()
		op.Task = &task
		return taskMember
	case "ref":
		if d.peek() == '[' {
			op.Ref = d.machineRef()
			return machineRefMember
		}
		op.Ref = d.ref()
		return refMember
	case "microseconds":
		op.Number = d.integer(0, safe)
		return microsecondsMember
	case "ending":
		op.NotFound = d.choice("script", "not_found") == 1
		return endingMember
	case "delivery":
		op.Delivery = d.delivery()
		return deliveryMember
	case "destination":
		destination := d.string()
		op.Destination = &destination
		return destinationMember
	case "cluster":
		op.Cluster = int(d.integer(0, 1))
		return clusterMember
	case "when":
		op.After = d.choice("before", "after") == 1
		return whenMember
	case "error":
		op.StoreError = StoreError(d.choice("condition_failed", "unknown_outcome"))
		return errorMember
	case "now":
		op.Number = d.small()
		return nowMember
	case "event":
		op.Number = d.small()
		return eventMember
	case "state":
		op.Number = d.small()
		return stateMember
	case "value":
		op.Number = d.small()
		return valueMember
	case "script":
		op.Script = d.script()
		return scriptMember
	case "transition":
		op.Transition = d.transition()
		return transitionMember
	}
	d.fail("unknown member %q", name)
	return 0
}
