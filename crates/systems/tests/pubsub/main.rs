//! Google Cloud Pub/Sub as a library: field cases, rules and properties.

mod acknowledging;
mod bytes;
mod delivering;
mod facts;
mod field;
mod ordering;
mod properties;
mod pushing;
mod resources;
mod seeking;
mod table;
mod tools;
mod world;
