//! The tree of machines, and its collections.

use std::any::Any;
use std::cell::{RefCell, RefMut};
use std::iter;
use std::rc::Rc;

use imbl::{OrdMap, Vector};
use serde::{Deserialize, Serialize};

use super::machine::attempt;
use super::{Error, Output, Registry, Result, Type};

/// Names a child among those of its parent. The root's is `(0, "")`.
pub type Key = (Type, String);
/// Keys from below the root to a node.
pub type Path = Vec<Key>;

/// What a node holds. The outputs of an open transaction are not persisted. Copies share what neither changes, so that
/// a transition may keep the whole tree as it was before.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct Held {
    pub count: u64,
    pub data: String,
    pub children: OrdMap<Type, OrdMap<String, Held>>,
    #[serde(skip)]
    pub outputs: Vector<Output>,
}

impl Held {
    fn child(&mut self, (type_, id): &Key) -> Option<&mut Self> {
        self.children.get_mut(type_)?.get_mut(id)
    }
}

struct Tree {
    registry: Rc<Registry>,
    type_: Type,
    root: RefCell<Held>,
}

/// A place in a tree.
#[derive(Clone)]
pub struct Node {
    tree: Rc<Tree>,
    pub path: Path,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.tree, &other.tree) && self.path == other.path
    }
}

impl Node {
    pub fn root(registry: Rc<Registry>, type_: Type, data: &dyn Any, persisted: Held) -> Result<Self> {
        let data = registry.machines.get(type_)?.serialize(data)?;
        let root = RefCell::new(Held { count: 0, data, ..persisted });
        Ok(Self { tree: Rc::new(Tree { registry, type_, root }), path: Path::new() })
    }

    /// What the node holds, unless a failed transition took it away.
    pub fn held(&self) -> RefMut<'_, Held> {
        RefMut::map(self.tree.root.borrow_mut(), |root| {
            self.path.iter().try_fold(root, Held::child).expect("the node is gone")
        })
    }

    pub fn key(&self) -> Key {
        self.path.last().cloned().unwrap_or_default()
    }

    pub fn type_(&self) -> Type {
        self.path.last().map_or(self.tree.type_, |key| key.0)
    }

    fn below(&self, key: &Key) -> Self {
        let mut below = self.clone();
        below.path.push(key.clone());
        below
    }

    pub fn parent(&self) -> Option<Self> {
        self.path.split_last().map(|(_, above)| Self { path: above.to_vec(), ..self.clone() })
    }

    pub fn add_child(&self, key: &Key, data: &dyn Any) -> Result<Self> {
        if self.held().child(key).is_some() {
            return Err(Error::StateMachineAlreadyExists);
        }
        let data = self.tree.registry.machines.get(key.0)?.serialize(data)?;
        self.held().children.entry(key.0).or_default().insert(key.1.clone(), Held { data, ..Held::default() });
        Ok(self.below(key))
    }

    pub fn child(&self, path: &[Key]) -> Result<Self> {
        path.iter().try_fold(self.clone(), |node, key| {
            self.tree.registry.machines.get(key.0)?;
            node.held().child(key).ok_or(Error::StateMachineNotFound)?;
            Ok(node.below(key))
        })
    }

    pub fn data<T: 'static>(&self) -> Result<T> {
        let data = self.tree.registry.machines.get(self.type_())?.deserialize(&self.held().data)?;
        data.downcast().map(|data| *data).map_err(|_| Error::IncompatibleType)
    }

    /// Runs the function on the data. If that or a later step fails, all that was done in the tree is undone.
    pub fn transition<T: 'static>(&self, function: impl FnOnce(&T) -> Result<Output>) -> Result<()> {
        let data = self.data::<T>()?;
        let before = self.tree.root.borrow().clone();
        let run = || {
            self.held().count += 1;
            let output = function(&data)?;
            let text = self.tree.registry.machines.get(self.type_())?.serialize(&data)?;
            let mut held = self.held();
            held.data = text;
            held.outputs.push_back(output);
            Ok(())
        };
        attempt(run, || *self.tree.root.borrow_mut() = before)
    }

    fn children(&self) -> Vec<Self> {
        let held = self.held();
        let keys = held.children.iter().flat_map(|(type_, ids)| ids.keys().map(|id| (*type_, id.clone())));
        keys.map(|key| self.below(&key)).collect()
    }

    /// The node and all below it, parents before children.
    fn subtree(&self) -> Vec<Self> {
        iter::once(self.clone()).chain(self.children().iter().flat_map(Self::subtree)).collect()
    }

    pub fn outputs(&self) -> Vec<(Path, Vector<Output>)> {
        let outputs = self.subtree().into_iter().map(|node| (node.path.clone(), node.held().outputs.clone()));
        outputs.filter(|(_, outputs)| !outputs.is_empty()).collect()
    }

    pub fn dirty(&self) -> bool {
        !self.outputs().is_empty()
    }

    pub fn clear_transaction_state(&self) {
        self.subtree().iter().for_each(|node| node.held().outputs.clear());
    }
}

/// The children of a node that have one type, by ID.
pub struct Collection {
    pub parent: Node,
    pub type_: Type,
}

impl Collection {
    pub fn add(&self, id: String, data: &dyn Any) -> Result<Node> {
        self.parent.add_child(&(self.type_, id), data)
    }

    pub fn node(&self, id: String) -> Result<Node> {
        self.parent.child(&[(self.type_, id)])
    }

    pub fn data<T: 'static>(&self, id: String) -> Result<T> {
        self.node(id)?.data()
    }

    pub fn list(&self) -> Vec<Node> {
        self.parent.children().into_iter().filter(|child| child.type_() == self.type_).collect()
    }

    pub fn transition<T: 'static>(&self, id: String, function: impl FnOnce(&T) -> Result<Output>) -> Result<()> {
        self.node(id)?.transition(function)
    }
}
