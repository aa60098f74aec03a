//! Kinesis, held against its rules, the field's cases and random operations.

mod account;
mod control;
mod facts;
mod fanout;
mod field_cases;
mod following;
mod iterators;
mod leases;
mod nonsense;
mod properties;
mod puts;
mod quotas;
mod resharding;
mod tools;
mod workers;
