// Package framework runs the operations of a program with the history engine of go.temporal.io/server: workflows in a
// real store, and access to their machines through the engine's environment.
//
// It uses exported names only. No queue is started and no time passes, so programs decide what happens.
package framework

import (
	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/protocol"
)

// Main runs the adapter.
func Main(generation binding.Generation) {
	protocol.Main(Greeting(generation), NewWorld(generation))
}

// Greeting introduces the version of the engine that the program is built with.
func Greeting(generation binding.Generation) protocol.Greeting {
	greeting := binding.Greeting(generation)
	greeting.Name = "temporal-framework"
	greeting.Capabilities = append(greeting.Capabilities, "transactions")
	return greeting
}

// NewWorld returns what makes a world for an observer.
func NewWorld(generation binding.Generation) func(*protocol.Observer) protocol.World {
	return func(observer *protocol.Observer) protocol.World { return newWorld(generation, observer) }
}
