package protocol

import (
	"fmt"
	"math/rand"
	"reflect"
	"strings"
	"testing"
)

// samples has for each member a text of it.
var samples = map[member]string{
	registryMember:     `"registry":3`,
	nodeMember:         `"node":4`,
	otherMember:        `"other":5`,
	machineMember:      `"machine":6`,
	bindMember:         `"bind":7`,
	typeMember:         `"type":-8`,
	tagMember:          `"tag":9`,
	accessMember:       `"access":"write"`,
	castMember:         `"cast":"other"`,
	keyMember:          `"key":[10,"k"]`,
	pathMember:         `"path":[[1,"a"],[2,"b"]]`,
	idMember:           `"id":"i"`,
	dataMember:         `"data":[11,-12]`,
	textMember:         `"data":"text"`,
	bytesMember:        `"bytes":"AA=="`,
	kindMember:         `"kind":"dest"`,
	taskMember:         `"task":[13,14,15]`,
	refMember:          `"ref":{"path":[[3,"c"]],"workflow":["x","y","z"],"version":16,"count":17}`,
	nowMember:          `"now":18`,
	eventMember:        `"event":19`,
	stateMember:        `"state":20`,
	valueMember:        `"value":21`,
	scriptMember:       `"script":{"ops":[{"op":"dirty","node":22}],"tasks":[[23,24,"e"]],"fail":"user_2"}`,
	transitionMember:   `"transition":{"sources":[25,26],"destination":27}`,
	collectionMember:   `"collection":28`,
	keptMember:         `"kept":29`,
	cellMember:         `"cell":30`,
	workflowMember:     `"workflow":31`,
	machineRefMember:   `"ref":[[[32,"d"]],33,34]`,
	whenMember:         `"when":"after"`,
	errorMember:        `"error":"unknown_outcome"`,
	microsecondsMember: `"microseconds":35`,
	endingMember:       `"ending":"not_found"`,
	deliveryMember:     `"delivery":"twice"`,
	destinationMember:  `"destination":"d"`,
	clusterMember:      `"cluster":1`,
	sourceMember:       `"source":1`,
}

// membersOf returns the texts of a set of members.
func membersOf(set member) []string {
	var found []string
	for bit := registryMember; bit <= sourceMember; bit <<= 1 {
		if set&bit != 0 {
			found = append(found, samples[bit])
		}
	}
	return found
}

// decodeOne decodes one operation and returns it with the failure.
func decodeOne(text string) (Operation, string) {
	d := decoder{transactions: true}
	d.reset("[" + text + "]")
	ops := d.operations(nil)
	d.end()
	if d.failure != "" {
		return Operation{}, d.failure
	}
	return ops[0], ""
}

func object(members []string) string {
	return "{" + strings.Join(members, ",") + "}"
}

func TestMembersAreReadInAnyOrderAndNoneMayLackOrBeTooMany(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for code, entry := range vocabulary {
		all := append(membersOf(entry.required|entry.optional), fmt.Sprintf(`"op":%q`, entry.name))
		first, failure := decodeOne(object(all))
		if failure != "" || first.Code != Code(code) {
			t.Errorf("%s: %v, failure %q", object(all), first.Code, failure)
		}
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if again, _ := decodeOne(object(all)); !reflect.DeepEqual(first, again) {
			t.Errorf("%s: %+v in another order, %+v", object(all), first, again)
		}
		for bit, sample := range samples {
			members := entry.required
			wrong := "has a member too many"
			switch {
			case entry.required&bit != 0:
				members, wrong = entry.required&^bit, "lacks a member"
			case entry.optional&bit != 0:
				continue
			default:
				members |= bit
			}
			text := object(append(membersOf(members), fmt.Sprintf(`"op":%q`, entry.name)))
			if _, failure := decodeOne(text); !strings.Contains(failure, wrong) && !strings.Contains(failure, "twice") {
				t.Errorf("%s with %s: failure %q", text, sample, failure)
			}
		}
	}
}

