package hsmtrace

import (
	"reflect"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A shape says which fields of a message have maps in them, at any depth.
type shape struct {
	maps, messages []protoreflect.FieldDescriptor
}

// shapes has the shape of each type of messages, nil for types without maps.
var shapes sync.Map

// unstable tells whether a message may serialize to other bytes the next time: it has a map of more than one entry.
func unstable(message protoreflect.Message) bool {
	if !message.IsValid() {
		return false
	}
	s := shapeOf(message.Descriptor())
	if s == nil {
		return false
	}
	for _, field := range s.maps {
		if message.Has(field) {
			entries := message.Get(field).Map()
			if entries.Len() > 1 {
				return true
			}
			if field.MapValue().Message() != nil && someUnstable(entries) {
				return true
			}
		}
	}
	for _, field := range s.messages {
		if !message.Has(field) {
			continue
		}
		value := message.Get(field)
		if !field.IsList() {
			if unstable(value.Message()) {
				return true
			}
			continue
		}
		for i := range value.List().Len() {
			if unstable(value.List().Get(i).Message()) {
				return true
			}
		}
	}
	return false
}

// mayBeUnstable tells whether data of the class can be a message with maps in it.
func (c class) mayBeUnstable() bool {
	if c.Type == nil {
		return false
	}
	message, ok := reflect.Zero(c.Type).Interface().(proto.Message)
	if !ok {
		return false
	}
	defer func() { _ = recover() }()
	return shapeOf(message.ProtoReflect().Descriptor()) != nil
}

func someUnstable(entries protoreflect.Map) (found bool) {
	entries.Range(func(_ protoreflect.MapKey, value protoreflect.Value) bool {
		found = unstable(value.Message())
		return !found
	})
	return found
}

func shapeOf(descriptor protoreflect.MessageDescriptor) *shape {
	if known, ok := shapes.Load(descriptor.FullName()); ok {
		return known.(*shape)
	}
	s := new(shape)
	fields := descriptor.Fields()
	for i := range fields.Len() {
		switch field := fields.Get(i); {
		case field.IsMap():
			s.maps = append(s.maps, field)
		case field.Message() != nil && reachesMap(field.Message(), map[protoreflect.FullName]bool{}):
			s.messages = append(s.messages, field)
		}
	}
	if s.maps == nil && s.messages == nil {
		s = nil
	}
	shapes.Store(descriptor.FullName(), s)
	return s
}

// reachesMap tells whether messages of a type can have a map in them. Types may contain themselves.
func reachesMap(descriptor protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) bool {
	if seen[descriptor.FullName()] {
		return false
	}
	seen[descriptor.FullName()] = true
	fields := descriptor.Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if field.IsMap() || field.Message() != nil && reachesMap(field.Message(), seen) {
			return true
		}
	}
	return false
}
