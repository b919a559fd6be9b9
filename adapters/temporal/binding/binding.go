// Package binding runs the operations of a program with the hsm package of go.temporal.io/server.
//
// It holds what all versions of that package have in common and compiles with each of them; the module of a version's
// adapter selects the version, and brings a [Generation] for what differs.
package binding

import (
	"runtime/debug"

	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/protocol"
)

// A Generation is the part of the hsm package's interface that versions do not share: how tasks say when and where they
// are to run, and how outputs are read.
type Generation interface {
	// Capabilities returns those that not every version has.
	Capabilities() []string
	// NewTask makes a task.
	NewTask(Task) hsm.Task
	// NewTaskSerializer makes the palette's serializer.
	NewTaskSerializer(TaskSerializer) hsm.TaskSerializer
	// DeserializeTask has a serializer deserialize data as a task of this kind.
	DeserializeTask(serializer hsm.TaskSerializer, data []byte, kind protocol.Kind) (hsm.Task, error)
	// RegisterExecutor is [RegisterExecutor] for the type of the tasks that NewTask makes.
	RegisterExecutor(registry *hsm.Registry, executor *Executor) error
	// Outputs returns the outputs of a node and of those below it. The outputs of each node are in order.
	Outputs(node *hsm.Node) ([]Output, error)
	// CodeOf returns the code of an error that not every version has, "" for any other.
	CodeOf(err error) string
}

// An Output is the output of one transition of the node at a path.
type Output struct {
	Path []hsm.Key
	hsm.TransitionOutput
}

// module is the module that the hsm package is part of.
const module = "go.temporal.io/server"

// Main runs the adapter.
func Main(generation Generation) {
	protocol.Main(Greeting(generation), NewWorld(generation))
}

// Greeting introduces the version of the hsm package that the program is built with.
func Greeting(generation Generation) protocol.Greeting {
	capabilities := []string{
		"transitions", "collections", "outputs", "tasks", "executors", "refs", "identity", "panics", "wire",
		"empty_data", "objects", "deep_scripts",
	}
	return protocol.Greeting{
		Name:         "temporal-hsm",
		Version:      version(),
		Language:     "go",
		Capabilities: append(capabilities, generation.Capabilities()...),
		Dialect:      "v1.25",
	}
}

// version returns the version of the module that the program was built with, as the build recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, dependency := range info.Deps {
		if dependency.Path == module {
			return dependency.Version
		}
	}
	return "unknown"
}
