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
	first, text := try(proto.Marshal(message)), ""
	different := false
	for range 100 {
		again := try(proto.Marshal(message))
		different = different || !bytes.Equal(first, again)
		if found := textOfData(message, again); text == "" {
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
	for headers, expected := range []bool{false, false, true, true} {
		if found := unstable(callbackInfo(headers).ProtoReflect()); found != expected {
			t.Errorf("%d headers: %v", headers, found)
		}
	}
	if unstable((*persistencespb.CallbackInfo)(nil).ProtoReflect()) {
		t.Error("no message is unstable")
	}
	tree := &persistencespb.StateMachineNode{Children: map[string]*persistencespb.StateMachineMap{
		"a": {MachinesById: map[string]*persistencespb.StateMachineNode{"1": {}, "2": {}}},
	}}
	if !unstable(tree.ProtoReflect()) {
		t.Error("a message in a map is overlooked")
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
