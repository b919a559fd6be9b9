package hsmtrace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.temporal.io/server/service/history/hsm"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// A fault is one that teams make in machines or around them: what it makes of a shop, and the rule that names it.
type fault struct {
	what  string
	rule  hsmtrace.Rule
	plant func(s *shop)
	// also are rules that the same fault breaks as well.
	also []hsmtrace.Rule
}

// regenerating is a fault in what is regenerated.
func regenerating(what string, change func(o *order, tasks []hsm.Task) ([]hsm.Task, error)) fault {
	return fault{what: what, rule: hsmtrace.RegeneratedTasks, plant: func(s *shop) {
		right := s.regenerated
		s.regenerated = func(o *order) ([]hsm.Task, error) {
			tasks, _ := right(o)
			return change(o, tasks)
		}
	}}
}

// each returns tasks with those changed that a function returns.
func each(tasks []hsm.Task, change func(task hsm.Task) hsm.Task) ([]hsm.Task, error) {
	changed := make([]hsm.Task, len(tasks))
	for i, task := range tasks {
		changed[i] = change(task)
	}
	return changed, nil
}

// reading is a fault in how data is read.
func reading(what string, change func(o *order), also ...hsmtrace.Rule) fault {
	return fault{what, hsmtrace.RoundTrip, func(s *shop) {
		right := s.read
		s.read = func(o *order) { right(o); change(o) }
	}, also}
}

var faults = []fault{
	// Tasks that are made from the state.
	regenerating("forgets the charge", func(_ *order, tasks []hsm.Task) ([]hsm.Task, error) {
		return withoutType(tasks, "charge"), nil
	}),
	regenerating("forgets the expiry", func(_ *order, tasks []hsm.Task) ([]hsm.Task, error) {
		return withoutType(tasks, "expiry"), nil
	}),
	regenerating("forgets a state", func(o *order, tasks []hsm.Task) ([]hsm.Task, error) {
		if o.State() == paid {
			return nil, nil
		}
		return tasks, nil
	}),
	regenerating("regenerates later", func(_ *order, tasks []hsm.Task) ([]hsm.Task, error) {
		return each(tasks, func(task hsm.Task) hsm.Task {
			if late, ok := task.(retry); ok {
				return retry{late.At + 1000}
			}
			return task
		})
	}),
	regenerating("regenerates by the clock", func(_ *order, tasks []hsm.Task) ([]hsm.Task, error) {
		return each(tasks, func(task hsm.Task) hsm.Task {
			if task.Type() == "expiry" {
				return expiry{time.Now().UnixMilli()}
			}
			return task
		})
	}),
	regenerating("regenerates elsewhere", func(_ *order, tasks []hsm.Task) ([]hsm.Task, error) {
		return each(tasks, func(task hsm.Task) hsm.Task {
			if task.Type() == "ship" {
				return ship{"depot"}
			}
			return task
		})
	}),
	regenerating("regenerates the first attempt", func(_ *order, tasks []hsm.Task) ([]hsm.Task, error) {
		return each(tasks, func(task hsm.Task) hsm.Task {
			if task.Type() == "charge" {
				return charge{0, "bank"}
			}
			return task
		})
	}),
	regenerating("regenerates too much", func(o *order, tasks []hsm.Task) ([]hsm.Task, error) {
		if o.State() == shipped {
			return []hsm.Task{charge{0, "fees"}}, nil
		}
		return tasks, nil
	}),
	regenerating("regenerates in vain", func(o *order, tasks []hsm.Task) ([]hsm.Task, error) {
		if o.State() == backingOff {
			return nil, errors.New("nothing is known of this state")
		}
		return tasks, nil
	}),
	{"emits too little", hsmtrace.RegeneratedTasks, func(s *shop) {
		right := s.settled
		s.settled = func(o *order) []hsm.Task { right(o); return nil }
	}, nil},
	{"emits the wrong attempt", hsmtrace.RegeneratedTasks, func(s *shop) {
		right := s.declined
		s.declined = func(o *order) []hsm.Task { right(o); return []hsm.Task{retry{0}} }
	}, nil},
	{"emits another task", hsmtrace.RegeneratedTasks, func(s *shop) {
		right := s.declined
		s.declined = func(o *order) []hsm.Task { return append(right(o), ship{"warehouse"}) }
	}, nil},

	// Data.
	reading("forgets the attempts", func(o *order) { o.Attempts = 0 }, hsmtrace.RegeneratedTasks),
	reading("rounds the deadline", func(o *order) { o.NextAttempt = o.NextAttempt / 60_000 * 60_000 },
		hsmtrace.RegeneratedTasks),
	reading("sorts the items", func(o *order) { slices.Sort(o.Items) }),
	reading("reads text for numbers", func(o *order) { o.Cents = fmt.Sprint(o.Cents) }),
	reading("reads another state", func(o *order) {
		if o.State() == cancelled {
			o.SetState(shipped)
		}
	}),
	{"forgets the note", hsmtrace.RoundTrip, func(s *shop) {
		s.written = func(of stored) stored { of.Note = ""; return of }
	}, nil},

	// What is registered.
	{"lacks a serializer", hsmtrace.TaskSerializers, func(s *shop) { s.serializers = s.serializers[:3] }, nil},
	{"registers a serializer of another", hsmtrace.TaskSerializers, func(s *shop) { s.serializers[1] = "retries" }, nil},
	{"lacks an executor", hsmtrace.TaskExecutors, func(s *shop) { s.executors = []string{"charge", "retry", "ship"} }, nil},
	{"registers an executor of another", hsmtrace.TaskExecutors, func(s *shop) { s.executors[3] = "send" }, nil},

	// Transactions.
	{"never clears", hsmtrace.ClearedOutputs, func(s *shop) { s.commit = func(_, _ *hsm.Node) {} }, nil},
	{"clears the node alone", hsmtrace.ClearedOutputs, func(s *shop) {
		s.commit = func(_, node *hsm.Node) { hsmtrace.ClearTransactionState(node) }
		right := s.charges
		s.charges = func(node *hsm.Node, task charge) error {
			must(hsmtrace.MachineTransition(node.Parent, func(*basket) (hsm.TransitionOutput, error) {
				return hsm.TransitionOutput{}, nil
			}))
			return right(node, task)
		}
	}, nil},

	// Failures.
	{"swallows the failure of a child", hsmtrace.SwallowedFailure, func(s *shop) {
		right := s.moved
		s.moved = func(node *hsm.Node, by move) error { _ = right(node, by); return nil }
	}, nil},
	{"swallows the failure of an apply", hsmtrace.SwallowedFailure, func(s *shop) {
		s.moved = func(node *hsm.Node, by move) error {
			return hsmtrace.MachineTransition(node, func(o *order) (hsm.TransitionOutput, error) {
				output, _ := hsmtrace.Apply(by, o, 0)
				return output, nil
			})
		}
	}, nil},
	{"swallows a failure and goes on", hsmtrace.SwallowedFailure, func(s *shop) {
		s.cancelAll = func(root *hsm.Node, nodes []*hsm.Node) error {
			return hsmtrace.MachineTransition(root, func(b *basket) (hsm.TransitionOutput, error) {
				for _, node := range nodes {
					if s.moved(node, s.cancel) != nil {
						b.Shipped = 0
					}
				}
				return hsm.TransitionOutput{}, nil
			})
		}
	}, nil},

	// Changes without a transition.
	{"changes what it reads", hsmtrace.ChangedOutside, func(s *shop) {
		s.inspected = func(node *hsm.Node) int {
			o := try(hsmtrace.MachineData[*order](node))
			o.Note = "seen"
			return len(o.Items)
		}
	}, nil},
	{"applies to what it reads", hsmtrace.ChangedOutside, func(s *shop) {
		s.finally = func(nodes []*hsm.Node) {
			_, _ = hsmtrace.Apply(s.decline, try(hsmtrace.MachineData[*order](nodes[2])), 0)
			_ = s.moved(nodes[2], s.again)
		}
	}, nil},
	{"keeps the data of a transition", hsmtrace.ChangedOutside, func(s *shop) {
		s.moved = func(node *hsm.Node, by move) error {
			var kept *order
			err := hsmtrace.MachineTransition(node, func(o *order) (hsm.TransitionOutput, error) {
				kept = o
				return hsmtrace.Apply(by, o, 0)
			})
			kept.Cents = 0
			return err
		}
	}, nil},
	{"changes what it added", hsmtrace.ChangedOutside, func(s *shop) {
		s.added = func(root *hsm.Node, id string) *hsm.Node {
			o := &order{shop: s, stored: stored{State: fresh, Cents: 250}}
			node := try(hsmtrace.AddChild(root, hsm.Key{Type: "order", ID: id}, o))
			o.Items = []string{"tea"}
			return node
		}
	}, nil},
}

