// Package frameworktest tests the adapter of the history engine with the release that it is built with.
package frameworktest

import (
	"testing"

	"hsmspec/adapters/temporal/binding/bindingtest"
	"hsmspec/adapters/temporal/framework"
)

// Of returns the adapter over a store.
func Of(generation framework.Generation, store framework.Store) bindingtest.Adapter {
	return bindingtest.Adapter{Greeting: framework.Greeting(generation), NewWorld: framework.NewWorld(generation, store)}
}

// Run tests the adapter over both stores, which have to answer the same.
func Run(t *testing.T, generation framework.Generation) {
	sqlite, memory := Of(generation, framework.SQLite), Of(generation, framework.Memory)
	t.Run("SQLite", func(t *testing.T) { bindingtest.Run(t, sqlite) })
	t.Run("Memory", func(t *testing.T) { bindingtest.Run(t, memory) })
	t.Run("TheStoresAnswerTheSame", func(t *testing.T) { bindingtest.Same(t, sqlite, memory) })
}
