//! One module per real system, named after it, with its operations, terms, defaults and errors.
//!
//! A broker is a state machine over the clock it is handed. It knows no client, no scheduler and
//! no other broker.

pub mod kafka;
