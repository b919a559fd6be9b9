//! What is registered of the types of machines and tasks, and executing tasks with access to the tree.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use serde::{Deserialize, Serialize};

use super::{Error, Key, Node, Path, Result, Task, Type};
use crate::palette::{Definition, Serializer};

/// Entries by type, of which the one registered first stays.
pub struct Table<E: ?Sized>(RefCell<BTreeMap<Type, Rc<E>>>);

impl<E: ?Sized> Table<E> {
    pub fn register(&self, type_: Type, entry: Rc<E>) -> Result<()> {
        if self.get(type_).is_ok() {
            return Err(Error::DuplicateRegistration);
        }
        self.0.borrow_mut().insert(type_, entry);
        Ok(())
    }

    pub fn get(&self, type_: Type) -> Result<Rc<E>> {
        self.0.borrow().get(&type_).cloned().ok_or(Error::NotRegistered)
    }
}

impl<E: ?Sized> Default for Table<E> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

pub type Executor = dyn Fn(&Environment, &Ref, &Task) -> Result<()>;

#[derive(Default)]
pub struct Registry {
    pub machines: Table<Definition>,
    pub task_serializers: Table<Serializer>,
    pub executors: Table<Executor>,
}

impl Registry {
    pub fn execute(&self, environment: &Environment, reference: &Ref, task: &Task) -> Result<()> {
        self.executors.get(task.0)?(environment, reference, task)
    }
}

/// Names a machine of a workflow, with the failover version and the transition count expected of it.
#[derive(Clone, Deserialize)]
pub struct Ref {
    path: Path,
    pub workflow: Option<(String, String, String)>,
    pub version: Option<i64>,
    pub count: Option<i64>,
}

impl Ref {
    pub fn state_machine_path(&self) -> &[Key] {
        &self.path
    }
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    Read,
    Write,
}

/// A clock, and access to the tree below a node. What access was asked for is reported.
pub struct Environment<'a> {
    pub now: i64,
    pub node: Node,
    pub report: &'a dyn Fn(Access),
}

impl Environment<'_> {
    pub fn access(&self, reference: &Ref, access: Access, accessor: impl FnOnce(Node) -> Result<()>) -> Result<()> {
        (self.report)(access);
        accessor(self.node.child(reference.state_machine_path())?)
    }
}
