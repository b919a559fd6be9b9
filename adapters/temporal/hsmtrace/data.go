package hsmtrace

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"

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
		found.value, found.serializes = serialized(definition.Serialize, data)
	}
	return found
}

// serialized returns text that stands for data's bytes, and whether it serializes.
func serialized(serialize func(any) ([]byte, error), data any) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	bytes, err := serialize(data)
	if err != nil {
		return "", false
	}
	return textOfData(data, bytes), true
}

// textOfData returns text that stands for the bytes that data was serialized to.
func textOfData(data any, bytes []byte) string {
	if message, ok := data.(proto.Message); ok && unstable(message.ProtoReflect()) {
		if stable, err := (proto.MarshalOptions{Deterministic: true}).Marshal(message); err == nil {
			bytes = stable
		}
	}
	return textOf(bytes)
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
	found.value = textOfData(data, bytes)
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
	value := reflect.ValueOf(data)
	index, known := stateMethods.Load(value.Type())
	if !known {
		index = -1
		method, found := value.Type().MethodByName("State")
		if found && method.Type.NumIn() == 1 && method.Type.NumOut() == 1 {
			index = method.Index
		}
		stateMethods.Store(value.Type(), index)
	}
	if index.(int) < 0 {
		return ""
	}
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	return textOfState(value.Method(index.(int)).Call(nil)[0].Interface())
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

// stateMethods has the index of the method State of Go types, -1 where there is none.
var stateMethods sync.Map

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
