// Package framework runs the operations of a program with the history engine of go.temporal.io/server: workflows in a
// real store, and access to their machines through the engine's environment.
//
// It uses exported names only. No queue is started and no time passes, so programs decide what happens.
package framework

import (
	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/protocol"
)

// A Generation is one of trees that can register executors of timers too.
type Generation interface {
	binding.Generation
	// RegisterTimerExecutor is [binding.RegisterTimerExecutor] for the type of the tasks that NewTask makes.
	RegisterTimerExecutor(
		registry *hsm.Registry, taskType int32, executor func(hsm.Environment, *hsm.Node, hsm.Task) error,
	) error
}

// Main runs the adapter.
func Main(generation Generation) {
	protocol.Main(Greeting(generation), NewWorld(generation))
}

// Greeting introduces the version of the engine that the program is built with.
func Greeting(generation Generation) protocol.Greeting {
	greeting := binding.Greeting(generation)
	greeting.Name = "temporal-framework"
	greeting.Capabilities = append(greeting.Capabilities, "transactions", "refresh", "timers", "outbound")
	return greeting
}

// NewWorld returns what makes a world for an observer.
func NewWorld(generation Generation) func(*protocol.Observer) protocol.World {
	return func(observer *protocol.Observer) protocol.World { return newWorld(generation, observer) }
}
