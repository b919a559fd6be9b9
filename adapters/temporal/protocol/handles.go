package protocol

import (
	"maps"
	"slices"
)

// denseHandles is how many handles are kept in a slice rather than a map.
const denseHandles = 1024

// Handles has what the handles of one kind are bound to. The zero value has none.
type Handles[T any] struct {
	dense  []binding[T]
	sparse map[Handle]T
}

type binding[T any] struct {
	value T
	bound bool
}

// Bind binds a handle in place of what it was bound to; it does nothing for [NoHandle].
func (h *Handles[T]) Bind(handle Handle, value T) {
	switch {
	case handle == NoHandle:
	case handle >= denseHandles:
		if h.sparse == nil {
			h.sparse = make(map[Handle]T)
		}
		h.sparse[handle] = value
	default:
		for int(handle) >= len(h.dense) {
			h.dense = append(h.dense, binding[T]{})
		}
		h.dense[handle] = binding[T]{value, true}
	}
}

// Get returns what a handle is bound to and whether it is bound.
func (h *Handles[T]) Get(handle Handle) (value T, bound bool) {
	if handle >= denseHandles {
		value, bound = h.sparse[handle]
		return value, bound
	}
	if handle < 0 || int(handle) >= len(h.dense) {
		return value, false
	}
	b := &h.dense[handle]
	return b.value, b.bound
}

// Clone returns handles that are bound to the same.
func (h *Handles[T]) Clone() Handles[T] {
	return Handles[T]{slices.Clone(h.dense), maps.Clone(h.sparse)}
}

// Reset unbinds all handles.
func (h *Handles[T]) Reset() {
	clear(h.dense)
	h.dense = h.dense[:0]
	h.sparse = nil
}
