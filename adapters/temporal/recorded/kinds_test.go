//go:build !oplog

package recorded

import (
	"testing"

	"go.temporal.io/server/service/history/hsm"

	"example.com/hsmspec/adapters/temporal/hsmtrace"
)

// outputs returns how many nodes of a tree have outputs.
func outputs(_ testing.TB, root *hsm.Node) int { return len(hsmtrace.Outputs(root)) }
