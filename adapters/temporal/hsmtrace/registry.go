package hsmtrace

import "go.temporal.io/server/service/history/hsm"

// NewRegistry is [hsm.NewRegistry]. The registry's own operations are recorded by the recorder that was started last.
func NewRegistry() *hsm.Registry {
	registry := hsm.NewRegistry()
	r := current.Load()
	if r == nil {
		return registry
	}
	t := r.newTrace(registry)
	if t == nil {
		return registry
	}
	t.key = registry
	n := t.bare("new_registry")
	n.null()
	n.write()
	traces.Store(registry, t)
	return registry
}

// registryNote begins the note of an operation of a registry on a type.
func (t *trace) registryNote(op, machineType string) *note {
	n := t.bare(op)
	n.op = appendText(n.op, "type", machineType)
	return n
}

// RegisterMachine is [hsm.Registry.RegisterMachine].
func RegisterMachine(registry *hsm.Registry, sm hsm.StateMachineDefinition) error {
	t := traceFor(registry)
	if t == nil {
		return registry.RegisterMachine(sm)
	}
	machineType := sm.Type()
	t.mu.Lock()
	t.know(machineType)
	n := t.registryNote("register_machine", machineType)
	n.op = appendNumber(n.op, "tag", int64(t.tag(sm)))
	t.mu.Unlock()
	defer n.write()
	err := registry.RegisterMachine(sm)
	if err != nil {
		n.failed(codeOf(err), err)
		return err
	}
	n.null()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known[machineType] = true
	return nil
}

// Machine is [hsm.Registry.Machine].
func Machine(registry *hsm.Registry, machineType string) (hsm.StateMachineDefinition, bool) {
	t := traceFor(registry)
	if t == nil {
		return registry.Machine(machineType)
	}
	t.mu.Lock()
	t.know(machineType)
	t.mu.Unlock()
	n := t.registryNote("machine", machineType)
	defer n.write()
	definition, ok := registry.Machine(machineType)
	n.sawTag(definition, ok)
	return definition, ok
}

// sawTag says which definition or serializer was found.
func (n *note) sawTag(definition any, ok bool) {
	if !ok {
		n.null()
		return
	}
	n.trace.mu.Lock()
	defer n.trace.mu.Unlock()
	n.sawCount(int64(n.trace.tag(definition)))
}

// RegisterTaskSerializer is [hsm.Registry.RegisterTaskSerializer].
func RegisterTaskSerializer(registry *hsm.Registry, taskType string, def hsm.TaskSerializer) error {
	t := traceFor(registry)
	if t == nil {
		return registry.RegisterTaskSerializer(taskType, def)
	}
	t.mu.Lock()
	t.knowSerializer(taskType)
	n := t.registryNote("register_task_serializer", taskType)
	n.op = appendNumber(n.op, "tag", int64(t.tag(def)))
	t.mu.Unlock()
	defer n.write()
	err := registry.RegisterTaskSerializer(taskType, def)
	if err != nil {
		n.failed(codeOf(err), err)
		return err
	}
	n.null()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known[serializerOf(taskType)] = true
	return nil
}

// TaskSerializer is [hsm.Registry.TaskSerializer].
func TaskSerializer(registry *hsm.Registry, taskType string) (hsm.TaskSerializer, bool) {
	t := traceFor(registry)
	if t == nil {
		return registry.TaskSerializer(taskType)
	}
	t.mu.Lock()
	t.knowSerializer(taskType)
	t.mu.Unlock()
	n := t.registryNote("task_serializer", taskType)
	defer n.write()
	serializer, ok := registry.TaskSerializer(taskType)
	n.sawTag(serializer, ok)
	return serializer, ok
}

// serializerOf returns the key of a task type among the machine types that are known to be registered.
func serializerOf(taskType string) string { return "task\x00" + taskType }

// knowSerializer records a task type as having a serializer if it has one by now. The lock is held.
func (t *trace) knowSerializer(taskType string) {
	if t.known[serializerOf(taskType)] {
		return
	}
	serializer, ok := t.registry.TaskSerializer(taskType)
	if !ok {
		return
	}
	t.known[serializerOf(taskType)] = true
	n := t.registryNote("register_task_serializer", taskType)
	n.op = appendNumber(n.op, "tag", int64(t.tag(serializer)))
	n.null()
	t.write(n)
}