// broken returns the rules that a shop breaks.
func broken(t *testing.T, plant func(s *shop), options ...hsmtrace.Option) (rules []hsmtrace.Rule) {
	t.Helper()
	s := newShop()
	plant(s)
	var out bytes.Buffer
	recorder := hsmtrace.New("t", &out, options...)
	s.tryOut()
	must(recorder.Close())
	for _, line := range wholeLines(t, out.String()) {
		var of struct {
			Machine *remark
			Because string
		}
		must(json.Unmarshal([]byte(line), &of))
		equal(t, "", of.Because)
		if of.Machine != nil && !slices.Contains(rules, hsmtrace.Rule(of.Machine.Rule)) {
			rules = append(rules, hsmtrace.Rule(of.Machine.Rule))
		}
	}
	return rules
}

func TestNothingIsRemarkedAboutTheRightShop(t *testing.T) {
	equal(t, "[]", fmt.Sprint(broken(t, func(*shop) {})))
}

func TestThereAreAsManyFaultsAsArePromised(t *testing.T) {
	equal(t, true, len(faults) >= 30)
}

func TestAFaultIsNamedByItsRuleAndByNoOther(t *testing.T) {
	for _, fault := range faults {
		t.Run(fault.what, func(t *testing.T) {
			found := broken(t, fault.plant)
			equal(t, true, slices.Contains(found, fault.rule))
			for _, rule := range found {
				if rule != fault.rule && !slices.Contains(fault.also, rule) {
					t.Errorf("%s is named wrongly", rule)
				}
			}
			if slices.Contains(broken(t, fault.plant, hsmtrace.Without(fault.rule)), fault.rule) {
				t.Errorf("%s is named although it is switched off", fault.rule)
			}
		})
	}
}
