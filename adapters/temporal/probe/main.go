// The probe of the machines that go.temporal.io/server v1.25.1 builds on its hsm package: it tries every exported
// transition of callbacks, Nexus operations, their cancelations and the scheduler in every state, and writes what
// happened as one JSON document to stdout.
//
// Nothing here says what the machines do: they are put into a tree, moved with [hsm.MachineTransition] and asked.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// A report is the document that the probe writes.
type report struct {
	Version  string           `json:"version"`
	Machines []*machineReport `json:"machines"`
}

// A machineReport is what was found out about one machine.
type machineReport struct {
	Machine     string             `json:"machine"`
	States      []string           `json:"states"`
	Transitions []transitionReport `json:"transitions"`
	Trials      []trial            `json:"trials"`
	Regenerated []regenerated      `json:"regenerated"`
	Created     []created          `json:"created"`
}

// A transitionReport is what a transition's exported fields say.
type transitionReport struct {
	Name        string   `json:"name"`
	Sources     []string `json:"sources"`
	Destination string   `json:"destination"`
}

// A trial is one transition tried in one state of a machine made as its case says, with one event.
type trial struct {
	Case       string         `json:"case"`
	State      string         `json:"state"`
	Transition string         `json:"transition"`
	Event      string         `json:"event"`
	Possible   bool           `json:"possible"`
	After      string         `json:"after"`
	Error      string         `json:"error,omitempty"`
	Message    string         `json:"message,omitempty"`
	Tasks      []task         `json:"tasks"`
	Data       map[string]any `json:"data"`
}

// Regenerated are the tasks that a machine made as its case says regenerates in a state.
type regenerated struct {
	Case    string `json:"case"`
	State   string `json:"state"`
	Error   string `json:"error,omitempty"`
	Message string `json:"message,omitempty"`
	Tasks   []task `json:"tasks"`
}

// Created are the tasks that a machine puts out when its package adds it to a tree.
type created struct {
	Case  string `json:"case"`
	After string `json:"after"`
	Tasks []task `json:"tasks"`
}

// A task has a deadline, in milliseconds since the Unix epoch, or a destination, as its kind demands.
type task struct {
	Type        string  `json:"type"`
	Kind        string  `json:"kind"`
	Deadline    *int64  `json:"deadline,omitempty"`
	Destination *string `json:"destination,omitempty"`
}

func probe() report {
	return report{
		Version:  "v1.25.1",
		Machines: []*machineReport{probeCallback(), probeOperation(), probeCancelation(), probeScheduler()},
	}
}

func main() {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(probe()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
