// Package recorded has the tests of the folder above compiled with the hsm package and the machines of v1.27.3:
// go test -tags oplog hsmspec/adapters/temporal/recorded.
package recorded

import _ "hsmspec/adapters/temporal/recorded"
