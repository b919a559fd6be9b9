package hsmtrace

import (
	"encoding/json"
	"slices"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// An Option is one of a recorder's.
type Option func(*options)

// options are those of a recorder.
type options struct {
	show    func(value any) string
	without []Rule
}

func optionsOf(given []Option) (found options) {
	for _, option := range given {
		option(&found)
	}
	return found
}

// checks tells whether a rule is looked at.
func (o *options) checks(rule Rule) bool { return !slices.Contains(o.without, rule) }

// looks tells whether what a transition has left is looked at.
func (o *options) looks() bool { return o.checks(RegeneratedTasks) || o.checks(RoundTrip) }

// Show has the recording say what the function returns for the data of machines and for tasks, besides the bytes or their
// hash, for people to read. Nothing is shown where it returns an empty text. [JSON] and [ProtoText] are such functions.
func Show(decoder func(value any) string) Option {
	return func(o *options) { o.show = decoder }
}

// JSON returns a value as JSON.
func JSON(value any) string {
	encode := json.Marshal
	if message, ok := value.(proto.Message); ok {
		encode = func(any) ([]byte, error) { return protojson.Marshal(message) }
	}
	text, err := encode(value)
	if err != nil {
		return ""
	}
	return string(text)
}

// ProtoText returns a message of Protocol Buffers in their text format, and nothing for other values.
func ProtoText(value any) string {
	message, ok := value.(proto.Message)
	if !ok {
		return ""
	}
	return prototext.MarshalOptions{}.Format(message)
}

// shows returns text that stands for a value, and has the next line say what is shown of the value, once in each trace.
func (t *trace) shows(text string, value any) (same string) {
	same = text
	if t.recorder == nil || t.recorder.show == nil {
		return text
	}
	t.showing.Lock()
	known := t.shown[text]
	if t.shown == nil {
		t.shown = make(map[string]bool)
	}
	t.shown[text] = true
	t.showing.Unlock()
	if known {
		return text
	}
	defer func() { _ = recover() }() // Then nothing is shown.
	shown := t.recorder.show(value)
	if shown == "" {
		return text
	}
	t.showing.Lock()
	defer t.showing.Unlock()
	t.toShow = appendString(append(appendString(appendItem(t.toShow, nil), text), ':'), shown)
	return text
}

// appendShown appends what is to be shown of the values in a line.
func (t *trace) appendShown(line []byte) []byte {
	t.showing.Lock()
	defer t.showing.Unlock()
	if len(t.toShow) == 0 {
		return line
	}
	line = append(appendMember(line, "shown"), '{')
	line = append(append(line, t.toShow...), '}')
	t.toShow = t.toShow[:0]
	return line
}
