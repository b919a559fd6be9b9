package protocol

import (
	"strconv"
	"unicode/utf8"
)

// AppendString appends text as a JSON string with only the escapes that JSON demands.
func AppendString(out []byte, text string) []byte {
	out = append(out, '"')
	start := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		out = append(out, text[start:i]...)
		out = appendEscape(out, c)
		start = i + 1
	}
	out = append(out, text[start:]...)
	return append(out, '"')
}

// appendValid appends text that comes from outside and need not be UTF-8.
func appendValid(out []byte, text string) []byte {
	if !utf8.ValidString(text) {
		text = string([]rune(text))
	}
	return AppendString(out, text)
}

func appendEscape(out []byte, c byte) []byte {
	for i := 0; i < len(simpleEscapes); i += 2 {
		if simpleEscapes[i+1] == c {
			return append(out, '\\', simpleEscapes[i])
		}
	}
	const digits = "0123456789abcdef"
	return append(out, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}

// AppendBool appends a boolean.
func AppendBool(out []byte, value bool) []byte {
	return strconv.AppendBool(out, value)
}

// AppendInt appends a number.
func AppendInt(out []byte, n int64) []byte {
	return strconv.AppendInt(out, n, 10)
}

// AppendKey appends a key as [type, id].
func AppendKey(out []byte, key Key) []byte {
	out = append(out, '[')
	out = AppendInt(out, int64(key.Type))
	out = append(out, ',')
	out = AppendString(out, key.ID)
	return append(out, ']')
}

// AppendPath appends the keys of a path.
func AppendPath(out []byte, path []Key) []byte {
	return AppendList(out, path, AppendKey)
}

// AppendData appends data as [state, value].
func AppendData(out []byte, data Data) []byte {
	out = append(out, '[')
	out = AppendInt(out, data.State)
	out = append(out, ',')
	out = AppendInt(out, data.Value)
	return append(out, ']')
}

// AppendTask appends a task as [type, payload, kind].
func AppendTask(out []byte, task Task) []byte {
	out = append(out, '[')
	out = AppendInt(out, int64(task.Type))
	out = append(out, ',')
	out = AppendInt(out, task.Payload)
	out = append(out, ',')
	out = AppendKind(out, task.Kind)
	return append(out, ']')
}

// AppendKind appends the destination of an outbound task or the deadline of a timer.
func AppendKind(out []byte, kind Kind) []byte {
	if kind.Outbound {
		return AppendString(out, kind.Destination)
	}
	return AppendInt(out, kind.Deadline)
}

// AppendList appends a list, each element with the given function.
func AppendList[E any](out []byte, elements []E, element func([]byte, E) []byte) []byte {
	out = append(out, '[')
	for i, e := range elements {
		if i > 0 {
			out = append(out, ',')
		}
		out = element(out, e)
	}
	return append(out, ']')
}
