// The adapter of hsm as it is in go.temporal.io/server v1.25.1: tasks have kinds, nodes have outputs.
package main

import (
	"hsmspec/adapters/temporal/binding"
	"hsmspec/adapters/temporal/kinds"
)

func main() {
	binding.Main(kinds.Generation{})
}
