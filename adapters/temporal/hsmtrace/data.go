package hsmtrace

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"sync"

	"go.temporal.io/server/service/history/hsm"
	"google.golang.org/protobuf/proto"
)

// longestText is how many bytes are written in full.
const longestText = 48

// textOf returns text that stands for bytes: base64, or a hash.
func textOf(data []byte) string {
	var text [(longestText + 2) / 3 * 4]byte
	if len(data) <= longestText {
		return string(base64.StdEncoding.AppendEncode(text[:0], data))
	}
	sum := sha256.Sum256(data)
	return string(hex.AppendEncode(append(text[:0], "sha256-"...), sum[:12])) // A hyphen is not in base64.
}

// A class is the Go type of data, nil for no data at all.
type class struct{ reflect.Type }

func classOf(data any) class { return class{reflect.TypeOf(data)} }

// fits tells whether data of the class is a T.
func fits[T any](c class) bool {
	wanted := reflect.TypeFor[T]()
	if c.Type == nil {
		return false
	}
	return c.Type == wanted || wanted.Kind() == reflect.Interface && c.Implements(wanted)
}

// comparableNow tells whether a value can be compared.
func comparableNow(value any) bool {
	if value == nil {
		return false
	}
	of := reflect.TypeOf(value)
	if kind := of.Kind(); kind == reflect.Pointer || kind <= reflect.Complex128 || kind == reflect.String {
		return true
	}
	always, known := comparables.Load(of)
	if !known {
		always = strictlyComparable(of)
		comparables.Store(of, always)
	}
	return always.(bool) || reflect.ValueOf(value).Comparable()
}

// comparables says of Go types whether all their values can be compared.
var comparables sync.Map

// strictlyComparable tells whether all values of a type can be compared. Where an interface is, it depends on the value.
func strictlyComparable(of reflect.Type) bool {
	switch of.Kind() {
	case reflect.Interface:
		return false
	case reflect.Array:
		return strictlyComparable(of.Elem())
	case reflect.Struct:
		for i := range of.NumField() {
			if !strictlyComparable(of.Field(i).Type) {
				return false
			}
		}
	}
	return of.Comparable()
}

// An image is data as it is recorded. Data that does not serialize has no value.
type image struct {
	state, value string
	serializes   bool
}

// appendImage appends data as [state, value].
func appendImage(out []byte, data image) []byte {
	out = append(out, '[')
	out = appendString(out, data.state)
	out = append(out, ',')
	out = data.appendValue(out)
	return append(out, ']')
}

func (data image) appendValue(out []byte) []byte {
	if !data.serializes {
		return append(out, "null"...)
	}
	return appendString(out, data.value)
}

// imageOf returns the image of data of a machine type. Where there is no definition its value is empty.
func (t *trace) imageOf(machineType string, data any) image {
	found := image{state: stateOf(data), serializes: true}
	if t.registry == nil {
		return found
	}
	if definition, ok := t.registry.Machine(machineType); ok {
		found.value, found.serializes = t.serialized(machineType, definition, data)
	}
	return found
}

// serialized returns text that stands for data's bytes, and whether it serializes.
func (t *trace) serialized(machineType string, by hsm.StateMachineDefinition, data any) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	bytes, err := by.Serialize(data)
	if err != nil {
		return "", false
	}
	return t.shows(t.textOfData(machineType, data, bytes), data), true
}

// textOfData returns text that stands for the bytes that data of a machine type was serialized to.
func (t *trace) textOfData(machineType string, data any, bytes []byte) string {
	message, ok := data.(proto.Message)
	if !ok || len(bytes) == 0 {
		return textOf(bytes)
	}
	form := t.formOf(machineType, message, bytes)
	if form.shape == nil {
		return textOf(bytes)
	}
	if form.plain {
		if found, ok := form.shape.unstable(bytes); ok && !found {
			return textOf(bytes)
		}
	}
	if stable, err := (proto.MarshalOptions{Deterministic: true}).Marshal(message); err == nil {
		bytes = stable
	}
	return textOf(bytes)
}

// A form is how a machine type's data that is a message serializes: the shape of the message, nil if there are no maps
// in it, and whether the bytes are those of the message and nothing else.
type form struct {
	shape *shape
	plain bool
}

