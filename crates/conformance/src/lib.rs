//! The engine held against real systems: recordings of what they did, and cases of their own tests.
//!
//! A **recording** is a row of steps that was played against a real system, and what came back; one
//! recording is one case. A **vector file** holds many small cases of one kind. [`collection`] finds
//! both below a folder, a [`Family`] or a [`Kind`] of the engine answers them, [`compare`] and
//! [`vectors::agreement`] say whether the answer agrees, and the [`Report`] is what came of it. What the engine does not model yet is told and not counted.
//!
//! To add a family or a kind: write it below the system's module (as [`kafka::partitioning`]), and
//! add a row to that module's `MODEL`. A system is one row in [`model::MODELS`].
//!
//! # What is deliberately absent
//! Brokers and clients: those are the engine's. The command line and the page that tell the report.
//! Judgement of what a step asks for: a model refuses the words it does not know.

pub mod area;
pub mod canonical;
pub mod collection;
pub mod compare;
pub mod difference;
pub mod family;
mod fields;
pub mod kafka;
pub mod kind;
pub mod kinesis;
pub mod known;
pub mod mistake;
pub mod model;
pub mod mqtt;
pub mod nats;
pub mod overview;
pub mod player;
pub mod pubsub;
pub mod rabbitmq;
pub mod recording;
pub mod redis;
pub mod refusal;
pub mod replay;
pub mod report;
pub mod rules;
pub mod sns;
pub mod sqs;
pub mod system;
pub mod vectors;

pub use collection::{Collection, Unreadable};
pub use family::Family;
pub use kind::Kind;
pub use known::Known;
pub use mistake::Mistake;
pub use model::Model;
pub use player::Player;
pub use recording::{Recording, Step};
pub use refusal::Refusal;
pub use replay::Models;
pub use report::Report;
pub use vectors::Vectors;
