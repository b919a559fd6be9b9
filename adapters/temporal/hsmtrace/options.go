package hsmtrace

// An Option is one of a recorder's.
type Option func(*options)

// options are those of a recorder.
type options struct{}

func optionsOf(given []Option) (found options) {
	for _, option := range given {
		option(&found)
	}
	return found
}
