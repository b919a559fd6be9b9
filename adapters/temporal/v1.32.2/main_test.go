package main

import (
	"testing"

	"hsmspec/adapters/temporal/binding/bindingtest"
	"hsmspec/adapters/temporal/oplog"
)

func TestAdapter(t *testing.T) {
	bindingtest.Run(t, bindingtest.Of(oplog.Generation{}))
}
