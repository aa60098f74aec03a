//! The MQTT broker: its rules one by one, cases from the field, properties over random operations.

mod bytes;
mod field;
mod packets;
mod properties;
mod publishing;
mod reference;
mod sessions;
mod subscribing;
mod table;
mod wills;
