//! The operations: the members of each, and what it calls.

use std::rc::Rc;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::hsm::{Access, Environment, Held, Key, Kind, Node, Path, Ref, Task, Transition, Type};
use crate::palette::{self, Data, Definition, Machine, Serializer, is_odd};
use crate::world::{Handle, Outcome, Script, World};

/// Declares the operations. Members that are an `Option` may be left out; an operation returns the value of its body.
macro_rules! operations {
    ($world:ident: $($name:ident { $($member:ident: $kind:ty),+ } => $body:expr;)+) => {
        #[derive(Clone, Deserialize)]
        #[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
        pub enum Operation { $($name { $($member: $kind),+ }),+ }

        impl World {
            pub fn call(self: &Rc<Self>, operation: Operation) -> Result<Value, Outcome> {
                let $world = self;
                Ok(match operation { $(Operation::$name { $($member),+ } => json!($body)),+ })
            }
        }
    };
}

type Bind = Option<Handle>;
type In = Option<Handle>;
type Number = Option<i64>;
type Pair = (i64, i64);

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Cast {
    Own,
    Other,
}

/// Whether data is cast to the class of odd types, where the type has its own.
fn odd(type_: Type, cast: Option<Cast>) -> bool {
    is_odd(type_) != (cast == Some(Cast::Other))
}

