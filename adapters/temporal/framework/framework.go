// Package framework runs the operations of a program with the history engine of go.temporal.io/server: workflows in a
// real store, and access to their machines through the engine's environment.
//
// It uses exported names only. No queue is started and no time passes, so programs decide what happens.
package framework

import (
	"flag"
	"os"

	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/framework/release"
	"hsmspec/adapters/temporal/protocol"
)

// A Generation is one of trees that can register executors of timers too.
type Generation interface {
	binding.Generation
	// RegisterTimerExecutor is [binding.RegisterTimerExecutor] for the type of the tasks that NewTask makes.
	RegisterTimerExecutor(
		registry *hsm.Registry, taskType int32, executor func(hsm.Environment, *hsm.Node, hsm.Task) error,
	) error
	// Counted makes a reference stale if its machine's transition count is another one, unless its own is 0.
	Counted(ref hsm.Ref) hsm.Ref
}

// A Store is where workflows are stored.
type Store string

// The stores. That in maps is faster, and right as far as it returns what SQLite returns.
const (
	SQLite Store = "sqlite"
	Memory Store = "memory"
)

// open returns an empty database.
func (s Store) open() (*database, error) {
	if s == Memory {
		return newMemory(), nil
	}
	return newSQLite()
}

// Main runs the adapter, with the store that its arguments name: --store memory or, by default, --store sqlite.
func Main(generation Generation) {
	store := flag.String("store", string(SQLite), "where workflows are stored: sqlite or memory")
	flag.Parse()
	if kind := Store(*store); flag.NArg() == 0 && (kind == SQLite || kind == Memory) {
		protocol.Main(Greeting(generation), NewWorld(generation, kind))
		return
	}
	flag.Usage()
	os.Exit(2)
}

// Greeting introduces the version of the engine that the program is built with.
func Greeting(generation Generation) protocol.Greeting {
	greeting := binding.Greeting(generation)
	greeting.Name = "temporal-framework"
	greeting.Capabilities = append(greeting.Capabilities, "transactions", "refresh", "timers", "outbound", "failover")
	greeting.Capabilities = append(greeting.Capabilities, release.Capabilities()...)
	return greeting
}

// NewWorld returns what makes a world for an observer.
func NewWorld(generation Generation, store Store) func(*protocol.Observer) protocol.World {
	return func(observer *protocol.Observer) protocol.World { return newWorld(generation, store, observer) }
}
