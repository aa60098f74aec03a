//! Redis: what its vectors and recordings ask of the model.

use crate::model::Model;

/// Its row.
pub const MODEL: Model = Model {
    title: "Redis",
    families: &[],
    kinds: &[],
    rooms: Vec::new,
};
