//! The world of one program: what its handles are bound to, and what it observes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hsm::{self, Access, Collection, Error, Executor, Node, Output, Registry, Task, Transition, Type};
use crate::operations::Operation;
use crate::palette::{Machine, Serializer};

pub type Handle = u32;

/// What a function of a program does.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    ops: Vec<Operation>,
    tasks: Vec<Task>,
    fail: Option<String>,
}

/// How an operation ended.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Ok(Value),
    Error(Error),
    Panic(String),
    Unbound(bool),
}

impl From<Error> for Outcome {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

#[derive(Serialize)]
pub struct Observation {
    #[serde(flatten)]
    outcome: Outcome,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inner: Vec<Observation>,
}

/// What the handles of one sort are bound to.
pub struct Handles<T>(RefCell<BTreeMap<Handle, T>>);

impl<T> Default for Handles<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T: Clone> Handles<T> {
    pub fn bind(&self, handle: Option<Handle>, to: T) {
        handle.map(|handle| self.0.borrow_mut().insert(handle, to));
    }

    pub fn get(&self, handle: Handle) -> Result<T, Outcome> {
        self.0.borrow().get(&handle).cloned().ok_or(Outcome::Unbound(true))
    }
}

#[derive(Default)]
pub struct World {
    pub registries: Handles<Rc<Registry>>,
    pub nodes: Handles<Node>,
    pub machines: Handles<Machine>,
    pub collections: Handles<Rc<Collection>>,
    pub transitions: Handles<Rc<Transition>>,
    /// What was observed inside of the operation that runs.
    inner: RefCell<Vec<Observation>>,
}

impl World {
    pub fn run(program: Vec<Operation>) -> Vec<Observation> {
        let world = Rc::new(Self::default());
        program.into_iter().map(|operation| world.observe(operation)).collect()
    }

    fn observe(self: &Rc<Self>, operation: Operation) -> Observation {
        let outer = self.inner.take();
        let outcome = match catch_unwind(AssertUnwindSafe(|| self.call(operation))) {
            Ok(ended) => ended.map_or_else(|failure| failure, Outcome::Ok),
            Err(panic) => Outcome::Panic(panic.downcast_ref().unwrap_or(&"a bug").to_string()),
        };
        Observation { outcome, inner: self.inner.replace(outer) }
    }

    pub fn note(&self, value: &impl Serialize) {
        self.inner.borrow_mut().push(Observation { outcome: Outcome::Ok(json!(value)), inner: Vec::new() });
    }

    /// Does what a function of a program does. A panic inside of it is its own.
    pub fn play(self: &Rc<Self>, script: Script) -> hsm::Result<Output> {
        for operation in script.ops {
            let observation = self.observe(operation);
            let panicked = matches!(observation.outcome, Outcome::Panic(_));
            self.inner.borrow_mut().push(observation);
            if panicked {
                resume_unwind(Box::new("panic"));
            }
        }
        match script.fail.as_deref() {
            None => Ok(script.tasks),
            Some("panic") => resume_unwind(Box::new("panic")),
            Some(name) => Err(Error::Custom(name.to_owned())),
        }
    }

    /// The function of a transition of the tree.
    pub fn hand(self: &Rc<Self>, handle: Option<Handle>, machine: &Machine, script: Script) -> hsm::Result<Output> {
        self.machines.bind(handle, machine.clone());
        self.play(script)
    }

    pub fn executor(
        self: &Rc<Self>,
        tag: i64,
        access: Option<Access>,
        bind: Option<Handle>,
        script: Script,
    ) -> Rc<Executor> {
        let world = Rc::downgrade(self);
        Rc::new(move |environment, reference, task| {
            let world = world.upgrade().expect("a program runs in its world");
            let workflow = reference.workflow.clone().unwrap_or_else(|| ("n".into(), "w".into(), "r".into()));
            let (version, count) = (reference.version.unwrap_or_default(), reference.count.unwrap_or_default());
            world.note(&(tag, environment.now, task, (workflow, reference.state_machine_path(), version, count)));
            let script = script.clone();
            match access {
                None => world.play(Script { ops: Vec::new(), ..script }).map(drop),
                Some(access) => environment.access(reference, access, |node| {
                    world.nodes.bind(bind, node);
                    world.play(script).map(drop)
                }),
            }
        })
    }

    pub fn registry(&self, handle: Option<Handle>) -> Result<Rc<Registry>, Outcome> {
        self.registries.get(handle.unwrap_or_default())
    }

    pub fn serializer(&self, registry: Option<Handle>, type_: Type) -> Result<Option<Rc<Serializer>>, Outcome> {
        Ok(self.registry(registry)?.task_serializers.get(type_).ok())
    }

    pub fn node(&self, handle: Handle) -> Result<Node, Outcome> {
        self.nodes.get(handle)
    }

    /// The collection that an operation names, or a new one.
    pub fn collection(&self, node: Handle, type_: Type, kept: Option<Handle>) -> Result<Rc<Collection>, Outcome> {
        let parent = self.node(node)?;
        kept.map_or_else(|| Ok(Rc::new(Collection { parent, type_ })), |kept| self.collections.get(kept))
    }

    /// The transition that an operation names, or the one given.
    pub fn transition(&self, given: Transition, kept: Option<Handle>) -> Result<Rc<Transition>, Outcome> {
        kept.map_or_else(|| Ok(Rc::new(given)), |kept| self.transitions.get(kept))
    }
}
