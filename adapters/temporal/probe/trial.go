package main

import (
	"errors"
	"fmt"

	"go.temporal.io/server/service/history/hsm"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// An enum is the type of a machine's states.
type enum interface {
	~int32
	protoreflect.Enum
	fmt.Stringer
}

// A prober tries a machine's transitions.
type prober[S enum, SM hsm.StateMachine[S]] struct {
	report *machineReport
	cases  []machineCase[S]
	data   func(SM) map[string]any
}

// A machineCase is one way to make a machine, in the state given, in a tree of its own.
type machineCase[S enum] struct {
	name string
	add  func(S) *hsm.Node
}

// A sample is an event to try a transition with.
type sample[E any] struct {
	name  string
	event func(*hsm.Node) E
}

func newProber[S enum, SM hsm.StateMachine[S]](
	machine string, data func(SM) map[string]any, cases ...machineCase[S],
) *prober[S, SM] {
	p := &prober[S, SM]{&machineReport{Machine: machine, Created: []created{}}, cases, data}
	for _, state := range statesOf[S]() {
		p.report.States = append(p.report.States, state.String())
	}
	for _, made := range cases {
		for _, state := range statesOf[S]() {
			node := made.add(state)
			tasks, err := try(hsm.MachineData[SM](node)).RegenerateTasks(node)
			entry := regenerated{Case: made.name, State: state.String(), Tasks: describe(tasks)}
			entry.Error, entry.Message = classify(err)
			p.report.Regenerated = append(p.report.Regenerated, entry)
		}
	}
	return p
}

// tryOut tries a transition in every state, in every case, with every sample.
func tryOut[S enum, SM hsm.StateMachine[S], E any](
	p *prober[S, SM], name string, transition hsm.Transition[S, SM, E], samples ...sample[E],
) {
	said := transitionReport{Name: name, Destination: transition.Destination.String()}
	for _, source := range transition.Sources {
		said.Sources = append(said.Sources, source.String())
	}
	p.report.Transitions = append(p.report.Transitions, said)
	for _, made := range p.cases {
		for _, state := range statesOf[S]() {
			for _, sample := range samples {
				node := made.add(state)
				entry := trial{Case: made.name, State: state.String(), Transition: name, Event: sample.name}
				entry.Possible = transition.Possible(try(hsm.MachineData[SM](node)))
				var output hsm.TransitionOutput
				err := hsm.MachineTransition(node, func(machine SM) (hsm.TransitionOutput, error) {
					applied, err := transition.Apply(machine, sample.event(node))
					output = applied
					return applied, err
				})
				if err != nil {
					output = hsm.TransitionOutput{}
				}
				machine := try(hsm.MachineData[SM](node))
				entry.After = machine.State().String()
				entry.Error, entry.Message = classify(err)
				entry.Tasks = describe(output.Tasks)
				entry.Data = p.data(machine)
				p.report.Trials = append(p.report.Trials, entry)
			}
		}
	}
}

// only makes the sample of a transition that needs no more than one.
func only[E any](event func(*hsm.Node) E) sample[E] {
	return sample[E]{"", event}
}

// statesOf lists the states of a type, unspecified ones included.
func statesOf[S enum]() []S {
	var states []S
	values := S(0).Descriptor().Values()
	for i := range values.Len() {
		states = append(states, S(values.Get(i).Number()))
	}
	return states
}

func classify(err error) (code, message string) {
	switch {
	case err == nil:
		return "", ""
	case errors.Is(err, hsm.ErrInvalidTransition):
		return "invalid_transition", ""
	default:
		return "other", err.Error()
	}
}

func describe(tasks []hsm.Task) []task {
	described := []task{}
	for _, each := range tasks {
		entry := task{Type: each.Type()}
		switch kind := each.Kind().(type) {
		case hsm.TaskKindTimer:
			deadline := kind.Deadline.UnixMilli()
			entry.Kind, entry.Deadline = "timer", &deadline
		case hsm.TaskKindOutbound:
			entry.Kind, entry.Destination = "outbound", &kind.Destination
		default:
			panic(fmt.Sprintf("task %s has the unknown kind %T", each.Type(), kind))
		}
		described = append(described, entry)
	}
	return described
}

// millis is a time in milliseconds since the Unix epoch, nil if there is none.
func millis(time *timestamppb.Timestamp) any {
	if time == nil {
		return nil
	}
	return time.AsTime().UnixMilli()
}
