package protocol

// member is a set of members that an operation may have.
type member uint64

const (
	registryMember member = 1 << iota
	nodeMember
	otherMember
	machineMember
	bindMember
	typeMember
	tagMember
	accessMember
	castMember
	keyMember
	pathMember
	idMember
	dataMember
	textMember
	bytesMember
	kindMember
	taskMember
	refMember
	nowMember
	eventMember
	stateMember
	valueMember
	scriptMember
	transitionMember
	collectionMember
	keptMember
	cellMember
	workflowMember
	machineRefMember
	whenMember
	errorMember
	microsecondsMember
	endingMember
	deliveryMember
	destinationMember
	clusterMember
	sourceMember
)

// handleMembers are the members that name something which an earlier operation bound.
const handleMembers = registryMember | nodeMember | otherMember | machineMember | cellMember | workflowMember | sourceMember

// An entry of the vocabulary says which members an operation has. It binds the handles in binds, and needs the others
// to be bound.
type entry struct {
	name     string
	required member
	optional member
	binds    member
}

var vocabulary = [Codes]entry{
	NewRegistry:            {"new_registry", 0, registryMember, registryMember},
	RegisterMachine:        {"register_machine", typeMember, tagMember | registryMember, 0},
	Machine:                {"machine", typeMember, registryMember, 0},
	RegisterTaskSerializer: {"register_task_serializer", typeMember, tagMember | registryMember, 0},
	TaskSerializer:         {"task_serializer", typeMember, registryMember, 0},
	SerializeTask:          {"serialize_task", taskMember, registryMember, 0},
	DeserializeTask:        {"deserialize_task", typeMember | textMember | kindMember, registryMember, 0},
	RegisterExecutor: {
		"register_executor", typeMember,
		tagMember | accessMember | bindMember | scriptMember | registryMember, 0,
	},
	Execute: {"execute", taskMember | refMember | nodeMember, nowMember | registryMember, 0},

	NewRoot:   {"new_root", typeMember | dataMember | bindMember, registryMember, 0},
	Rehydrate: {"rehydrate", nodeMember | typeMember | dataMember | bindMember, registryMember, 0},
	Load:      {"load", bytesMember | typeMember | dataMember | bindMember, registryMember, 0},
	Marshal:   {"marshal", nodeMember, 0, 0},
	Export:    {"export", nodeMember, 0, 0},

	AddChild:          {"add_child", nodeMember | keyMember | dataMember, bindMember, 0},
	Child:             {"child", nodeMember | pathMember, bindMember, 0},
	KeyOf:             {"key", nodeMember, 0, 0},
	Parent:            {"parent", nodeMember, bindMember, 0},
	Same:              {"same", nodeMember | otherMember, 0, 0},
	PathOf:            {"path", nodeMember, 0, 0},
	TransitionCount:   {"transition_count", nodeMember, 0, 0},
	Dirty:             {"dirty", nodeMember, 0, 0},
	Outputs:           {"outputs", nodeMember, 0, 0},
	Clear:             {"clear", nodeMember, 0, 0},
	MachineData:       {"machine_data", nodeMember, castMember, 0},
	MachineTransition: {"machine_transition", nodeMember | scriptMember, machineMember | castMember, machineMember},

	NewCollection:  {"new_collection", nodeMember | typeMember | collectionMember, 0, 0},
	CollectionType: {"collection_type", nodeMember | typeMember, collectionMember, 0},
	CollectionAdd:  {"collection_add", nodeMember | typeMember | idMember | dataMember, bindMember | collectionMember, 0},
	CollectionNode: {"collection_node", nodeMember | typeMember | idMember, bindMember | collectionMember, 0},
	CollectionData: {"collection_data", nodeMember | typeMember | idMember, castMember | collectionMember, 0},
	CollectionList: {"collection_list", nodeMember | typeMember, collectionMember, 0},
	CollectionTransition: {
		"collection_transition", nodeMember | typeMember | idMember | scriptMember,
		machineMember | castMember | collectionMember, machineMember,
	},

	StateMachine:     {"state_machine", machineMember | dataMember, 0, machineMember},
	ReadMachine:      {"read_machine", machineMember, 0, 0},
	SetState:         {"set_state", machineMember | stateMember, 0, 0},
	SetValue:         {"set_value", machineMember | valueMember, 0, 0},
	RegenerateTasks:  {"regenerate_tasks", machineMember, 0, 0},
	Possible:         {"possible", machineMember | transitionMember, keptMember, 0},
	Apply:            {"apply", machineMember | transitionMember, eventMember | scriptMember | keptMember, 0},
	NewTransition:    {"new_transition", transitionMember | keptMember, 0, 0},
	StateMachinePath: {"state_machine_path", refMember, 0, 0},

	NewCell:       {"new_cell", cellMember, registryMember | clusterMember, cellMember},
	StartWorkflow: {"start_workflow", cellMember | workflowMember, 0, workflowMember},
	CloseWorkflow: {"close_workflow", cellMember | workflowMember, 0, 0},
	AccessWorkflow: {
		"access", cellMember | workflowMember | accessMember,
		bindMember | scriptMember | machineRefMember, 0,
	},
	FailStore:   {"fail_store", cellMember | whenMember | errorMember, 0, 0},
	Restart:     {"restart", cellMember, 0, 0},
	Evict:       {"evict", cellMember | workflowMember, 0, 0},
	Stored:      {"stored", cellMember | workflowMember, 0, 0},
	StoredTasks: {"stored_tasks", cellMember | workflowMember, 0, 0},
	StoreCounts: {"store_counts", cellMember, 0, 0},

	Refresh:          {"refresh", cellMember | workflowMember, 0, 0},
	Now:              {"now", cellMember, 0, 0},
	Advance:          {"advance", cellMember | microsecondsMember, 0, 0},
	DeadlineFraction: {"deadline_fraction", microsecondsMember, 0, 0},
	RegisterTimerExecutor: {
		"register_timer_executor", cellMember | typeMember,
		tagMember | bindMember | scriptMember | endingMember, 0,
	},
	TimerTasks:   {"timer_tasks", cellMember | workflowMember, 0, 0},
	PumpTimers:   {"pump_timers", cellMember | workflowMember, deliveryMember, 0},
	PumpOutbound: {"pump_outbound", cellMember | workflowMember, destinationMember | deliveryMember, 0},

	Failover:          {"failover", cellMember, 0, 0},
	StartWorkflowTask: {"start_workflow_task", cellMember | workflowMember, 0, 0},

	EventChild:      {"event_child", cellMember | workflowMember | keyMember | dataMember, 0, 0},
	ReplicateEvents: {"replicate_events", cellMember | sourceMember | workflowMember, 0, 0},
	Sync:            {"sync", cellMember | sourceMember | workflowMember, 0, 0},
}

