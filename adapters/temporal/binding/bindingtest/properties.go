package bindingtest

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"testing"
)

// randomProgram returns a program that builds a tree of up to count nodes, transitions some and reads all of it.
func randomProgram(random *rand.Rand, count int) []string {
	program := operations(Setup())
	for node := 1; node < count; node++ {
		parent, nodeType, id := random.Intn(node), 1+random.Intn(2), random.Intn(12)
		program = append(
			program,
			fmt.Sprintf(`{"op":"add_child","node":%d,"key":[%d,"%d"],"data":[%d,%d],"bind":%d}`,
				parent, nodeType, id, random.Intn(4), random.Intn(5)-1, node),
			fmt.Sprintf(`{"op":"machine_transition","node":%d,"script":{"tasks":[[%d,%d,5]]}}`,
				random.Intn(node+1), nodeType, id),
		)
	}
	for node := range count {
		for _, operation := range []string{"path", "outputs", "export", "marshal", "dirty"} {
			program = append(program, fmt.Sprintf(`{"op":%q,"node":%d}`, operation, node))
		}
		program = append(program, fmt.Sprintf(`{"op":"collection_list","node":%d,"type":%d}`, node, 1+node%2))
	}
	return program
}

// testProperties checks what must hold of any program.
func testProperties(t *testing.T, adapter Adapter) {
	random := rand.New(rand.NewSource(1))
	for range 50 {
		program := randomProgram(random, 12)
		first, second := observations(t, adapter, program), observations(t, adapter, program)
		for i := range program {
			if first[i] != second[i] {
				t.Fatalf("%s is answered in two ways:\n%s\n%s", program[i], first[i], second[i])
			}
			var observation map[string]any
			if err := json.Unmarshal([]byte(first[i]), &observation); err != nil {
				t.Fatalf("%s is answered with %s: %v", program[i], first[i], err)
			}
		}
		testWire(t, adapter, program)
	}
}

// testWire checks that a tree that went through its wire form is what it was, and twice the same bytes.
func testWire(t *testing.T, adapter Adapter, program []string) {
	const data = `"type":1,"data":[1,2]`
	program = append(program, `{"op":"marshal","node":0}`)
	observed := observations(t, adapter, program)
	var marshaled struct{ OK string }
	if err := json.Unmarshal([]byte(observed[len(observed)-1]), &marshaled); err != nil {
		t.Fatal(err)
	}
	copies := observations(t, adapter, append(
		program,
		`{"op":"rehydrate","node":0,`+data+`,"bind":100}`,
		fmt.Sprintf(`{"op":"load","bytes":%q,%s,"bind":101}`, marshaled.OK, data),
		`{"op":"export","node":100}`,
		`{"op":"export","node":101}`,
		`{"op":"marshal","node":100}`,
		`{"op":"marshal","node":101}`,
	))[len(program):]
	if copies[2] != copies[3] {
		t.Errorf("rehydrated %s\nloaded %s", copies[2], copies[3])
	}
	if copies[4] != copies[5] {
		t.Errorf("rehydrated %s\nloaded %s", copies[4], copies[5])
	}
}
