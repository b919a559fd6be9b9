// Package catalogue lists the mutants of the hsm package as it is in v1.25.1: mistakes that somebody could make.
//
// A mutant is described by its difference from the package, which is not repeated here: a declaration, a place inside
// it and an edit. The vocabulary of these descriptions is package edit's, imported by the files of this package so that
// it stands unqualified.
package catalogue

import (
	"slices"

	"hsmspec/adapters/temporal/mutants/edit"
)

// A Mutant is one mistake.
type Mutant struct {
	Name string
	// Requirement is the ID of the requirement that the mutant breaks, of several the one that says it best.
	Requirement string
	// Sentence says what the mutant does.
	Sentence string
	// In is the declaration that is changed.
	In string
	// Edit is the change.
	Edit edit.Edit
}

// All returns every mutant.
func All() []Mutant {
	return slices.Concat(
		registry, executors, transitions, lookups, additions, data, commits, rollbacks, outputs, collections,
	)
}