// codes finds an operation by its name.
var codes = func() map[string]Code {
	found := make(map[string]Code, Codes)
	for code, entry := range vocabulary {
		found[entry.name] = Code(code)
	}
	return found
}()

// transactional tells whether an operation has the capability transactions, or one that needs it.
func (c Code) transactional() bool { return int(c) >= TreeCodes }

// String returns the operation's name in a program.
func (c Code) String() string {
	return vocabulary[c].name
}

// uses returns the handles that must be bound before an operation of this code can run.
func (c Code) uses() member {
	entry := &vocabulary[c]
	return (entry.required | entry.optional) & handleMembers &^ entry.binds
}

// UsesRegistry tells whether the operation acts on the registry that it names.
func (c Code) UsesRegistry() bool { return c.uses()&registryMember != 0 }

// UsesNode tells whether the operation acts on the node that it names.
func (c Code) UsesNode() bool { return c.uses()&nodeMember != 0 }

// UsesOther tells whether the operation acts on the other node that it names.
func (c Code) UsesOther() bool { return c.uses()&otherMember != 0 }

// UsesCell tells whether the operation acts on the cell that it names.
func (c Code) UsesCell() bool { return c.uses()&cellMember != 0 }

// UsesWorkflow tells whether the operation acts on the workflow that it names.
func (c Code) UsesWorkflow() bool { return c.uses()&workflowMember != 0 }

// UsesSource tells whether the operation takes something from the other cell that it names.
func (c Code) UsesSource() bool { return c.uses()&sourceMember != 0 }

// UsesMachine tells whether the operation acts on the machine that it names.
func (c Code) UsesMachine() bool { return c.uses()&machineMember != 0 }
