package binding

import (
	"errors"

	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/protocol"
)

// documented are the errors that all versions of the hsm package have, and their codes.
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

// CodeOf returns the code of an error. The palette's errors, which reach the program's functions and come back through
// the hsm package, must come back identical.
func (w *World) CodeOf(err error) string {
	switch err {
	case protocol.ErrUser1, protocol.ErrUser2, protocol.ErrSerialize, protocol.ErrDeserialize:
		return err.Error()
	}
	for _, d := range documented {
		if errors.Is(err, d.err) {
			return d.code
		}
	}
	return w.generation.CodeOf(err)
}
