package hsmtrace

import (
	"encoding/json"
	"slices"
	"strconv"

	"go.temporal.io/server/service/history/hsm"
)

// appendString appends text as a JSON string.
func appendString(out []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			encoded, _ := json.Marshal(text) // A string can always be encoded.
			return append(out, encoded...)
		}
	}
	out = append(out, '"')
	out = append(out, text...)
	return append(out, '"')
}

// appendMember appends a comma and the name of a member.
func appendMember(out []byte, name string) []byte {
	out = append(out, ',', '"')
	out = append(out, name...)
	return append(out, '"', ':')
}

func appendText(out []byte, member, text string) []byte {
	return appendString(appendMember(out, member), text)
}

func appendNumber(out []byte, member string, number int64) []byte {
	return strconv.AppendInt(appendMember(out, member), number, 10)
}

func appendKey(out []byte, key hsm.Key) []byte {
	out = append(out, '[')
	out = appendString(out, key.Type)
	out = append(out, ',')
	out = appendString(out, key.ID)
	return append(out, ']')
}

func appendPath(out []byte, path []hsm.Key) []byte {
	return appendList(out, path, appendKey)
}

// appendList appends a list, each element with the given function.
func appendList[E any](out []byte, elements []E, element func([]byte, E) []byte) []byte {
	out = append(out, '[')
	for i, e := range elements {
		if i > 0 {
			out = append(out, ',')
		}
		out = element(out, e)
	}
	return append(out, ']')
}

// appendItem appends an item to what will be a list, without its brackets.
func appendItem(list, item []byte) []byte {
	if len(list) > 0 {
		list = append(list, ',')
	}
	return append(list, item...)
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](of map[string]V) []string {
	keys := make([]string, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
