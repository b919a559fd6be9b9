//! `hsm` in memory, as its documentation describes it. The data of machines and tasks is that of the palette.
//!
//! Plain rather than fast: data is kept as text, and every transition keeps a copy of the tree to roll back to.

mod machine;
mod node;
mod registry;

pub use machine::{Error, Kind, Output, Result, Task, Transition, Type};
pub use node::{Collection, Held, Key, Node, Path};
pub use registry::{Access, Environment, Executor, Ref, Registry};
