package bindingtest

import (
	"encoding/json"
	"strings"
	"testing"
)

// testSession holds a conversation in which some lines are not to be understood and some operations panic.
func testSession(t *testing.T, adapter Adapter) {
	conversation := []struct{ request, answer string }{
		{`{"seq":1,"programs":[]}`, `{"seq":1,"observations":[]}`},
		{`{"seq":2,"programs":[[]]}`, `{"seq":2,"observations":[[]]}`},
		{
			`{"seq":3,"programs":[[{"op":"new_registry"}],[{"op":"machine","type":1}]]}`,
			`{"seq":3,"observations":[[{"ok":null}],[{"unbound":true}]]}`,
		},
		{`nonsense`, `{"protocol_error":"expected '{' at byte 0"}`},
		{
			`{"seq":4,"programs":[[{"op":"new_registry"},{"op":"register_machine","type":1},` +
				`{"op":"new_root","type":1,"data":[0,0],"bind":0},` +
				`{"op":"machine_transition","node":0,"script":{"fail":"panic"}},{"op":"path","node":0}]]}`,
			`{"seq":4,"observations":[[{"ok":null},{"ok":null},{"ok":null},{"panic":"panic"},{"ok":[]}]]}`,
		},
		{`{"seq":5,"programs":[[{"op":"path","node":0}]]}`, `{"seq":5,"observations":[[{"unbound":true}]]}`},
	}
	var requests, expected strings.Builder
	for _, turn := range conversation {
		requests.WriteString(turn.request + "\n")
		expected.WriteString(turn.answer + "\n")
	}
	if answers := serve(t, adapter, requests.String()); expected.String() != answers {
		t.Errorf("expected\n%s\nobserved\n%s", expected.String(), answers)
	}

	var greeting struct {
		Hello struct {
			Name, Version, Dialect string
			Protocol               int
			Capabilities           []string
		}
	}
	answer := serve(t, adapter, `{"seq":0,"hello":{"protocol":1}}`)
	if err := json.Unmarshal([]byte(answer), &greeting); err != nil {
		t.Fatal(err)
	}
	hello := greeting.Hello
	if hello.Protocol != 1 || hello.Name != adapter.Greeting.Name || !strings.HasPrefix(hello.Version, "v1.") ||
		hello.Dialect != "v1.25" || len(hello.Capabilities) == 0 {
		t.Errorf("greeting %s", answer)
	}
}
