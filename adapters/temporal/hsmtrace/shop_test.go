package hsmtrace_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/definition"
	"go.temporal.io/server/service/history/hsm"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// The states of an order.
const (
	fresh      = "New"
	paying     = "Paying"
	backingOff = "BackingOff"
	paid       = "Paid"
	shipped    = "Shipped"
	cancelled  = "Cancelled"
)

// expires is when orders expire, in milliseconds.
const expires = 3_600_000

var errDeclined = errors.New("the bank does not pay")

// The tasks of an order.
type (
	charge struct {
		Attempt int
		To      string
	}
	retry  struct{ At int64 }
	expiry struct{ At int64 }
	ship   struct{ To string }
)

func (charge) Type() string { return "charge" }
func (retry) Type() string  { return "retry" }
func (expiry) Type() string { return "expiry" }
func (ship) Type() string   { return "ship" }

func (c charge) Kind() hsm.TaskKind { return hsm.TaskKindOutbound{Destination: c.To} }
func (r retry) Kind() hsm.TaskKind  { return hsm.TaskKindTimer{Deadline: time.UnixMilli(r.At)} }
func (e expiry) Kind() hsm.TaskKind { return hsm.TaskKindTimer{Deadline: time.UnixMilli(e.At)} }
func (s ship) Kind() hsm.TaskKind   { return hsm.TaskKindOutbound{Destination: s.To} }

func (charge) Concurrent() bool { return false }
func (retry) Concurrent() bool  { return false }
func (expiry) Concurrent() bool { return false }
func (ship) Concurrent() bool   { return false }

// stored is an order as it is serialized. Cents are a number or a text.
type stored struct {
	State       string
	Items       []string
	Cents       any
	Attempts    int
	NextAttempt int64
	Note        string
}

// An order is a machine. The shop says what its tasks are.
type order struct {
	stored
	shop *shop
}

func (o *order) State() string         { return o.stored.State }
func (o *order) SetState(state string) { o.stored.State = state }

func (o *order) RegenerateTasks(*hsm.Node) ([]hsm.Task, error) { return o.shop.regenerated(o) }

// A basket is the root: how many orders were shipped.
type basket struct{ Shipped int }

type orders struct{ shop *shop }

func (orders) Type() string                       { return "order" }
func (orders) CompareState(any, any) (int, error) { return 0, nil }

func (d orders) Serialize(data any) ([]byte, error) {
	return json.Marshal(d.shop.written(data.(*order).stored))
}

func (d orders) Deserialize(data []byte) (any, error) {
	o := &order{shop: d.shop}
	if err := json.Unmarshal(data, &o.stored); err != nil {
		return nil, err
	}
	d.shop.read(o)
	return o, nil
}

type baskets struct{}

func (baskets) Type() string                       { return "basket" }
func (baskets) CompareState(any, any) (int, error) { return 0, nil }

func (baskets) Serialize(data any) ([]byte, error) { return json.Marshal(data) }

func (baskets) Deserialize(data []byte) (any, error) {
	b := new(basket)
	return b, json.Unmarshal(data, b)
}

// taskBytes serializes tasks.
type taskBytes struct{}

func (taskBytes) Serialize(task hsm.Task) ([]byte, error)            { return json.Marshal(task) }
func (taskBytes) Deserialize([]byte, hsm.TaskKind) (hsm.Task, error) { return nil, errDeclined }

// A move is a transition of orders.
type move = hsm.Transition[string, *order, int]

// A shop has orders that are machines, as a team would write them. Nothing is wrong with one that newShop makes; others
// get something wrong. What it does is in its members, so that another shop has another one.
type shop struct {
	serializers, executors []string

	// The machine.
	reserve, decline, again, pay, send, cancel move
	reserved, declined, settled                func(o *order) []hsm.Task
	regenerated                                func(o *order) ([]hsm.Task, error)
	// Its data.
	written func(of stored) stored
	read    func(o *order)
	// The code around it.
	commit    func(root, node *hsm.Node)
	moved     func(node *hsm.Node, by move) error
	cancelAll func(root *hsm.Node, nodes []*hsm.Node) error
	charges   func(node *hsm.Node, task charge) error
	inspected func(node *hsm.Node) int
	added     func(root *hsm.Node, id string) *hsm.Node
	finally   func(nodes []*hsm.Node)
}

