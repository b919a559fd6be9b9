package main

import (
	"testing"

	"hsmspec/adapters/temporal/binding/bindingtest"
	"hsmspec/adapters/temporal/framework"
	"hsmspec/adapters/temporal/oplog"
)

func adapter(store framework.Store) bindingtest.Adapter {
	return bindingtest.Adapter{
		Greeting: framework.Greeting(oplog.Generation{}), NewWorld: framework.NewWorld(oplog.Generation{}, store),
	}
}

func TestSQLite(t *testing.T) {
	bindingtest.Run(t, adapter(framework.SQLite))
}

func TestMemory(t *testing.T) {
	bindingtest.Run(t, adapter(framework.Memory))
}

func TestTheStoresAnswerTheSame(t *testing.T) {
	bindingtest.Same(t, adapter(framework.SQLite), adapter(framework.Memory))
}
