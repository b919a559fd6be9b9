package main

import (
	"testing"

	"hsmspec/adapters/temporal/framework/frameworktest"
	"hsmspec/adapters/temporal/oplog"
)

func TestAdapter(t *testing.T) {
	frameworktest.Run(t, oplog.Generation{})
}
