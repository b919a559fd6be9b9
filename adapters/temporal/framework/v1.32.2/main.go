// The adapter of the history engine of go.temporal.io/server v1.32.2.
package main

import (
	"hsmspec/adapters/temporal/framework"
	"hsmspec/adapters/temporal/oplog"
)

func main() {
	framework.Main(oplog.Generation{})
}
