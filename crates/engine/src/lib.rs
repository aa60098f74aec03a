//! A deterministic world of brokers, consumers and the services they call.
//!
//! A [`Scene`] says who takes part. [`Cast::new`] checks it and gives everybody a number.
//! A [`Run`] lets the scene happen, one [`Choice`] at a time, and writes down every [`Fact`]
//! in a [`Trace`]. The same scene, seed and choices give the same bytes on every machine.
//!
//! ```
//! use engine::{Cast, Run, Scene};
//!
//! let scene: Scene = serde_json::from_str(r#"{
//!   "id": "one-mail", "title": "One mail", "version": 1,
//!   "topics": [{ "name": "orders", "records": [{ "value": "ord_1" }] }],
//!   "services": [{ "name": "mail" }],
//!   "consumers": [{ "name": "email-1", "group": "email-service", "topics": ["orders"],
//!                   "config": { "auto.offset.reset": "earliest" }, "handler": [{ "send": "mail" }] }]
//! }"#)?;
//! let mut run = Run::new(Cast::new(&scene).map_err(|mistakes| format!("{mistakes:?}"))?);
//! run.to_rest();
//! // The mail went out once, and the group says: go on at offset 1.
//! assert!(run.trace().text().contains("committed"));
//! assert!(engine::anomaly::duplicated(run.trace()).is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is deliberately absent
//! No wall clock, threads, files, browser, floats in state, or iteration over hash containers.

pub mod anomaly;
pub mod calendar;
pub mod cast;
pub mod client;
pub mod custody;
pub mod fact;
pub mod handler;
pub mod path;
pub mod run;
pub mod scene;
pub mod screen;
pub mod service;
pub mod text;
pub mod trace;
pub mod world;

pub use ::explore;
pub use ::systems;
pub use cast::{Cast, ClientId, ConsumerId, Party, ProducerNr, RecordId, ServiceId, TableId};
pub use explore::{seed, slot, time};
pub use fact::{Fact, Weight};
pub use path::{Choice, Path};
pub use run::{Outcome, Refusal, Run};
pub use scene::{Mistake, Scene};
pub use time::{Instant, Span};
pub use trace::{Cause, Entry, FactId, Trace};
pub use world::World;

/// The version of the rules. It changes whenever the same scene, seed and choices would give
/// another trace, so that an old link is told from a new one.
pub const RULES_VERSION: u32 = 2;
