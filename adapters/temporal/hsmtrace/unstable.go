package hsmtrace

import (
	"reflect"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A shape says which fields of a message's bytes are maps, or messages with maps in them, at any depth.
type shape struct {
	fields []field
	// reaches says that there is a map at all.
	reaches bool
}

// A field is a map or a message. The shape is that of the message, or of a map's entries, nil if there are no maps in it.
type field struct {
	number protowire.Number
	isMap  bool
	shape  *shape
}

// shapes has the shape of each type of messages, nil for types without maps.
var shapes sync.Map

// unstable tells whether a message, of which these are the bytes, may serialize to others the next time: it has a map of
// more than one entry. It is not ok if they are not the bytes of a message.
func (s *shape) unstable(data []byte) (found, ok bool) {
	entries := 0 // Of the map that is being read. Serialization does not mix fields.
	last := protowire.Number(0)
	for len(data) > 0 {
		number, kind, size := protowire.ConsumeTag(data)
		if size < 0 {
			return false, false
		}
		data = data[size:]
		of := s.field(number)
		if of == nil || kind != protowire.BytesType {
			if size = protowire.ConsumeFieldValue(number, kind, data); size < 0 {
				return false, false
			}
			data = data[size:]
			continue
		}
		value, size := protowire.ConsumeBytes(data)
		if size < 0 {
			return false, false
		}
		data = data[size:]
		if number != last {
			entries, last = 0, number
		}
		if entries++; of.isMap && entries > 1 {
			return true, true
		}
		if of.shape != nil {
			if found, ok = of.shape.unstable(value); found || !ok {
				return found, ok
			}
		}
	}
	return false, true
}

func (s *shape) field(number protowire.Number) *field {
	for i := range s.fields {
		if s.fields[i].number == number {
			return &s.fields[i]
		}
	}
	return nil
}

// plainly tells whether bytes are what a message serializes to, without anything around it.
func plainly(message proto.Message, data []byte) bool {
	again := message.ProtoReflect().New().Interface()
	return proto.Unmarshal(data, again) == nil && proto.Equal(message, again)
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

// shapeOf returns the shape of a type of messages, nil if there are no maps in it.
func shapeOf(descriptor protoreflect.MessageDescriptor) *shape {
	if known, ok := shapes.Load(descriptor.FullName()); ok {
		return known.(*shape)
	}
	made := make(map[protoreflect.FullName]*shape)
	found := makeShape(descriptor, made)
	for changed := true; changed; { // A type may contain itself.
		changed = false
		for _, s := range made {
			for _, of := range s.fields {
				if !s.reaches && (of.isMap || of.shape.reaches) {
					s.reaches, changed = true, true
				}
			}
		}
	}
	for _, s := range made {
		kept := s.fields[:0]
		for _, of := range s.fields {
			if of.shape != nil && !of.shape.reaches {
				of.shape = nil
			}
			if of.isMap || of.shape != nil {
				kept = append(kept, of)
			}
		}
		s.fields = kept
	}
	if !found.reaches {
		found = nil
	}
	shapes.Store(descriptor.FullName(), found)
	return found
}

func makeShape(descriptor protoreflect.MessageDescriptor, made map[protoreflect.FullName]*shape) *shape {
	if known, ok := made[descriptor.FullName()]; ok {
		return known
	}
	s := new(shape)
	made[descriptor.FullName()] = s
	fields := descriptor.Fields()
	for i := range fields.Len() {
		if of := fields.Get(i); of.Message() != nil {
			// A map's message is that of its entries.
			s.fields = append(s.fields, field{of.Number(), of.IsMap(), makeShape(of.Message(), made)})
		}
	}
	return s
}
