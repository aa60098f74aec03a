//! Google Cloud Pub/Sub: what its vectors and recordings ask of the model.

use crate::model::Model;

/// Its row.
pub const MODEL: Model = Model {
    title: "Google Cloud Pub/Sub",
    families: &[],
    kinds: &[],
    rooms: Vec::new,
};