// formOf returns the form of a machine type's data, which is found out once.
func (t *trace) formOf(machineType string, message proto.Message, bytes []byte) form {
	known := t.forms.Load()
	if known != nil {
		if found, ok := (*known)[machineType]; ok {
			return found
		}
	}
	again := make(map[string]form)
	if known != nil {
		maps.Copy(again, *known)
	}
	found := form{shape: shapeOf(message.ProtoReflect().Descriptor())}
	found.plain = found.shape != nil && plainly(message, bytes)
	again[machineType] = found
	t.forms.Store(&again)
	return found
}

// persisted returns the image of bytes and the class of the data that they deserialize to. Without a state they do not.
func (t *trace) persisted(machineType string, bytes []byte) (found image, of class, ok bool) {
	found = image{value: textOf(bytes), serializes: true}
	definition, registered := t.registry.Machine(machineType)
	if !registered {
		return found, of, true
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	data, err := definition.Deserialize(bytes)
	if err != nil {
		return found, of, false
	}
	found.state = stateOf(data)
	found.value = t.shows(t.textOfData(machineType, data, bytes), data)
	return found, classOf(data), true
}

// freeImage returns the image of a machine that is in no tree and has no definition.
func freeImage(machine any) (found image) {
	found = image{state: stateOf(machine), serializes: true}
	defer func() { _ = recover() }() // A machine without content has no value.
	if message, ok := machine.(proto.Message); ok {
		if bytes, err := (proto.MarshalOptions{Deterministic: true}).Marshal(message); err == nil {
			found.value = textOf(bytes)
		}
	} else if bytes, err := json.Marshal(machine); err == nil {
		found.value = textOf(bytes)
	}
	return found
}

// stateOf returns the text of a machine's state. It is empty if data is no state machine.
func stateOf(data any) (text string) {
	if data == nil {
		return ""
	}
	if machine, ok := data.(interface{ State() string }); ok {
		return stateOfText(machine)
	}
	of := reflect.TypeOf(data)
	found, known := stateReaders.Load(of)
	if !known {
		found = reflectedState(of)
		stateReaders.Store(of, found)
	}
	return found.(*stateReader).read(data)
}

// A stateReader reads the text of a machine's state. A reader that learned it from a call needs no reflection.
type stateReader struct {
	of      func(machine any) any
	learned bool
}

func (r *stateReader) read(data any) (text string) {
	if r.of == nil {
		return ""
	}
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	return textOfState(r.of(data))
}

// stateReaders has the reader of each Go type of machines.
var stateReaders sync.Map

// reflectedState returns the reader that finds the method State, if there is one.
func reflectedState(of reflect.Type) *stateReader {
	method, found := of.MethodByName("State")
	if !found || method.Type.NumIn() != 1 || method.Type.NumOut() != 1 {
		return new(stateReader)
	}
	return &stateReader{of: func(machine any) any {
		return reflect.ValueOf(machine).Method(method.Index).Call(nil)[0].Interface()
	}}
}

// learnState learns how the states of machines of this Go type are read.
func learnState[S comparable, SM hsm.StateMachine[S]](machine SM) {
	of := reflect.TypeOf(machine)
	if known, ok := stateReaders.Load(of); !ok || !known.(*stateReader).learned {
		stateReaders.Store(of, &stateReader{
			of:      func(machine any) any { return machine.(hsm.StateMachine[S]).State() },
			learned: true,
		})
	}
}

// stateOfText returns the state of a machine whose states are text.
func stateOfText(machine interface{ State() string }) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	return textOfState(machine.State())
}

// states has the text of each state, texts the state that has it.
var states, texts sync.Map

// textOfState returns the text of a state, which no other state of its type has.
func textOfState(state any) string {
	if text, ok := state.(string); ok {
		return text
	}
	if !comparableNow(state) {
		return fmt.Sprint(state)
	}
	if text, ok := states.Load(state); ok {
		return text.(string)
	}
	text := fmt.Sprint(state)
	type key struct {
		of   reflect.Type
		text string
	}
	for {
		owner, taken := texts.LoadOrStore(key{reflect.TypeOf(state), text}, state)
		if !taken || owner == state {
			break
		}
		text += "'"
	}
	states.Store(state, text)
	return text
}
