package protocol

// A Code identifies what an operation does.
type Code uint8

// The operations of the vocabulary.
const (
	NewRegistry Code = iota
	RegisterMachine
	Machine
	RegisterTaskSerializer
	TaskSerializer
	SerializeTask
	DeserializeTask
	RegisterExecutor
	Execute
	NewRoot
	Rehydrate
	Load
	Marshal
	Export
	AddChild
	Child
	KeyOf
	Parent
	Same
	PathOf
	TransitionCount
	Dirty
	Outputs
	Clear
	MachineData
	MachineTransition
	NewCollection
	CollectionType
	CollectionAdd
	CollectionNode
	CollectionData
	CollectionList
	CollectionTransition
	StateMachine
	ReadMachine
	SetState
	SetValue
	RegenerateTasks
	Possible
	Apply
	NewTransition
	StateMachinePath

	// TreeCodes is the number of operations on trees alone. Those that follow have the capability transactions.
	TreeCodes = int(StateMachinePath) + 1
)

// The operations on workflows in a store, and on their queues.
const (
	NewCell Code = Code(TreeCodes) + iota
	StartWorkflow
	CloseWorkflow
	AccessWorkflow
	FailStore
	Restart
	Evict
	Stored
	StoredTasks
	StoreCounts
	Refresh
	Now
	Advance
	DeadlineFraction
	RegisterTimerExecutor
	TimerTasks
	PumpTimers
	PumpOutbound
	Failover
	StartWorkflowTask
	EventChild
	ReplicateEvents
	Sync

	// Codes is the number of operations in the vocabulary.
	Codes = int(Sync) + 1
)

// A Handle is the number by which a program names a registry, a node, a machine, a collection, a transition, a cell or a
// workflow.
type Handle int32

// NoHandle stands for a handle that the operation does not name.
const NoHandle Handle = -1

// A Key names a node below its parent.
type Key struct {
	Type int32
	ID   string
}

// Data is what a machine of the palette consists of.
type Data struct {
	State, Value int64
}

// A Kind is a timer's deadline in milliseconds since the Unix epoch or an outbound task's destination.
type Kind struct {
	Outbound    bool
	Deadline    int64
	Destination string
}

// A Task is a task of the palette.
type Task struct {
	Type    int32
	Payload int64
	Kind    Kind
}

// Access is what an executor or a program asks of an environment.
type Access uint8

// The ways of access, and none at all.
const (
	NoAccess Access = iota
	ReadAccess
	WriteAccess
)

// Failure is how a script ends.
type Failure uint8

// The ways for a script to end.
const (
	Succeed Failure = iota
	FailUser1
	FailUser2
	FailPanic
)

// A Script is what a function of the program's own does: it runs operations, then succeeds with tasks or fails.
type Script struct {
	Ops   []Operation
	Tasks []Task
	Fail  Failure
}

// A TransitionSpec has the states that a transition may start from and the state that it leads to.
type TransitionSpec struct {
	Sources     []int64
	Destination int64
}

// StoreError is the error with which a store fails.
type StoreError uint8

// The errors of a store.
const (
	ConditionFailed StoreError = iota
	UnknownOutcome
)

// Delivery is how a queue delivers its tasks.
type Delivery uint8

// The ways to deliver tasks.
const (
	Once Delivery = iota
	Twice
	Early
)

// A RefSpec describes a reference to a machine of a workflow.
type RefSpec struct {
	Path           []Key
	Workflow       [3]string
	Version, Count int64
}

// An Operation is one step of a program. Members that its code does not have are zero.
type Operation struct {
	Code Code
	// OtherCast tells a cast to the class that does not belong to the type.
	OtherCast bool
	Access    Access
	// After tells that a store is to fail after it has written.
	After      bool
	StoreError StoreError
	Delivery   Delivery
	// NotFound tells that an executor ends with the error that it has not found something.
	NotFound bool

	// Cluster is 0 or 1.
	Cluster int

	Registry, Node, Other, Machine, Bind, Collection, Kept, Cell, Workflow, Source Handle

	Type int32
	Tag  int64
	// Number is the member now, event, state, value or microseconds: an operation has at most one of them.
	Number int64
	// Text is the ID of a collection's node, the data of a serialized task, or the bytes of a message in base64.
	Text string

	Key        Key
	Path       []Key
	Data       Data
	Kind       Kind
	Task       *Task
	Script     *Script
	Transition *TransitionSpec
	// Destination is the only one whose tasks are delivered, nil for all.
	Destination *string
	Ref         *RefSpec
}