operations! { world:
    NewRegistry { registry: In } => world.registries.bind(registry.or(Some(0)), Rc::default());
    RegisterMachine { registry: In, r#type: Type, tag: Number } => {
        let definition = Definition { type_: r#type, tag: tag.unwrap_or_default() };
        world.registry(registry)?.machines.register(r#type, definition.into())?
    };
    Machine { registry: In, r#type: Type } => world.registry(registry)?.machines.get(r#type).ok().map(|found| found.tag);
    RegisterTaskSerializer { registry: In, r#type: Type, tag: Number } => {
        let serializer = Serializer { type_: r#type, tag: tag.unwrap_or_default() };
        world.registry(registry)?.task_serializers.register(r#type, serializer.into())?
    };
    TaskSerializer { registry: In, r#type: Type } => world.serializer(registry, r#type)?.map(|found| found.tag);
    SerializeTask { registry: In, task: Task } =>
        world.serializer(registry, task.0)?.map(|found| found.serialize(&task));
    DeserializeTask { registry: In, r#type: Type, data: String, kind: Kind } =>
        world.serializer(registry, r#type)?.map(|found| found.deserialize(&data, kind)).transpose()?;
    RegisterExecutor {
        registry: In, r#type: Type, tag: Number, access: Option<Access>, bind: Bind, script: Option<Script>
    } => {
        let executor = world.executor(tag.unwrap_or_default(), access, bind, script.unwrap_or_default());
        world.registry(registry)?.executors.register(r#type, executor)?
    };
    Execute { registry: In, task: Task, r#ref: Ref, node: Handle, now: Number } => {
        let (registry, node) = (world.registry(registry)?, world.node(node)?);
        let report = |access| world.note(&access);
        registry.execute(&Environment { now: now.unwrap_or_default(), node, report: &report }, &r#ref, &task)?
    };
    NewRoot { registry: In, r#type: Type, data: Pair, bind: Handle } => {
        let root = Node::root(world.registry(registry)?, r#type, &*palette::data(r#type, data), Held::default())?;
        world.nodes.bind(Some(bind), root)
    };
    Rehydrate { registry: In, node: Handle, r#type: Type, data: Pair, bind: Handle } => {
        let (registry, persisted) = (world.registry(registry)?, json!(*world.node(node)?.held()).to_string());
        let persisted = serde_json::from_str(&persisted).expect("what was written can be read");
        world.nodes.bind(Some(bind), Node::root(registry, r#type, &*palette::data(r#type, data), persisted)?)
    };
    Export { node: Handle } => export(&world.node(node)?.held());
    AddChild { node: Handle, key: Key, data: Pair, bind: Bind } =>
        world.nodes.bind(bind, world.node(node)?.add_child(&key, &*palette::data(key.0, data))?);
    Child { node: Handle, path: Path, bind: Bind } => world.nodes.bind(bind, world.node(node)?.child(&path)?);
    Key { node: Handle } => world.node(node)?.key();
    Parent { node: Handle, bind: Bind } =>
        world.node(node)?.parent().map(|parent| world.nodes.bind(bind, parent)).is_some();
    Same { node: Handle, other: Handle } => world.node(node)? == world.node(other)?;
    Path { node: Handle } => world.node(node)?.path;
    TransitionCount { node: Handle } => world.node(node)?.held().count;
    Dirty { node: Handle } => world.node(node)?.dirty();
    Outputs { node: Handle } => world.node(node)?.outputs();
    Clear { node: Handle } => world.node(node)?.clear_transaction_state();
    MachineData { node: Handle, cast: Option<Cast> } => {
        let node = world.node(node)?;
        if odd(node.type_(), cast) { node.data::<Data<true>>()?.0.read() } else { node.data::<Data<false>>()?.0.read() }
    };
    MachineTransition { node: Handle, script: Script, machine: Bind, cast: Option<Cast> } => {
        let node = world.node(node)?;
        if odd(node.type_(), cast) {
            node.transition(|Data::<true>(data)| world.hand(machine, data, script))?
        } else {
            node.transition(|Data::<false>(data)| world.hand(machine, data, script))?
        }
    };
    NewCollection { node: Handle, r#type: Type, collection: Handle } =>
        world.collections.bind(Some(collection), world.collection(node, r#type, None)?);
    CollectionType { node: Handle, r#type: Type, collection: In } => world.collection(node, r#type, collection)?.type_;
    CollectionAdd { node: Handle, r#type: Type, id: String, data: Pair, bind: Bind, collection: In } =>
        world.nodes.bind(bind, world.collection(node, r#type, collection)?.add(id, &*palette::data(r#type, data))?);
    CollectionNode { node: Handle, r#type: Type, id: String, bind: Bind, collection: In } =>
        world.nodes.bind(bind, world.collection(node, r#type, collection)?.node(id)?);
    CollectionData { node: Handle, r#type: Type, id: String, cast: Option<Cast>, collection: In } => {
        let found = world.collection(node, r#type, collection)?;
        if odd(r#type, cast) { found.data::<Data<true>>(id)?.0.read() } else { found.data::<Data<false>>(id)?.0.read() }
    };
    CollectionList { node: Handle, r#type: Type, collection: In } =>
        world.collection(node, r#type, collection)?.list().into_iter().map(|node| node.path).collect::<Vec<_>>();
    CollectionTransition {
        node: Handle, r#type: Type, id: String, script: Script, machine: Bind, cast: Option<Cast>, collection: In
    } => {
        let found = world.collection(node, r#type, collection)?;
        if odd(r#type, cast) {
            found.transition(id, |Data::<true>(data)| world.hand(machine, data, script))?
        } else {
            found.transition(id, |Data::<false>(data)| world.hand(machine, data, script))?
        }
    };
    StateMachine { machine: Handle, data: Pair } => world.machines.bind(Some(machine), Machine::new(data));
    ReadMachine { machine: Handle } => world.machines.get(machine)?.read();
    SetState { machine: Handle, state: i64 } => world.machines.get(machine)?.set_state(state);
    SetValue { machine: Handle, value: i64 } => world.machines.get(machine)?.set_value(value);
    RegenerateTasks { machine: Handle } => world.machines.get(machine)?.regenerate_tasks();
    Possible { machine: Handle, transition: Transition, kept: In } =>
        world.transition(transition, kept)?.possible(&world.machines.get(machine)?);
    Apply { machine: Handle, transition: Transition, event: Number, script: Option<Script>, kept: In } =>
        world.transition(transition, kept)?.apply(&world.machines.get(machine)?, |machine| {
            world.note(&(machine.state(), machine.read().1, event.unwrap_or_default()));
            world.play(script.unwrap_or_default())
        })?;
    NewTransition { transition: Transition, kept: Handle } => world.transitions.bind(Some(kept), Rc::new(transition));
    StateMachinePath { r#ref: Ref } => r#ref.state_machine_path();
}

/// A node as programs see what is persisted: its count, its data and, in order, its children.
fn export(held: &Held) -> Value {
    let children =
        held.children.iter().flat_map(|(type_, ids)| ids.iter().map(move |(id, child)| (type_, id, export(child))));
    json!((held.count, &held.data, children.collect::<Vec<_>>()))
}
