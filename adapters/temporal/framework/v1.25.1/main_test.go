package main

import (
	"testing"

	"hsmspec/adapters/temporal/binding/bindingtest"
	"hsmspec/adapters/temporal/framework"
	"hsmspec/adapters/temporal/kinds"
)

func adapter() bindingtest.Adapter {
	return bindingtest.Adapter{
		Greeting: framework.Greeting(kinds.Generation{}), NewWorld: framework.NewWorld(kinds.Generation{}),
	}
}

func TestAdapter(t *testing.T) {
	bindingtest.Run(t, adapter())
}
