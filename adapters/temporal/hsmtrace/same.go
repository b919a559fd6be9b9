package hsmtrace

import (
	"reflect"
	"time"

	"google.golang.org/protobuf/proto"
)

// deepest is how deep values are compared.
const deepest = 50

// same tells whether two values are the same for a machine: messages by their content, an empty list or map as none, times
// as instants. Functions, channels and what is deeper than deepest are not looked at.
func same(a, b reflect.Value, depth int) bool {
	if depth > deepest || !a.IsValid() || !b.IsValid() {
		return depth > deepest || a.IsValid() == b.IsValid()
	}
	if a.Type() != b.Type() {
		// A definition may take data by value and return a pointer to it, or the other way round.
		for a.Kind() == reflect.Pointer && b.Kind() != reflect.Pointer && !a.IsNil() {
			a = a.Elem()
		}
		for b.Kind() == reflect.Pointer && a.Kind() != reflect.Pointer && !b.IsNil() {
			b = b.Elem()
		}
		if a.Type() != b.Type() {
			return false
		}
	}
	if a.CanInterface() && b.CanInterface() {
		switch of := a.Interface().(type) {
		case proto.Message:
			if message := of.ProtoReflect().Interface(); reflect.TypeOf(message) == a.Type() { // And not one in a struct.
				return proto.Equal(message, b.Interface().(proto.Message))
			}
		case time.Time:
			return of.Equal(b.Interface().(time.Time))
		}
	} else if a.Type() == reflect.TypeFor[time.Time]() {
		return true // It cannot be read, and has a reading of the clock in the process that is not part of the instant.
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		return a.IsNil() == b.IsNil() && (a.IsNil() || same(a.Elem(), b.Elem(), depth+1))
	case reflect.Struct:
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i), depth+1) {
				return false
			}
		}
		return true
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i), depth+1) {
				return false
			}
		}
		return true
	case reflect.Map:
		if a.Len() != b.Len() {
			return false
		}
		for _, key := range a.MapKeys() {
			if other := b.MapIndex(key); !other.IsValid() || !same(a.MapIndex(key), other, depth+1) {
				return false
			}
		}
		return true
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return true
	}
	return a.Equal(b)
}
