//! The models of systems: one row each.

use crate::family::Family;
use crate::kind::Kind;
use crate::rules::Room;
use crate::{kafka, kinesis, mqtt, nats, pubsub, rabbitmq, redis, sns, sqs};

/// The model of one system: what of the collection it answers, and the rules it follows.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// The system's name, for people.
    pub title: &'static str,
    /// The families of recordings it plays.
    pub families: &'static [Family],
    /// The kinds of vector files it answers.
    pub kinds: &'static [Kind],
    /// Its rooms with their rules.
    pub rooms: fn() -> Vec<Room>,
}

/// Every system that is modelled.
pub const MODELS: &[Model] = &[
    kafka::MODEL,
    kinesis::MODEL,
    mqtt::MODEL,
    nats::MODEL,
    pubsub::MODEL,
    rabbitmq::MODEL,
    redis::MODEL,
    sns::MODEL,
    sqs::MODEL,
];
