//! The systems that processes talk to, one folder each, and the nouns they share.
//!
//! A system is a [`Server`]: a state machine over the clock it is handed. It answers requests, says
//! when it will do something by itself, and tells the [facts](fact) of what happened. It knows no
//! client's program, no scheduler, no scene and no other system.
//!
//! # A new system
//! Its folder and module here, with the real system's operations, terms, defaults and errors. Its
//! state is made of [`Slot`](explore::slot::Slot)s named in [`parts!`], so that it can be explored;
//! its facts stand in [`facts!`], its settings in [`settings!`]. What two systems share is a module
//! of that noun, never a base they build on.
//!
//! A system that scenes run on also has a client library, the two halves of [`library`], says how a
//! scene begins ([`Opens`]), and has its row in the list of [`broker`].
//!
//! # Models that no scene can name
//! They are compiled with the feature `models` only, which crates/conformance asks for: what runs in
//! pages is compiled without them, and sooner. A system that comes into scenes leaves the feature.
//!
//! Of a system that scenes run on, what no client of a scene asks is left out with them: without the
//! feature it is refused as not supported, and no code for it is in a page. Requests stay one type.
//!
//! # What is deliberately absent
//! A wall clock, threads, files, floats in state, iteration over hash containers, any platform.

/// Whether models of systems that scenes run on answer what no client of a scene asks.
pub(crate) const WHOLE: bool = cfg!(feature = "models");

pub mod aws;
pub mod broker;
pub mod deduplication;
pub mod fact;
pub mod kafka;
#[cfg(feature = "models")]
pub mod kinesis;
pub mod lease;
pub mod library;
#[cfg(feature = "models")]
pub mod mqtt;
#[cfg(feature = "models")]
pub mod nats;
pub mod numbered;
pub mod parts;
pub mod party;
pub mod pattern;
#[cfg(feature = "models")]
pub mod pubsub;
pub mod rabbitmq;
pub mod record;
#[cfg(feature = "models")]
pub mod redis;
pub mod row;
pub mod server;
pub mod setting;
pub mod sns;
pub mod spread;
pub mod sqs;
#[cfg(feature = "models")]
pub mod turns;
pub mod visit;
pub mod words;

pub use broker::{Broker, SystemName};
pub use explore::time::{Instant, Span};
pub use fact::Weight;
pub use parts::Parts;
pub use party::{Caller, ClientId, ConsumerId, ServiceId, TableId};
pub use record::RecordId;
pub use server::{About, Opens, Out, Server, Wait, Wire};
pub use visit::{AnyVisitor, Counter, Visit, Visitor};
pub use words::Words;
