package protocol

import (
	"errors"
	"strconv"
	"strings"
)

// The errors of the palette. An observation names each of them by its text.
var (
	ErrUser1       = errors.New("user_1")
	ErrUser2       = errors.New("user_2")
	ErrSerialize   = errors.New("serialize_error")
	ErrDeserialize = errors.New("deserialize_error")
)

const (
	// unserializable is the value that data does not serialize with.
	unserializable = -1
	// undeserializable is the value that data does not deserialize with.
	undeserializable = -2
)

// empty is the data that serializes to no bytes at all.
var empty = Data{State: 0, Value: -3}

// SerializeData returns the bytes that the palette's machines persist.
func SerializeData(data Data) ([]byte, error) {
	if data.Value == unserializable {
		return nil, ErrSerialize
	}
	if data == empty {
		return []byte{}, nil
	}
	return appendData(make([]byte, 0, 24), data), nil
}

func appendData(out []byte, data Data) []byte {
	out = AppendInt(out, data.State)
	out = append(out, ':')
	return AppendInt(out, data.Value)
}

// DeserializeData returns the data in bytes that are exactly as [SerializeData] writes them.
func DeserializeData(bytes []byte) (Data, error) {
	if len(bytes) == 0 {
		return empty, nil
	}
	state, value, _ := strings.Cut(string(bytes), ":")
	var data Data
	var okState, okValue bool
	data.State, okState = parse(state)
	data.Value, okValue = parse(value)
	if !okState || !okValue || data.Value == undeserializable {
		return Data{}, ErrDeserialize
	}
	return data, nil
}

// SerializePayload returns the bytes that the palette's tasks persist.
func SerializePayload(payload int64) []byte {
	return AppendInt(nil, payload)
}

// DeserializePayload returns the payload in bytes that are exactly as [SerializePayload] writes them.
func DeserializePayload(bytes []byte) (int64, error) {
	payload, ok := parse(string(bytes))
	if !ok {
		return 0, ErrDeserialize
	}
	return payload, nil
}

// parse reads a number in the one way in which it is written.
func parse(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text {
		return 0, false
	}
	return n, true
}

// OutboundType tells whether tasks of a type are outbound: those of even types are, those of odd types are timers.
func OutboundType(taskType int32) bool {
	return taskType%2 == 0
}

// Regenerate returns the tasks of a machine with this data.
func Regenerate(data Data) []Task {
	switch (data.State%3 + 3) % 3 {
	case 1:
		return []Task{{Type: 1, Payload: data.Value, Kind: Kind{Deadline: 1000}}}
	case 2:
		return []Task{{Type: 2, Payload: data.Value, Kind: Kind{Outbound: true, Destination: "dest"}}}
	default:
		return nil
	}
}