func newShop() *shop {
	s := &shop{
		serializers: []string{"charge", "retry", "expiry", "ship"},
		executors:   []string{"charge", "retry", "expiry", "ship"},
	}
	s.machine()
	s.written = func(of stored) stored { return of }
	s.read = func(o *order) { o.Cents = int(o.Cents.(float64)) }
	s.commit = func(root, _ *hsm.Node) { hsmtrace.ClearTransactionState(root) }
	s.moved = func(node *hsm.Node, by move) error {
		return hsmtrace.MachineTransition(node, func(o *order) (hsm.TransitionOutput, error) {
			return hsmtrace.Apply(by, o, 0)
		})
	}
	s.cancelAll = func(root *hsm.Node, nodes []*hsm.Node) error {
		return hsmtrace.MachineTransition(root, func(*basket) (hsm.TransitionOutput, error) {
			for _, node := range nodes {
				if err := s.moved(node, s.cancel); err != nil {
					return hsm.TransitionOutput{}, err
				}
			}
			return hsm.TransitionOutput{}, nil
		})
	}
	s.charges = func(node *hsm.Node, task charge) error {
		if task.Attempt == 0 {
			return s.moved(node, s.decline)
		}
		return s.moved(node, s.pay)
	}
	s.inspected = func(node *hsm.Node) int { return len(try(hsmtrace.MachineData[*order](node)).Items) }
	s.added = func(root *hsm.Node, id string) *hsm.Node {
		o := &order{shop: s, stored: stored{State: fresh, Items: []string{"tea", "milk"}, Cents: 250}}
		return try(hsmtrace.AddChild(root, hsm.Key{Type: "order", ID: id}, o))
	}
	s.finally = func(nodes []*hsm.Node) {
		for _, node := range nodes {
			s.inspected(node)
		}
	}
	return s
}

// machine makes the transitions and what they put out.
func (s *shop) machine() {
	emitting := func(tasks func(o *order) []hsm.Task) func(*order, int) (hsm.TransitionOutput, error) {
		return func(o *order, _ int) (hsm.TransitionOutput, error) {
			return hsm.TransitionOutput{Tasks: tasks(o)}, nil
		}
	}
	s.reserve = hsm.NewTransition([]string{fresh}, paying,
		emitting(func(o *order) []hsm.Task { return s.reserved(o) }))
	s.decline = hsm.NewTransition([]string{paying}, backingOff,
		emitting(func(o *order) []hsm.Task { return s.declined(o) }))
	s.again = hsm.NewTransition([]string{backingOff}, paying,
		emitting(func(o *order) []hsm.Task { return []hsm.Task{charge{o.Attempts, "bank"}} }))
	s.pay = hsm.NewTransition([]string{paying}, paid, emitting(func(o *order) []hsm.Task { return s.settled(o) }))
	s.send = hsm.NewTransition([]string{paid}, shipped, emitting(func(*order) []hsm.Task { return nil }))
	s.cancel = hsm.NewTransition([]string{fresh, paying, backingOff}, cancelled,
		func(o *order, _ int) (hsm.TransitionOutput, error) {
			if o.Note == "kept" {
				return hsm.TransitionOutput{}, errDeclined
			}
			return hsm.TransitionOutput{}, nil
		})
	s.reserved = func(o *order) []hsm.Task { return []hsm.Task{charge{o.Attempts, "bank"}, expiry{expires}} }
	s.declined = func(o *order) []hsm.Task {
		o.Attempts++
		o.NextAttempt = int64(10_000 * o.Attempts)
		return []hsm.Task{retry{o.NextAttempt}}
	}
	s.settled = func(o *order) []hsm.Task {
		o.Note = "paid"
		return []hsm.Task{ship{"warehouse"}}
	}
	s.regenerated = func(o *order) ([]hsm.Task, error) {
		switch o.State() {
		case paying:
			return []hsm.Task{charge{o.Attempts, "bank"}, expiry{expires}}, nil
		case backingOff:
			return []hsm.Task{retry{o.NextAttempt}, expiry{expires}}, nil
		case paid:
			return []hsm.Task{ship{"warehouse"}}, nil
		}
		return nil, nil
	}
}

// storage is the environment of executors: access to the tree in transactions.
type storage struct {
	world
	shop *shop
}

