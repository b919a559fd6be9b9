package main

import (
	"testing"

	"hsmspec/adapters/temporal/framework/frameworktest"
	"hsmspec/adapters/temporal/kinds"
)

func TestAdapter(t *testing.T) {
	frameworktest.Run(t, kinds.Generation{})
}
