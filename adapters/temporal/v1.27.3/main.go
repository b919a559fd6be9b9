// The adapter of hsm as it is in go.temporal.io/server v1.27.3.
package main

import (
	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/oplog"
)

func main() {
	binding.Main(oplog.Generation{})
}
