//! Transitions of machines apart from any tree, and the tasks that come of them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use serde::{Deserialize, Serialize};

use crate::palette::Machine;

/// The number of a type of machines or of tasks.
pub type Type = i32;
/// The tasks of one transition.
pub type Output = Vec<Task>;
pub type Result<T> = std::result::Result<T, Error>;

/// The documented errors, and those of functions and serializers, by name.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Error {
    DuplicateRegistration,
    IncompatibleType,
    InvalidTaskKind,
    InvalidTransition,
    NotRegistered,
    StateMachineAlreadyExists,
    StateMachineNotFound,
    #[serde(untagged)]
    Custom(String),
}

/// Runs something, and undoes it if it fails or panics.
pub fn attempt<T>(run: impl FnOnce() -> Result<T>, undo: impl FnOnce()) -> Result<T> {
    let ended = catch_unwind(AssertUnwindSafe(run));
    if !matches!(ended, Ok(Ok(_))) {
        undo();
    }
    ended.unwrap_or_else(|panic| resume_unwind(panic))
}

/// What a machine wants done after a transition: a type, a payload and a kind.
#[derive(Clone, Deserialize, Serialize)]
pub struct Task(pub Type, pub i64, pub Kind);

/// A timer's deadline in milliseconds since the Unix epoch, or an outbound task's destination.
#[derive(Clone, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Kind {
    Timer(i64),
    Outbound(String),
}

/// Takes a machine from one of the sources to the destination.
#[derive(Clone, Deserialize)]
pub struct Transition {
    sources: Vec<i64>,
    destination: i64,
}

impl Transition {
    pub fn possible(&self, machine: &Machine) -> bool {
        self.sources.contains(&machine.state())
    }

    /// Calls the function with the machine in its new state. If that fails, the machine gets its old state back.
    pub fn apply(&self, machine: &Machine, function: impl FnOnce(&Machine) -> Result<Output>) -> Result<Output> {
        if !self.possible(machine) {
            return Err(Error::InvalidTransition);
        }
        let before = machine.state();
        machine.set_state(self.destination);
        attempt(|| function(machine), || machine.set_state(before))
    }
}
