package hsmtrace

import "go.temporal.io/server/service/history/hsm"

// NewRegistry is [hsm.NewRegistry]. The registry's own operations are recorded by the goroutine's recorder.
func NewRegistry() *hsm.Registry {
	return recorderFor("a registry was made").NewRegistry()
}

// NewRegistry is [hsm.NewRegistry]. The registry's own operations are recorded by this recorder; a nil one records
// nothing.
func (r *Recorder) NewRegistry() *hsm.Registry {
	registry := hsm.NewRegistry()
	if r == nil {
		return registry
	}
	t := r.newTrace(registry)
	if t == nil {
		return registry
	}
	t.key = registry
	n := t.bare("new_registry")
	n.at = callerOf()
	n.null()
	n.write()
	traces.Store(registry, t)
	return registry
}

// registryNote begins the note of an operation of a registry on a type.
func (t *trace) registryNote(op, ofType string) *note {
	n := t.bare(op)
	n.op = appendText(n.op, "type", ofType)
	return n
}

// A registration is of a sort of things that a registry has by type: the operations on it, and how it is looked up.
type registration struct {
	register, find string
	lookup         func(registry *hsm.Registry, ofType string) (any, bool)
	// known is the key of a type among those that a trace has as registered.
	known func(ofType string) string
}

var (
	definitions = registration{
		register: "register_machine",
		find:     "machine",
		lookup:   func(registry *hsm.Registry, ofType string) (any, bool) { return registry.Machine(ofType) },
		known:    func(ofType string) string { return ofType },
	}
	serializers = registration{
		register: "register_task_serializer",
		find:     "task_serializer",
		lookup:   func(registry *hsm.Registry, ofType string) (any, bool) { return registry.TaskSerializer(ofType) },
		known:    func(ofType string) string { return "task\x00" + ofType },
	}
)

// knowOf records a type as registered if it is by now, ahead of the function under way. The lock is held.
func (t *trace) knowOf(sort registration, ofType string) {
	known := sort.known(ofType)
	if t.known[known] {
		return
	}
	found, ok := sort.lookup(t.registry, ofType)
	if !ok {
		return
	}
	t.known[known] = true
	n := t.registryNote(sort.register, ofType)
	n.op = appendNumber(n.op, "tag", int64(t.tag(found)))
	n.op = append(n.op, '}')
	n.null()
	t.pending--
	t.line(n)
	notes.Put(n)
}

// know records a machine type as registered if it is by now. The lock is held.
func (t *trace) know(machineType string) {
	if !t.known[machineType] {
		t.knowOf(definitions, machineType)
	}
}

// register records that something is registered for a type.
func (t *trace) register(sort registration, ofType string, registered any, register func() error) error {
	at := callerOf()
	t.mu.Lock()
	t.knowOf(sort, ofType)
	n := t.registryNote(sort.register, ofType)
	n.at = at
	n.op = appendNumber(n.op, "tag", int64(t.tag(registered)))
	t.mu.Unlock()
	defer n.write()
	err := register()
	if err != nil {
		n.failed(codeOf(err), err)
		return err
	}
	n.null()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known[sort.known(ofType)] = true
	return nil
}

// find begins the note of a lookup by type.
func (t *trace) find(sort registration, ofType string) *note {
	at := callerOf()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.knowOf(sort, ofType)
	n := t.registryNote(sort.find, ofType)
	n.at = at
	return n
}

// sawTag says which definition or serializer was found.
func (n *note) sawTag(found any, ok bool) {
	if !ok {
		n.null()
		return
	}
	n.trace.mu.Lock()
	defer n.trace.mu.Unlock()
	n.sawCount(int64(n.trace.tag(found)))
}

// RegisterMachine is [hsm.Registry.RegisterMachine].
func RegisterMachine(registry *hsm.Registry, sm hsm.StateMachineDefinition) error {
	t := traceFor(registry)
	if t == nil {
		return registry.RegisterMachine(sm)
	}
	return t.register(definitions, sm.Type(), sm, func() error { return registry.RegisterMachine(sm) })
}

// Machine is [hsm.Registry.Machine].
func Machine(registry *hsm.Registry, machineType string) (hsm.StateMachineDefinition, bool) {
	t := traceFor(registry)
	if t == nil {
		return registry.Machine(machineType)
	}
	n := t.find(definitions, machineType)
	defer n.write()
	definition, ok := registry.Machine(machineType)
	n.sawTag(definition, ok)
	return definition, ok
}

// RegisterTaskSerializer is [hsm.Registry.RegisterTaskSerializer].
func RegisterTaskSerializer(registry *hsm.Registry, taskType string, def hsm.TaskSerializer) error {
	t := traceFor(registry)
	if t == nil {
		return registry.RegisterTaskSerializer(taskType, def)
	}
	return t.register(serializers, taskType, def, func() error { return registry.RegisterTaskSerializer(taskType, def) })
}

// TaskSerializer is [hsm.Registry.TaskSerializer].
func TaskSerializer(registry *hsm.Registry, taskType string) (hsm.TaskSerializer, bool) {
	t := traceFor(registry)
	if t == nil {
		return registry.TaskSerializer(taskType)
	}
	n := t.find(serializers, taskType)
	defer n.write()
	serializer, ok := registry.TaskSerializer(taskType)
	n.sawTag(serializer, ok)
	return serializer, ok
}
