package hsmtrace

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"google.golang.org/protobuf/proto"
)

func callbackInfo(headers int) *persistencespb.CallbackInfo {
	header := map[string]string{}
	for i := range headers {
		header[fmt.Sprint(i)] = "x"
	}
	nexus := &persistencespb.Callback_Nexus{Url: "http://caller.example", Header: header}
	return &persistencespb.CallbackInfo{
		Callback: &persistencespb.Callback{Variant: &persistencespb.Callback_Nexus_{Nexus: nexus}},
	}
}

// The order of a map's entries differs from one serialization to the next.
func TestTheSameMessageHasTheSameTextHoweverItsMapsAreWritten(t *testing.T) {
	message := callbackInfo(20)
	first, text, trace := try(proto.Marshal(message)), "", new(trace)
	different := false
	for range 100 {
		again := try(proto.Marshal(message))
		different = different || !bytes.Equal(first, again)
		if found := trace.textOfData("callback", message, again); text == "" {
			text = found
		} else if text != found {
			t.Fatalf("%s and %s", text, found)
		}
	}
	if !different {
		t.Error("all serializations were the same, so nothing was shown")
	}
}

func TestMessagesAreUnstableIfAMapHasSeveralEntries(t *testing.T) {
	unstable := func(message proto.Message) bool {
		found, ok := shapeOf(message.ProtoReflect().Descriptor()).unstable(try(proto.Marshal(message)))
		if !ok {
			t.Errorf("the bytes of %v are not understood", message)
		}
		return found
	}
	for headers, expected := range []bool{false, false, true, true} {
		if found := unstable(callbackInfo(headers)); found != expected {
			t.Errorf("%d headers: %v", headers, found)
		}
	}
	below := func(nodes map[string]*persistencespb.StateMachineNode) *persistencespb.StateMachineNode {
		return &persistencespb.StateMachineNode{
			TransitionCount: 7,
			Children:        map[string]*persistencespb.StateMachineMap{"a": {MachinesById: nodes}},
		}
	}
	one := below(map[string]*persistencespb.StateMachineNode{"1": below(nil)})
	if unstable(one) {
		t.Error("one entry at each depth can have no other order")
	}
	if !unstable(below(map[string]*persistencespb.StateMachineNode{"1": below(map[string]*persistencespb.StateMachineNode{
		"1": {}, "2": {}})})) {
		t.Error("a message in a map is overlooked")
	}
	if shapeOf((&persistencespb.VersionedTransition{}).ProtoReflect().Descriptor()) != nil {
		t.Error("a message without maps has a shape")
	}
}

// A definition may put something around the message.
func TestTheSameMessageHasTheSameTextInOtherBytesToo(t *testing.T) {
	message, text, trace := callbackInfo(20), "", new(trace)
	for range 100 {
		wrapped := append([]byte("wrapped: "), try(proto.Marshal(message))...)
		if found := trace.textOfData("callback", message, wrapped); text == "" {
			text = found
		} else if text != found {
			t.Fatalf("%s and %s", text, found)
		}
	}
}

type named int

func (named) String() string { return "always the same" }

func TestStatesWithTheSameTextAreToldApart(t *testing.T) {
	first, second := textOfState(named(1)), textOfState(named(2))
	if first == second || first != textOfState(named(1)) || second != textOfState(named(2)) {
		t.Errorf("%s and %s", first, second)
	}
}

func TestLongTextIsAHash(t *testing.T) {
	short, long := bytes.Repeat([]byte{'x'}, longestText), bytes.Repeat([]byte{'x'}, longestText+1)
	if strings.Contains(textOf(short), "-") || !strings.HasPrefix(textOf(long), "sha256-") {
		t.Errorf("%s and %s", textOf(short), textOf(long))
	}
}

func try[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
