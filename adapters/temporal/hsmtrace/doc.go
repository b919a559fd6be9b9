// Package hsmtrace records what a program does with the hsm package of go.temporal.io/server, so that hsmspec can judge
// it.
//
// It has the functions of that package under their own names and with their own signatures, the methods of a node with
// the node as their first argument. They call the real ones, pass on what these answer, and append a line to a trace:
//
//	func TestCallback(t *testing.T) {
//		t.Parallel()
//		hsmtrace.Record(t) // records if the environment variable HSMTRACE names a folder
//		registry := hsmtrace.NewRegistry()
//		...
//		root, err := hsmtrace.NewRoot(registry, "root", nil, nil, backend)  // was hsm.NewRoot(registry, ...)
//		node, err := hsmtrace.AddChild(root, key, callback)                 // was root.AddChild(key, callback)
//		err = hsmtrace.MachineTransition(node, func(cb callbacks.Callback) (hsm.TransitionOutput, error) {
//			return hsmtrace.Apply(callbacks.TransitionScheduled, cb, event) // was TransitionScheduled.Apply(cb, event)
//		})
//	}
//
// All types are the real ones, so recorded and other calls may stand side by side. Where no recorder has been started a
// function only calls the real one.
//
// # Traces
//
// Each tree is a trace of its own, and so is each registry that [NewRegistry] makes, each machine in no tree that a
// transition is applied to, and each execution of a task. Machine types are recorded as registered when they are first
// used, whoever registered them. Changes of a recorded tree that were made by the hsm package itself, as components do,
// are noticed through the tree's backend and recorded by their effect.
//
// What a goroutine makes is recorded by the recorder that was started last in it, or else by that of the goroutine that it
// descends from. Where that is not known, nothing is recorded, and all open recordings say so. Trees may be used by
// goroutines of their own. One tree is for one goroutine at a time, as in the hsm package.
//
// Each call is recorded with its place in the program.
//
// # Versions
//
// One hsmtrace compiles with all versions of the hsm package from v1.25 on. Functions whose types are those of some
// versions only, such as [Outputs] and [OpLog], take what has the method.
//
// # Data
//
// A recorder knows states by their text, and all else of a machine's data by its serialized bytes: short ones in base64,
// longer ones by their hash. So definitions are asked to serialize, and seldom to deserialize, more often than without
// one. Bytes have to be the same for the same data; maps in Protocol Buffers are taken care of.
// [Show] has a recording say what data looks like to people, too.
//
// # Machines
//
// A recorder checks machines and the code around them by each [Rule].
package hsmtrace