func (s storage) Access(
	ctx context.Context, ref hsm.Ref, how hsm.AccessType, accessor func(*hsm.Node) error,
) error {
	return s.world.Access(ctx, ref, how, func(node *hsm.Node) error {
		if err := accessor(node); err != nil {
			return err
		}
		s.shop.commit(s.root, node)
		return nil
	})
}

// register registers an executor that makes a transition of the order.
func register[T hsm.Task](s *shop, registry *hsm.Registry, run func(node *hsm.Node, task T) error) {
	var task T
	if !slices.Contains(s.executors, task.Type()) {
		return
	}
	must(hsmtrace.RegisterImmediateExecutor(registry,
		func(ctx context.Context, env hsm.Environment, ref hsm.Ref, task T) error {
			return env.Access(ctx, ref, hsm.AccessWrite, func(node *hsm.Node) error { return run(node, task) })
		}))
}

// opened returns a registry with everything and the root of a tree.
func (s *shop) opened() (*hsm.Registry, *hsm.Node) {
	registry := hsmtrace.NewRegistry()
	must(hsmtrace.RegisterMachine(registry, orders{s}))
	must(hsmtrace.RegisterMachine(registry, baskets{}))
	for _, taskType := range s.serializers {
		must(hsmtrace.RegisterTaskSerializer(registry, taskType, taskBytes{}))
	}
	register(s, registry, func(node *hsm.Node, task charge) error { return s.charges(node, task) })
	register(s, registry, func(node *hsm.Node, _ retry) error { return s.moved(node, s.again) })
	register(s, registry, func(node *hsm.Node, _ expiry) error {
		if !hsmtrace.Possible(s.cancel, try(hsmtrace.MachineData[*order](node))) {
			return nil
		}
		return s.moved(node, s.cancel)
	})
	register(s, registry, func(node *hsm.Node, _ ship) error {
		if err := s.moved(node, s.send); err != nil {
			return err
		}
		return hsmtrace.MachineTransition(node.Parent, func(b *basket) (hsm.TransitionOutput, error) {
			b.Shipped++
			return hsm.TransitionOutput{}, nil
		})
	})
	return registry, try(hsmtrace.NewRoot(registry, "basket", &basket{}, nil, backend()))
}

// tryOut sells an order, which the bank pays at the second attempt, and cancels two others, one of them in vain.
func (s *shop) tryOut() {
	registry, root := s.opened()
	var nodes []*hsm.Node
	for _, id := range []string{"a", "b", "c"} {
		nodes = append(nodes, s.added(root, id))
	}
	execute := func(node *hsm.Node, task hsm.Task) {
		if !slices.Contains(s.executors, task.Type()) {
			return
		}
		ref := hsm.Ref{
			WorkflowKey: definition.NewWorkflowKey("n", "w", "r"),
			StateMachineRef: &persistence.StateMachineRef{
				Path: []*persistence.StateMachineKey{{Type: node.Key.Type, Id: node.Key.ID}},
			},
		}
		_ = hsmtrace.ExecuteImmediateTask(registry, context.Background(), storage{world{root}, s}, ref, task)
	}
	s.inspected(nodes[0])
	for _, node := range nodes {
		must(s.moved(node, s.reserve))
		try(hsmtrace.MachineData[*order](node))
	}
	hsmtrace.ClearTransactionState(root)
	execute(nodes[0], charge{0, "bank"})
	execute(nodes[0], retry{10_000})
	execute(nodes[0], charge{1, "bank"})
	execute(nodes[0], expiry{expires})
	execute(nodes[0], ship{"warehouse"})
	execute(nodes[1], expiry{expires})
	must(hsmtrace.MachineTransition(nodes[2], func(o *order) (hsm.TransitionOutput, error) {
		o.Note = "kept"
		tasks, err := s.regenerated(o)
		return hsm.TransitionOutput{Tasks: tasks}, err
	}))
	_ = s.cancelAll(root, nodes[2:])
	s.inspected(nodes[2])
	s.finally(nodes)
}

// withoutType returns tasks but those of a type.
func withoutType(tasks []hsm.Task, taskType string) []hsm.Task {
	return slices.DeleteFunc(slices.Clone(tasks), func(task hsm.Task) bool { return task.Type() == taskType })
}
