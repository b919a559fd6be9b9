package bindingtest

// programs returns programs that every version answers in the same way.
func programs() []Program {
	return []Program{
		{"definitions, serializers and executors are registered once", []Step{
			{`{"op":"new_registry"}`, null},
			{`{"op":"register_machine","type":1,"tag":7}`, null},
			{`{"op":"register_machine","type":1,"tag":8}`, `{"error":"duplicate_registration"}`},
			{`{"op":"machine","type":1}`, `{"ok":7}`},
			{`{"op":"machine","type":-1}`, null},
			{`{"op":"register_task_serializer","type":1,"tag":5}`, null},
			{`{"op":"register_task_serializer","type":1}`, `{"error":"duplicate_registration"}`},
			{`{"op":"task_serializer","type":1}`, `{"ok":5}`},
			{`{"op":"task_serializer","type":2}`, null},
			{`{"op":"register_executor","type":1}`, null},
			{`{"op":"register_executor","type":1}`, `{"error":"duplicate_registration"}`},
			{`{"op":"machine","type":1,"registry":1}`, `{"unbound":true}`},
		}},
		{"tasks go through their serializer", []Step{
			{`{"op":"new_registry"}`, null},
			{`{"op":"register_task_serializer","type":1}`, null},
			{`{"op":"register_task_serializer","type":2}`, null},
			{`{"op":"serialize_task","task":[1,-42,1000]}`, `{"ok":"-42"}`},
			{`{"op":"serialize_task","task":[3,42,1000]}`, null},
			{`{"op":"deserialize_task","type":1,"data":"42","kind":-5}`, `{"ok":[1,42,-5]}`},
			{`{"op":"deserialize_task","type":2,"data":"42","kind":"é"}`, `{"ok":[2,42,"é"]}`},
			{`{"op":"deserialize_task","type":3,"data":"42","kind":"é"}`, null},
			{`{"op":"deserialize_task","type":1,"data":"+42","kind":0}`, `{"error":"deserialize_error"}`},
		}},
		{"children are added and found", append(
			Setup(),
			Step{`{"op":"add_child","node":0,"key":[2,"\u00e9\n"],"data":[0,-2],"bind":1}`, null},
			Step{`{"op":"add_child","node":0,"key":[2,"é\n"],"data":[0,0],"bind":2}`,
				`{"error":"state_machine_already_exists"}`},
			Step{`{"op":"add_child","node":1,"key":[3,"a"],"data":[0,0]}`, `{"error":"not_registered"}`},
			Step{`{"op":"add_child","node":1,"key":[1,"a"],"data":[0,-1]}`, `{"error":"serialize_error"}`},
			Step{`{"op":"path","node":2}`, `{"unbound":true}`},
			Step{`{"op":"child","node":0,"path":[[2,"é\n"]],"bind":2}`, null},
			Step{`{"op":"child","node":0,"path":[[2,"é"]]}`, `{"error":"state_machine_not_found"}`},
			Step{`{"op":"child","node":0,"path":[[4,"é"]]}`, `{"error":"not_registered"}`},
			Step{`{"op":"same","node":1,"other":2}`, `{"ok":true}`},
			Step{`{"op":"key","node":1}`, `{"ok":[2,"é\n"]}`},
			Step{`{"op":"key","node":0}`, `{"ok":[0,""]}`},
			Step{`{"op":"parent","node":0,"bind":3}`, `{"ok":false}`},
			Step{`{"op":"parent","node":1,"bind":3}`, `{"ok":true}`},
			Step{`{"op":"same","node":3,"other":0}`, `{"ok":true}`},
			Step{`{"op":"export","node":0}`, `{"ok":[0,"1:2",[[2,"é\n",[0,"0:-2",[]]]]]}`},
		)},
		{"a transition counts and has an output", append(
			Setup(),
			Step{`{"op":"machine_transition","node":0,"machine":0,"script":{"ops":[` +
				`{"op":"set_state","machine":0,"state":5},{"op":"set_value","machine":0,"value":6},` +
				`{"op":"regenerate_tasks","machine":0},{"op":"transition_count","node":0}],` +
				`"tasks":[[1,1,1000],[2,2,"d"]]}}`,
				`{"ok":null,"inner":[{"ok":null},{"ok":null},{"ok":[[2,6,"dest"]]},{"ok":1}]}`},
			Step{`{"op":"machine_transition","node":0,"script":{"fail":"user_2"}}`, `{"error":"user_2"}`},
			Step{`{"op":"machine_transition","node":0,"cast":"other","script":{}}`, `{"error":"incompatible_type"}`},
			Step{`{"op":"machine_transition","node":0,"script":{}}`, null},
			Step{`{"op":"machine_data","node":0}`, `{"ok":[5,6]}`},
			Step{`{"op":"outputs","node":0}`, `{"ok":[[[],[[[1,1,1000],[2,2,"d"]],[]]]]}`},
			Step{`{"op":"dirty","node":0}`, `{"ok":true}`},
			Step{`{"op":"clear","node":0}`, null},
			Step{`{"op":"dirty","node":0}`, `{"ok":false}`},
			Step{`{"op":"outputs","node":0}`, `{"ok":[]}`},
		)},
		{"outputs are ordered by the number of the type", append(
			Setup(),
			Step{`{"op":"register_machine","type":10}`, null},
			Step{`{"op":"collection_add","node":0,"type":10,"id":"a","data":[0,0],"bind":1}`, null},
			Step{`{"op":"collection_add","node":0,"type":2,"id":"b","data":[0,0],"bind":2}`, null},
			Step{`{"op":"collection_add","node":2,"type":1,"id":"c","data":[0,0],"bind":3}`, null},
			Step{`{"op":"machine_transition","node":1,"script":{}}`, null},
			Step{`{"op":"machine_transition","node":3,"script":{"tasks":[[9,1,-1]]}}`, null},
			Step{`{"op":"machine_transition","node":2,"script":{}}`, null},
			Step{`{"op":"outputs","node":0}`,
				`{"ok":[[[[2,"b"]],[[]]],[[[2,"b"],[1,"c"]],[[[9,1,-1]]]],[[[10,"a"]],[[]]]]}`},
			Step{`{"op":"outputs","node":3}`, `{"ok":[[[[2,"b"],[1,"c"]],[[[9,1,-1]]]]]}`},
		)},
		{"a collection has the nodes of a type", append(
			Setup(),
			Step{`{"op":"collection_type","node":0,"type":-4}`, `{"ok":-4}`},
			Step{`{"op":"collection_add","node":0,"type":2,"id":"x","data":[1,2],"bind":1}`, null},
			Step{`{"op":"collection_add","node":0,"type":2,"id":"w","data":[1,2],"bind":2}`, null},
			Step{`{"op":"collection_add","node":0,"type":2,"id":"w","data":[1,2]}`,
				`{"error":"state_machine_already_exists"}`},
			Step{`{"op":"collection_node","node":0,"type":2,"id":"x","bind":3}`, null},
			Step{`{"op":"same","node":1,"other":3}`, `{"ok":true}`},
			Step{`{"op":"collection_node","node":0,"type":2,"id":"z"}`, `{"error":"state_machine_not_found"}`},
			Step{`{"op":"collection_data","node":0,"type":2,"id":"x"}`, `{"ok":[1,2]}`},
			Step{`{"op":"collection_data","node":0,"type":2,"id":"x","cast":"other"}`, `{"error":"incompatible_type"}`},
			Step{`{"op":"collection_list","node":0,"type":2}`, `{"ok":[[[2,"w"]],[[2,"x"]]]}`},
			Step{`{"op":"collection_list","node":0,"type":3}`, `{"ok":[]}`},
			Step{`{"op":"collection_transition","node":0,"type":2,"id":"x","machine":1,"script":` +
				`{"ops":[{"op":"read_machine","machine":1},{"op":"dirty","node":44}],"fail":"user_1"}}`,
				`{"error":"user_1","inner":[{"ok":[1,2]},{"unbound":true}]}`},
		)},
		{"a panic inside a function goes through all the functions around it", append(
			Setup(),
			Step{`{"op":"machine_transition","node":0,"script":{"ops":[{"op":"dirty","node":0},` +
				`{"op":"machine_transition","node":0,"script":{"fail":"panic"}},{"op":"dirty","node":0}]}}`,
				`{"panic":"panic","inner":[{"ok":false},{"panic":"panic"}]}`},
			Step{`{"op":"path","node":0}`, `{"ok":[]}`},
		)},
		{"a transition is applied if it is possible", []Step{
			{`{"op":"state_machine","machine":0,"data":[1,2]}`, null},
			{`{"op":"possible","machine":0,"transition":{"sources":[0,1],"destination":2}}`, `{"ok":true}`},
			{`{"op":"apply","machine":0,"transition":{"sources":[1],"destination":2},"event":4,` +
				`"script":{"ops":[{"op":"read_machine","machine":0}],"tasks":[[1,2,3]]}}`,
				`{"ok":[[1,2,3]],"inner":[{"ok":[2,2,4]},{"ok":[2,2]}]}`},
			{`{"op":"apply","machine":0,"transition":{"sources":[1],"destination":2}}`, `{"error":"invalid_transition"}`},
			{`{"op":"read_machine","machine":0}`, `{"ok":[2,2]}`},
		}},
		{"an executor is called with its task", append(
			Setup(),
			Step{`{"op":"add_child","node":0,"key":[2,"x"],"data":[0,0]}`, null},
			Step{`{"op":"register_executor","type":5,"tag":3,"access":"write","bind":6,` +
				`"script":{"ops":[{"op":"path","node":6}],"fail":"user_2"}}`, null},
			Step{`{"op":"register_executor","type":4,"tag":4,"script":{"ops":[{"op":"path","node":6}],"fail":"user_1"}}`,
				null},
			Step{`{"op":"register_executor","type":3,"access":"read","script":{"fail":"panic"}}`, null},
			Step{`{"op":"execute","task":[5,7,55],"ref":{"path":[[2,"x"]],"workflow":["a","b","c"],"version":4,` +
				`"count":5},"node":0,"now":99}`,
				`{"error":"user_2","inner":[{"ok":[3,99,[5,7,55],[["a","b","c"],[[2,"x"]],4,5]]},` +
					`{"ok":"write"},{"ok":[[2,"x"]]}]}`},
			Step{`{"op":"execute","task":[4,7,"5"],"ref":{"path":[]},"node":0}`,
				`{"error":"user_1","inner":[{"ok":[4,0,[4,7,"5"],[["n","w","r"],[],0,0]]}]}`},
			Step{`{"op":"execute","task":[3,7,5],"ref":{"path":[]},"node":0}`,
				`{"panic":"panic","inner":[{"ok":[0,0,[3,7,5],[["n","w","r"],[],0,0]]},{"ok":"read"}]}`},
			Step{`{"op":"execute","task":[2,7,"5"],"ref":{"path":[]},"node":0}`, `{"error":"not_registered"}`},
			Step{`{"op":"state_machine_path","ref":{"path":[[1,"a"],[2,"b"]]}}`, `{"ok":[[1,"a"],[2,"b"]]}`},
		)},
		{"a rehydrated tree deserializes when it is read", append(
			Setup(),
			Step{`{"op":"add_child","node":0,"key":[2,"x"],"data":[3,4]}`, null},
			Step{`{"op":"add_child","node":0,"key":[2,"y"],"data":[3,-2]}`, null},
			Step{`{"op":"rehydrate","node":0,"type":2,"data":[5,6],"bind":1}`, null},
			Step{`{"op":"machine_data","node":1}`, `{"ok":[5,6]}`},
			Step{`{"op":"child","node":1,"path":[[2,"x"]],"bind":2}`, null},
			Step{`{"op":"machine_data","node":2,"cast":"other"}`, `{"error":"incompatible_type"}`},
			Step{`{"op":"machine_data","node":2}`, `{"ok":[3,4]}`},
			Step{`{"op":"collection_data","node":1,"type":2,"id":"y","cast":"other"}`, `{"error":"deserialize_error"}`},
			Step{`{"op":"load","bytes":"EhMKATISDgoMCgF4EgcKAzA6MBoA","type":1,"data":[1,1],"bind":3}`, null},
			Step{`{"op":"export","node":3}`, `{"ok":[0,"1:1",[[2,"x",[0,"0:0",[]]]]]}`},
		)},
	}
}

// ClearingSubtree returns a program that clears a child of a root that has outputs too, with what is left of the root's.
func ClearingSubtree(left string) Program {
	return Program{"clearing a subtree", append(
		Setup(),
		Step{`{"op":"add_child","node":0,"key":[2,"x"],"data":[3,4],"bind":1}`, null},
		Step{`{"op":"machine_transition","node":0,"script":{}}`, null},
		Step{`{"op":"machine_transition","node":1,"script":{}}`, null},
		Step{`{"op":"clear","node":1}`, null},
		Step{`{"op":"outputs","node":0}`, left},
	)}
}
