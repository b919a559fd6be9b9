package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

var greeting = Greeting{
	Name: "fake", Version: "v1", Language: "go", Capabilities: []string{"panics", "identity"}, Dialect: "v1.25",
}

func serve(t *testing.T, input string) []string {
	t.Helper()
	var out bytes.Buffer
	if err := Serve(strings.NewReader(input), &out, greeting, newFake); err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(out.String(), "\n")
}

func TestAnswers(t *testing.T) {
	for request, expected := range map[string]string{
		`{"seq":0,"hello":{"protocol":1}}`: `{"seq":0,"hello":{"protocol":1,"name":"fake","version":"v1",` +
			`"language":"go","capabilities":["panics","identity"],"dialect":"v1.25"}}`,
		`{"seq":0,"hello":{"protocol":2}}`:                                      `{"seq":0,"protocol_error":"the adapter speaks version 1 of the protocol only"}`,
		`{"seq":3,"programs":[]}`:                                               `{"seq":3,"observations":[]}`,
		`{ "programs" : [ [ { "op" : "dirty" , "node" : 1 } ] ] , "seq" : 9 } `: `{"seq":9,"observations":[[{"ok":1}]]}`,
		`{"seq":4,"programs":[[{"op":"dirty","node":1},{"op":"dirty","node":12}],[{"op":"dirty","node":2}]]}`: `` +
			`{"seq":4,"observations":[[{"ok":1},{"panic":"at the disco"}],[{"ok":2}]]}`,
		`{"seq":5,"programs":[[{"op":"dirty","node":1}]]`: `{"seq":5,"protocol_error":"expected '}' at byte 47"}`,
		`{"seq":6}`:                `{"seq":6,"protocol_error":"request with neither or both of hello and programs at byte 9"}`,
		`{"programs":[]}`:          `{"protocol_error":"request without seq at byte 15"}`,
		`{"seq":7,"programs":[]}x`: `{"seq":7,"protocol_error":"more than one value at byte 23"}`,
		`{"seq":-1,"programs":[]}`: `{"protocol_error":"number out of range at byte 9"}`,
		`{"seq":1,"hi":1}`:         `{"seq":1,"protocol_error":"unknown member \"hi\" at byte 14"}`,
		"{\"seq\":1,\xff":          `{"protocol_error":"invalid UTF-8 at byte 0"}`,
		``:                         `{"protocol_error":"expected '{' at byte 0"}`,
	} {
		if answers := serve(t, request+"\n"); expected+"\n" != answers[0] || len(answers) != 2 {
			t.Errorf("%s\nexpected %s\nanswered %s", request, expected, answers)
		}
	}
}

func TestLinesOfAnyLengthAreAnsweredInOrder(t *testing.T) {
	var input, expected strings.Builder
	for seq, size := range []int{1, readSize, 10, 3 * readSize, 20} {
		count := 1 + size/len(`{"op":"dirty","node":1},`)
		fmt.Fprintf(&input, `{"seq":%d,"programs":[[{"op":"dirty","node":1}%s]]}`+"\n", seq,
			strings.Repeat(`,{"op":"dirty","node":1}`, count))
		fmt.Fprintf(&expected, `{"seq":%d,"observations":[[{"ok":1}%s]]}`+"\n", seq,
			strings.Repeat(`,{"ok":1}`, count))
	}
	if strings.Join(serve(t, input.String()), "") != expected.String() {
		t.Error("answers differ")
	}
	withoutEnd := strings.TrimSuffix(input.String(), "\n")
	if strings.Join(serve(t, withoutEnd), "") != expected.String() {
		t.Error("answers differ if the last line has no end")
	}
}

func FuzzAnswer(f *testing.F) {
	for _, entry := range vocabulary {
		members := append(membersOf(entry.required|entry.optional), fmt.Sprintf(`"op":%q`, entry.name))
		f.Add(`{"seq":1,"programs":[[` + object(members) + `]]}`)
	}
	f.Add(`{"seq":0,"hello":{"protocol":1}}`)
	f.Add(`{"seq":0,"\ud83d\ude00`)
	s := newServer(greeting, newFake)
	f.Fuzz(func(t *testing.T, line string) {
		answer := s.answer(line)
		if bytes.Count(answer, []byte("\n")) != 1 || !json.Valid(answer) {
			t.Errorf("%q is answered with %q", line, answer)
		}
		if s.decoder.failure == "" && !json.Valid([]byte(line)) {
			t.Errorf("%q is understood and no JSON", line)
		}
	})
}
