//! The palette of the protocol: what machines, definitions and serializers there are in programs.

use std::{any::Any, cell::Cell, rc::Rc};

use crate::hsm::{Error, Kind, Output, Result, Task, Type};

/// A state and a value, shared with whoever was handed them.
#[derive(Clone)]
pub struct Machine(Rc<Cell<(i64, i64)>>);

impl Machine {
    pub fn new(data: (i64, i64)) -> Self {
        Self(Rc::new(Cell::new(data)))
    }

    pub fn read(&self) -> (i64, i64) {
        self.0.get()
    }

    pub fn state(&self) -> i64 {
        self.read().0
    }

    pub fn set_state(&self, state: i64) {
        self.0.set((state, self.read().1));
    }

    pub fn set_value(&self, value: i64) {
        self.0.set((self.state(), value));
    }

    pub fn regenerate_tasks(&self) -> Output {
        let (state, value) = self.read();
        match state.rem_euclid(3) {
            0 => vec![],
            1 => vec![Task(1, value, Kind::Timer(1000))],
            _ => vec![Task(2, value, Kind::Outbound("dest".into()))],
        }
    }
}

/// The data that machines of odd types have, or that machines of even types have.
pub struct Data<const ODD: bool>(pub Machine);

/// New data for a machine of a type.
pub fn data(type_: Type, data: (i64, i64)) -> Box<dyn Any> {
    let machine = Machine::new(data);
    if is_odd(type_) { Box::new(Data::<true>(machine)) } else { Box::new(Data::<false>(machine)) }
}

pub fn is_odd(type_: Type) -> bool {
    type_ % 2 != 0
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|_| !text.starts_with('+'))
}

/// The data that serializes to no bytes at all.
const EMPTY: (i64, i64) = (0, -3);

/// Defines machines of one type. Does not serialize the value -1, nor deserialize the value -2.
pub struct Definition {
    pub type_: Type,
    pub tag: i64,
}

impl Definition {
    pub fn serialize(&self, data: &dyn Any) -> Result<String> {
        let machine = if is_odd(self.type_) {
            data.downcast_ref().map(|Data::<true>(machine)| machine)
        } else {
            data.downcast_ref().map(|Data::<false>(machine)| machine)
        };
        match machine.ok_or(Error::IncompatibleType)?.read() {
            (_, -1) => Err(Error::Custom("serialize_error".into())),
            EMPTY => Ok(String::new()),
            (state, value) => Ok(format!("{state}:{value}")),
        }
    }

    pub fn deserialize(&self, text: &str) -> Result<Box<dyn Any>> {
        if text.is_empty() {
            return Ok(data(self.type_, EMPTY));
        }
        match text.split_once(':').and_then(|(state, value)| number(state).zip(number(value))) {
            None | Some((_, -2)) => Err(Error::Custom("deserialize_error".into())),
            Some(found) => Ok(data(self.type_, found)),
        }
    }
}

/// Serializes tasks of one type, which are timers if it is odd and outbound if it is even.
pub struct Serializer {
    pub type_: Type,
    pub tag: i64,
}

impl Serializer {
    pub fn serialize(&self, task: &Task) -> String {
        task.1.to_string()
    }

    pub fn deserialize(&self, text: &str, kind: Kind) -> Result<Task> {
        if is_odd(self.type_) != matches!(kind, Kind::Timer(_)) {
            return Err(Error::InvalidTaskKind);
        }
        let payload = number(text).ok_or_else(|| Error::Custom("deserialize_error".into()))?;
        Ok(Task(self.type_, payload, kind))
    }
}
