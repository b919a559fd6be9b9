package protocol

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxNesting is how deeply scripts may nest in a program.
const maxNesting = 500

// A scanner reads JSON from a text. The first thing that it does not understand is its failure; from then on it is at
// the end of the text, where every further read comes to nothing, so that callers need not look after each read.
// The strings that it returns are parts of the text.
type scanner struct {
	text    string
	at      int
	failure string
}

func (s *scanner) fail(format string, args ...any) {
	if s.failure == "" {
		s.failure = fmt.Sprintf("%s at byte %d", fmt.Sprintf(format, args...), s.at)
	}
	s.at = len(s.text)
}

// peek returns the first byte of the next token, 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) expect(c byte) {
	if s.peek() != c {
		s.fail("expected %q", c)
		return
	}
	s.at++
}

// next tells whether a list or an object that ends with end has an element with this index, and goes to it.
func (s *scanner) next(index int, end byte) bool {
	c := s.peek()
	switch {
	case c == end:
		s.at++
		return false
	case index == 0:
		return c != 0 || s.missing(end)
	case c == ',':
		s.at++
		return true
	default:
		return s.missing(end)
	}
}

func (s *scanner) missing(end byte) bool {
	s.fail("expected %q", end)
	return false
}

// null skips the literal null, if that is what comes next.
func (s *scanner) null() bool {
	if s.peek() == 'n' && strings.HasPrefix(s.text[s.at:], "null") {
		s.at += len("null")
		return true
	}
	return false
}

// end fails if anything is left.
func (s *scanner) end() {
	if s.failure == "" && s.peek() != 0 {
		s.fail("more than one value")
	}
}

// name reads the name of an object's member.
func (s *scanner) name() string {
	name := s.string()
	s.expect(':')
	return name
}

// maxDigits is how many digits a number may have: any such number fits 64 bits.
const maxDigits = 18

// integer reads a whole number from low to high.
func (s *scanner) integer(low, high int64) int64 {
	negative := s.peek() == '-'
	if negative {
		s.at++
	}
	start := s.at
	var n int64
	for s.at < len(s.text) && s.text[s.at]-'0' <= 9 {
		n = n*10 + int64(s.text[s.at]-'0')
		s.at++
	}
	if negative {
		n = -n
	}
	digits := s.at - start
	switch {
	case digits == 0 || s.at < len(s.text) && strings.IndexByte(".eE", s.text[s.at]) >= 0:
		s.fail("expected a whole number")
	case digits > 1 && s.text[start] == '0':
		s.fail("number with a leading zero")
	case digits > maxDigits || n < low || n > high:
		s.fail("number out of range")
	default:
		return n
	}
	return 0
}

// string reads a string.
func (s *scanner) string() string {
	if s.peek() != '"' {
		s.fail("expected a string")
		return ""
	}
	s.at++
	start := s.at
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return s.text[start : s.at-1]
		case c == '\\':
			return s.unescape(start)
		case c < ' ':
			s.fail("control character in a string")
			return ""
		}
		s.at++
	}
	s.fail("string without an end")
	return ""
}

// unescape reads the rest of a string that started at start and has its first escape here.
func (s *scanner) unescape(start int) string {
	out := []byte(s.text[start:s.at])
	for s.at < len(s.text) {
		c := s.text[s.at]
		switch {
		case c == '"':
			s.at++
			return string(out)
		case c < ' ':
			s.fail("control character in a string")
		case c == '\\':
			out = s.escape(out)
		default:
			out = append(out, c)
			s.at++
		}
	}
	s.fail("string without an end")
	return ""
}

// simpleEscapes are the escapes of one letter and what they stand for, in pairs.
const simpleEscapes = "\"\"\\\\//b\bf\fn\nr\rt\t"

// escape appends what the escape that comes next stands for.
func (s *scanner) escape(out []byte) []byte {
	s.at++
	if s.at == len(s.text) {
		return out
	}
	letter := s.text[s.at]
	for i := 0; i < len(simpleEscapes); i += 2 {
		if simpleEscapes[i] == letter {
			s.at++
			return append(out, simpleEscapes[i+1])
		}
	}
	if letter != 'u' {
		s.fail("unknown escape")
		return out
	}
	r := s.codeUnit()
	if utf16.IsSurrogate(r) {
		low := rune(utf8.RuneError)
		if strings.HasPrefix(s.text[s.at:], `\u`) {
			s.at++
			low = s.codeUnit()
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			s.fail("half a surrogate pair")
			return out
		}
	}
	return utf8.AppendRune(out, r)
}

// codeUnit reads the u and the four digits of an escape.
func (s *scanner) codeUnit() rune {
	s.at++
	var r rune
	for range 4 {
		if s.at == len(s.text) {
			return 0
		}
		digit := strings.IndexByte("0123456789abcdef", s.text[s.at]|0x20)
		if digit < 0 || s.text[s.at] < '0' {
			s.fail("expected a hexadecimal digit")
			return 0
		}
		r = r<<4 | rune(digit)
		s.at++
	}
	return r
}
