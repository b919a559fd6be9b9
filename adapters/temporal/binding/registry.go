package binding

import (
	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/protocol"
)

func (w *World) newRegistry(c call) ([]byte, error) {
	w.registries.Bind(c.Registry, hsm.NewRegistry())
	return c.out, nil
}

func (w *World) registerMachine(c call) ([]byte, error) {
	return c.out, c.registry.RegisterMachine(&machineDefinition{c.Type, c.Tag, w.generation})
}

func (w *World) findMachine(c call) ([]byte, error) {
	found, ok := c.registry.Machine(TypeName(c.Type))
	if !ok {
		return c.out, nil
	}
	return protocol.AppendInt(c.out, found.(*machineDefinition).tag), nil
}

func (w *World) registerTaskSerializer(c call) ([]byte, error) {
	serializer := w.generation.NewTaskSerializer(TaskSerializer{c.Type, c.Tag})
	return c.out, c.registry.RegisterTaskSerializer(TypeName(c.Type), serializer)
}

func (w *World) taskSerializer(c call) ([]byte, error) {
	found, ok := c.registry.TaskSerializer(TypeName(c.Type))
	if !ok {
		return c.out, nil
	}
	return protocol.AppendInt(c.out, found.(interface{ tagged() int64 }).tagged()), nil
}

func (w *World) serializeTask(c call) ([]byte, error) {
	serializer, ok := c.registry.TaskSerializer(TypeName(c.Task.Type))
	if !ok {
		return c.out, nil
	}
	data, err := serializer.Serialize(w.generation.NewTask(Task{spec: c.Task}))
	if err != nil {
		return c.out, err
	}
	return protocol.AppendString(c.out, string(data)), nil
}

func (w *World) deserializeTask(c call) ([]byte, error) {
	serializer, ok := c.registry.TaskSerializer(TypeName(c.Type))
	if !ok {
		return c.out, nil
	}
	task, err := w.generation.DeserializeTask(serializer, []byte(c.Text), c.Kind)
	if err != nil {
		return c.out, err
	}
	return AppendTask(c.out, task), nil
}
