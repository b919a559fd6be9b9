package protocol

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"testing/quick"
)

func TestStringsAreReadAsTheyAreWritten(t *testing.T) {
	property := func(text string) bool {
		text = strings.ToValidUTF8(text, "\ufffd")
		var standard string
		written := AppendString(nil, text)
		if err := json.Unmarshal(written, &standard); err != nil || standard != text {
			return false
		}
		escaped, err := json.Marshal(text)
		if err != nil {
			return false
		}
		return scanString(string(written)) == text && scanString(string(escaped)) == text
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
	controls := "\x00\x01\b\t\n\v\f\r\x1f \"\\/\x7f<>&\u2028é😀"
	if !property(controls) {
		t.Errorf("%q is not read as it is written", controls)
	}
	const expected = `"\u0000\u0001\b\t\n\u000b\f\r\u001f \"\\/` + "\x7f<>&\u2028é😀\""
	if written := string(AppendString(nil, controls)); expected != written {
		t.Errorf("expected %s, written %s", expected, written)
	}
}

// scanString returns the string that a text consists of, or the failure to read it.
func scanString(text string) string {
	s := scanner{text: text}
	found := s.string()
	s.end()
	if s.failure != "" {
		return "failure: " + s.failure
	}
	return found
}

func TestStrings(t *testing.T) {
	for text, expected := range map[string]string{
		`"\u00e9\u00E9"`:      "éé",
		`"\ud83d\ude00"`:      "😀",
		`"a\/b"`:              "a/b",
		`"\ud83d"`:            "failure: half a surrogate pair at byte 7",
		`"\ude00\ud83d"`:      "failure: half a surrogate pair at byte 13",
		`"\ud83d\n"`:          "failure: half a surrogate pair at byte 7",
		`"\x"`:                "failure: unknown escape at byte 2",
		`"\u12g4"`:            "failure: expected a hexadecimal digit at byte 5",
		`"\u12`:               "failure: string without an end at byte 5",
		`"\`:                  "failure: string without an end at byte 2",
		`"a`:                  "failure: string without an end at byte 2",
		"\"a\nb\"":            "failure: control character in a string at byte 2",
		"\"\\n\nb\"":          "failure: control character in a string at byte 3",
		`5`:                   "failure: expected a string at byte 0",
		`"a" "b"`:             "failure: more than one value at byte 4",
		" \t\r\n\"a\" \t\r\n": "a",
	} {
		if found := scanString(text); expected != found {
			t.Errorf("%s: expected %q, found %q", text, expected, found)
		}
	}
}

func TestIntegers(t *testing.T) {
	property := func(n int64) bool {
		n %= safe
		s := scanner{text: string(AppendInt(nil, n))}
		return s.integer(-safe, safe) == n && s.failure == ""
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
	for text, valid := range map[string]bool{
		"0": true, "-0": true, "127": true, "-128": true,
		"128": false, "-129": false, "01": false, "-": false, "": false, "1.0": false, "1e2": false, "+1": false,
		"9223372036854775808": false, "18446744073709551617": false, "null": false, `"1"`: false,
	} {
		s := scanner{text: text}
		s.integer(math.MinInt8, math.MaxInt8)
		if (s.failure == "") != valid {
			t.Errorf("%s: failure %q", text, s.failure)
		}
	}
}
