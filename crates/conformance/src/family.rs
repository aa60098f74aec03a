//! Families of recordings, and the models that play them.

use crate::kafka::session::Session;
use crate::recording::{Recording, Step};
use crate::refusal::Refusal;
use serde_json::Value;

/// Plays one recording against a model, step by step.
pub trait Player {
    /// The model's answer to the next step; steps come in order, and none is left out.
    ///
    /// # Errors
    /// An op or a field that the model does not know; the recording fails.
    fn play(&mut self, step: &Step) -> Result<Value, Refusal>;
}

/// A family that is modelled.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Its name: the first word of its recordings' ids, for Kafka the first two.
    pub name: &'static str,
    /// A fresh broker at virtual time 0, as the recording asks for it.
    pub begin: fn(&Recording) -> Result<Box<dyn Player>, Refusal>,
}

/// Every family that is modelled.
pub const MODELLED: &[Family] = &[
    Family {
        name: "kafka-log",
        begin: Session::begin,
    },
    Family {
        name: "kafka-txn",
        begin: Session::begin,
    },
];
