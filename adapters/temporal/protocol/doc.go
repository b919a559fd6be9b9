// Package protocol is the half of an adapter that knows no implementation: it reads requests, decodes the operations of
// their programs, runs them in the implementation's [World], and writes what they observed.
//
// A request and its answer are one line of JSON each. An implementation provides a [Greeting] and a way to make a fresh
// world; [Serve] does the rest. The package also holds what the palette says of machines and tasks without regard to how
// an implementation represents them.
package protocol
