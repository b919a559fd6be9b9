package protocol

import (
	"reflect"
	"testing"
	"testing/quick"
)

func TestDataDeserializesAsItWasSerialized(t *testing.T) {
	property := func(data Data) bool {
		bytes, err := SerializeData(data)
		if err != nil {
			return data.Value == unserializable && err == ErrSerialize
		}
		found, err := DeserializeData(bytes)
		return err == nil && found == data
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
	if _, err := SerializeData(Data{Value: -1}); err != ErrSerialize {
		t.Errorf("value -1: %v", err)
	}
	bytes, err := SerializeData(Data{State: -3, Value: -2})
	if string(bytes) != "-3:-2" || err != nil {
		t.Errorf("value -2: %q, %v", bytes, err)
	}
}

func TestMalformedBytesDoNotDeserialize(t *testing.T) {
	for _, bytes := range []string{":", "1", "1:", ":1", "1:2:3", "+1:2", "01:2", "1:-0", " 1:2", "1:2\n", "a:b", "1:-2"} {
		if data, err := DeserializeData([]byte(bytes)); err != ErrDeserialize {
			t.Errorf("data %q: %v, %v", bytes, data, err)
		}
	}
	for _, bytes := range []string{"", "-", "+1", "01", "1.0", "1 ", "x", "99999999999999999999"} {
		if payload, err := DeserializePayload([]byte(bytes)); err != ErrDeserialize {
			t.Errorf("payload %q: %v, %v", bytes, payload, err)
		}
	}
}

func TestPayloadsDeserializeAsTheyWereSerialized(t *testing.T) {
	property := func(payload int64) bool {
		found, err := DeserializePayload(SerializePayload(payload))
		return err == nil && found == payload
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
}

func TestRegeneratedTasksDependOnTheStateModuloThree(t *testing.T) {
	timer := []Task{{1, 7, Kind{Deadline: 1000}}}
	outbound := []Task{{2, 7, Kind{Outbound: true, Destination: "dest"}}}
	for state, expected := range map[int64][]Task{
		-3: nil, -2: timer, -1: outbound, 0: nil, 1: timer, 2: outbound, 3: nil, 4: timer, 5: outbound,
	} {
		if tasks := Regenerate(Data{State: state, Value: 7}); !reflect.DeepEqual(expected, tasks) {
			t.Errorf("state %d: expected %v, found %v", state, expected, tasks)
		}
	}
}

func TestOneDataHasNoBytes(t *testing.T) {
	bytes, err := SerializeData(Data{State: 0, Value: -3})
	if err != nil || len(bytes) != 0 {
		t.Errorf("bytes of [0,-3]: %q, %v", bytes, err)
	}
	if data, err := DeserializeData(nil); err != nil || data != (Data{State: 0, Value: -3}) {
		t.Errorf("data of no bytes: %v, %v", data, err)
	}
	if bytes, err := SerializeData(Data{State: 1, Value: -3}); err != nil || string(bytes) != "1:-3" {
		t.Errorf("bytes of [1,-3]: %q, %v", bytes, err)
	}
}