func TestOperations(t *testing.T) {
	for text, expected := range map[string]Operation{
		`{"op":"new_registry"}`: {Code: NewRegistry, Node: -1, Other: -1, Machine: -1, Bind: -1, Collection: -1, Kept: -1, Cell: -1, Workflow: -1, Source: -1, Script: &noScript},
		`{"op":"apply","machine":1,"event":5,"transition":{"sources":[],"destination":-2},"script":{"fail":null}}`: {
			Code: Apply, Node: -1, Other: -1, Machine: 1, Bind: -1, Collection: -1, Kept: -1, Cell: -1, Workflow: -1, Source: -1, Number: 5,
			Transition: &TransitionSpec{Destination: -2}, Script: &Script{},
		},
		`{"op":"child","node":1,"path":[[1,"a"]],"bind":null}`: {
			Code: Child, Node: 1, Other: -1, Machine: -1, Bind: -1, Collection: -1, Kept: -1, Cell: -1, Workflow: -1, Source: -1, Path: []Key{{1, "a"}}, Script: &noScript,
		},
		`{"op":"execute","task":[1,2,"d"],"ref":{"path":[]},"node":0,"now":4}`: {
			Code: Execute, Other: -1, Machine: -1, Bind: -1, Collection: -1, Kept: -1, Cell: -1, Workflow: -1, Source: -1, Number: 4, Script: &noScript,
			Task: &Task{1, 2, Kind{Outbound: true, Destination: "d"}},
			Ref:  &RefSpec{Path: []Key{}, Workflow: [3]string{"n", "w", "r"}},
		},
		`{"op":"access","cell":1,"workflow":0,"access":"read","ref":[[[1,"a"]],2,3]}`: {
			Code: AccessWorkflow, Node: -1, Other: -1, Machine: -1, Bind: -1, Collection: -1, Kept: -1, Cell: 1, Source: -1,
			Access: ReadAccess, Script: &noScript, Ref: &RefSpec{Path: []Key{{1, "a"}}, Version: 2, Count: 3},
		},
	} {
		found, failure := decodeOne(text)
		if found.Ref != nil && len(found.Ref.Path) == 0 {
			found.Ref.Path = []Key{}
		}
		if failure != "" || !reflect.DeepEqual(expected, found) {
			t.Errorf("%s: failure %q\nexpected %+v\nfound    %+v", text, failure, expected, found)
		}
	}
}

func TestOperationsOnWorkflowsAreUnknownWithoutTheCapability(t *testing.T) {
	var d decoder
	d.reset(`[{"op":"new_cell","cell":0}]`)
	d.operations(nil)
	if !strings.Contains(d.failure, `unknown operation "new_cell"`) {
		t.Errorf("failure %q", d.failure)
	}
}

func TestWhatIsNoOperation(t *testing.T) {
	for text, expected := range map[string]string{
		`{}`:                                           "operation without a name",
		`{"op":"nope"}`:                                `unknown operation "nope"`,
		`{"op":"dirty","op":"dirty"}`:                  "member op twice",
		`{"op":"dirty","node":1,"node":1}`:             "member node twice",
		`{"op":"dirty","nodes":1}`:                     `unknown member "nodes"`,
		`{"op":"dirty","node":null}`:                   `member "node" is null`,
		`{"op":"dirty","node":-1}`:                     "number out of range",
		`{"op":"dirty","node":2147483648}`:             "number out of range",
		`{"op":"machine","type":2147483648}`:           "number out of range",
		`{"op":"dirty","node":1,}`:                     "expected a string",
		`{"op":"dirty" "node":1}`:                      "expected '}'",
		`{"op":"dirty","node":1`:                       "expected '}'",
		`{"op":"machine_data","node":1,"cast":"none"}`: `neither own nor other: "none"`,
		`{"op":"machine_transition","node":1,"script":{"fail":"user_3"}}`: `unknown failure "user_3"`,
		`{"op":"machine_transition","node":1,"script":{"op":[]}}`:         `unknown member "op"`,
		`{"op":"machine_transition","node":1,"script":{"ops":[{}]}}`:      "operation without a name",
		`{"op":"possible","machine":1,"transition":{"sources":[]}}`:       "transition lacks a member",
		`{"op":"possible","machine":1,"transition":{"from":[]}}`:          `unknown member "from"`,
		`{"op":"state_machine_path","ref":{}}`:                            "ref lacks a path",
		`{"op":"state_machine_path","ref":{"paths":[]}}`:                  `unknown member "paths"`,
	} {
		if _, failure := decodeOne(text); !strings.HasPrefix(failure, expected) {
			t.Errorf("%s: expected %q, failure %q", text, expected, failure)
		}
	}
}

func TestScriptsDoNotNestWithoutEnd(t *testing.T) {
	const start, end = `{"op":"machine_transition","node":0,"script":{"ops":[`, `]}}`
	for depth, valid := range map[int]bool{maxNesting - 1: true, maxNesting: false, 100000: false} {
		_, failure := decodeOne(strings.Repeat(start, depth) + strings.Repeat(end, depth))
		if (failure == "") != valid {
			t.Errorf("depth %d: failure %q", depth, failure)
		}
	}
}
