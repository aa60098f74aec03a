//! NATS: what its vectors and recordings ask of the model.

use crate::model::Model;

/// Its row.
pub const MODEL: Model = Model {
    title: "NATS",
    families: &[],
    kinds: &[],
    rooms: Vec::new,
};
