package hsmtrace

import (
	"errors"
	"reflect"

	"go.temporal.io/server/service/history/hsm"
)

// Codes of errors that the hsm package did not make.
const (
	other            = "other"
	user             = "user_1"
	serializeError   = "serialize_error"
	deserializeError = "deserialize_error"
)

// documented are the errors of the hsm package and their codes.
var documented = []struct {
	err  error
	code string
}{
	{hsm.ErrStateMachineNotFound, "state_machine_not_found"},
	{hsm.ErrNotRegistered, "not_registered"},
	{hsm.ErrStateMachineAlreadyExists, "state_machine_already_exists"},
	{hsm.ErrInvalidTransition, "invalid_transition"},
	{hsm.ErrIncompatibleType, "incompatible_type"},
	{hsm.ErrDuplicateRegistration, "duplicate_registration"},
}

// codeOf returns the code of an error.
func codeOf(err error) string {
	for _, d := range documented {
		if errors.Is(err, d.err) {
			return d.code
		}
	}
	return other
}

// codeOr returns the code of an error, this one if it is not documented.
func codeOr(code string, err error) string {
	if found := codeOf(err); found != other {
		return found
	}
	return code
}

// identical tells whether two errors are the same value, as far as they can be compared.
func identical(a, b error) bool {
	if comparableNow(a) && comparableNow(b) {
		return a == b
	}
	return reflect.DeepEqual(a, b)
}
