package protocol

import (
	"math"
	"testing"
)

func TestHandles(t *testing.T) {
	var handles Handles[string]
	all := []Handle{0, 7, denseHandles - 1, denseHandles, math.MaxInt32}
	for range 2 {
		for _, handle := range all {
			if value, bound := handles.Get(handle); bound || value != "" {
				t.Errorf("%d is bound to %q", handle, value)
			}
			handles.Bind(handle, "first")
			handles.Bind(handle, "second")
			if value, bound := handles.Get(handle); !bound || value != "second" {
				t.Errorf("%d is bound to %q: %t", handle, value, bound)
			}
		}
		if _, bound := handles.Get(3); bound {
			t.Error("3 is bound")
		}
		handles.Bind(NoHandle, "none")
		if _, bound := handles.Get(NoHandle); bound {
			t.Error("no handle is bound")
		}
		handles.Reset()
	}
}
