// The adapter of the history engine of go.temporal.io/server v1.25.1.
package main

import (
	"hsmspec/adapters/temporal/framework"
	"hsmspec/adapters/temporal/kinds"
)

func main() {
	framework.Main(kinds.Generation{})
}
