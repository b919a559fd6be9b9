// The adapter of the history engine of go.temporal.io/server v1.27.3.
package main

import (
	"hsmspec/adapters/temporal/framework"
	"hsmspec/adapters/temporal/oplog"
)

func main() {
	framework.Main(oplog.Generation{})
}
