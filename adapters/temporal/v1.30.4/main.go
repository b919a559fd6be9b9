// The adapter of hsm as it is in go.temporal.io/server v1.30.4.
package main

import (
	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/oplog"
)

func main() {
	binding.Main(oplog.Generation{})
}
